// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include "host/proof/digest.hpp"
#include "host/records/archive.hpp"
#include "host/records/calendar.hpp"
#include "host/statistics/warranty.hpp"
#include "host/text/utc.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::statistics;
using State = WarrantyRow::State;

namespace {

std::int64_t at(const char* text) { return records::parse_utc(text).value(); }

const WarrantyTerms& terms() { return warranty_terms("weco_smart"); }

WarrantyCase empty_case() { return {terms(), {}, {}, {}, {}, at("2026-11-26T12:00:00Z")}; }

std::vector<Sample> samples(const std::string& text) {
  auto read = read_telemetry(text, "log.csv");
  INFO((read ? "" : read.error().what));
  REQUIRE(read);
  return *read;
}

WarrantyRow row(const WarrantyCase& warranty, std::string_view name) {
  const auto rows = judge_warranty(warranty);
  const auto found = std::ranges::find(rows, name, &WarrantyRow::name);
  REQUIRE(found != rows.end());
  return *found;
}

bool near(std::optional<double> a, double b) { return a && std::abs(*a - b) < 1e-3; }

/// Two rows an hour apart with this value in the second one.
WarrantyCase logged(const std::string& column, const std::string& value) {
  WarrantyCase warranty = empty_case();
  warranty.samples =
      samples("time," + column + "\n2026-01-01T00:00:00Z,\n2026-01-01T01:00:00Z," + value + "\n");
  return warranty;
}

}  // namespace

TEST_CASE("time outside the window is counted by cause, its edge is inside", "[WS-30]") {
  struct Edge {
    const char* column;
    const char* inside;
    const char* outside;
    const char* cause;
  };
  for (const Edge& edge : {Edge{"pack[1].cell_min_degC", "11", "10.9", "outside_cold"},
                           Edge{"pack[1].cell_max_degC", "35", "35.1", "outside_hot"},
                           Edge{"pack[1].current_A", "50", "50.1", "outside_current"},
                           Edge{"pack[1].current_A", "-50", "-50.1", "outside_current"},
                           Edge{"soc_pct", "10", "9.9", "outside_depth"},
                           Edge{"humidity_pct", "80", "80.1", "outside_humidity"},
                           Edge{"pack[1].cell_min_degC", "0", "-0.1", "outside_functional_cold"},
                           Edge{"pack[1].cell_max_degC", "40", "40.1", "outside_functional_hot"}}) {
    INFO(edge.cause << " " << edge.outside);
    CHECK(row(logged(edge.column, edge.inside), edge.cause).state == State::Ok);
    const WarrantyRow broken = row(logged(edge.column, edge.outside), edge.cause);
    CHECK(broken.state == State::Warning);
    CHECK(near(broken.value, 1));
    CHECK(broken.basis.find("2026-01-01T01:00:00Z") != std::string::npos);
    CHECK(row(logged(edge.column, ""), edge.cause).state == State::Unknown);
  }
  CHECK(near(row(logged("pack[1].cell_min_degC", "5"), "outside").value, 1));
  CHECK(near(row(logged("soc_pct", "50"), "outside").value, 0));
  CHECK(row(empty_case(), "outside").state == State::Unknown);
}

TEST_CASE("what nobody recorded is unknown and says what would be needed", "[WS-30][WS-31]") {
  for (const WarrantyRow& one : judge_warranty(empty_case())) {
    INFO(one.name);
    if (one.name == "claim") continue;  // none is the usual case
    CHECK(one.state == State::Unknown);
    CHECK_FALSE(one.value);
    CHECK_FALSE(one.basis.empty());
  }
}

TEST_CASE("100 % that was missed is counted from the log, and 99 % is not enough",
          "[WS-13][WS-61]") {
  // a row every 6 hours for so many days; on the days of `full` it reaches `top`
  const auto year = [](int days, std::vector<int> full, const char* top = "100") {
    std::string text = "time,soc_pct\n";
    for (int quarter = 0; quarter <= 4 * days; ++quarter) {
      const bool here = quarter % 4 == 0 && std::ranges::find(full, quarter / 4) != full.end();
      text += utc_text(at("2026-01-01") + quarter * 6 * 3600) + "," + (here ? top : "60") + "\n";
    }
    WarrantyCase warranty = empty_case();
    warranty.samples = samples(text);
    return row(warranty, "full_charge");
  };
  const WarrantyRow kept = year(60, {30, 60});
  CHECK(kept.state == State::Ok);  // the limit itself is inside
  CHECK(near(kept.value, 30));
  const WarrantyRow late = year(61, {30, 61});
  CHECK(late.state == State::Warning);
  CHECK(near(late.value, 31));
  CHECK(late.basis.find("from 2026-01-31T00:00:00Z to 2026-03-03T00:00:00Z") != std::string::npos);
  CHECK(late.basis.find("missed 1 time") != std::string::npos);
  CHECK(year(95, {}).basis.find("missed 3 times") != std::string::npos);
  CHECK(year(61, {30, 61}, "99").state == State::Warning);
  CHECK(near(year(61, {30, 61}, "99.9").value, 61));
  CHECK(year(20, {}).state == State::Unknown);  // too short to say
  CHECK(year(20, {10}).state == State::Ok);
  // what happened in a pause nobody knows
  WarrantyCase paused = empty_case();
  paused.samples = samples(
      "time,soc_pct\n2026-01-01T00:00:00Z,50\n2026-01-01T00:10:00Z,50\n"
      "2026-06-01T00:00:00Z,50\n2026-06-01T00:10:00Z,50\n");
  CHECK(row(paused, "full_charge").state == State::Unknown);
  CHECK(near(row(paused, "full_charge").value, 600.0 / 86400));
}

