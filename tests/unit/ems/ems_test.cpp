// SPDX-License-Identifier: Apache-2.0
// The whole energy management against a plant that follows its set points one second later: limits
// at the meter, demands, loss of grid, meter and battery, over all products.
#include "core/ems/ems.hpp"

#include <random>
#include <string>
#include <type_traits>

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::ErrorCode;
using weco::Instant;
using weco::Millihertz;
using weco::Millivolts;
using weco::Permyriad;
using weco::Temperature;
using weco::Watts;

namespace {
Config config_for(const char* model, const Settings& settings, Watts rated = Watts(0),
                  const char* code = "VDE-AR-N 4105:2018") {
  const Ratings& r = **find_ratings(model);
  const Watts power = rated > Watts(0) ? rated : r.ac_rated;
  const bool cabinets = r.product == Product::SajCm2;
  BatteryRating battery;
  battery.charge_max = battery.discharge_max = power;
  if (!cabinets) battery = *battery_rating(r, r.product == Product::Ep760 ? 4 : 12);
  const auto protection =
      make_protection(**find_grid_code(code), power, r.phases, Trust::WithUnsure);
  const auto config = make_config(r, battery, *protection, settings);
  REQUIRE(config);
  return *config;
}

Settings mode(Mode m, bool sell = true) {
  Settings s;
  s.mode.mode = m;
  s.mode.sell = sell;
  return s;
}

struct Plant {
  explicit Plant(const Config& c) : config(c) {
    in.soc = Permyriad(5000);
    in.battery_link = true;
    in.charge_limit = in.discharge_limit = Watts(5000);
    in.calendar.known = true;
    in.calendar.second_of_day = 12 * 3600;
    volts(230000);
    step(70);
    REQUIRE(out.grid_connected);
  }
  void volts(int mv, int mhz = 50000) {
    in.grid = {{Millivolts(mv), Millivolts(mv), Millivolts(mv)}, Millihertz(mhz), Quality::Good};
  }
  // One second: the plant has taken the last set points, the meter shows what that makes.
  void second() {
    now = now + Duration::s(1);
    in.pv_available = Watts(sun);
    in.pv = out.flow.pv < in.pv_available ? out.flow.pv : in.pv_available;
    in.battery_power = out.flow.battery;
    const Watts grid = Watts(load) - (in.pv - in.battery_power) - in.pv_ac;
    real_grid = out.grid_connected ? grid : Watts(0);
    in.meter = meter_there ? Reading<Watts>::good_of(real_grid) : Reading<Watts>{};
    out = tick(config, state, in, now);
    const Flow& f = out.flow;
    balanced = balanced && f.pv + f.pv_ac + f.grid + out.generator == f.load + f.battery;
  }
  void step(int seconds) {
    for (int s = 0; s < seconds; ++s) second();
    CHECK(balanced);
  }
  bool has(Condition c) const { return (out.conditions & bit(c)) != 0; }
  Config config;
  State state{};
  Inputs in{};
  Outputs out{};
  Instant now{};
  Watts real_grid{};
  int sun = 0;
  int load = 1000;
  bool meter_there = true;
  bool balanced = true;
};

struct Family {
  const char* model;
  Mode mode;
  Watts rated;
};
const Family kFamilies[] = {{"SMART-S3-10K", Mode::SmartAuto, Watts(0)},
                            {"CM2", Mode::SajSelfConsumption, Watts(12000)},
                            {"EP760", Mode::Ep760, Watts(0)}};
}  // namespace

TEST_CASE("everything the core keeps is plain data", "[TK-03]") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<State>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<Config>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<Inputs>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<Outputs>);
  CHECK(sizeof(State) < 4096);
}

TEST_CASE("an export limit is back within 2 s of any load step, in every family", "[CM-13]") {
  for (const Family& family : kFamilies) {
    for (const int limit : {0, 500, 3000}) {
      INFO(family.model << " limit " << limit);
      Settings s = mode(family.mode);
      s.export_limit = Watts(limit);
      Plant p(config_for(family.model, s, family.rated));
      p.in.charge_limit = Watts(1000);
      p.sun = 7000;
      p.load = 6000;
      p.step(10);
      for (const int next_load : {200, 6000, 0, 3000, 100}) {
        p.load = next_load;
        p.second();  // the meter shows the step here
        p.second();  // and here the plant has followed
        CHECK(p.real_grid >= Watts(-limit));
        for (int i = 0; i < 5; ++i) {
          p.second();
          CHECK(p.real_grid >= Watts(-limit));
        }
      }
    }
  }
}

