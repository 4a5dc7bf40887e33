// SPDX-License-Identifier: Apache-2.0
// Every reason that can lower a limit, at its edge and on both sides of it.
#include "core/bms/limits.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::Rig;

/// A limit computation with everything well but what a test changes.
struct Desk {
  const PackConfig& config;
  std::array<Millivolts, kCellsMax> volts{};
  std::array<Temperature, kSensorsMax> temps{};
  CellReadings readings;
  struct Seen : LimitInputs {
    CellSummary cells;
  };
  Seen in;
  LimitState state;
  DynamicLimits out;

  explicit Desk(const PackConfig& family) : config(family) {
    state.charge_rate = state.discharge_rate = Permyriad(0);
    volts.fill(Millivolts(3300));
    temps.fill(Temperature::celsius(20));
    in.soc = Permyriad(5000);
    in.connected = true;
  }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  DynamicLimits& compute() {
    readings = {std::span(volts).first(config.cells), CellMask::first(config.cells),
                std::span(temps).first(config.sensors), 0xFFFFFFFF};
    summarise(readings, config.cells, config.sensors, in.cells);
    compute_limits(config, state, in, in.cells, readings, out);
    return out;
  }
  /// A fresh decision, without the hysteresis of an earlier one.
  std::int32_t charge_at(std::int32_t deci) {
    temps.fill(Temperature::deci_celsius(deci));
    compute();
    state.charge_rate = temperature_rate(config.charge_temperature, in.cells.coldest,
                                         in.cells.warmest, in.soc <= config.emergency_soc);
    return compute().charge.value().count();
  }
  std::int32_t discharge_at(std::int32_t deci) {
    temps.fill(Temperature::deci_celsius(deci));
    compute();
    state.discharge_rate =
        temperature_rate(config.discharge_temperature, in.cells.coldest, in.cells.warmest, false);
    return compute().discharge.value().count();
  }
  void settle() {
    temps.fill(Temperature::celsius(22));
    compute();
  }
};

TEST_CASE("the share for an emergency charges an empty pack and never lets it discharge",
          "[WS-11][WS-19]") {
  PackConfig config = kWecoSmart;
  for (TemperatureRow& row : config.discharge_temperature) row.emergency = Permyriad(9000);
  Desk desk(config);
  desk.in.soc = Permyriad(0);
  CHECK(desk.discharge_at(-300) == 0);
  // the share itself: an empty pack gives nothing for other reasons, too
  desk.state = {};
  desk.temps.fill(Temperature::celsius(-30));
  desk.compute();
  CHECK(desk.state.discharge_rate == Permyriad(0));
}

TEST_CASE("an empty pack's discharge is held by the sensor that is too cold, emergency or not",
          "[WS-11]") {
  PackConfig config = kWecoSmart;
  config.discharge_temperature[0].emergency = Permyriad(9000);
  Desk desk(config);
  desk.in.soc = Permyriad(0);
  desk.temps.fill(Temperature::celsius(46));  // 0.8C, less than the share for an emergency
  desk.temps[2] = Temperature::celsius(-30);
  const Limit& limit = desk.compute().discharge;
  const LimitTerm* found = nullptr;
  for (std::size_t i = 0; i < limit.size(); ++i) {
    if (limit[i].reason == Reason::Temperature) found = &limit[i];
  }
  REQUIRE(found != nullptr);
  CHECK(found->cell == 2);
}

