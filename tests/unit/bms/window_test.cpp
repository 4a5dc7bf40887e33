// SPDX-License-Identifier: Apache-2.0
// What a window leaves out changes nothing: beside every pack that uses one runs a twin that never
// does, and both are compared in every cycle.
#include "core/bms/window.hpp"

#include <algorithm>
#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::kFamilies;
using test::Random;
using test::Rig;

bool same(const LimitTerm& a, const LimitTerm& b) {
  return a.reason == b.reason && a.module == b.module && a.cell == b.cell && a.event == b.event &&
         a.value == b.value;
}

bool same(const Limit& a, const Limit& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}

bool same(const SocState& a, const SocState& b) {
  return a.charge == b.charge && a.capacity == b.capacity && a.base_band == b.base_band &&
         a.anchor_charge == b.anchor_charge && a.since_full == b.since_full &&
         a.efficiency_rest == b.efficiency_rest && a.throughput_rest == b.throughput_rest &&
         a.throughput_mAs == b.throughput_mAs && a.since_full_s == b.since_full_s &&
         a.full_s == b.full_s && a.rest_s == b.rest_s && a.half_cycles == b.half_cycles &&
         a.resistance_uohm == b.resistance_uohm && a.full == b.full && a.anchor == b.anchor &&
         a.last_voltage == b.last_voltage && a.last_current == b.last_current;
}

bool same(const PackState& a, const PackState& b) {
  const bool decided = a.machine == b.machine && a.diagnosis.counter == b.diagnosis.counter &&
                       a.diagnosis.active == b.diagnosis.active &&
                       a.diagnosis.busy == b.diagnosis.busy && a.latched == b.latched &&
                       a.finding == b.finding && a.entered == b.entered;
  const bool counted = same(a.soc, b.soc) && a.level == b.level && a.pending_s == b.pending_s &&
                       a.operating_s == b.operating_s && a.history_s == b.history_s &&
                       a.slow_at == b.slow_at && a.second_rest == b.second_rest &&
                       a.rest.direction == b.rest.direction && a.rest.idle_s == b.rest.idle_s;
  const bool cared = a.balancing == b.balancing && a.balance.second == b.balance.second &&
                     a.balance.hot == b.balance.hot && a.heating == b.heating &&
                     a.heater.on == b.heater.on && a.heater.run_s == b.heater.run_s &&
                     a.heater.pause_s == b.heater.pause_s;
  const bool limited = same(a.limits.charge, b.limits.charge) &&
                       same(a.limits.discharge, b.limits.discharge) &&
                       a.limits.charge_voltage == b.limits.charge_voltage &&
                       a.limits.discharge_voltage == b.limits.discharge_voltage &&
                       a.limit.full_hold == b.limit.full_hold;
  return decided && counted && cared && limited;
}

bool same(const PackOutputs& a, const PackOutputs& b) {
  return a.contactors == b.contactors && a.state == b.state && a.latch == b.latch &&
         a.refusal == b.refusal && a.changes.raised == b.changes.raised &&
         a.changes.cleared == b.changes.cleared && a.warnings == b.warnings &&
         a.alarms == b.alarms && a.faults == b.faults && a.latched == b.latched &&
         a.alarm_overdue == b.alarm_overdue && a.storage_lost == b.storage_lost &&
         a.persist == b.persist && a.balancing == b.balancing && a.heater == b.heater &&
         a.led == b.led && a.rest.left_s == b.rest.left_s &&
         a.rest.before_charge == b.rest.before_charge &&
         a.rest.before_discharge == b.rest.before_discharge && a.soc == b.soc;
}

/// A pack, its twin, and a caller who looks at the readings himself.
struct Twins {
  Rig rig;
  PackState plain;
  PackState looked;
  PackOutputs plain_out, looked_out;
  int inside_ticks = 0;
  int different = 0;

  Twins(const PackConfig& family, Permyriad soc) : rig(family, soc) {
    rig.to_running();
    rig.seconds(3);
    plain = looked = rig.state;
    plain_out = looked_out = rig.out;
  }
  void tick(Duration after) {
    rig.now = rig.now + after;
    rig.in.current_covers = after;
    if (rig.contactor_follows) rig.in.main_feedback = contactors(rig.state.machine).main;
    plain.window.open = false;
    bms::tick(rig.config, plain, rig.in, rig.now, plain_out);
    CellSummary cells;
    summarise(rig.in.cells, rig.config.cells, rig.config.sensors, cells);
    if (inside(looked.window, cells, rig.in)) {
      looked.cells = cells;
      tick_inside(rig.config, looked, rig.in, rig.now, looked_out);
      ++inside_ticks;
    } else {
      bms::tick(rig.config, looked, rig.in, rig.now, looked_out);
    }
    bms::tick(rig.config, rig.state, rig.in, rig.now, rig.out);
    if (!same(rig.state, plain) || !same(looked, plain)) ++different;
    if (!same(rig.out, plain_out) || !same(looked_out, plain_out)) ++different;
    rig.in.command = Command::None;
  }
};