TEST_CASE("with selling off nothing is fed in, whatever the export limit says", "[WS-40][EP-06]") {
  Settings s = mode(Mode::SmartAuto, false);
  s.export_limit = Watts(5000);
  Plant p(config_for("SMART-S3-10K", s));
  p.sun = 12000;
  p.load = 500;
  p.step(5);
  CHECK(p.real_grid == Watts(0));
  CHECK(p.out.flow.reason == LimitReason::SellingOff);
  CHECK(p.out.flow.curtailed > Watts(0));
}

TEST_CASE("when the meter is lost, feed-in is inside the limit before 10 s for any load",
          "[CM-13][EP-17]") {
  for (const Family& family : kFamilies) {
    for (const int true_load : {0, 500, 6000}) {
      INFO(family.model << " load " << true_load);
      Settings s = mode(family.mode);
      s.export_limit = Watts(1000);
      Plant p(config_for(family.model, s, family.rated));
      p.in.charge_limit = Watts(0);
      p.sun = 7000;
      p.load = 6000;
      p.step(10);
      REQUIRE(p.out.flow.ac == Watts(7000));
      p.meter_there = false;
      p.load = true_load;
      p.step(9);
      CHECK(p.out.flow.ac <= Watts(1000));
      CHECK(p.out.meter_lost);
      p.second();
      CHECK(p.real_grid >= Watts(-1000));
      CHECK(p.has(Condition::MeterLost));
      const std::uint16_t code = code_of(p.config.ratings->product, Condition::MeterLost);
      if (code != 0) CHECK(p.state.faults.active(code));
      p.meter_there = true;
      p.step(2);
      CHECK_FALSE(p.has(Condition::MeterLost));
      if (code != 0) CHECK_FALSE(p.state.faults.active(code));
      CHECK(p.real_grid >= Watts(-1000));
    }
  }
}

TEST_CASE("without the meter nothing is charged from the grid", "[CM-13][WS-43]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartBatteryPriority)));
  p.step(3);
  CHECK(p.out.flow.battery == Watts(5000));
  p.meter_there = false;
  p.step(3);
  CHECK(p.out.flow.battery == Watts(0));
}

TEST_CASE("a demand limit stops charging and lets the battery help, as far as it is set to",
          "[CM-13]") {
  Settings s = mode(Mode::SmartBatteryPriority);
  s.import_limit = Watts(3000);
  Plant p(config_for("SMART-S3-10K", s));
  p.load = 1000;
  p.step(5);
  CHECK(p.real_grid == Watts(3000));
  p.load = 7000;
  p.step(3);
  CHECK(p.real_grid == Watts(3000));
  CHECK(p.out.flow.battery == Watts(-4000));
  CHECK(p.out.flow.reason == LimitReason::DemandLimit);
  s.battery_for_import = false;
  Plant keeping(config_for("SMART-S3-10K", s));
  keeping.load = 7000;
  keeping.step(5);
  CHECK(keeping.out.flow.battery == Watts(0));
  CHECK(keeping.out.flow.import_excess == Watts(4000));
}

TEST_CASE("a demand of the operator is answered within 2 s in every family", "[WS-48][CM-05]") {
  for (const Family& family : kFamilies) {
    INFO(family.model);
    Settings s = mode(family.mode);
    s.demand.port = DemandPort::Drm;
    Config c = config_for(family.model, s, family.rated);
    Inputs quiet;
    quiet.demand.drm = Reading<std::uint16_t>::good_of(0);
    Plant p = [&] {
      c.settings.demand.port = DemandPort::None;  // the plant connects before the port is read
      return Plant(c);
    }();
    p.config.settings.demand.port = DemandPort::Drm;
    p.in.demand = quiet.demand;
    p.sun = 6000;
    p.load = 500;
    p.in.charge_limit = Watts(500);
    p.step(3);
    CHECK(p.out.flow.ac == Watts(5500));
    if (family.mode != Mode::Ep760) {
      p.in.demand.drm.value = 1U << 5;
      p.step(2);
      CHECK(p.out.flow.ac == Watts(0));
      CHECK(p.out.flow.reason == LimitReason::DemandResponse);
      p.in.demand.drm.value = 1U << 8;
      p.step(2);
      CHECK(p.out.flow.battery ==
            -p.in.discharge_limit +
                (p.out.flow.ac == p.config.rated ? Watts(11000) - p.config.rated : Watts(0)));
      p.sun = 0;
      p.in.charge_limit = Watts(4000);
      p.in.demand.drm.value = 1U << 4;
      p.step(2);
      CHECK(p.out.flow.battery == Watts(4000));
      p.in.demand.drm.value = (1U << 4) | (1U << 1);
      p.step(2);
      CHECK(p.out.flow.battery <= Watts(0));
    }
    p.in.demand.drm.value = 1;
    p.step(2);
    CHECK_FALSE(p.out.grid_connected);
    CHECK(p.out.demand.disconnect);
    p.in.demand.drm.value = 0;
    p.step(30);
    CHECK_FALSE(p.out.grid_connected);  // the grid code's wait
    p.step(40);
    CHECK(p.out.grid_connected);
  }
}