// 1C is 100 A. The edges are the manual's, typed again.
TEST_CASE("WeCo charging follows the manual's temperatures at every edge", "[WS-11][WS-30]") {
  Desk desk(kWecoSmart);
  SECTION("normal") {
    CHECK(desk.charge_at(-300) == 0);
    CHECK(desk.charge_at(-101) == 0);
    CHECK(desk.charge_at(-100) == 0);
    CHECK(desk.charge_at(-70) == 0);
    CHECK(desk.charge_at(-1) == 0);
    CHECK(desk.charge_at(0) == 0);
    CHECK(desk.charge_at(1) == 20000);
    CHECK(desk.charge_at(109) == 20000);
    CHECK(desk.charge_at(110) == 20000);
    CHECK(desk.charge_at(119) == 20000);
    CHECK(desk.charge_at(120) == 50000);
    CHECK(desk.charge_at(350) == 50000);
    CHECK(desk.charge_at(351) == 20000);
    CHECK(desk.charge_at(450) == 20000);
    CHECK(desk.charge_at(451) == 10000);
    CHECK(desk.charge_at(499) == 10000);
    CHECK(desk.charge_at(500) == 0);
    CHECK(desk.charge_at(900) == 0);
  }
  SECTION("emergency: nearly empty") {
    desk.in.soc = Permyriad(500);
    CHECK(desk.charge_at(-101) == 0);
    CHECK(desk.charge_at(-100) == 3000);
    CHECK(desk.out.charge.tightest().reason == Reason::Emergency);
    CHECK(desk.charge_at(-70) == 3000);
    CHECK(desk.charge_at(0) == 3000);
    CHECK(desk.charge_at(1) == 20000);
    CHECK(desk.out.charge.tightest().reason == Reason::Temperature);
    desk.in.soc = Permyriad(501);
    CHECK(desk.charge_at(-70) == 0);
  }
}

TEST_CASE("discharging is allowed down to -20 degrees", "[WS-11][EP-04]") {
  for (const PackConfig* family : test::kFamilies) {
    INFO(family->name);
    Desk desk(*family);
    CHECK(desk.discharge_at(-201) == 0);
    CHECK(desk.discharge_at(-200) == family->capacity.count() / 5);
    CHECK(desk.discharge_at(-1) == family->capacity.count() / 5);
    CHECK(desk.discharge_at(0) > family->capacity.count() / 5);
    CHECK(desk.discharge_at(200) == family->discharge_rating.count());
    CHECK(desk.discharge_at(549) > 0);
    CHECK(desk.discharge_at(550) == 0);
    CHECK(desk.charge_at(-1) == 0);
  }
}

TEST_CASE("the coldest and the warmest sensor both count, and are named", "[WS-11][WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.temps[2] = Temperature::celsius(4);
  desk.compute();
  CHECK(desk.out.charge.value() == Milliamps(20000));
  CHECK(desk.out.charge.tightest().reason == Reason::Temperature);
  CHECK(desk.out.charge.tightest().cell == 2);
  desk.temps[2] = Temperature::celsius(20);
  desk.temps[1] = Temperature::celsius(46);
  desk.compute();
  CHECK(desk.out.charge.value() == Milliamps(10000));
  CHECK(desk.out.charge.tightest().cell == 1);
  CHECK(desk.out.discharge.value() == Milliamps(80000));
}

TEST_CASE("the warmest sensor alone, or the charge alone, moves the limit", "[WS-11]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.temps[1] = Temperature::celsius(46);  // the coldest stays what it was
  CHECK(desk.compute().charge.value() == Milliamps(10000));
  desk.temps.fill(Temperature::celsius(-5));
  CHECK(desk.compute().charge.value() == Milliamps(0));
  desk.in.soc = desk.config.emergency_soc;  // the temperatures stay what they were
  CHECK(desk.compute().charge.value() == Milliamps(3000));
  desk.in.soc = desk.config.emergency_soc + Permyriad(1);
  CHECK(desk.compute().charge.value() == Milliamps(0));
}

TEST_CASE("a derating step is taken at once and given back one degree later", "[WS-11]") {
  Desk desk(kWecoSmart);
  const auto at = [&desk](std::int32_t deci) {
    desk.temps.fill(Temperature::deci_celsius(deci));
    return desk.compute().charge.value().count();
  };
  CHECK(at(200) == 50000);
  CHECK(at(119) == 20000);
  CHECK(at(120) == 20000);
  CHECK(at(129) == 20000);
  CHECK(at(130) == 50000);
  CHECK(at(351) == 20000);
  CHECK(at(341) == 20000);
  CHECK(at(340) == 50000);
  CHECK(at(0) == 0);
  CHECK(at(10) == 0);
  CHECK(at(11) == 20000);
}

