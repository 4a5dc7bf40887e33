// SPDX-License-Identifier: Apache-2.0
#include "sim/site/site.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/sim/site/sites.hpp"
#include "tests/support/allocations.hpp"

using namespace weco;
using namespace weco::sim;
using namespace weco::test;

namespace {

/// All channels once a minute as one number.
std::uint64_t print_of(const SiteConfig& config, Duration time, Duration step) {
  const auto site = made(config);
  std::vector<double> row(site->channels().size());
  std::uint64_t hash = 1469598103934665603U;
  const Instant end = site->now() + time;
  while (site->now() < end) {
    site->step(step);
    if (site->now().to_us() % 60000000 != 0) continue;
    site->sample(row);
    for (const double value : row) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      hash = (hash ^ bits) * 1099511628211U;
    }
  }
  return hash;
}

}  // namespace

TEST_CASE("each family's usual site lives two days within its limits", "[TK-08][WS-02][EP-01]") {
  for (const SiteFamily family : kFamilies) {
    INFO(name(family));
    const auto site = made(default_site(family));
    run(*site, Duration::hours(48), Duration::s(2));
    keeps_its_promises(*site);
    CHECK(site->ledger().days == 2);
    const SiteSummary s = site->summary();
    CHECK((s.warnings == 0 && s.alarms == 0 && s.faults == 0));
    CHECK(s.cycles > 0.5);
    CHECK((s.soh_pct > 99.8 && s.soh_pct < 100.0));
    CHECK((s.self_sufficiency_pct > 30.0 && s.self_sufficiency_pct <= 100.0));
    for (std::size_t i = 0; i < site->pack_count(); ++i) {
      CHECK(joined(*site, i));
      CHECK(std::abs(site->pack(i).soc_pct - site->pack(i).soc_true_pct) < 3.0);
    }
    const Ledger& books = site->ledger();
    CHECK(books.total.kWh(EnergyPath::Load) > 20.0);
    CHECK(books.total.kWh(EnergyPath::Discharge) > 5.0);
    CHECK(books.total.kWh(EnergyPath::CellLoss) > 0.0);
    CHECK(books.total.kWh(EnergyPath::InverterLoss) > 0.0);
  }
}

TEST_CASE("the largest site of each family comes up whole", "[WS-03][WS-04][CM-01][EP-02]") {
  struct Row {
    SiteFamily family;
    std::int32_t inverters, towers, cabinets, packs;
    std::size_t expected;
  };
  for (const Row& row :
       {Row{SiteFamily::WecoSmart, 4, 3, 1, 2, 48}, Row{SiteFamily::SajCm2, 1, 1, 20, 2, 20},
        Row{SiteFamily::Ep760, 1, 1, 1, 4, 4}}) {
    SiteConfig config = default_site(row.family);
    config.inverters = row.inverters;
    config.towers = row.towers;
    config.cabinets = row.cabinets;
    config.ems_switch = row.cabinets > 11 ? 11 : 0;
    config.packs = row.packs;
    const auto site = made(config);
    REQUIRE(site->pack_count() == row.expected);
    run(*site, Duration::s(600), Duration::s(5));
    for (std::size_t i = 0; i < site->pack_count(); ++i) CHECK(joined(*site, i));
    keeps_its_promises(*site);
  }
}

TEST_CASE("what is no number balances nothing", "[TK-08]") {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(Balance{kNone, 0}.relative() <= 1e-9);
  CHECK_FALSE(Balance{1, kNone}.relative() <= 1e-9);
  CHECK(Balance{0, 0}.relative() == 0);
  CHECK(Balance{2, -1}.relative() == 0.5);
}