TEST_CASE("DRM0 seen by the tick holds between ticks as well", "[WS-48]") {
  Settings s = mode(Mode::SmartAuto);
  Plant p(config_for("SMART-S3-10K", s));
  p.in.commands.grid_off = true;
  p.step(1);
  CHECK_FALSE(p.out.grid_connected);
  for (int i = 0; i < 4000; ++i) {
    p.now = p.now + Duration::ms(20);
    CHECK_FALSE(tick_fast(p.config, p.state, p.in.grid, p.now));
  }
}

TEST_CASE("ripple control holds the inverter to its share of the installed power", "[CM-05]") {
  Settings s = mode(Mode::SajSelfConsumption);
  s.demand.port = DemandPort::Ripple;
  Plant p(config_for("CM2", s, Watts(10000)));
  p.sun = 12000;
  p.in.charge_limit = Watts(0);
  const struct {
    std::uint8_t relays;
    int watts;
  } steps[] = {{1, 10000}, {2, 6000}, {4, 3000}, {8, 0}, {0, 10000}};
  for (const auto& row : steps) {
    p.in.demand.ripple = Reading<std::uint8_t>::good_of(row.relays);
    p.step(2);
    CHECK(p.out.flow.ac == Watts(row.watts));
  }
}

TEST_CASE("grid loss switches to backup at once, its return to charging first", "[WS-43][WS-06]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartBatteryPriority)));
  p.in.backup_load = Watts(1500);
  p.volts(0, 0);
  CHECK_FALSE(tick_fast(p.config, p.state, p.in.grid, p.now + Duration::ms(20)));
  p.step(1);
  CHECK_FALSE(p.out.grid_connected);
  CHECK(p.out.backup_output);
  CHECK(p.out.flow.battery == Watts(-1500));
  CHECK(p.out.flow.grid == Watts(0));
  CHECK(p.out.activity == Activity::OffGrid);
  CHECK(p.has(Condition::GridLost));
  CHECK(p.state.faults.active(24));
  p.volts(230000);
  p.step(61);
  CHECK(p.out.grid_connected);
  CHECK(p.out.flow.battery > Watts(0));
  CHECK_FALSE(p.state.faults.active(24));
}

TEST_CASE("each grid fault is named while it lasts, with the product's number", "[EP-08][WS-46]") {
  const struct {
    int mv, mhz;
    Condition condition;
    std::uint16_t ep;
  } rows[] = {{290000, 50000, Condition::GridVoltageHigh, 97},
              {180000, 50000, Condition::GridVoltageLow, 98},
              {230000, 52000, Condition::GridFrequencyHigh, 99},
              {230000, 47000, Condition::GridFrequencyLow, 100},
              {0, 0, Condition::GridLost, 102}};
  for (const auto& row : rows) {
    Plant p(config_for("EP760", mode(Mode::Ep760)));
    p.volts(row.mv, row.mhz);
    p.step(5);
    CHECK_FALSE(p.out.grid_connected);
    CHECK(p.has(row.condition));
    CHECK(p.state.faults.active(row.ep));
    p.volts(230000);
    p.step(62);
    CHECK_FALSE(p.state.faults.active(row.ep));
  }
  Plant mean(config_for("EP760", mode(Mode::Ep760)));
  mean.volts(255000);
  mean.step(700);
  CHECK(mean.has(Condition::GridVoltageHigh));
  Plant unmeasured(config_for("EP760", mode(Mode::Ep760)));
  unmeasured.in.grid.quality = Quality::Absent;
  unmeasured.step(1);
  CHECK(unmeasured.has(Condition::GridLost));
}

TEST_CASE("only a cause of the grid's own is a fault of the grid", "[WS-46]") {
  for (const GridCause cause :
       {GridCause::None, GridCause::Starting, GridCause::Commanded, static_cast<GridCause>(99)}) {
    Plant p(config_for("EP760", mode(Mode::Ep760)));
    p.state.protection.cause = cause;
    p.step(1);
    CHECK(p.out.conditions == 0);
  }
}

TEST_CASE("conditions are reported when they come and when they go", "[WS-46]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  p.in.slaves_lost = 2U | 8U;
  p.step(1);
  CHECK(p.out.set == (bit(Condition::Slave1Lost) | bit(Condition::Slave3Lost)));
  CHECK(p.state.faults.active(49));
  CHECK(p.state.faults.active(51));
  p.in.slaves_lost = 4;
  p.step(1);
  CHECK(p.out.set == bit(Condition::Slave2Lost));
  CHECK(p.out.cleared == (bit(Condition::Slave1Lost) | bit(Condition::Slave3Lost)));
  p.step(1);
  CHECK(p.out.set == 0);
  CHECK(p.out.cleared == 0);
}