/// Somewhere a threshold is near: of the cells, the temperatures or the current.
std::int32_t near(Random& random, const std::array<std::int32_t, 8>& thresholds) {
  return thresholds[static_cast<std::size_t>(random.between(0, 7))] + random.between(-2, 2);
}

void move(Random& random, Twins& t) {
  Rig& rig = t.rig;
  const std::int32_t mA = rig.config.capacity.count();
  switch (random.between(0, 11)) {
    case 0:
      rig.all_cells(near(random, {3300, 3330, 3399, 3449, 3450, 3520, 3050, 2900}));
      break;
    case 1:
      rig.cell(static_cast<std::size_t>(random.between(0, 15)),
               near(random, {3300, 3400, 3410, 3450, 3480, 3580, 2850, 3449}));
      break;
    case 2:
      rig.all_sensors(near(random, {0, 50, 130, 150, 200, 450, 430, 470}));
      break;
    case 3:
      rig.temps[static_cast<std::size_t>(random.between(0, 3))] =
          Temperature::deci_celsius(near(random, {200, 200, 150, 130, 400, 440, 447, 5}));
      break;
    case 4:
      rig.current(
          near(random, {0, mA / 50, -mA / 50, mA / 2, -mA / 2, mA / 2 / 100 * 105, mA, -mA}));
      break;
    case 5:
      rig.in.link_age = Duration::ms(near(random, {0, 100, 1999, 2000, 100, 0, 0, 5000}));
      break;
    case 6:
      rig.in.tower_voltage = {rig.in.pack_voltage.value + Millivolts(random.between(-1002, 1002)),
                              random.chance(2)};
      break;
    case 7:
      rig.in.charge_wanted = random.chance(2);
      rig.in.heating_energy = random.chance(2);
      break;
    case 8:
      rig.in.commanded_charge = {Milliamps(10000), random.chance(4)};
      break;
    default:
      rig.healthy();
      break;
  }
}

void walk(Twins& t, std::uint64_t seed, int ticks) {
  Random random(seed);
  for (int i = 0; i < ticks; ++i) {
    if (random.chance(25)) move(random, t);
    if (random.chance(2000)) t.rig.in.command = Command::Stop;
    if (t.rig.now_in() == State::Standby) t.rig.in.command = Command::Start;
    if (t.rig.now_in() == State::Fault || t.rig.now_in() == State::Locked) {
      t.rig.healthy();
      t.rig.in.service_verified = true;
    } else {
      t.rig.in.service_verified = false;
    }
    t.tick(random.chance(3) ? Duration::ms(100) : Duration::s(random.between(1, 3)));
  }
}

TEST_CASE("a pack with a window decides, counts and reports as one without", "[WS-15][WS-17]") {
  for (const PackConfig* family : kFamilies) {
    for (const std::int32_t soc : {5000, 1004, 998, 503, 9690, 9900}) {
      Twins t(*family, Permyriad(soc));
      walk(t, static_cast<std::uint64_t>(soc), 12000);
      INFO(family->name << " from " << soc);
      CHECK(t.different == 0);
      CHECK(t.inside_ticks > 1000);
      CHECK(t.inside_ticks < 12000);
    }
  }
}

TEST_CASE("charge that crosses a step of the limits is noticed inside the window", "[WS-15]") {
  for (const auto& [from, mA] : {std::pair{9699, 40000}, std::pair{9701, -40000},
                                 std::pair{1001, -40000}, std::pair{999, 40000}}) {
    Twins t(kWecoSmart, Permyriad(from));
    t.rig.current(mA);
    for (int i = 0; i < 60; ++i) t.tick(Duration::s(1));
    INFO(from);
    CHECK(t.different == 0);
    CHECK(t.inside_ticks > 50);
    CHECK(t.rig.state.level != Permyriad(from));
  }
}

