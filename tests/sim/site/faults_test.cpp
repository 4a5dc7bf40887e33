// SPDX-License-Identifier: Apache-2.0
// Each fault of the catalogue strikes a site, and what the core and the site make of it is seen.
#include <cmath>
#include <set>

#include "core/ems/faults.hpp"
#include "tests/sim/site/sites.hpp"

using namespace weco;
using namespace weco::sim;
using namespace weco::test;

namespace {

/// A site at a summer's noon, up and running.
SiteConfig noon(SiteFamily family) {
  SiteConfig config = default_site(family);
  config.start_s = kSummerNoon;
  config.soc_pct = 60;
  if (family == SiteFamily::WecoSmart) config.inverters = 2;
  if (family == SiteFamily::SajCm2) config.cabinets = 2;
  return config;
}

/// A fault that reports itself: within `within_s` an event of this name comes, and the pack it
/// strikes is in `state` (kCount: whatever).
struct Reported {
  std::string_view fault;
  std::string_view event;
  std::int32_t within_s;
  bms::State state;
  SiteFamily family = SiteFamily::WecoSmart;
};
constexpr auto kAny = bms::State::Off;
constexpr Reported kReported[] = {
    {"cell_voltage_lost", "sensor_lost", 8, bms::State::Fault},
    {"cell_temperature_lost", "sensor_lost", 8, bms::State::Fault},
    {"current_sensor_lost", "sensor_lost", 8, bms::State::Fault},
    {"cell_deep_discharge", "deep_discharge", 3, bms::State::Locked},
    {"contactor_stuck_open", "contactor_no_close", 3, bms::State::Fault},
    {"insulation_low", "insulation", 5, bms::State::Locked},
    {"short_circuit", "short_circuit", 2, bms::State::Locked},
    {"interlock_open", "interlock", 2, bms::State::Fault},
    {"breaker_trips", "breaker_tripping", 2, bms::State::Locked},
    {"cooling_failed", "cooling_failed", 3, kAny, SiteFamily::SajCm2},
    {"fire", "fire", 3, bms::State::Locked, SiteFamily::SajCm2},
    {"other_battery_type", "type_mismatch", 2, bms::State::Fault},
    {"grid_lost", "grid_lost", 1, kAny},
    {"grid_voltage", "grid_voltage_high", 300, kAny},
    {"grid_voltage:voltage=0", "grid_lost", 2, kAny},
    {"grid_phase_lost", "grid_voltage_low", 3, kAny},
    {"grid_frequency", "grid_frequency_high", 3, kAny},
    {"grid_frequency:frequency=47", "grid_frequency_low", 3, kAny},
    {"grid_unmeasured", "grid_lost", 2, kAny},
    {"meter_lost", "meter_lost", 5, kAny},
    {"meter_reversed", "ct_reversed", 60, kAny},
    {"meter_wrong_phase", "ct_misplaced", 60, kAny, SiteFamily::SajCm2},
    {"battery_link_lost", "link_lost", 8, bms::State::Standby},
    {"master_lost", "master_lost", 60, kAny},
    {"slave_lost", "slave_1_lost", 2, kAny},
};

/// A fault that is seen in what happens then.
struct Seen {
  std::string_view fault;
  void (*shows)();
};

void shows_cell_leak() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  inject(*site, "cell_leak:current=10,cell=3");
  run(*site, Duration::hours(3), Duration::s(10));
  const PackView leaking = site->pack(0), sound = site->pack(1);
  CHECK(leaking.cell_max_V - leaking.cell_min_V > sound.cell_max_V - sound.cell_min_V + 0.02);
}

void shows_cell_resistance() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(120));
  inject(*site, "cell_resistance:factor=20");
  run(*site, Duration::s(60));
  const PackView p = site->pack(0);
  CHECK(p.cell_max_V - p.cell_min_V > 0.05);
}

void shows_cell_capacity() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  inject(*site, "cell_capacity:left=70");
  run(*site, Duration::s(60));
  CHECK(site->pack(0).soh_pct == Approx(70.0));
  CHECK(site->pack(1).soh_pct > 99.0);
}

void shows_cell_voltage_stuck() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  inject(*site, "cell_voltage_stuck:cell=1");
  run(*site, Duration::hours(3), Duration::s(10));  // the others fill, this one stays
  const PackView p = site->pack(0);
  CHECK(p.cell_max_V - p.cell_min_V > 0.02);
}