TEST_CASE("off the grid surplus is charged and the rest not made", "[EP-05]") {
  Plant p(config_for("EP760", mode(Mode::Ep760)));
  p.volts(0, 0);
  p.in.backup_load = Watts(1000);
  p.sun = 7000;
  p.in.charge_limit = Watts(2000);
  p.in.pv_ac = Watts(500);
  p.step(3);
  CHECK(p.out.flow.battery == Watts(2000));
  CHECK(p.out.flow.curtailed == Watts(4500));
  CHECK(p.out.activity == Activity::Ep760Mode3);
  p.sun = 0;
  p.in.pv_ac = Watts(5000);  // the others must follow: the inverter makes the frequency
  p.step(2);
  CHECK(p.out.flow.pv_ac == Watts(3000));
  CHECK(p.out.pv_ac_max == Watts(3000));
}

TEST_CASE("backup output is off with the AC switch", "[EP-06]") {
  Settings s = mode(Mode::Ep760);
  s.mode.ac_output = false;
  Plant p(config_for("EP760", s));
  CHECK_FALSE(p.out.backup_output);
  p.volts(0, 0);
  p.in.backup_load = Watts(1000);
  p.step(2);
  CHECK_FALSE(p.out.backup_output);
  CHECK(p.out.flow.load == Watts(0));
  CHECK(p.out.flow.battery == Watts(0));
}

TEST_CASE("backup output goes off when nothing can feed it and is tried again after a minute",
          "[EP-06]") {
  Plant p(config_for("EP760", mode(Mode::Ep760)));
  p.volts(0, 0);
  p.in.backup_load = Watts(1000);
  p.in.discharge_limit = Watts(999);
  p.step(1);
  CHECK_FALSE(p.out.backup_output);
  CHECK(p.out.unserved == Watts(1000));
  p.in.discharge_limit = Watts(0);  // empty and not charging
  p.step(200);
  CHECK_FALSE(p.out.backup_output);
  p.in.discharge_limit = Watts(1000);
  p.step(1);
  CHECK(p.out.backup_output);
  CHECK(p.out.unserved == Watts(0));
  p.in.discharge_limit = Watts(10);
  p.step(1);
  REQUIRE_FALSE(p.out.backup_output);
  p.in.discharge_limit = Watts(5000);
  p.step(59);
  CHECK_FALSE(p.out.backup_output);
  p.step(1);
  CHECK(p.out.backup_output);
}

TEST_CASE("an overload off the grid is alarmed, then switches the output off until it is reset",
          "[WS-06][EP-04][WS-46]") {
  Plant p(config_for("SMART-S3-8K", mode(Mode::SmartAuto)));
  p.volts(0, 0);
  p.in.discharge_limit = Watts(20000);
  p.config.battery.discharge_max = Watts(20000);
  p.in.backup_load = Watts(7000);
  p.step(20);
  CHECK(p.out.backup_output);
  CHECK_FALSE(p.has(Condition::OverloadAlarm));
  p.in.backup_load = Watts(12001);
  p.step(1);
  CHECK(p.has(Condition::OverloadTrip));
  CHECK(p.state.faults.active(3));
  CHECK(p.state.faults.active(4));
  CHECK_FALSE(p.out.backup_output);
  p.in.backup_load = Watts(0);
  p.step(100);
  CHECK_FALSE(p.out.backup_output);
  p.in.commands.reset = true;
  p.step(1);
  CHECK(p.out.backup_output);
  CHECK_FALSE(p.state.faults.active(4));
}

TEST_CASE("without the line to the battery no current flows in any mode", "[WS-21]") {
  for (const Mode m : {Mode::SmartAuto, Mode::SmartBatteryPriority}) {
    Plant p(config_for("SMART-S3-10K", mode(m)));
    p.sun = 3000;
    p.load = 5000;
    p.in.battery_link = false;
    p.step(3);
    CHECK(p.out.flow.battery == Watts(0));
    CHECK(p.has(Condition::BatteryLinkLost));
    p.volts(0, 0);
    p.in.backup_load = Watts(1000);
    p.step(3);
    CHECK(p.out.flow.battery == Watts(0));
  }
}

