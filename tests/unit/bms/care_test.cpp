// SPDX-License-Identifier: Apache-2.0
// Readings, balancing, heater, lamps, storage, stored record: the smaller promises.
#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "core/base/crc.hpp"
#include "core/bms/balancing.hpp"
#include "core/bms/cells.hpp"
#include "core/bms/led.hpp"
#include "core/bms/persistent.hpp"
#include "core/bms/storage.hpp"
#include "core/bms/thermal.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::Random;
using test::Rig;

CellSummary summarise(const CellReadings& readings, std::size_t cells, std::size_t sensors) {
  CellSummary s;
  bms::summarise(readings, cells, sensors, s);
  return s;
}

TEST_CASE("a reading that is missing has no part in any sum", "[WS-17]") {
  std::array<Millivolts, 4> volts = {Millivolts(3000), Millivolts(99999), Millivolts(3200),
                                     Millivolts(3100)};
  std::array<Temperature, 2> temps = {Temperature::celsius(-99), Temperature::celsius(20)};
  CellReadings r{volts, CellMask::first(4), temps, 2};
  r.voltage_read.clear(1);
  CellSummary s = summarise(r, 4, 2);
  CHECK(s.min == Millivolts(3000));
  CHECK(s.max == Millivolts(3200));
  CHECK(s.sum == Millivolts(9300));
  CHECK(s.missing == 2);
  CHECK_FALSE(s.voltages_known);
  CHECK_FALSE(s.temperatures_known);
  CHECK(s.coldest == Temperature::celsius(20));
  CHECK(find_cell(r, 4, Millivolts(99999)) == 4);
  CHECK(find_cell(r, 4, Millivolts(3100)) == 3);
  SECTION("nothing at all") {
    s = summarise({}, 4, 2);
    CHECK(s.missing == 6);
    CHECK_FALSE(s.any_voltage);
    CHECK_FALSE(s.any_temperature);
  }
  SECTION("fewer than the family has") {
    r.voltage_read = CellMask::first(4);
    s = summarise(r, 5, 3);
    CHECK(s.missing == 1 + 2);
    CHECK(s.any_voltage);
  }
  SECTION("all") {
    r.voltage_read = CellMask::first(4);
    r.temperature_read = 3;
    s = summarise(r, 4, 2);
    CHECK(s.missing == 0);
    CHECK(s.max == Millivolts(99999));
    CHECK(s.coldest == Temperature::celsius(-99));
  }
}

TEST_CASE("a mask of cells sets, clears and counts up to the last one", "[WS-02]") {
  CellMask m = CellMask::first(kCellsMax);
  CHECK(m.count() == kCellsMax);
  m.clear(kCellsMax - 1);
  CHECK_FALSE(m.test(kCellsMax - 1));
  CHECK(m.test(64));
  CHECK_FALSE(CellMask{}.any());
  CHECK(m.any());
  CHECK_FALSE(m.has_first(kCellsMax));
  CHECK(m.has_first(kCellsMax - 1));
  CHECK(m.has_first(192));
  CHECK(CellMask{}.has_first(0));
  m.clear(70);
  CHECK(m.has_first(70));
  CHECK_FALSE(m.has_first(71));
  CHECK_FALSE(m.has_first(200));
}

struct Bleed {
  std::array<Millivolts, 16> volts;
  std::array<Temperature, 4> temps;
  BalanceState state;
  BalanceConfig config = kWecoSmart.balance;
  CellMask run(bool allowed = true, std::uint32_t sensors = 15) {
    const CellReadings r{volts, CellMask::first(16), temps, sensors};
    return balance(config, state, r, summarise(r, 16, 4), 16, allowed);
  }
  Bleed() {
    volts.fill(Millivolts(3400));
    temps.fill(Temperature::celsius(25));
  }
};

TEST_CASE("only cells high up and above the others are bled, the highest first, a few at a time",
          "[WS-15]") {
  Bleed b;
  CHECK_FALSE(b.run().any());
  b.volts[4] = Millivolts(3409);
  b.state = {};
  CHECK_FALSE(b.run().any());
  b.volts[4] = Millivolts(3410);
  b.state = {};
  CHECK(b.run().test(4));
  for (std::size_t i = 6; i < 14; ++i) b.volts[i] = Millivolts(3420 + static_cast<int>(i));
  b.state = {};
  const CellMask five = b.run();
  CHECK(five.count() == 5);
  CHECK(five.test(13));
  CHECK(five.test(9));
  CHECK_FALSE(five.test(8));
  b.volts.fill(Millivolts(3300));  // low in charge: voltages say nothing there
  b.volts[4] = Millivolts(3399);
  b.state = {};
  CHECK_FALSE(b.run().any());
}