void shows_cell_temperature_stuck() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  inject(*site, "cell_temperature_stuck:sensor=1");
  command(*site, "room_degC", 45.0);
  run(*site, Duration::hours(3), Duration::s(10));
  const PackView p = site->pack(0);
  CHECK(p.cell_max_degC - p.cell_min_degC > 3.0);
}

void shows_current_sensor_offset() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  command(*site, "stop", 0.0);
  run(*site, Duration::s(10));
  inject(*site, "current_sensor_offset:offset=-500");
  run(*site, Duration::s(5));
  CHECK(site->pack(0).current_A == Approx(-0.5).margin(0.05));
}

void shows_contactor_welded() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  inject(*site, "contactor_welded");
  command(*site, "stop", 0.0);
  run(*site, Duration::s(20));
  CHECK(events(*site, "contactor_welded") - 1 > 0);
  CHECK_FALSE(joined(*site, 0));
}

void shows_precharge_open() {
  SiteConfig config = noon(SiteFamily::WecoSmart);
  config.switched_on = false;
  const auto site = made(config);
  inject(*site, "precharge_open");
  command(*site, "start", 0.0);
  run(*site, Duration::s(120));
  CHECK(events(*site, "precharge_failed") > 0);
  CHECK_FALSE(site->pack(0).contactors_closed);
}

void shows_fuse_blown() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  inject(*site, "fuse_blown:pack=2");
  run(*site, Duration::s(10));
  CHECK(std::abs(site->pack(1).current_A) < 0.2);  // its own controller
  CHECK(std::abs(site->pack(0).current_A) > 1.0);
}

void shows_heater_failed() {
  const auto cold = [](bool broken) {
    SiteConfig config = noon(SiteFamily::WecoSmart);
    config.inverters = 1;
    config.cell_degC = -5;
    const auto site = made(config);
    command(*site, "room_degC", -5.0);
    if (broken) inject(*site, "heater_failed");
    run(*site, Duration::hours(2), Duration::s(10));
    return site->pack(0).cell_min_degC;
  };
  CHECK(cold(false) > cold(true) + 2.0);
}

void shows_generator_failed() {
  const auto without_grid = [](bool broken) {
    SiteConfig config = noon(SiteFamily::WecoSmart);
    config.inverters = 1;
    config.environment.generator = true;
    config.environment.pv.peak_W = 0;
    config.soc_pct = 15;
    const auto site = made(config);
    if (broken) inject(*site, "generator_failed");
    run(*site, Duration::s(60));
    command(*site, "grid", "off");
    command(*site, "extra_backup_W", 2000.0);
    run(*site, Duration::hours(3), Duration::s(10));
    return site->ledger().total.kWh(EnergyPath::Generator);
  };
  CHECK(without_grid(false) > 0.1);
  CHECK(without_grid(true) == 0.0);
}

void shows_pv_reversed() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(60));
  const double before = value(*site, "pv_power_W");
  inject(*site, "pv_reversed");
  run(*site, Duration::s(10));
  CHECK(value(*site, "pv_power_W") == Approx(before / 2).epsilon(0.05));
}

void shows_pv_insulation_low() {
  const auto site = made(noon(SiteFamily::Ep760));
  run(*site, Duration::s(60));
  CHECK(value(*site, "pv_power_W") > 1000.0);
  inject(*site, "pv_insulation_low");
  run(*site, Duration::s(10));
  CHECK(value(*site, "pv_power_W") == 0.0);
}

void shows_pv_lost() {
  const auto site = made(noon(SiteFamily::Ep760));
  run(*site, Duration::s(60));
  inject(*site, "pv_lost:left=25");
  run(*site, Duration::s(60));
  const double left = value(*site, "pv_available_W");
  CHECK(value(*site, "pv_power_W") == Approx(left).epsilon(0.01));
  mend(*site, "pv_lost");
  site->step(Duration::s(1));
  CHECK(value(*site, "pv_available_W") == Approx(4 * left).epsilon(0.02));
}