TEST_CASE("the battery's limits and the model's are never passed", "[WS-04][WS-15][EP-02]") {
  Plant p(config_for("SMART-S3-8K", mode(Mode::SmartAuto)));
  p.in.charge_limit = p.in.discharge_limit = Watts(50000);
  p.sun = 30000;
  p.load = 0;
  p.step(3);
  CHECK(p.out.flow.battery == Watts(15000));
  CHECK(p.out.flow.pv == Watts(16000));  // the model's PV maximum, of 30 kW offered
  p.sun = 0;
  p.load = 20000;
  p.step(3);
  CHECK(p.out.flow.battery == Watts(-8000));
  p.in.charge_limit = Watts(-500);  // nonsense from the wire is no permission
  p.in.discharge_limit = Watts(-500);
  p.sun = 5000;
  p.load = 0;
  p.step(2);
  CHECK(p.out.flow.battery == Watts(0));
}

TEST_CASE("the reserve is kept on the grid and given off the grid", "[WS-30][EP-05]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  p.load = 3000;
  const struct {
    int soc;
    bool gives;
  } walk[] = {{1001, true}, {1000, false}, {1100, false}, {1199, false}, {1200, true}};
  for (const auto& at : walk) {
    p.in.soc = Permyriad(at.soc);
    p.step(2);
    CHECK((p.out.flow.battery < Watts(0)) == at.gives);
  }
  p.in.soc = Permyriad(900);
  p.step(1);
  p.volts(0, 0);
  p.in.backup_load = Watts(1000);
  p.step(1);
  CHECK(p.out.flow.battery == Watts(-1000));
}

TEST_CASE("charging ends at the upper state of charge", "[WS-13]") {
  Settings s = mode(Mode::SmartAuto);
  s.soc_max = Permyriad(9000);
  Plant p(config_for("SMART-S3-10K", s));
  p.sun = 5000;
  p.in.soc = Permyriad(8999);
  p.step(2);
  CHECK(p.out.flow.battery == Watts(4000));
  p.in.soc = Permyriad(9000);
  p.step(2);
  CHECK(p.out.flow.battery == Watts(0));
}

TEST_CASE("heat reduces the output, and outside the ambient range there is none", "[WS-06]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  p.sun = 15000;
  p.in.charge_limit = Watts(0);
  p.in.ambient = Reading<Temperature>::good_of(Temperature::celsius(40));
  p.step(2);
  CHECK(p.out.flow.ac == Watts(10000));
  p.in.ambient.value = Temperature::celsius(45);
  p.step(2);
  CHECK(p.out.flow.ac == Watts(7500));
  CHECK(p.out.flow.reason == LimitReason::Ambient);
  CHECK_FALSE(p.has(Condition::AmbientOutside));
  p.in.ambient.value = Temperature::deci_celsius(501);
  p.step(2);
  CHECK(p.out.flow.ac == Watts(0));
  CHECK(p.has(Condition::AmbientOutside));
  CHECK(p.state.faults.active(7));
}

TEST_CASE("a reversed transformer ends in the safe power, not in a runaway", "[WS-09][EP-17]") {
  Settings s = mode(Mode::Ep760);
  s.export_limit = Watts(0);
  Plant p(config_for("EP760", s));
  p.load = 2000;
  p.step(5);
  for (int i = 0; i < 60; ++i) {
    p.now = p.now + Duration::s(1);
    p.in.battery_power = p.out.flow.battery;
    p.in.pv = p.out.flow.pv;
    const Watts ac = p.in.pv - p.in.battery_power;
    p.in.meter = Reading<Watts>::good_of(-(Watts(3000) - ac));
    p.out = tick(p.config, p.state, p.in, p.now);
  }
  CHECK(p.has(Condition::CtReversed));
  CHECK_FALSE(p.has(Condition::MeterLost));
  CHECK(p.state.faults.active(139));
  CHECK(p.out.flow.ac <= Watts(0));
  p.in.commands.ct_recheck = true;
  p.step(1);
  CHECK_FALSE(p.has(Condition::CtReversed));
}

TEST_CASE("in parallel, a neighbour whose battery drops out is no reversed transformer",
          "[WS-09][WS-45]") {
  // This one takes over 2000 W while its neighbour loses 5000 W: its share of the meter rises.
  const auto accused = [](bool told) {
    Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
    for (int i = 0; i < 40; ++i) {
      const bool dropped = i / 4 % 2 == 1;
      const Watts mean(dropped ? 1000 : 2500);
      p.now = p.now + Duration::s(1);
      p.in.battery_power = Watts(dropped ? -4500 : -2500);
      p.in.meter = Reading<Watts>::good_of(Watts(3000) - mean);
      if (told) p.in.mean_ac = Reading<Watts>::good_of(mean);
      p.out = tick(p.config, p.state, p.in, p.now);
    }
    return p.has(Condition::CtReversed);
  };
  CHECK(accused(false));
  CHECK_FALSE(accused(true));
}