TEST_CASE("a missing temperature or voltage stops both directions", "[WS-17]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.compute();
  Desk::Seen in = desk.in;
  SECTION("temperature") { in.cells.temperatures_known = false; }
  SECTION("voltage") { in.cells.voltages_known = false; }
  compute_limits(desk.config, desk.state, in, in.cells, desk.readings, desk.out);
  CHECK(desk.out.charge.value() == Milliamps(0));
  CHECK(desk.out.discharge.value() == Milliamps(0));
}

TEST_CASE("lost temperatures limit without naming a sensor", "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.temps.fill(Temperature::celsius(3));
  desk.compute();
  CHECK(desk.out.charge.tightest().cell == 0);
  Desk::Seen in = desk.in;
  in.cells.temperatures_known = false;
  compute_limits(desk.config, desk.state, in, in.cells, desk.readings, desk.out);
  CHECK(desk.out.charge.value() == Milliamps(0));
  CHECK(desk.out.charge.tightest().cell == kNoCell);
}

TEST_CASE("after a temperature was lost the current comes back as if it had been too cold",
          "[WS-11][WS-17]") {
  Desk desk(kWecoSmart);
  const auto charge_at = [&desk](std::int32_t deci) {
    desk.temps.fill(Temperature::deci_celsius(deci));
    return desk.compute().charge.value();
  };
  CHECK(charge_at(135) == Milliamps(50000));
  CHECK(charge_at(125) == Milliamps(50000));
  Desk::Seen in = desk.in;
  in.cells.temperatures_known = false;
  compute_limits(desk.config, desk.state, in, in.cells, desk.readings, desk.out);
  CHECK(desk.out.charge.value() == Milliamps(0));
  CHECK(charge_at(125) == Milliamps(20000));  // 50 A again only one degree above the step
  CHECK(charge_at(130) == Milliamps(50000));
  compute_limits(desk.config, desk.state, in, in.cells, desk.readings, desk.out);
  CHECK(charge_at(5) == Milliamps(0));  // not a milliampere half a degree above freezing
}

TEST_CASE("of several sensors in the same band the coldest is named, the first one as well",
          "[WS-11][WS-15]") {
  Desk desk(kWecoSmart);
  for (const std::uint16_t sensor : {std::uint16_t{0}, std::uint16_t{2}}) {
    desk.temps.fill(Temperature::celsius(5));
    desk.temps[sensor] = Temperature::celsius(4);
    desk.compute();
    CHECK(desk.out.charge.value() == Milliamps(20000));
    CHECK(desk.out.charge.tightest().cell == sensor);
    CHECK(desk.out.charge.tightest().module == 0);
  }
}

TEST_CASE("only a sensor that was read is named as the cause", "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.temps.fill(Temperature::celsius(4));
  desk.compute();
  for (std::uint16_t sensor = 0; sensor < kWecoSmart.sensors; ++sensor) {
    desk.readings.temperature_read = 1U << sensor;
    Desk::Seen in = desk.in;
    summarise_temperatures(desk.readings, kWecoSmart.sensors, in.cells);
    in.cells.temperatures_known = true;  // so that the one that was read decides
    compute_limits(desk.config, desk.state, in, in.cells, desk.readings, desk.out);
    CHECK(desk.out.charge.tightest().reason == Reason::Temperature);
    CHECK(desk.out.charge.tightest().cell == sensor);
  }
}

TEST_CASE("the last band of a temperature table holds from its beginning upwards", "[WS-11]") {
  TemperatureRows rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto n = static_cast<std::int32_t>(i);
    rows[i] = {Temperature::celsius(10 * n), Permyriad(100 * (n + 1)), Permyriad(0)};
  }
  const auto at = [&rows](std::int32_t deci) {
    const Temperature t = Temperature::deci_celsius(deci);
    return temperature_rate(rows, t, t, false);
  };
  CHECK(at(699) == Permyriad(700));
  CHECK(at(700) == Permyriad(800));
  CHECK(at(9000) == Permyriad(800));
  CHECK(at(-1) == Permyriad(100));
}