TEST_CASE("a site that cannot be is refused by the name of what is wrong", "[TK-08]") {
  const auto refused = [](auto change, std::string_view where) {
    SiteConfig config = default_site(SiteFamily::WecoSmart);
    change(config);
    const auto site = Site::make(config);
    INFO(where);
    REQUIRE_FALSE(site);
    CHECK(site.error().where == where);
    CHECK_FALSE(site.error().hint.empty());
  };
  refused([](SiteConfig& c) { c.inverters = 0; }, "inverters");
  refused([](SiteConfig& c) { c.inverters = 5; }, "inverters");
  refused([](SiteConfig& c) { c.towers = 4; }, "towers");
  refused([](SiteConfig& c) { c.modules = 5; }, "modules");
  refused([](SiteConfig& c) { c.cabinets = 21; }, "cabinets");
  refused([](SiteConfig& c) { c.packs = 5; }, "packs");
  refused([](SiteConfig& c) { c.soc_pct = 100.1; }, "soc_pct");
  refused([](SiteConfig& c) { c.soh_pct = 49; }, "soh_pct");
  refused([](SiteConfig& c) { c.environment.latitude_deg = 91; }, "latitude_deg");
  refused([](SiteConfig& c) { c.environment.weather.cloudiness = std::nan(""); }, "cloudiness");
  refused([](SiteConfig& c) { c.environment.pv.tilt_deg = 90.1; }, "tilt_deg");
  refused([](SiteConfig& c) { c.environment.load.noise = 1e300; }, "noise");
  refused(
      [](SiteConfig& c) {
        c.environment.load.rows = {{0, 500}, {60, -1}, {120, 9}};
      },
      "rows_W");
  refused([](SiteConfig& c) { c.environment.weather.rows = {{0, 80.1}}; }, "rows_degC");
  refused([](SiteConfig& c) { c.environment.tariff.export_per_kWh = -1e4; }, "export_per_kWh");
  refused([](SiteConfig& c) { c.model = "SMART-S3-9K-B20"; }, "model");
  refused([](SiteConfig& c) { c.grid_code = "none"; }, "grid_code");
  refused([](SiteConfig& c) { c.grid_code = "G98"; }, "grid_code");
  refused(
      [](SiteConfig& c) {
        c = default_site(SiteFamily::SajCm2);
        c.cabinets = 12;
      },
      "ems_switch");
  CHECK_FALSE(find_site_family("weco"));
  CHECK_FALSE(find_ageing("fast"));
}

TEST_CASE("a seed decides every bit of a run, and another seed makes another one", "[TK-08]") {
  for (const SiteFamily family : kFamilies) {
    SiteConfig config = default_site(family);
    const std::uint64_t first = print_of(config, Duration::hours(3), Duration::s(1));
    CHECK(print_of(config, Duration::hours(3), Duration::s(1)) == first);
    config.seed = 2;
    CHECK(print_of(config, Duration::hours(3), Duration::s(1)) != first);
  }
}

TEST_CASE("steps of a minute lead where steps of a second lead", "[TK-08]") {
  for (const SiteFamily family : kFamilies) {
    INFO(name(family));
    SiteConfig config = default_site(family);
    config.start_s = kSummerNoon;
    const auto fine = made(config), coarse = made(config);
    run(*fine, Duration::hours(24), Duration::s(1));
    run(*coarse, Duration::hours(24), Duration::s(60));
    keeps_its_promises(*coarse);
    CHECK(std::abs(fine->pack(0).soc_true_pct - coarse->pack(0).soc_true_pct) < 1.0);
    CHECK(coarse->ledger().total.kWh(EnergyPath::Charge) ==
          Approx(fine->ledger().total.kWh(EnergyPath::Charge)).epsilon(0.02));
  }
}