TEST_CASE("however the cells stand, the highest are bled, and of equal ones the first", "[WS-15]") {
  Random random(1);
  const std::array<Temperature, 4> temps{};
  for (int round = 0; round < 4000; ++round) {
    const std::size_t count = round % 2 == 0 ? 16 : 240;
    BalanceConfig config = kWecoSmart.balance;
    config.cells_max = static_cast<std::uint8_t>(1 + round % 70);
    const std::int32_t apart = random.between(0, 60);
    std::vector<Millivolts> volts;
    for (std::size_t i = 0; i < count; ++i) {
      volts.emplace_back(3390 + random.between(0, apart));
    }
    const CellReadings readings{volts, CellMask::first(count), temps, 15};
    const CellSummary cells = summarise(readings, count, 4);

    std::vector<std::size_t> order;
    const Millivolts least = std::max(config.start, cells.min + config.difference);
    for (std::size_t i = 0; i < count; ++i) {
      if (volts[i] >= least) order.push_back(i);
    }
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::size_t i) { return volts[i]; });
    order.resize(std::min<std::size_t>(order.size(), config.cells_max));
    CellMask expected;
    for (const std::size_t i : order) expected.set(i);
    BalanceState state;
    if (balance(config, state, readings, cells, count, true) != expected) FAIL("round " << round);
  }
}

TEST_CASE("coldest and warmest are the first sensors that read so, below zero too", "[WS-15]") {
  Random random(2);
  for (int round = 0; round < 4000; ++round) {
    std::array<Temperature, 4> temps;
    for (Temperature& t : temps) {
      t = Temperature::deci_celsius(random.between(-4, 4));
    }
    if (round % 7 == 0) temps[round % 4] = Temperature::celsius(round % 2 == 0 ? -273 : 3000);
    const std::uint32_t read = static_cast<std::uint32_t>(1 + round % 15);
    const CellSummary s = summarise({{}, {}, temps, read}, 0, 4);
    std::optional<std::size_t> coldest, warmest;
    for (std::size_t i = 0; i < 4; ++i) {
      if ((read >> i & 1U) == 0) continue;
      if (!coldest || temps[i] < temps[*coldest]) coldest = i;
      if (!warmest || temps[i] > temps[*warmest]) warmest = i;
    }
    INFO("round " << round);
    REQUIRE(s.coldest_at == *coldest);
    REQUIRE(s.warmest_at == *warmest);
    REQUIRE(s.coldest == temps[*coldest]);
    REQUIRE(s.warmest == temps[*warmest]);
  }
  const CellSummary none = summarise({{}, {}, {}, 0}, 0, 4);
  CHECK(none.coldest == Temperature());
  CHECK(none.warmest == Temperature());
  CHECK(none.warmest_at == 0);
}

TEST_CASE("balancing pauses every fifth second to measure", "[WS-15]") {
  Bleed b;
  b.volts[4] = Millivolts(3450);
  int on = 0;
  for (int i = 0; i < 50; ++i) on += b.run().any() ? 1 : 0;
  CHECK(on == 40);
  b.state = {};
  CHECK_FALSE(b.run(false).any());
}

TEST_CASE("balancing stops when it gets hot, or when nobody knows", "[WS-15]") {
  Bleed b;
  b.volts[4] = Millivolts(3450);
  const auto at = [&b](std::int32_t deci) {
    b.temps[3] = Temperature::deci_celsius(deci);
    b.state.second = 0;
    return b.run().any();
  };
  CHECK(at(499));
  CHECK_FALSE(at(500));
  CHECK_FALSE(at(499));
  CHECK_FALSE(at(451));
  CHECK(at(450));
  b.state.second = 0;
  CHECK_FALSE(b.run(true, 7).any());
}