TEST_CASE("the first trip of every event lies outside the window", "[WS-17]") {
  for (const PackConfig* family : kFamilies) {
    for (const EventRow& row : family->events.rows) {
      if (row.id == EventId::PrechargeFailed || row.id == EventId::SelfTestFailed) continue;
      Rig rig(*family);
      rig.to_running();
      rig.current(1000);
      rig.seconds(3);
      INFO(family->name << " " << row.name);
      REQUIRE(inside(rig.state.window, rig.state.cells, rig.in));
      const auto first = std::ranges::find_if(row.levels, &LevelRow::used);
      rig.in.main_feedback = true;
      provoke(rig, row.id, first->trip);
      if (row.id == EventId::ContactorWelded) rig.in.main_feedback = false;
      CellSummary cells;
      summarise(rig.in.cells, family->cells, family->sensors, cells);
      CHECK_FALSE(inside(rig.state.window, cells, rig.in));
    }
  }
}

struct Open {
  Rig rig{kWecoSmart};
  Open() {
    rig.to_running();
    rig.seconds(3);
  }
  [[nodiscard]] bool inside_with(const CellSummary& cells) const {
    return readings_inside(rig.state.window, cells, rig.in);
  }
  [[nodiscard]] bool inside_now() const {
    return inside(rig.state.window, rig.state.cells, rig.in);
  }
};

TEST_CASE("a window ends one step before each of its bounds", "[WS-15][WS-17]") {
  Open open;
  const Window& w = open.rig.state.window;
  REQUIRE(w.open);
  const CellSummary good = open.rig.state.cells;
  const Millivolts one(1);
  const auto with = [&](auto&& change) {
    CellSummary c = good;
    change(c);
    return open.inside_with(c);
  };
  CHECK(with([&](CellSummary& c) { c.min = c.max = w.cell_high - one; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.min = c.max = w.cell_high; }));
  CHECK(with([&](CellSummary& c) { c.min = c.max = w.cell_low + one; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.min = c.max = w.cell_low; }));
  CHECK(with([&](CellSummary& c) { c.sum = w.sum_high - one; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.sum = w.sum_high; }));
  CHECK(with([&](CellSummary& c) { c.sum = w.sum_low + one; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.sum = w.sum_low; }));
  CHECK(with([&](CellSummary& c) { c.max = c.min + w.spread_high - one; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.max = c.min + w.spread_high; }));
  const TemperatureDelta tenth(1);
  CHECK(with([&](CellSummary& c) { c.coldest = w.cold + tenth; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.coldest = w.cold; }));
  CHECK(with([&](CellSummary& c) { c.warmest = w.hot - tenth; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.warmest = w.hot; }));
  CHECK_FALSE(with([&](CellSummary& c) { c.missing = 1; }));
}

TEST_CASE("currents, ages and the tower's voltage end a window one step before their bounds",
          "[WS-03][WS-17][WS-21]") {
  Open open;
  PackInputs& in = open.rig.in;
  const Window& w = open.rig.state.window;
  const Milliamps one(1);
  const auto at = [&](Milliamps current) {
    in.current.value = current;
    return open.inside_now();
  };
  CHECK(at(w.current_high - one));
  CHECK_FALSE(at(w.current_high));
  CHECK(at(w.current_low + one));
  CHECK_FALSE(at(w.current_low));
  in.current = {Milliamps(0), false};
  CHECK_FALSE(open.inside_now());
  open.rig.current(0);

  const Duration ms = Duration::ms(1);
  for (const auto& [age, bound] :
       {std::pair{&PackInputs::link_age, w.link_age}, std::pair{&PackInputs::afe_age, w.afe_age},
        std::pair{&PackInputs::master_age, w.master_age}}) {
    in.*age = bound - ms;
    CHECK(open.inside_now());
    in.*age = bound;
    CHECK_FALSE(open.inside_now());
    in.*age = Duration{};
  }
  for (const std::int32_t sign : {1, -1}) {
    in.tower_voltage = {in.pack_voltage.value + (w.drift - Millivolts(1)) * sign, true};
    CHECK(open.inside_now());
    in.tower_voltage.value = in.pack_voltage.value + w.drift * sign;
    CHECK_FALSE(open.inside_now());
  }
  in.tower_voltage.value = in.pack_voltage.value;
  in.pack_voltage.read = false;
  CHECK_FALSE(open.inside_now());
  in.tower_voltage.read = false;
  CHECK(open.inside_now());
  in.insulation_kohm = {w.insulation_kohm + 1, true};
  CHECK(open.inside_now());
  in.insulation_kohm = {w.insulation_kohm, true};
  CHECK_FALSE(open.inside_now());
  in.insulation_kohm = {w.insulation_kohm + 1, false};
  CHECK_FALSE(open.inside_now());
}