TEST_CASE("a running site takes no memory", "[TK-08]") {
  const auto site = made(default_site(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  std::vector<double> row(site->channels().size());
  const std::size_t before = allocations_made();
  for (int i = 0; i < 3600; ++i) {
    site->step(Duration::s(1));
    site->sample(row);
  }
  CHECK(allocations_made() == before);
}

TEST_CASE("a value that is not there is refused with the nearest one", "[TK-08]") {
  const auto site = made(default_site(SiteFamily::Ep760));
  const auto wrong = site->value("grid_power");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().hint.find("grid_power_W") != std::string::npos);
  CHECK(site->value("pack[2].soc_pct"));
  CHECK_FALSE(site->value("pack[3].soc_pct"));
}

TEST_CASE("without the grid the backup output is served from battery and sun", "[WS-40][EP-03]") {
  for (const SiteFamily family : {SiteFamily::WecoSmart, SiteFamily::Ep760}) {
    INFO(name(family));
    SiteConfig config = default_site(family);
    config.start_s = kSummerNoon;
    const auto site = made(config);
    run(*site, Duration::s(300));
    CHECK(value(*site, "grid_connected") == 1.0);
    command(*site, "grid", "off");
    run(*site, Duration::s(60));
    CHECK(value(*site, "grid_connected") == 0.0);
    CHECK(value(*site, "grid_power_W") == 0.0);
    CHECK(value(*site, "backup_power_W") > 0.0);
    CHECK(value(*site, "unserved_power_W") > 0.0);  // the house beside the backup output
    command(*site, "grid", "on");
    run(*site, Duration::s(600));  // the grid code's time before it may connect again
    CHECK(value(*site, "grid_connected") == 1.0);
    keeps_its_promises(*site);
  }
}

TEST_CASE("an empty battery at night lets the backup output go dark, and no cell below its limits",
          "[WS-40]") {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.soc_pct = 12;
  config.environment.pv.peak_W = 0;
  const auto site = made(config);
  run(*site, Duration::s(120));
  command(*site, "grid", "off");
  command(*site, "extra_backup_W", 4000.0);
  run(*site, Duration::hours(2), Duration::s(5));
  CHECK(value(*site, "backup_power_W") == 0.0);
  CHECK(site->pack(0).cell_min_V > 2.5);
  keeps_its_promises(*site);
}

TEST_CASE("nothing is exported when nothing may be, whatever the load does", "[WS-44]") {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.start_s = kSummerNoon;
  config.soc_pct = 99;
  config.settings.export_limit = Watts(0);
  const auto site = made(config);
  run(*site, Duration::s(300));
  double worst = 0.0;
  for (int i = 0; i < 1800; ++i) {
    if (i % 60 == 0) command(*site, "extra_load_W", i % 120 == 0 ? 3000.0 : 0.0);
    site->step(Duration::s(1));
    if (i % 60 > 10) worst = std::min(worst, value(*site, "grid_power_W"));
  }
  CHECK(worst > -50.0);
  CHECK(value(*site, "pv_available_W") > value(*site, "pv_power_W"));
}

TEST_CASE("a command that is unknown, outside its range or refused changes nothing", "[TK-08]") {
  const auto site = made(default_site(SiteFamily::WecoSmart));
  const auto refused = [&](std::string_view command, auto value, std::string_view hint) {
    const Done done = site->command(command, value);
    INFO(command);
    REQUIRE_FALSE(done);
    INFO(done.error().hint);
    CHECK((done.error().what + done.error().hint).find(hint) != std::string::npos);
  };
  refused("star", 0.0, "start");
  refused("grid", "maybe", "on");
  refused("soc_min_pct", 101.0, "100");
  refused("grid_frequency_Hz", std::nan(""), "40");
  refused("mode", "saj_tou", "");
  CHECK(events(*site, "soc_min_pct") == 0);
  for (const SiteCommand& row : site_commands()) {
    INFO(row.name);
    CHECK_FALSE(row.doc.empty());
    CHECK(row.least <= row.most);
  }
}

TEST_CASE("packs stop, rest in storage, and start again as they are told", "[WS-15][WS-20]") {
  const auto site = made(default_site(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  REQUIRE(joined(*site, 0));
  command(*site, "stop", 0.0);
  run(*site, Duration::s(10));
  CHECK(site->pack(0).state == bms::State::Standby);
  CHECK(value(*site, "battery_power_W") == Approx(0.0).margin(1.0));
  command(*site, "start", 0.0);
  run(*site, Duration::s(30));
  CHECK(joined(*site, 0));
  command(*site, "power_off", 0.0);
  run(*site, Duration::s(30));
  CHECK(site->pack(0).state == bms::State::Off);
  command(*site, "start", 0.0);
  run(*site, Duration::s(60));
  for (std::size_t i = 0; i < 4; ++i) CHECK(joined(*site, i));
}

TEST_CASE("a site that begins switched off waits for its first start", "[WS-80]") {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.switched_on = false;
  const auto site = made(config);
  run(*site, Duration::s(120));
  CHECK(site->pack(0).state == bms::State::Off);
  command(*site, "start", 0.0);
  run(*site, Duration::s(60));
  CHECK(joined(*site, 0));
}

TEST_CASE("a battery that is due is charged to the top once and then left alone", "[WS-13]") {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.environment.pv.peak_W = 600;  // never enough for a full charge
  config.soc_pct = 30;
  const auto site = made(config);
  run(*site, Duration::hours(24 * 36), Duration::s(60));
  double full = 0.0;
  for (std::size_t i = 0; i < site->pack_count(); ++i) {
    full = std::max(full, site->pack(i).soc_pct);
  }
  CHECK(site->ledger().total.kWh(EnergyPath::Import) > 0.0);
  keeps_its_promises(*site);
  SiteConfig without = config;
  without.full_charge_monthly = false;
  const auto other = made(without);
  run(*other, Duration::hours(24 * 36), Duration::s(60));
  CHECK(site->ledger().total.kWh(EnergyPath::Charge) >
        other->ledger().total.kWh(EnergyPath::Charge) + 5.0);
}

TEST_CASE("worn cells hold less and a year wears them by the model chosen", "[WS-30]") {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.soh_pct = 80;
  config.ageing = AgeingChoice::None;
  const auto site = made(config);
  run(*site, Duration::hours(24), Duration::s(60));
  CHECK(site->pack(0).soh_pct == Approx(80.0));
  double last = 100.0;
  for (const AgeingChoice model : {AgeingChoice::Nrel, AgeingChoice::Naumann}) {
    SiteConfig aged = default_site(SiteFamily::WecoSmart);
    aged.ageing = model;
    const auto other = made(aged);
    run(*other, Duration::hours(24 * 20), Duration::s(60));
    CHECK(other->pack(0).soh_pct < last);
    last = other->pack(0).soh_pct;
    keeps_its_promises(*other);
  }
}