TEST_CASE("cycles come from the device's counter and from the energy it moved", "[WS-31]") {
  WarrantyCase warranty = empty_case();
  warranty.counters = {{"A", "cycle_count", at("2026-10-01"), "690.0"},
                       {"A", "cycle_count", at("2026-11-10"), "730.0"},
                       {"A", "energy_discharged_total", at("2026-11-10"), "4608.0"},
                       {"A", "rated_energy", at("2026-11-10"), "5.12"},
                       {"B", "rated_energy", at("2026-11-10"), "99"}};
  CHECK(near(row(warranty, "cycles_counted").value, 730));
  CHECK(near(row(warranty, "cycles_from_energy").value, 1000));  // of 90 % of 5.12 kWh
  CHECK(row(warranty, "cycles_from_energy").state == State::Ok);
  warranty.counters[2].value = "32256.1";
  CHECK(row(warranty, "cycles_from_energy").state == State::Warning);
}

TEST_CASE("the end of life is the first of years and cycles, with its basis", "[WS-31]") {
  WarrantyCase warranty = empty_case();
  CHECK(row(warranty, "end_of_life").basis.find("--produced") != std::string::npos);
  warranty.facts.produced = at("2024-02-29");
  const WarrantyRow by_age = row(warranty, "end_of_life");
  CHECK(by_age.until == "2034-02-28");
  CHECK(by_age.state == State::Ok);
  CHECK(by_age.basis.find("how fast it cycles is not known") != std::string::npos);
  warranty.counters = {{"A", "cycle_count", at("2026-10-17T12:00:00Z"), "6000"},
                       {"A", "cycle_count", at("2026-11-26T12:00:00Z"), "6100"}};  // 2.5 a day
  const WarrantyRow by_cycles = row(warranty, "end_of_life");
  CHECK(by_cycles.until == "2027-11-21");  // 900 cycles in 360 days
  CHECK(by_cycles.basis.find("2.500 a day (the counter from 2026-10-17") != std::string::npos);
  CHECK(by_cycles.basis.find("short basis") == std::string::npos);
  warranty.counters[0].at = at("2026-11-16T12:00:00Z");
  CHECK(row(warranty, "end_of_life").basis.find("a short basis") != std::string::npos);
  warranty.counters[1].value = "7000";
  const WarrantyRow over = row(warranty, "end_of_life");
  CHECK(near(over.value, 0));
  CHECK(over.basis.find("its use must cease") != std::string::npos);
  warranty.facts.produced = at("2016-11-25");
  CHECK(row(warranty, "age").state == State::Warning);
}

TEST_CASE("a log with power tells how fast a battery cycles", "[WS-31]") {
  WarrantyCase warranty = empty_case();
  warranty.facts.produced = at("2026-01-01");
  std::string text = "time,battery_power_W\n";
  for (int day = 1; day <= 28; ++day) {
    for (int hour = 0; hour < 24; ++hour) {
      text += utc_text(at("2026-02-01") + day * records::kDay_s + hour * 3600) +
              (hour < 12 ? ",384\n" : ",-384\n");
    }
  }
  warranty.samples = samples(text);
  warranty.counters = {{"A", "rated_energy", at("2026-02-10"), "5.12"},
                       {"A", "cycle_count", at("2026-02-10"), "10"}};
  CHECK(row(warranty, "end_of_life").basis.find("1.001 a day (28 days of the log, 5.12 kWh") !=
        std::string::npos);
}