TEST_CASE("a running pack balances near the top and charges slowly meanwhile", "[WS-15]") {
  Rig rig(kWecoSmart);
  rig.to_running();
  rig.all_cells(3440);
  rig.cell(2, 3455);
  rig.current(1000);
  rig.seconds(1);
  bool bled = false;
  for (int i = 0; i < 5; ++i) bled = bled || rig.seconds(1).balancing.test(2);
  CHECK(bled);
  CHECK(limits_of(rig.state).charge.tightest().reason == Reason::Balancing);
  rig.current(-2001);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(rig.seconds(1).balancing.any());
  rig.in.current.read = false;
  CHECK_FALSE(rig.seconds(1).balancing.any());
}

struct Warm {
  HeaterState state;
  HeaterConfig config = kWecoSmart.heater;
  HeaterInputs in;
  CellSummary cells;
  Warm() {
    cells.temperatures_known = true;
    in.soc = Permyriad(5000);
    in.charge_wanted = in.healthy = true;
  }
  bool at(std::int32_t coldest, std::int32_t warmest = 200) {
    cells.coldest = Temperature::deci_celsius(coldest);
    cells.warmest = Temperature::deci_celsius(warmest);
    return heat(config, state, in, cells);
  }
};

TEST_CASE("the heater brings cold cells into the charging range and then stops", "[WS-12]") {
  Warm w;
  CHECK_FALSE(w.at(51));
  CHECK(w.at(50));
  CHECK(w.at(129));
  CHECK_FALSE(w.at(130));
  CHECK_FALSE(w.at(51));
}

TEST_CASE("the heater runs only when charging is wanted and energy is there", "[WS-12]") {
  Warm w;
  SECTION("nobody wants to charge") { w.in.charge_wanted = false; }
  SECTION("a fault") { w.in.healthy = false; }
  SECTION("no readings") { w.cells.temperatures_known = false; }
  SECTION("no heater in this product") { w.config.fitted = false; }
  SECTION("a hot cell") {
    CHECK_FALSE(w.at(0, 400));
    w.in.healthy = false;
  }
  SECTION("empty") { w.in.soc = Permyriad(1999); }
  CHECK_FALSE(w.at(0));
  w = Warm();
  CHECK(w.at(0, 399));
  w.in.soc = Permyriad(1999);
  w.in.external_energy = true;
  CHECK(w.at(0));
  w.in.external_energy = false;
  w.in.soc = Permyriad(2000);
  CHECK(w.at(0));
}

TEST_CASE("a heater that does not warm pauses after two hours", "[WS-12]") {
  Warm w;
  int on = 0;
  for (int i = 0; i < 4 * 3600; ++i) on += w.at(0) ? 1 : 0;
  CHECK(on == 2 * 3600 + 1);
  CHECK(w.at(0));
}

TEST_CASE("heater and rest count seconds, however often they are asked", "[WS-12][WS-20]") {
  Warm w;
  w.in.seconds = 60;
  for (int minute = 0; minute < 119; ++minute) REQUIRE(w.at(0));
  CHECK(w.at(0));        // two hours: the last minute of the run
  CHECK_FALSE(w.at(0));  // and the first of the pause
  for (int minute = 1; minute < 119; ++minute) REQUIRE_FALSE(w.at(0));
  CHECK(w.at(0));
  RestState state;
  CHECK(rest(kWecoSmart, state, Milliamps(20000), 60).left_s == kWecoSmart.rest_s);
  CHECK(rest(kWecoSmart, state, Milliamps(0), 60).left_s == kWecoSmart.rest_s - 60);
  CHECK(rest(kWecoSmart, state, Milliamps(0), 3600).left_s == 0);
}

TEST_CASE("a cold pack in standby heats when the inverter wants to charge", "[WS-12]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  rig.all_sensors(-50);
  rig.in.charge_wanted = true;
  CHECK(rig.seconds(2).heater);
  CHECK(limits_of(rig.state).charge.value() == Milliamps(0));
  rig.in.short_circuit = true;
  rig.seconds(1);
  CHECK_FALSE(rig.out.heater);
}

