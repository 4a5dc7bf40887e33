// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include "host/records/calendar.hpp"
#include "host/report/statistics.hpp"
#include "host/statistics/energy.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::statistics;

namespace {

std::int64_t at(const char* text) { return records::parse_utc(text).value(); }

constexpr Zone kItaly{3600, true};

bool near(double a, double b) { return std::abs(a - b) < 1e-6; }

std::vector<Sample> samples(const std::string& text) {
  auto read = read_telemetry(text, "t.csv");
  INFO((read ? "" : read.error().what));
  REQUIRE(read);
  return *read;
}

/// Why a file is refused, and where.
std::string refused(const std::string& text) {
  const auto read = read_telemetry(text, "t.csv");
  return read ? std::string("taken") : read.error().where + ": " + read.error().what;
}

Tariff tariff(const std::string& more) {
  auto parsed = parse_tariff(
      "return { currency = \"EUR\", utc_offset = \"+01:00\", summer_time = \"eu\",\n"
      "import_per_kWh = \"0.30\", export_per_kWh = \"0.10\",\n" +
          more + "}",
      "t.lua");
  INFO((parsed ? "" : parsed.error().what));
  REQUIRE(parsed);
  return *parsed;
}

std::string tariff_refused(const std::string& more) {
  const auto parsed = parse_tariff(
      "return { currency = \"EUR\", utc_offset = \"+01:00\", summer_time = \"eu\", "
      "import_per_kWh = \"0.30\", export_per_kWh = \"0.10\",\n" +
          more + "}",
      "t.lua");
  return parsed ? std::string("taken") : parsed.error().where + ": " + parsed.error().what;
}

}  // namespace

TEST_CASE("a local day has 23 hours when the clock goes forward and 25 when it goes back",
          "[CM-16]") {
  const auto hours = [](const char* time) {
    const Stretch day = stretch_of(at(time), Period::Day, kItaly);
    return (day.to - day.from) / 3600;
  };
  CHECK(hours("2026-03-28T12:00:00Z") == 24);
  CHECK(hours("2026-03-29T12:00:00Z") == 23);
  CHECK(hours("2026-10-25T12:00:00Z") == 25);
  CHECK(hours("2026-10-26T12:00:00Z") == 24);
  CHECK(local_of(at("2026-03-29T00:59:59Z"), kItaly) == at("2026-03-29T01:59:59Z"));
  CHECK(local_of(at("2026-03-29T01:00:00Z"), kItaly) == at("2026-03-29T03:00:00Z"));
  CHECK(stretch_of(at("2026-10-25T00:30:00Z"), Period::Hour, kItaly).label ==
        "2026-10-25T02:00+02:00");
  CHECK(stretch_of(at("2026-10-25T01:30:00Z"), Period::Hour, kItaly).label ==
        "2026-10-25T02:00+01:00");
}

TEST_CASE("days, weeks, months and years follow the site's clock, weeks those of ISO 8601",
          "[CM-16]") {
  const auto label = [](const char* time, Period period) {
    return stretch_of(at(time), period, kItaly).label;
  };
  CHECK(label("2026-12-31T22:59:59Z", Period::Day) == "2026-12-31");
  CHECK(label("2026-12-31T23:00:00Z", Period::Day) == "2027-01-01");
  CHECK(label("2026-12-31T23:00:00Z", Period::Week) == "2026-W53");
  CHECK(label("2027-01-03T23:00:00Z", Period::Week) == "2027-W01");
  CHECK(label("2026-12-31T23:00:00Z", Period::Month) == "2027-01");
  CHECK(label("2026-12-31T22:00:00Z", Period::Year) == "2026");
  const Stretch december = stretch_of(at("2026-12-05"), Period::Month, kItaly);
  CHECK(december.to - december.from == 31 * records::kDay_s);
  CHECK_FALSE(parse_zone("+1:00", "eu", ""));
  CHECK_FALSE(parse_zone("+15:00", "eu", ""));
  CHECK_FALSE(parse_zone("+01:00", "us", ""));
  CHECK(parse_zone("-03:30", "none", "")->offset_s == -12600);
}

TEST_CASE("power over time becomes energy by direction, and a pause is not filled in", "[CM-16]") {
  Energy energy({.by = Period::Day});
  energy.add(
      samples("time,pv_power_W,battery_power_W,grid_power_W\n"
              "2026-01-01T00:00:00Z,9999,9999,9999\n"  // nothing is known before it
              "2026-01-01T00:15:00Z,4000,-1000,\n"
              "2026-01-01T00:30:00Z,0,2000,-400\n"
              "2026-01-01T06:00:00Z,8000,8000,8000\n"  // after a pause
              "2026-01-01T06:15:00Z,0,0,800\n"));
  const Bucket& total = energy.total();
  CHECK(near(total.kWh(Flow::Production), 1.0));
  CHECK(near(total.kWh(Flow::Discharge), 0.25));
  CHECK(near(total.kWh(Flow::Charge), 0.5));
  CHECK(near(total.kWh(Flow::Export), 0.1));
  CHECK(near(total.kWh(Flow::Import), 0.2));
  CHECK_FALSE(energy.known(Flow::Consumption));
  CHECK(report::kWh_text(energy, total, Flow::Consumption).empty());
  CHECK(energy.missing_s() == 5 * 3600 + 1800);
  CHECK(near(energy.covered(total), 0.75 / 6.25));
}