TEST_CASE("a single millivolt too much or too little moves the voltage limit by as much",
          "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.volts.fill(Millivolts(3520));
  CHECK(desk.compute().charge_voltage == Millivolts(56320));
  desk.volts[3] = Millivolts(3521);
  CHECK(desk.compute().charge_voltage == Millivolts(56319));
  desk.volts.fill(Millivolts(2850));
  CHECK(desk.compute().discharge_voltage == Millivolts(45600));
  desk.volts[3] = Millivolts(2849);
  CHECK(desk.compute().discharge_voltage == Millivolts(45601));
  desk.volts.fill(Millivolts(3300));  // one cell exactly at its target moves nothing
  desk.volts[3] = Millivolts(3520);
  CHECK(desk.compute().charge_voltage == Millivolts(56320));
  desk.volts[3] = Millivolts(2850);
  CHECK(desk.compute().discharge_voltage == Millivolts(45600));
}

TEST_CASE("cells that were not read move no voltage limit", "[WS-15][WS-17]") {
  Desk desk(kWecoSmart);
  desk.settle();
  Desk::Seen in = desk.in;
  in.cells.voltages_known = false;
  in.cells.max = Millivolts(3700);
  in.cells.min = Millivolts(2500);
  compute_limits(desk.config, desk.state, in, in.cells, desk.readings, desk.out);
  CHECK(desk.out.charge_voltage == Millivolts(16 * 3520));
  CHECK(desk.out.discharge_voltage == Millivolts(16 * 2850));
}

TEST_CASE("an event that stops a direction is named for the pack itself", "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.in.stops_charge = bit(EventId::CellOverVoltage);
  desk.compute();
  CHECK(desk.out.charge.tightest().reason == Reason::Event);
  CHECK(desk.out.charge.tightest().event == EventId::CellOverVoltage);
  CHECK(desk.out.charge.tightest().module == 0);
  CHECK(desk.out.charge.tightest().cell == kNoCell);
}

TEST_CASE("limits taper with the highest and the lowest cell, which is named", "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.compute();
  const auto charge_at = [&desk](std::int32_t mV) {
    desk.volts[7] = Millivolts(mV);
    return desk.compute().charge.value().count();
  };
  const auto discharge_at = [&desk](std::int32_t mV) {
    desk.volts[7] = Millivolts(mV);
    return desk.compute().discharge.value().count();
  };
  CHECK(charge_at(3450) == 50000);
  CHECK(charge_at(3451) < 50000);
  CHECK(desk.out.charge.tightest().reason == Reason::CellVoltage);
  CHECK(desk.out.charge.tightest().cell == 7);
  CHECK(charge_at(3510) == 25000);
  CHECK(charge_at(3569) > 0);
  CHECK(charge_at(3570) == 0);
  CHECK(charge_at(3700) == 0);
  CHECK(discharge_at(3050) == 100000);
  CHECK(discharge_at(3049) < 100000);
  CHECK(desk.out.discharge.tightest().cell == 7);
  CHECK(discharge_at(2935) == 50000);
  CHECK(discharge_at(2821) > 0);
  CHECK(discharge_at(2820) == 0);
}