TEST_CASE("lamps blink as the table says", "[EP-07][WS-17]") {
  const auto at = [](LedPattern p, std::int64_t ms) {
    return leds(p, Instant::from_us(ms * 1000));
  };
  CHECK(at(LedPattern::Dark, 0) == Leds{});
  CHECK(at(LedPattern::Steady, 700) == Leds{true, false});
  CHECK(at(LedPattern::SlowBlink, 999) == Leds{true, false});
  CHECK(at(LedPattern::SlowBlink, 1000) == Leds{});
  for (const LedPattern p : {LedPattern::Blink, LedPattern::AllFlash, LedPattern::FaultFlash}) {
    CHECK(at(p, 499) == Leds{true, false});
    CHECK(at(p, 500) == Leds{});
  }
  CHECK(at(LedPattern::RedBlink, 0) == Leds{false, true});
  CHECK(at(LedPattern::RedBlink, 500) == Leds{});
  CHECK(at(LedPattern::RedAlternating, 0) == Leds{false, true});
  CHECK(at(LedPattern::RedAlternating, 500) == Leds{true, false});
  CHECK(leds(static_cast<LedPattern>(99), Instant()) == Leds{});
}

TEST_CASE("lamps and coils that differ in one place are different", "[EP-07]") {
  CHECK_FALSE(Leds{true, false} == Leds{});
  CHECK_FALSE(Leds{false, true} == Leds{});
  CHECK_FALSE(PanelLeds{true, false, false} == PanelLeds{});
  CHECK_FALSE(PanelLeds{false, true, false} == PanelLeds{});
  CHECK_FALSE(PanelLeds{false, false, true} == PanelLeds{});
  CHECK_FALSE(Contactors{true, false, false} == Contactors{});
  CHECK_FALSE(Contactors{false, true, false} == Contactors{});
  CHECK_FALSE(Contactors{false, false, true} == Contactors{});
}

TEST_CASE("the EP760 panel and buzzer follow the manual's table", "[EP-07]") {
  CHECK(panel_leds(false, false) == PanelLeds{true, false, false});
  CHECK(panel_leds(true, false) == PanelLeds{true, true, false});
  CHECK(panel_leds(false, true) == PanelLeds{false, false, true});
  CHECK(panel_leds(true, true) == PanelLeds{false, true, true});
  int sounding = 0;
  int starts = 0;
  bool before = false;
  for (int ms = 0; ms < 30000; ms += 100) {
    const bool now = buzzer(true, false, Duration::ms(ms));
    sounding += now ? 1 : 0;
    starts += now && !before ? 1 : 0;
    before = now;
  }
  CHECK(starts == 5);
  CHECK(sounding == 5 * 20);
  CHECK_FALSE(buzzer(true, true, Duration::ms(0)));
  CHECK_FALSE(buzzer(false, false, Duration::ms(0)));
}

TEST_CASE("storage advice follows the manuals' tables at every edge", "[WS-37][EP-16]") {
  const auto weco = [](std::int32_t deci, std::int32_t soc, std::int32_t months = 0) {
    return storage_advice(kWecoStorage, Temperature::deci_celsius(deci), Permyriad(soc), months)
        .verdict;
  };
  using V = StorageVerdict;
  CHECK(weco(-101, 5000) == V::OutsideRange);
  CHECK(weco(451, 2700) == V::OutsideRange);
  CHECK(weco(-100, 4000) == V::Good);
  CHECK(weco(0, 6000) == V::Good);
  CHECK(weco(0, 6001) == V::DischargeFirst);
  CHECK(weco(1, 6001) == V::Good);
  CHECK(weco(0, 5000, 2) == V::Good);
  CHECK(weco(0, 5000, 3) == V::InspectionDue);
  CHECK(weco(1, 5000, 5) == V::Good);
  CHECK(weco(1, 5000, 6) == V::InspectionDue);
  CHECK(weco(299, 7000) == V::Good);
  CHECK(weco(299, 7001) == V::DischargeFirst);
  CHECK(weco(300, 7000) == V::DischargeFirst);
  CHECK(weco(300, 2500, 3) == V::InspectionDue);
  CHECK(weco(450, 3000) == V::Good);
  CHECK(weco(450, 2499) == V::ChargeFirst);
  CHECK(weco(99, 3999) == V::TooColdToCharge);
  CHECK(weco(100, 3999) == V::ChargeFirst);
  CHECK(storage_advice(kEp760Storage, Temperature::celsius(20), Permyriad(3999), 0).verdict ==
        V::ChargeFirst);
  CHECK(storage_advice(kEp760Storage, Temperature::celsius(20), Permyriad(6000), 6).row->months ==
        6);
  CHECK(storage_advice(kEp760Storage, Temperature::celsius(41), Permyriad(5000), 0).row == nullptr);
  CHECK(kTrickleLow == Permyriad(1000));
  CHECK(kTrickleHigh == Permyriad(2000));
}