TEST_CASE("a misplaced transformer has its own condition", "[EP-17]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  p.state.meter.verdict = CtVerdict::Misplaced;
  p.state.meter.misplaced_votes = kCtVotes;
  p.step(1);
  CHECK(p.has(Condition::CtMisplaced));
  CHECK(p.state.faults.active(5));
}

TEST_CASE("the generator carries the load and charges within its rating", "[WS-49]") {
  Settings s = mode(Mode::SmartAuto);
  s.generator.fitted = true;
  Plant p(config_for("SMART-S3-8K", s));
  p.volts(0, 0);
  p.in.soc = Permyriad(1500);
  p.in.backup_load = Watts(2000);
  p.in.charge_limit = Watts(15000);
  p.step(1);
  CHECK(p.out.generator_start);
  CHECK(p.out.flow.battery == Watts(-2000));
  p.in.generator_voltage = Reading<Millivolts>::good_of(Millivolts(230000));
  p.in.generator_frequency = Reading<Millihertz>::good_of(Millihertz(50000));
  p.step(12);
  CHECK(p.out.activity == Activity::Generator);
  CHECK(p.out.generator == Watts(8000));
  CHECK(p.out.flow.battery == Watts(6000));
  CHECK(p.out.flow.grid == Watts(0));
  p.in.backup_load = Watts(8500);  // more than it carries: the battery helps
  p.step(1);
  CHECK(p.out.generator == Watts(8000));
  CHECK(p.out.flow.battery == Watts(-500));
  p.in.backup_load = Watts(2000);
  p.sun = 6000;  // never backwards into the generator
  p.in.charge_limit = Watts(1000);
  p.step(2);
  CHECK(p.out.generator >= Watts(0));
  CHECK(p.out.flow.curtailed > Watts(0));
  p.volts(230000);
  p.step(61);
  CHECK(p.out.grid_connected);
  CHECK(p.out.generator == Watts(0));
}

TEST_CASE("a generator that fails has the product's number and can be reset", "[WS-49]") {
  Settings s = mode(Mode::SmartAuto);
  s.generator.fitted = true;
  Plant p(config_for("SMART-S3-8K", s));
  p.volts(0, 0);
  p.in.soc = Permyriad(1500);
  p.in.backup_load = Watts(100);
  p.step(200);
  CHECK(p.state.faults.active(25));
  p.in.commands.reset = true;
  p.step(1);
  CHECK_FALSE(p.state.faults.active(25));
}

TEST_CASE("a generator without a published rating carries the inverter's", "[EP-09]") {
  Settings s = mode(Mode::Ep760);
  s.generator.fitted = true;
  Plant p(config_for("EP760", s));
  p.volts(0, 0);
  p.in.soc = Permyriad(1500);
  p.in.charge_limit = Watts(50000);
  p.in.generator_voltage = Reading<Millivolts>::good_of(Millivolts(230000));
  p.in.generator_frequency = Reading<Millihertz>::good_of(Millihertz(50000));
  p.step(15);
  CHECK(p.out.generator == Watts(7600));
}

TEST_CASE("rising frequency takes output back, also against a demand to give more",
          "[WS-08][WS-48]") {
  Settings s = mode(Mode::SmartAuto);
  Plant p(config_for("SMART-S3-10K", s));
  p.sun = 8000;
  p.in.charge_limit = Watts(0);
  p.load = 0;
  p.step(3);
  CHECK(p.out.flow.ac == Watts(8000));
  p.volts(230000, 50700);
  p.step(3);
  CHECK(p.out.flow.ac == Watts(6400));
  CHECK(p.out.flow.reason == LimitReason::FrequencyWatt);
}

TEST_CASE("contradicting demands end at the power nearest to zero", "[WS-08][WS-48]") {
  Settings s = mode(Mode::SmartAuto);
  s.demand.port = DemandPort::Drm;
  Config c = config_for("SMART-S3-10K", s, Watts(0), "AS/NZS 4777.2 A");
  c.settings.demand.port = DemandPort::None;
  Plant p(c);
  p.step(500);  // past the ramp
  p.config.settings.demand.port = DemandPort::Drm;
  p.in.charge_limit = p.in.discharge_limit = Watts(10000);
  p.in.demand.drm = Reading<std::uint16_t>::good_of(1U << 5);  // do not generate ...
  p.volts(230000, 48500);                                      // ... but the grid needs power
  p.step(2);
  CHECK(p.out.flow.ac == Watts(0));
  p.in.demand.drm.value = 1U << 2;  // draw at most half ...
  p.volts(230000, 51900);           // ... but the grid has too much
  p.step(2);
  CHECK(p.out.flow.ac == Watts(-5000));
  p.in.demand.drm.value = 1U << 1;
  p.step(2);
  CHECK(p.out.flow.ac == Watts(0));
  p.in.demand.drm.value = 0;
  p.step(2);
  CHECK(p.out.flow.ac < Watts(-5000));
}