TEST_CASE("a full pack is not charged again before it has given something", "[WS-13][WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.in.soc = Permyriad(9699);
  CHECK(desk.compute().charge.value() == Milliamps(50000));
  desk.in.soc = Permyriad(9700);
  CHECK(desk.compute().charge.value() == Milliamps(20000));
  desk.in.soc = Permyriad(10000);
  desk.in.full = true;
  CHECK(desk.compute().charge.value() == Milliamps(0));
  CHECK(desk.out.charge.tightest().reason == Reason::StateOfCharge);
  desk.in.full = false;
  desk.in.soc = Permyriad(9700);
  CHECK(desk.compute().charge.value() == Milliamps(0));
  desk.in.soc = Permyriad(9699);
  CHECK(desk.compute().charge.value() == Milliamps(50000));
  desk.in.soc = Permyriad(1001);
  CHECK(desk.compute().discharge.value() == Milliamps(100000));
  desk.in.soc = Permyriad(1000);
  CHECK(desk.compute().discharge.value() == Milliamps(50000));
  desk.in.soc = Permyriad(0);
  CHECK(desk.compute().discharge.value() == Milliamps(10000));
}

TEST_CASE("every situation that stops or lowers a limit names itself", "[WS-15][WS-20][WS-21]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.compute();
  const auto expect = [&desk](Reason reason, std::int32_t charge, std::int32_t discharge) {
    desk.compute();
    CHECK(desk.out.charge.value() == Milliamps(charge));
    CHECK(desk.out.discharge.value() == Milliamps(discharge));
    if (charge < 50000) CHECK(desk.out.charge.tightest().reason == reason);
    if (discharge < 100000) CHECK(desk.out.discharge.tightest().reason == reason);
  };
  expect(Reason::Rating, 50000, 100000);
  CHECK_FALSE(derated(desk.out));
  SECTION("link") {
    desk.in.link_lost = true;
    expect(Reason::LinkLost, 0, 0);
  }
  SECTION("contactors") {
    desk.in.connected = false;
    expect(Reason::ContactorsOpen, 0, 0);
  }
  SECTION("history") {
    desk.in.alarm_recent = true;
    expect(Reason::History, 25000, 50000);
  }
  SECTION("balancing") {
    desk.in.balancing = true;
    expect(Reason::Balancing, 5000, 100000);
  }
  SECTION("rest before charge") {
    desk.in.rest_charge = true;
    expect(Reason::Rest, 0, 100000);
  }
  SECTION("rest before discharge") {
    desk.in.rest_discharge = true;
    expect(Reason::Rest, 50000, 0);
  }
  SECTION("events, the first is named") {
    desk.in.stops_charge = bit(EventId::Imbalance) | bit(EventId::CoolingFailed);
    expect(Reason::Event, 0, 100000);
    CHECK(desk.out.charge.tightest().event == EventId::Imbalance);
    desk.in.stops_charge = 0;
    desk.in.stops_discharge = bit(EventId::CellUnderVoltage);
    expect(Reason::Event, 50000, 0);
  }
  SECTION("command; a negative one is none at all, a generous one changes nothing") {
    desk.in.commanded_charge = {Milliamps(10000), true};
    expect(Reason::Command, 10000, 100000);
    desk.in.commanded_charge = {Milliamps(-1), true};
    expect(Reason::Command, 0, 100000);
    desk.in.commanded_charge = {Milliamps(60000), true};
    desk.in.commanded_discharge = {Milliamps(99999), true};
    expect(Reason::Command, 50000, 99999);
  }
  CHECK(derated(desk.out));
}

TEST_CASE("the tightest reason comes first and the others follow in order", "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.temps[0] = Temperature::celsius(4);  // 20 A
  desk.volts[3] = Millivolts(3546);         // 10 A
  desk.in.alarm_recent = true;              // 25 A
  desk.in.commanded_charge = {Milliamps(15000), true};
  const Limit& charge = desk.compute().charge;
  REQUIRE(charge.size() == 5);
  CHECK(charge[0].reason == Reason::CellVoltage);
  CHECK(charge[1].reason == Reason::Command);
  CHECK(charge[2].reason == Reason::Temperature);
  CHECK(charge[3].reason == Reason::History);
  CHECK(charge[4].reason == Reason::Rating);
  for (std::size_t i = 1; i < charge.size(); ++i) CHECK(charge[i - 1].value <= charge[i].value);
}