TEST_CASE("days offline are what the device says or the pauses of the log, 60 a year", "[WS-32]") {
  WarrantyCase warranty = empty_case();
  warranty.counters = {{"A", "offline_days", at("2026-11-01"), "60"}};
  CHECK(row(warranty, "offline").state == State::Ok);
  warranty.counters[0].value = "61";
  CHECK(row(warranty, "offline").state == State::Warning);
  warranty.counters.clear();
  warranty.samples = samples(
      "time,soc_pct\n2026-01-01T00:00:00Z,50\n2026-01-01T00:10:00Z,50\n2026-01-01T00:20:00Z,50\n"
      "2026-03-03T00:20:00Z,50\n");
  CHECK(near(row(warranty, "offline").value, 61));
  CHECK(row(warranty, "offline").state == State::Warning);
}

TEST_CASE("critical firmware is counted down from its release until every device has it",
          "[WS-33]") {
  WarrantyCase warranty = empty_case();
  warranty.facts.release = records::parse_release("2.4.1=2026-09-30");
  REQUIRE(warranty.facts.release);
  CHECK(row(warranty, "firmware").state == State::Unknown);
  warranty.devices = {{"S1", "weco_smart", "", "2.4.1", "", 0}, {"S2", "", "", "2.4.0", "", 0}};
  const WarrantyRow due = row(warranty, "firmware");
  CHECK(due.state == State::Warning);
  CHECK(due.until == "2026-11-29");
  CHECK(near(due.value, 2));
  CHECK(due.basis.find("S2 2.4.0") != std::string::npos);
  warranty.devices[1].firmware = "2.4.1";
  CHECK(row(warranty, "firmware").state == State::Ok);
  for (const char* bad : {"", "2.4.1", "=2026-09-30", "2.4.1=soon", "2.4.1=2026-9-30"}) {
    CHECK_FALSE(records::parse_release(bad));
  }
}

TEST_CASE("a claim has ten days from its event, the last one whole", "[WS-36]") {
  WarrantyCase warranty = empty_case();
  warranty.facts.event = at("2026-11-16");
  warranty.now = at("2026-11-26T23:59:59Z");
  CHECK(row(warranty, "claim").until == "2026-11-26");
  CHECK(near(row(warranty, "claim").value, 0));
  warranty.now += 1;
  CHECK(near(row(warranty, "claim").value, -1));
  CHECK(row(warranty, "claim").basis.find("is over") != std::string::npos);
}

TEST_CASE("what a maker has not published is said to be so, and never fine", "[WS-30][WS-31]") {
  for (const char* family : {"ep760", "saj_cm2"}) {
    WarrantyCase warranty = logged("cell_min_degC", "-20");
    const WarrantyCase other = {warranty_terms(family), {}, warranty.samples, {}, {}, warranty.now};
    for (const WarrantyRow& one : judge_warranty(other)) {
      INFO(family << " " << one.name);
      CHECK((one.state == State::Unknown || one.name == "claim"));
      if (one.name.starts_with("outside")) {
        CHECK_FALSE(one.limit);
        CHECK(one.basis == "its limit is not published in the maker's manuals");
      }
    }
  }
  WarrantyCase bluetti = {warranty_terms("ep760"), {}, {}, {}, {}, at("2026-11-26T12:00:00Z")};
  bluetti.facts.produced = at("2024-02-10");
  bluetti.facts.event = at("2026-11-20");
  bluetti.counters = {{"A", "cycle_count", at("2026-10-01"), "9000"}};
  CHECK(row(bluetti, "end_of_life").until == "2034-02-10");
  CHECK(row(bluetti, "end_of_life").basis.find("no number of cycles") != std::string::npos);
  CHECK(row(bluetti, "cycles_counted").state == State::Unknown);
  CHECK(row(bluetti, "claim").basis.find("claim at once") != std::string::npos);
}

TEST_CASE("the newest fact counts", "[WS-36]") {
  const WarrantyFacts facts = warranty_facts({{"event", 1, "2026-01-01"},
                                              {"event", 2, "2026-02-01"},
                                              {"produced", 1, "2026-01-01"},
                                              {"released", 1, "1=2026-01-01"}});
  CHECK(facts.event == at("2026-02-01"));
  CHECK(facts.release->version == "1");
}

TEST_CASE("an archive is one that tar reads, with names that harm nobody", "[WS-36]") {
  const std::string archive = records::tar({{"a.txt", "hello"}, {"b", ""}}, 1);
  CHECK(archive.size() == 512 * 5);
  CHECK(archive.substr(0, 6) == std::string("a.txt\0", 6));
  CHECK(archive.substr(257, 5) == "ustar");
  CHECK(archive.substr(512, 6) == std::string("hello\0", 6));
  CHECK(records::harmless_name("/tmp/../etc/my log\n\xC3\xA9.csv") == "my_log___.csv");
  CHECK(records::harmless_name("..") == "_.");
  CHECK(records::harmless_name("/") == "_");
}