TEST_CASE("whoever asks or reports something is heard in that cycle", "[WS-17][WS-21][WS-22]") {
  Open open;
  const PackInputs calm = open.rig.in;
  const auto changed = [&](auto&& change) {
    open.rig.in = calm;
    change(open.rig.in);
    return !open.inside_now();
  };
  REQUIRE(open.inside_now());
  CHECK(changed([](PackInputs& in) { in.command = Command::Stop; }));
  CHECK(changed([](PackInputs& in) { in.force_open = true; }));
  CHECK(changed([](PackInputs& in) { in.commanded_charge.read = true; }));
  CHECK(changed([](PackInputs& in) { in.commanded_discharge.read = true; }));
  CHECK(changed([](PackInputs& in) { in.main_feedback = false; }));
  CHECK(changed([](PackInputs& in) { in.interlock_closed = false; }));
  CHECK(changed([](PackInputs& in) { in.breaker_trips = 1; }));
  CHECK(changed([](PackInputs& in) { in.short_circuit = true; }));
  CHECK(changed([](PackInputs& in) { in.type_mismatch = true; }));
  CHECK(changed([](PackInputs& in) { in.fire = true; }));
  CHECK(changed([](PackInputs& in) { in.cooling_failed = true; }));
}

Window window_of(const PackConfig& config, const PackState& state, const PackInputs& in) {
  Window window;
  find_window(config, state, in, window);
  return window;
}

TEST_CASE("no window opens before all is settled", "[WS-15][WS-17]") {
  Rig rig(kWecoSmart);
  rig.to_standby();
  rig.seconds(3);
  CHECK_FALSE(rig.state.window.open);
  rig.command(Command::Start);
  rig.tick(5);
  rig.seconds(2);
  CHECK(rig.state.window.open);
  SECTION("a warning is being counted or stands") {
    rig.all_sensors(450);
    rig.seconds(3);
    CHECK_FALSE(rig.state.window.open);
  }
  SECTION("an alarm is remembered") {
    rig.in.link_age = Duration::ms(5000);
    rig.seconds(2);
    rig.in.link_age = Duration{};
    rig.seconds(60);
    CHECK(rig.state.diagnosis.busy == 0);
    CHECK_FALSE(rig.state.window.open);
    rig.seconds(kWecoSmart.history_s);
    CHECK(rig.state.window.open);
  }
  SECTION("a limit is commanded") {
    rig.in.commanded_charge = {Milliamps(10000), true};
    rig.seconds(2);
    CHECK_FALSE(rig.state.window.open);
  }
  SECTION("a rest is enforced") {
    PackConfig config = kWecoSmart;
    config.rest_enforced = true;
    CHECK_FALSE(window_of(config, rig.state, rig.in).open);
  }
  SECTION("the state does not yet follow the limits") {
    PackState other = rig.state;
    other.machine.state = State::Derating;
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
    other = rig.state;
    other.finding = Finding::ContactorNoClose;
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
  }
  SECTION("a temperature that only counts while current flows") {
    PackState other = rig.state;
    other.cells.warmest = Temperature::deci_celsius(450);
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
    other.cells.warmest = Temperature::deci_celsius(449);
    CHECK(window_of(kWecoSmart, other, rig.in).open);
    other.cells.coldest = Temperature::deci_celsius(0);
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
    other.cells.coldest = Temperature::deci_celsius(1);
    CHECK(window_of(kWecoSmart, other, rig.in).open);
  }
}