TEST_CASE("a list of reasons that is full keeps the limit it has", "[WS-15]") {
  Limit limit;
  limit.reset(Milliamps(1000));
  for (int i = 1; i < 40; ++i) {
    limit.add({Reason::Command, 0, kNoCell, EventId{}, Milliamps(1000 - i)});
  }
  CHECK(limit.size() == Limit::kTerms);
  CHECK(limit.value() == Milliamps(1000 - (static_cast<int>(Limit::kTerms) - 1)));
}

TEST_CASE("voltage limits give way to a cell that runs ahead", "[WS-15]") {
  Desk desk(kWecoSmart);
  desk.settle();
  desk.compute();
  CHECK(desk.out.charge_voltage == Millivolts(16 * 3520));
  CHECK(desk.out.discharge_voltage == Millivolts(16 * 2850));
  desk.volts.fill(Millivolts(3500));
  desk.volts[1] = Millivolts(3540);
  desk.compute();
  CHECK(desk.out.charge_voltage == Millivolts(15 * 3500 + 3540 - 20));
  desk.volts.fill(Millivolts(3600));  // all above: never more than the target
  desk.compute();
  CHECK(desk.out.charge_voltage == Millivolts(16 * 3520 - 80));
  desk.volts.fill(Millivolts(2900));
  desk.volts[1] = Millivolts(2840);
  desk.compute();
  CHECK(desk.out.discharge_voltage == Millivolts(15 * 2900 + 2840 + 10));
  desk.in.cells.voltages_known = false;
  compute_limits(desk.config, desk.state, desk.in, desk.in.cells, desk.readings, desk.out);
  CHECK(desk.out.charge_voltage == Millivolts(16 * 3520));
}

TEST_CASE("a running pack derates and recovers, with the alarm remembered for ten minutes",
          "[WS-15]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.seconds(2);
  CHECK(rig.now_in() == State::Running);
  rig.all_sensors(50);
  rig.seconds(2);
  CHECK(rig.now_in() == State::Derating);
  CHECK(limits_of(rig.state).charge.value() == Milliamps(20000));
  rig.healthy();
  rig.seconds(2);
  CHECK(rig.now_in() == State::Running);
  rig.in.cooling_failed = true;
  rig.seconds(62);
  CHECK(limits_of(rig.state).charge.value() == Milliamps(0));
  rig.in.cooling_failed = false;
  rig.seconds(6);
  CHECK(limits_of(rig.state).charge.tightest().reason == Reason::History);
  rig.seconds(598);
  CHECK(limits_of(rig.state).charge.tightest().reason == Reason::History);
  rig.seconds(3);
  CHECK(limits_of(rig.state).charge.value() == Milliamps(50000));
}

TEST_CASE("rest between charge and discharge is advice, and a limit where it is wanted",
          "[WS-20]") {
  for (const bool enforced : {false, true}) {
    PackConfig config = kWecoSmart;
    config.rest_enforced = enforced;
    Rig rig(config);
    rig.to_running();
    CHECK(rig.out.rest.left_s == 0);
    rig.current(20000);
    rig.seconds(3);
    CHECK(rig.out.rest.before_discharge);
    CHECK((limits_of(rig.state).discharge.value() == Milliamps(0)) == enforced);
    CHECK(limits_of(rig.state).charge.value() > Milliamps(0));
    rig.current(2000);  // 2 % of 1C counts as rest
    rig.seconds(35 * 60 - 1);
    CHECK(rig.out.rest.before_discharge);
    rig.seconds(1);
    CHECK_FALSE(rig.out.rest.before_discharge);
    CHECK(limits_of(rig.state).discharge.value() > Milliamps(0));
    rig.current(-2001);
    rig.seconds(2);
    CHECK(rig.out.rest.before_charge);
    CHECK((limits_of(rig.state).charge.value() == Milliamps(0)) == enforced);
    rig.current(0);
    rig.seconds(35 * 60);
    CHECK_FALSE(rig.out.rest.before_charge);
    CHECK(limits_of(rig.state).charge.value() > Milliamps(0));
  }
}

}  // namespace
}  // namespace weco::bms