TEST_CASE("a telemetry file that is none is refused with its line", "[CM-16]") {
  CHECK(refused("") == "t.csv:1: no column is headed 'time'");
  CHECK(refused("time,pv_power_W\n") == "t.csv:1: the file has no rows");
  CHECK(refused("time,colour\n2026-01-01T00:00:00Z,red\n").find("no column says") !=
        std::string::npos);
  CHECK(refused("time,soc_pct\n2026-01-01T00:00:00Z\n").find("t.csv:2: the row has 1 cells") == 0);
  CHECK(refused("time,soc_pct\nyesterday,1\n").find("t.csv:2: the time") == 0);
  CHECK(refused("time,soc_pct\n2026-01-02T00:00:00Z,1\n2026-01-02T00:00:00Z,1\n")
            .find("t.csv:3: the time does not go forward") == 0);
  CHECK(refused("time,soc_pct\n2026-01-02T00:00:00Z,1e\n").find("t.csv:2: soc_pct is no") == 0);
  CHECK(refused("time,soc_pct\n2026-01-02T00:00:00Z,nan\n").find("t.csv:2: soc_pct is no") == 0);
  CHECK(refused("run,time,soc_pct\n1,2026-01-02T00:00:00Z,1\n").find("sweep") != std::string::npos);
  CHECK(refused("{\"time\":\"2026-01-01T00:00:00Z\",\"soc_pct\":1\n").find("flat object") !=
        std::string::npos);
  CHECK(refused("{\"soc_pct\":1}\n").find("t.csv:1: the object has no 'time'") == 0);
}

TEST_CASE("CSV and one object a line say the same", "[CM-16]") {
  const auto rows = samples(
      "\xEF\xBB\xBFtime,soc_pct,pack[1].current_A,pack[2].current_A,pack[1].cell_min_degC\r\n"
      "2026-01-01T00:00:00Z,50.5,-3,2,\r\n");
  const auto objects = samples(
      "{\"time\":\"2026-01-01T00:00:00Z\",\"soc_pct\":50.5,\"pack[1].current_A\":-3,"
      "\"pack[2].current_A\":2,\"pack[1].cell_min_degC\":null}\n");
  for (const auto& one : {rows, objects}) {
    REQUIRE(one.size() == 1);
    CHECK(one[0].soc_pct == 50.5);
    CHECK(one[0].current_A == 3);
    CHECK(std::isnan(one[0].coldest_degC));
  }
}

TEST_CASE("counters of devices become energy, divided where a reading spans midnight", "[CM-16]") {
  Energy energy({.by = Period::Day});
  energy.add(std::vector<store::CounterRow>{
      {"A", "energy_charged_total", at("2026-01-01T12:00:00Z"), "100.00"},
      {"A", "energy_charged_total", at("2026-01-02T12:00:00Z"), "112.00"},
      {"A", "energy_charged_total", at("2026-01-02T13:00:00Z"), "3.00"},
      {"A", "energy_charged_total", at("2026-01-02T14:00:00Z"), "4.50"},
      {"B", "energy_charged_total", at("2026-01-02T13:00:00Z"), "900.00"},
  });
  const auto days = energy.buckets();
  REQUIRE(days.size() == 2);
  CHECK(near(days[0].kWh(Flow::Charge), 6));
  CHECK(near(days[1].kWh(Flow::Charge), 7.5));
  CHECK(days[0].estimated);
  CHECK(energy.restarts() == 1);
}