TEST_CASE("other PV inverters are told their share only where they obey", "[CM-03]") {
  Settings s = mode(Mode::SajSelfConsumption, false);
  Plant p(config_for("CM2", s, Watts(12000)));
  p.in.pv_ac = Watts(9000);
  p.in.charge_limit = Watts(2000);
  p.step(3);
  CHECK(p.out.pv_ac_max == kNoLimit);
  CHECK(p.out.flow.export_excess == Watts(6000));
  s.pv_ac_controllable = true;
  Plant obeying(config_for("CM2", s, Watts(12000)));
  obeying.in.pv_ac = Watts(9000);
  obeying.in.charge_limit = Watts(2000);
  obeying.load = 1000;
  obeying.step(1);
  CHECK(obeying.out.pv_ac_max == Watts(3000));
}

TEST_CASE("settings that cannot be kept are refused by name", "[WS-42][CM-07][CM-12][TK-10]") {
  const Ratings& r = **find_ratings("SMART-S3-10K");
  const ProtectionConfig good =
      *make_protection(**find_grid_code("RD1699"), Watts(10000), 3, Trust::CertainOnly);
  const auto refusal = [&](const Settings& s, const ProtectionConfig& p) {
    const auto config = make_config(r, BatteryRating{}, p, s);
    if (config) return ConfigRefusal::None;
    CHECK(config.error().code == ErrorCode::BadInput);
    return static_cast<ConfigRefusal>(config.error().detail);
  };
  const Settings base = mode(Mode::SmartAuto);
  CHECK(refusal(base, good) == ConfigRefusal::None);
  CHECK(refusal(mode(Mode::Ep760), good) == ConfigRefusal::WrongMode);
  ProtectionConfig p = good;
  p.phases = 1;
  CHECK(refusal(base, p) == ConfigRefusal::WrongPhases);
  p = good;
  p.code = nullptr;  // no grid code was chosen

  CHECK(refusal(base, p) == ConfigRefusal::NoPower);
  p = good;
  p.rated = Watts(0);
  CHECK(refusal(base, p) == ConfigRefusal::NoPower);
  p.rated = Watts(10001);
  CHECK(refusal(base, p) == ConfigRefusal::NoPower);
  Settings s = base;
  s.export_limit = Watts(-1);
  CHECK(refusal(s, good) == ConfigRefusal::ExportLimit);
  s = base;
  s.import_limit = Watts(-1);
  CHECK(refusal(s, good) == ConfigRefusal::ImportLimit);
  for (const auto& [low, high] :
       {std::pair{-1, 9000}, std::pair{5000, 5000}, std::pair{0, 10001}}) {
    s = base;
    s.soc_min = Permyriad(low);
    s.soc_max = Permyriad(high);
    CHECK(refusal(s, good) == ConfigRefusal::SocRange);
    s = base;
    s.generator.start_soc = Permyriad(low);
    s.generator.stop_soc = Permyriad(high);
    CHECK(refusal(s, good) == ConfigRefusal::SocRange);
  }
  s = base;
  s.mode.target_soc = Permyriad(0);
  CHECK(refusal(s, good) == ConfigRefusal::SocRange);
  s = base;
  s.mode.grid_charge_power = Watts(-1);
  CHECK(refusal(s, good) == ConfigRefusal::ChargePower);
  s = base;
  REQUIRE(s.mode.charge.push_back({60, 180}));
  REQUIRE(s.mode.discharge.push_back({120, 240}));
  CHECK(refusal(s, good) == ConfigRefusal::BadWindows);
  const auto week = [](const WeekPlan& plan) {
    Settings saj = mode(Mode::SajTimeOfUse);
    saj.mode.week = plan;
    const auto protection =
        make_protection(**find_grid_code("RD1699"), Watts(50000), 3, Trust::CertainOnly);
    return make_config(**find_ratings("CM2"), BatteryRating{}, *protection, saj).has_value();
  };
  CHECK_FALSE(week(WeekPlan{}));
  WeekPlan whole;
  Template t;
  REQUIRE(t.push_back(Slot{{0, 1440}, SlotAction::Hold, Watts(0), Permyriad(10000), false}));
  REQUIRE(whole.templates.push_back(t));
  CHECK(week(whole));
  for (int i = 0; i <= static_cast<int>(ConfigRefusal::BadWeek); ++i) {
    CHECK_FALSE(name(static_cast<ConfigRefusal>(i)).empty());
  }
  CHECK(name(static_cast<ConfigRefusal>(99)).empty());
}