void shows_drm_unreadable() {
  SiteConfig config = noon(SiteFamily::WecoSmart);
  config.inverters = 1;
  config.grid_code = "AS/NZS 4777.2 A";
  const auto site = made(config);
  run(*site, Duration::s(600));
  command(*site, "drm", 0.0);  // wired, nothing asserted
  run(*site, Duration::s(10));
  CHECK(value(*site, "grid_connected") == 1.0);
  inject(*site, "drm_unreadable");  // answered as the strictest demand
  run(*site, Duration::s(10));
  CHECK(value(*site, "grid_connected") == 0.0);
}

void shows_ambient_sensor_lost() {
  SiteConfig config = noon(SiteFamily::WecoSmart);
  config.inverters = 1;
  const auto site = made(config);
  command(*site, "room_degC", 61.0);
  run(*site, Duration::s(60));
  CHECK(events(*site, "ambient_outside") == 1);
  inject(*site, "ambient_sensor_lost");
  run(*site, Duration::s(60));
  CHECK(events(*site, "ambient_outside") == 2);  // cleared: not read is not outside
}

void shows_firmware_code() {
  const auto site = made(noon(SiteFamily::WecoSmart));
  inject(*site, "firmware_code:inverter=2,code=6");
  CHECK(site->codes(1).active(6));
  CHECK_FALSE(site->codes(0).active(6));
  CHECK(site->panel(1).alarm);
  mend(*site, "firmware_code:inverter=2,code=6");
  CHECK_FALSE(site->codes(1).active(6));
}

const Seen kSeen[] = {
    {"cell_leak", shows_cell_leak},
    {"cell_resistance", shows_cell_resistance},
    {"cell_capacity", shows_cell_capacity},
    {"cell_voltage_stuck", shows_cell_voltage_stuck},
    {"cell_temperature_stuck", shows_cell_temperature_stuck},
    {"current_sensor_offset", shows_current_sensor_offset},
    {"contactor_welded", shows_contactor_welded},
    {"precharge_open", shows_precharge_open},
    {"fuse_blown", shows_fuse_blown},
    {"heater_failed", shows_heater_failed},
    {"generator_failed", shows_generator_failed},
    {"pv_reversed", shows_pv_reversed},
    {"pv_insulation_low", shows_pv_insulation_low},
    {"pv_lost", shows_pv_lost},
    {"drm_unreadable", shows_drm_unreadable},
    {"ambient_sensor_lost", shows_ambient_sensor_lost},
    {"firmware_code", shows_firmware_code},
};

}  // namespace

TEST_CASE("a fault that the core or the site can notice is reported in time", "[WS-17][WS-21]") {
  for (const Reported& row : kReported) {
    INFO(row.fault);
    const auto site = made(noon(row.family));
    run(*site, Duration::s(120));
    const std::size_t before = site->event_count();
    inject(*site, row.fault);
    REQUIRE(events(*site, row.event, before) == (row.fault == row.event ? 1 : 0));
    run(*site, Duration::s(row.within_s));
    const int expected = row.fault == row.event ? 2 : 1;  // the injection is an event, too
    CHECK(events(*site, row.event, before) >= expected);
    if (row.state != kAny) CHECK(site->pack(0).state == row.state);
    keeps_its_promises(*site);
  }
}

TEST_CASE("a fault that nobody reports is seen in what happens", "[TK-08]") {
  for (const Seen& row : kSeen) {
    INFO(row.fault);
    row.shows();
  }
}

TEST_CASE("each code that a product's manual lists can be raised and no other", "[WS-46][EP-08]") {
  struct Row {
    SiteFamily family;
    ems::Product product;
    std::size_t codes;
  };
  for (const Row& row : {Row{SiteFamily::WecoSmart, ems::Product::WecoSmart, 41},
                         Row{SiteFamily::Ep760, ems::Product::Ep760, 143},
                         Row{SiteFamily::SajCm2, ems::Product::SajCm2, 0}}) {
    const auto site = made(default_site(row.family));
    CHECK(ems::faults_of(row.product).size() == row.codes);
    for (std::uint16_t code = 1; code <= 255; ++code) {
      INFO(code);
      FaultSpec spec = usual_fault(FaultId::FirmwareCode);
      REQUIRE(set_parameter(spec, "code", code));
      const bool listed = ems::find_fault(row.product, code) != nullptr;
      CHECK(site->inject(spec).has_value() == listed);
      CHECK(site->codes().active(code) == listed);
      CHECK(site->clear(spec).has_value() == listed);
      CHECK_FALSE(site->codes().active(code));
    }
  }
}