TEST_CASE("a warning that the cells are apart may stand in a window, until its cause ends or grows",
          "[WS-15][WS-62]") {
  Open open;
  Rig& rig = open.rig;
  const auto apart = [&](std::int32_t mV) { rig.cell(3, 3300 + mV); };
  const auto here = [&](std::int32_t mV) {
    CellSummary c = rig.state.cells;
    c.min = Millivolts(3050);
    c.max = c.min + Millivolts(mV);
    return open.inside_with(c);
  };
  apart(160);
  rig.seconds(5);
  CHECK_FALSE(rig.state.window.open);  // it is being counted
  rig.seconds(10);
  REQUIRE(rig.state.diagnosis.at(Level::Warning) == bit(EventId::Imbalance));
  REQUIRE(rig.state.window.open);
  const auto& rows = kWecoSmart.events.rows[static_cast<std::size_t>(EventId::Imbalance)].levels;
  CHECK(here(rows[0].release + 1));
  CHECK_FALSE(here(rows[0].release));
  CHECK(here(rows[1].trip - 1));
  CHECK_FALSE(here(rows[1].trip));
  SECTION("a second warning beside it ends that") {
    rig.all_sensors(450);
    rig.seconds(3);
    CHECK_FALSE(rig.state.window.open);
  }
  SECTION("while it is let go, each cycle counts") {
    apart(rows[0].release);
    rig.tick(50);
    CHECK_FALSE(rig.state.window.open);
    rig.seconds(10);
    CHECK(rig.state.diagnosis.busy == 0);
    CHECK(rig.state.window.open);
  }
  SECTION("an alarm beside it is no window") {
    PackState other = rig.state;
    other.diagnosis.active[static_cast<std::size_t>(Level::Alarm)] = bit(EventId::Imbalance);
    other.diagnosis.counter[static_cast<std::size_t>(EventId::Imbalance)][1] = 1;
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
    other = rig.state;
    --other.diagnosis.counter[static_cast<std::size_t>(EventId::Imbalance)][0];
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
    other = rig.state;
    other.diagnosis.active[0] = 0;
    CHECK_FALSE(window_of(kWecoSmart, other, rig.in).open);
  }
}

TEST_CASE("other temperatures keep the window and not the limits", "[WS-10][WS-15]") {
  Open open;
  const PackState& state = open.rig.state;
  const auto stay = [&](auto&& change) {
    CellSummary c = state.cells;
    change(c);
    CHECK(open.inside_with(c));
    return limits_stay(state.window, c, state.level);
  };
  const TemperatureDelta tenth(1);
  CHECK(stay([](CellSummary&) {}));
  CHECK_FALSE(stay([&](CellSummary& c) { c.coldest = c.coldest - tenth; }));
  CHECK_FALSE(stay([&](CellSummary& c) { c.warmest = c.warmest + tenth; }));
  CHECK_FALSE(stay([&](CellSummary& c) { c.coldest_at = 1; }));
  CHECK_FALSE(stay([&](CellSummary& c) { c.warmest_at = 1; }));
}

TEST_CASE("a heater is left alone only while it is off, ready and too warm to start", "[WS-12]") {
  const HeaterConfig& config = kWecoSmart.heater;
  CellSummary cells;
  HeaterState state;
  cells.coldest = config.on + TemperatureDelta(1);
  CHECK(heater_idle(config, state, cells));
  cells.coldest = config.on;
  CHECK_FALSE(heater_idle(config, state, cells));
  cells.coldest = config.on + TemperatureDelta(1);
  state.pause_s = 1;
  CHECK_FALSE(heater_idle(config, state, cells));
  state = {};
  state.on = true;
  CHECK_FALSE(heater_idle(config, state, cells));
}

TEST_CASE("limits are left as they are only where they are flat", "[WS-15]") {
  const Millivolts one(1);
  const Permyriad step(1);
  for (const PackConfig* family : kFamilies) {
    for (const std::int32_t soc : {10000, 9700, 9699, 5000, 1001, 1000, 501, 500, 0}) {
      INFO(family->name << " " << soc);
      const FlatLimits flat = flat_limits(*family, Permyriad(soc));
      CHECK(flat.soc_low < Permyriad(soc));
      CHECK(flat.soc_high > Permyriad(soc));
      const auto limits = [&](Permyriad level, Millivolts low, Millivolts high) {
        Rig rig(*family);
        rig.to_running();
        LimitInputs in;
        in.soc = level;
        in.connected = true;
        CellSummary cells = rig.state.cells;
        cells.min = low;
        cells.max = high;
        LimitState state;
        DynamicLimits out;
        compute_limits(*family, state, in, cells, rig.in.cells, out);
        return out;
      };
      const DynamicLimits here = limits(Permyriad(soc), Millivolts(3300), Millivolts(3300));
      const auto as_here = [&](const DynamicLimits& other) {
        return same(here.charge, other.charge) && same(here.discharge, other.discharge) &&
               here.charge_voltage == other.charge_voltage &&
               here.discharge_voltage == other.discharge_voltage;
      };
      CHECK(as_here(limits(flat.soc_low + step, flat.cell_low + one, Millivolts(3300))));
      CHECK(as_here(limits(flat.soc_high - step, Millivolts(3300), flat.cell_high - one)));
    }
  }
}

}  // namespace
}  // namespace weco::bms