TEST_CASE("money follows the tariff of the hour, the weekday and the month", "[CM-16]") {
  const Tariff prices = tariff(
      "windows = { { from = \"08:00\", to = \"19:00\", days = { \"mon\" }, months = { 1 },\n"
      "import_per_kWh = \"0.50\" } }");
  const auto price = [&](const char* local) { return price_at(prices, at(local)); };
  CHECK(price("2026-01-05T07:59:59Z").import_per_kWh == 0.30);
  CHECK(price("2026-01-05T07:59:59Z").until_local == at("2026-01-05T08:00:00Z"));
  CHECK(price("2026-01-05T08:00:00Z").import_per_kWh == 0.50);
  CHECK(price("2026-01-05T18:59:59Z").import_per_kWh == 0.50);
  CHECK(price("2026-01-05T19:00:00Z").import_per_kWh == 0.30);
  CHECK(price("2026-01-06T12:00:00Z").import_per_kWh == 0.30);
  CHECK(price("2026-02-02T12:00:00Z").import_per_kWh == 0.30);
  Energy energy({.by = Period::Day, .zone = prices.zone, .tariff = prices});
  energy.add(std::vector<store::CounterRow>{
      {"A", "energy_import_total", at("2026-01-05T06:00:00Z"), "0"},  // 07:00 on the wall
      {"A", "energy_import_total", at("2026-01-05T08:00:00Z"), "2"},
      {"A", "energy_load_total", at("2026-01-05T06:00:00Z"), "0"},
      {"A", "energy_load_total", at("2026-01-05T08:00:00Z"), "4"},
      {"B", "energy_export_total", at("2026-01-05T06:00:00Z"), "0"},
      {"B", "energy_export_total", at("2026-01-05T08:00:00Z"), "1"},
  });
  CHECK(near(energy.total().import_cost, 0.80));
  CHECK(near(energy.total().export_revenue, 0.10));
  CHECK(near(energy.total().benefit(), 1.60 - 0.80 + 0.10));
}

TEST_CASE("a tariff that contradicts itself is refused with its line", "[CM-16]") {
  CHECK(tariff_refused("") == "taken");
  const std::string night = "{ from = \"00:00\", to = \"05:00\" }";
  CHECK(tariff_refused("windows = { " + night + ",\n{ from = \"04:59\", to = \"06:00\" } }") ==
        "t.lua:3: two windows hold at the same time");
  CHECK(tariff_refused("windows = { " + night + ", { from = \"05:00\", to = \"06:00\" } }") ==
        "taken");
  CHECK(tariff_refused("windows = { { from = \"22:00\", to = \"06:00\" } }").find("before it") !=
        std::string::npos);
  CHECK(tariff_refused("windows = { { from = \"22:00\", to = \"24:01\" } }").find("no time") !=
        std::string::npos);
  CHECK(tariff_refused("price = \"1\"").find("price") != std::string::npos);
  CHECK(tariff_refused("equivalents = { co2_kg_per_kWh = \"0.3\" }").find("source") !=
        std::string::npos);
}

TEST_CASE("a factor without the user's own source is called an assumption", "[CM-16]") {
  Energy energy({.by = Period::Total});
  energy.add(std::vector<store::CounterRow>{
      {"A", "energy_pv_total", at("2026-01-01"), "0"},
      {"A", "energy_pv_total", at("2026-02-01"), "1000"},
  });
  const auto usual = report::equivalents(energy);
  CHECK(usual[0].assumed);
  CHECK(near(usual[0].amount, 250));
  CHECK_FALSE(usual[1].assumed);  // what a kilogram of standard coal holds is a definition
  CHECK(usual[2].assumed);
  CHECK(near(usual[2].amount, 12.5));
  const Tariff own = tariff("equivalents = { co2_kg_per_kWh = \"0.4\", source = \"ours, 2026\" }");
  Energy again({.by = Period::Total, .tariff = own});
  again.add(std::vector<store::CounterRow>{{"A", "energy_pv_total", 0, "0"},
                                           {"A", "energy_pv_total", 100, "1000"}});
  CHECK(near(report::equivalents(again)[0].amount, 400));
  CHECK(report::equivalents(again)[0].source == "ours, 2026");
  CHECK_FALSE(report::equivalents(again)[0].assumed);
  CHECK(report::equivalents(again)[2].assumed);
}

TEST_CASE("a page of statistics shows hostile text as text, in each language", "[CM-16]") {
  Energy energy({.by = Period::Day});
  energy.add(std::vector<store::CounterRow>{
      {"A", "energy_pv_total", at("2026-01-01"), "0"},
      {"A", "energy_pv_total", at("2026-02-01"), "1000"},
  });
  const report::EnergyReport report{energy, "<script>x</script>\u202E\x1b[2J", "<img src=x>"};
  const auto english = test::checklists().language("en");
  const auto italian = test::checklists().language("it");
  REQUIRE(english);
  REQUIRE(italian);
  const std::string page = report::statistics_html(report, **english);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("\x1b") == std::string::npos);
  CHECK(page.find("\u202E") == std::string::npos);
  CHECK(page.find("stat.") == std::string::npos);
  CHECK(page.find("2026-01-31") != std::string::npos);
  const std::string other = report::statistics_html(report, **italian);
  CHECK(other.find("stat.") == std::string::npos);
  CHECK(other.find("Produzione") != std::string::npos);
  CHECK(other.find("ipotesi: una cifra tonda per un albero adulto") != std::string::npos);
  CHECK(report::statistics_csv(report).find("\"2026-01-31\",2026-01-31T00:00:00Z") !=
        std::string::npos);
}