TEST_CASE("every fault of the catalogue that strikes a site is tried here", "[TK-08]") {
  std::set<std::string_view> tried;
  for (const Reported& row : kReported) tried.insert(row.fault.substr(0, row.fault.find(':')));
  for (const Seen& row : kSeen) tried.insert(row.fault);
  for (const FaultInfo& row : fault_catalogue()) {
    INFO(row.name);
    CHECK(strikes_wire(row.id) == (tried.count(row.name) == 0));
  }
}

TEST_CASE("every code of the products' lists can be raised and taken back", "[WS-49][EP-07]") {
  for (const SiteFamily family : {SiteFamily::WecoSmart, SiteFamily::Ep760}) {
    const auto site = made(default_site(family));
    const auto product =
        family == SiteFamily::Ep760 ? ems::Product::Ep760 : ems::Product::WecoSmart;
    int known = 0;
    for (std::int32_t code = 1; code <= 255; ++code) {
      INFO(name(family) << " " << code);
      FaultSpec spec = usual_fault(FaultId::FirmwareCode);
      REQUIRE(set_parameter(spec, "code", code));
      const auto number = static_cast<std::uint16_t>(code);
      if (ems::find_fault(product, number) == nullptr) {
        const Done refused = site->inject(spec);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().where == "code");
        continue;
      }
      ++known;
      REQUIRE(site->inject(spec));
      CHECK(site->codes().active(number));
      REQUIRE(site->clear(spec));
      CHECK_FALSE(site->codes().active(number));
    }
    CHECK(known >= 40);
  }
}

TEST_CASE("a fault of a unit that is not there, or of a wire, is refused", "[TK-08]") {
  const auto site = made(default_site(SiteFamily::WecoSmart));
  const auto refused = [&](std::string_view fault, std::string_view where) {
    const auto spec = parse_fault(fault);
    REQUIRE(spec);
    const Done done = site->inject(*spec);
    INFO(fault);
    REQUIRE_FALSE(done);
    CHECK(done.error().where == where);
  };
  refused("cell_leak:pack=5", "pack");
  refused("cell_leak:cell=17", "cell");
  refused("cell_temperature_lost:sensor=32", "sensor");
  refused("pv_lost:inverter=2", "inverter");
  refused("wire_late", "wire_late");
  CHECK(events(*site, "cell_leak") == 0);
}

TEST_CASE("what is mended works again where the core allows it", "[WS-17]") {
  const auto site = made(noon(SiteFamily::WecoSmart));
  run(*site, Duration::s(120));
  inject(*site, "meter_lost");
  inject(*site, "pv_lost:left=0");
  run(*site, Duration::s(30));
  mend(*site, "meter_lost");
  mend(*site, "pv_lost");
  run(*site, Duration::s(60));
  CHECK(events(*site, "meter_lost") >= 3);  // injected, came, went
  CHECK(value(*site, "pv_power_W") > 1000.0);
  // a lock stays although its cause is gone, and no command of ours clears it
  inject(*site, "insulation_low");
  run(*site, Duration::s(10));
  REQUIRE(site->pack(0).state == bms::State::Locked);
  mend(*site, "insulation_low");
  command(*site, "reset", 0.0);
  command(*site, "start", 0.0);
  run(*site, Duration::s(60));
  CHECK(site->pack(0).state == bms::State::Locked);
}

TEST_CASE("a battery that one of four parallel inverters loses accuses no meter",
          "[WS-09][WS-21]") {
  for (const double load_W : {4000.0, 9000.0, 16000.0}) {
    SiteConfig config = noon(SiteFamily::WecoSmart);
    config.inverters = 4;
    config.environment.pv.peak_W = 0;
    const auto site = made(config);
    command(*site, "extra_load_W", load_W);
    for (int again = 0; again < 6; ++again) {
      run(*site, Duration::s(120));
      inject(*site, "battery_link_lost:inverter=1");
      run(*site, Duration::s(120));
      mend(*site, "battery_link_lost:inverter=1");
      command(*site, "start", 0.0);
    }
    CHECK(value(*site, "grid_power_W") < 100.0);  // the others took over, and it came back
    CHECK(events(*site, "link_lost") > 0);
    CHECK(events(*site, "ct_reversed") == 0);
    CHECK(events(*site, "ct_misplaced") == 0);
  }
}