Persistent example() {
  Persistent p = factory_record(kWecoSmart, Permyriad(5000));
  p.latch = Latch::Permanent;
  p.latched_events = bit(EventId::DeepDischarge);
  p.pending_s = 77;
  p.operating_s = 88;
  p.soc.since_full = -123456789012;
  p.soc.throughput_mAs = 9876543210;
  p.soc.since_full_s = 99;
  p.soc.half_cycles = 5;
  p.soc.resistance_uohm = 16000;
  p.soc.capacity_runs = 3;
  p.soc.anchor = Anchor::Full;
  p.soc.full_known = true;
  p.soc.full = true;
  return p;
}

TEST_CASE("the stored record comes back as it was", "[WS-16][WS-18]") {
  const Persistent p = example();
  const auto back = decode(encode(p), kWecoSmart.type_code);
  REQUIRE(back.has_value());
  CHECK(back->latch == p.latch);
  CHECK(back->latched_events == p.latched_events);
  CHECK(back->pending_s == 77);
  CHECK(back->operating_s == 88);
  CHECK(back->soc.charge == p.soc.charge);
  CHECK(back->soc.capacity == p.soc.capacity);
  CHECK(back->soc.base_band == p.soc.base_band);
  CHECK(back->soc.anchor_charge == p.soc.anchor_charge);
  CHECK(back->soc.since_full == p.soc.since_full);
  CHECK(back->soc.throughput_mAs == p.soc.throughput_mAs);
  CHECK(back->soc.since_full_s == 99);
  CHECK(back->soc.half_cycles == 5);
  CHECK(back->soc.resistance_uohm == 16000);
  CHECK(back->soc.capacity_runs == 3);
  CHECK(back->soc.anchor == Anchor::Full);
  CHECK(back->soc.full_known);
  CHECK(back->soc.full);
  CHECK(encode(*back) == encode(p));
}

TEST_CASE("no damaged record is ever believed", "[WS-16][TK-10]") {
  const PersistentBytes good = encode(example());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned b = 0; b < 8; ++b) {
      PersistentBytes bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1U << b));
      CHECK_FALSE(decode(bad, kWecoSmart.type_code).has_value());
    }
    CHECK_FALSE(decode(Bytes(good).first(i), kWecoSmart.type_code).has_value());
  }
  CHECK(decode(PersistentBytes{}, 1).error().code == ErrorCode::BadChecksum);
  PersistentBytes newer = good;
  newer[0] = 2;  // a layout of tomorrow, with a checksum that fits
  const std::uint32_t crc = crc32(Bytes(newer).first(kPersistentSize - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    newer[kPersistentSize - 4 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  }
  CHECK(decode(newer, kWecoSmart.type_code).error() == Error{ErrorCode::BadInput, 2});
  CHECK(decode(good, kEp760.type_code).error().code == ErrorCode::BadInput);
  const auto refused = [](auto change) {
    Persistent p = example();
    change(p);
    const auto r = decode(encode(p), kWecoSmart.type_code);
    return !r && r.error().code == ErrorCode::BadInput;
  };
  CHECK(refused([](Persistent& p) { p.latch = static_cast<Latch>(5); }));
  CHECK(refused([](Persistent& p) { p.soc.capacity = 9999; }));
  CHECK(refused([](Persistent& p) { p.soc.charge = -1; }));
  CHECK(refused([](Persistent& p) { p.soc.charge = p.soc.capacity + 1; }));
  CHECK(refused([](Persistent& p) { p.soc.base_band = -1; }));
  CHECK(refused([](Persistent& p) { p.soc.anchor = static_cast<Anchor>(3); }));
  CHECK_FALSE(refused([](Persistent& p) { p.soc.charge = p.soc.capacity; }));
}

}  // namespace
}  // namespace weco::bms