TEST_CASE("energy is counted and a day is closed by the tick", "[WS-47]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  p.in.calendar.second_of_day = kDayEndSecond - 1;
  p.step(1);
  CHECK_FALSE(p.out.day_closed);
  p.in.calendar.second_of_day = kDayEndSecond;
  p.step(1);
  CHECK(p.out.day_closed);
  CHECK(p.state.counters.total.of(Meter::Load).count() > 0);
}

TEST_CASE("time that stands still or runs backwards does no harm", "[TK-03]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  const auto before = p.state.counters.rest_w_us;
  tick(p.config, p.state, p.in, p.now);
  CHECK(p.state.counters.rest_w_us == before);
  tick(p.config, p.state, p.in, p.now - Duration::hours(1));
  CHECK(p.state.counters.rest_w_us == before);
}

TEST_CASE("whatever comes in, power balances and no permission is exceeded", "[TK-03][CM-13]") {
  for (const Family& family : kFamilies) {
    std::mt19937 random(11);
    const auto pick = [&](int low, int high) {
      return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    };
    Settings s = mode(family.mode, false);
    s.generator.fitted = true;
    s.demand.port = DemandPort::Drm;
    s.pv_ac_controllable = true;
    const Config config = config_for(family.model, s, family.rated);
    State state;
    Inputs in;
    Instant now{};
    bool good = true;
    for (int i = 0; i < 20000; ++i) {
      now = now + Duration::ms(pick(1, 3000));
      if (random() % 50 == 0) {
        const int mv = random() % 2 == 0 ? 230000 : pick(0, 300000);
        in.grid = {{Millivolts(mv), Millivolts(mv), Millivolts(230000)},
                   Millihertz(random() % 2 == 0 ? 50000 : pick(45000, 55000)),
                   random() % 9 == 0 ? Quality::Absent : Quality::Good};
      }
      in.meter = {Watts(pick(-20000, 20000)), random() % 3 == 0 ? Quality::Absent : Quality::Good};
      in.pv_available = Watts(pick(0, 30000));
      in.pv = Watts(pick(0, 30000));
      in.pv_ac = Watts(random() % 2 == 0 ? 0 : pick(0, 9000));
      in.battery_power = Watts(pick(-9000, 9000));
      in.battery_link = random() % 9 != 0;
      in.soc = Permyriad(pick(0, 10000));
      in.charge_limit = Watts(pick(0, 9000));
      in.discharge_limit = Watts(pick(0, 9000));
      in.backup_load = Watts(pick(0, 9000));
      in.demand.drm = {static_cast<std::uint16_t>(random() % 40 == 0 ? random() & 0x1FF : 0),
                       Quality::Good};
      in.commands.reset = random() % 20 == 0;
      in.ambient = {Temperature::celsius(pick(-30, 60)), Quality::Good};
      in.generator_voltage = {Millivolts(pick(100000, 280000)), Quality::Good};
      in.generator_frequency = {Millihertz(50000), Quality::Good};
      const Outputs out = tick(config, state, in, now);
      const Flow& f = out.flow;
      const Watts charge = in.battery_link ? in.charge_limit : Watts(0);
      const Watts discharge = in.battery_link ? in.discharge_limit : Watts(0);
      good = good && f.pv + f.pv_ac + f.grid + out.generator == f.load + f.battery &&
             f.battery <= charge && -f.battery <= discharge && f.ac <= config.rated &&
             f.pv <= in.pv_available && out.generator >= Watts(0) &&
             (out.grid_connected || f.grid == Watts(0)) &&
             (!out.demand.disconnect || !out.grid_connected) && f.export_excess == Watts(0) &&
             (out.backup_output || out.grid_connected || f.load == Watts(0));
      if (!good) {
        CAPTURE(family.model, i);
        REQUIRE(good);
      }
    }
    CHECK(good);
  }
}

TEST_CASE("limits of zero are limits, not mistakes", "[CM-13][TK-10]") {
  Settings s = mode(Mode::SmartAuto);
  s.import_limit = s.export_limit = s.mode.grid_charge_power = Watts(0);
  Plant p(config_for("SMART-S3-10K", s));
  p.load = 2000;
  p.step(3);
  CHECK(p.real_grid == Watts(0));
}

TEST_CASE("at full power the reason is the rating, not the temperature", "[WS-05]") {
  Plant p(config_for("SMART-S3-10K", mode(Mode::SmartAuto)));
  p.in.ambient = Reading<Temperature>::good_of(Temperature::celsius(25));
  p.in.charge_limit = Watts(0);
  p.sun = 15000;
  p.step(2);
  CHECK(p.out.flow.ac == Watts(10000));
  CHECK(p.out.flow.reason == LimitReason::InverterRating);
}
