// SPDX-License-Identifier: Apache-2.0
// Gathers what was measured into event values and machine inputs, lets the two small engines
// decide, and turns their answer into outputs. There is no threshold in this file.
#include "core/bms/pack.hpp"

#include <algorithm>
#include <array>

namespace weco::bms {
namespace {

constexpr std::uint32_t kOverdue_s = 24 * 3600;  // WS-18
constexpr std::uint32_t kStoreEvery_s = 3600;
constexpr std::uint32_t kAlways = 0xFFFFFFFF;

bool asleep(State s) { return s == State::Off || s == State::Updating; }
bool joined(State s) { return s == State::Running || s == State::Derating || s == State::Opening; }

std::int32_t magnitude(std::int32_t x) { return x < 0 ? -x : x; }

std::int32_t ms(Duration d) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(d.to_ms(), 0, 1000000000));
}

/// Writes the values of one cycle, event by event.
class Signals {
 public:
  explicit Signals(EventSignals& out) : out_(out) {}
  void set(EventId id, std::int32_t value, bool known = true) {
    out_.value[static_cast<std::size_t>(id)] = value;
    out_.known |= known ? bit(id) : 0U;
  }
  void idle(EventId a, EventId b) { out_.idle |= bit(a) | bit(b); }

 private:
  EventSignals& out_;
};

void signal_voltages(Signals& s, const CellSummary& c) {
  s.set(EventId::CellOverVoltage, c.max.count(), c.any_voltage);
  s.set(EventId::CellUnderVoltage, c.min.count(), c.any_voltage);
  s.set(EventId::DeepDischarge, c.min.count(), c.any_voltage);
  s.set(EventId::PackOverVoltage, c.sum.count(), c.voltages_known);
  s.set(EventId::PackUnderVoltage, c.sum.count(), c.voltages_known);
  s.set(EventId::Imbalance, (c.max - c.min).count(), c.voltages_known);
}

void signal_currents(const PackConfig& config, Signals& s, const CellSummary& c,
                     const PackInputs& in) {
  const std::int32_t mA = in.current.value.count();
  const bool known = in.current.read;
  const std::int32_t charge = std::max<std::int32_t>(mA, 0);
  const std::int32_t discharge = std::max<std::int32_t>(-mA, 0);
  s.set(EventId::ChargeOverCurrent1, charge, known);
  s.set(EventId::ChargeOverCurrent2, charge, known);
  s.set(EventId::DischargeOverCurrent1, discharge, known);
  s.set(EventId::DischargeOverCurrent2, discharge, known);
  // Without a current reading it is assumed to flow.
  const std::int32_t flowing = config.capacity.count() / 100;
  if (known && mA <= flowing)
    s.idle(EventId::ChargeOverTemperature, EventId::ChargeUnderTemperature);
  if (known && mA >= -flowing)
    s.idle(EventId::DischargeUnderTemperature, EventId::DischargeUnderTemperature);
  const std::int32_t hot = c.warmest.to_deci_celsius();
  const std::int32_t cold = c.coldest.to_deci_celsius();
  s.set(EventId::ChargeOverTemperature, hot, c.any_temperature);
  s.set(EventId::DischargeOverTemperature, hot, c.any_temperature);
  s.set(EventId::ChargeUnderTemperature, cold, c.any_temperature);
  s.set(EventId::DischargeUnderTemperature, cold, c.any_temperature);
}

void signal_contactors(const PackState& state, Signals& s, const PackInputs& in) {
  const Contactors coils = contactors(state.machine);
  s.set(EventId::ContactorWelded, !coils.main && in.main_feedback ? 1 : 0);
  const bool dropped = joined(state.machine.state) && !in.main_feedback;
  s.set(EventId::ContactorNoClose, dropped ? 1 : 0);
  s.set(EventId::PrechargeFailed, state.finding == Finding::PrechargeFailed ? 1 : 0);
  s.set(EventId::SelfTestFailed, state.finding == Finding::SelfTestFailed ? 1 : 0);
}

void signal_surroundings(const PackState& state, Signals& s, const PackInputs& in) {
  s.set(EventId::ShortCircuit, in.short_circuit ? 1 : 0);
  s.set(EventId::SensorLost, state.cells.missing + (in.current.read ? 0 : 1));
  s.set(EventId::LinkLost, ms(in.link_age));
  s.set(EventId::Insulation, in.insulation_kohm.value, in.insulation_kohm.read);
  s.set(EventId::AfeCommunication, ms(in.afe_age));
  s.set(EventId::Interlock, in.interlock_closed ? 0 : 1);
  s.set(EventId::TypeMismatch, in.type_mismatch ? 1 : 0);
  s.set(EventId::MasterLost, ms(in.master_age));
  const bool drifts = joined(state.machine.state) && in.tower_voltage.read && in.pack_voltage.read;
  const Millivolts apart = in.tower_voltage.value - in.pack_voltage.value;
  s.set(EventId::TowerDrift, drifts ? magnitude(apart.count()) : 0);
  s.set(EventId::BreakerTripping, in.breaker_trips);
  s.set(EventId::Fire, in.fire ? 1 : 0);
  s.set(EventId::CoolingFailed, in.cooling_failed ? 1 : 0);
}

void gather(const PackConfig& config, const PackState& state, const PackInputs& in,
            EventSignals& signals) {
  Signals s(signals);
  signal_voltages(s, state.cells);
  signal_currents(config, s, state.cells, in);
  signal_contactors(state, s, in);
  signal_surroundings(state, s, in);
}

FaultClass fault_class(const PackConfig& config, std::uint32_t faults) {
  if (faults == 0) return FaultClass::None;
  return static_cast<FaultClass>(1 + static_cast<int>(worst_clearing(config.events, faults)));
}

/// |I| at or below `limit`; false when it is not known.
bool small_current(const PackInputs& in, Milliamps limit) {
  return in.current.read && magnitude(in.current.value.count()) <= limit.count();
}

bool bus_matched(const PackConfig& config, const PackInputs& in) {
  if (!in.pack_voltage.read || !in.bus_voltage.read) return false;
  const Millivolts apart = in.pack_voltage.value - in.bus_voltage.value;
  return magnitude(apart.count()) <= config.precharge_match.count() &&
         small_current(in, config.precharge_current);
}

bool self_test_ok(const PackConfig& config, const PackState& state, const PackInputs& in,
                  Instant now) {
  const bool readings = state.cells.missing == 0 && in.current.read && in.insulation_kohm.read;
  return now - state.entered >= config.timeout.self_test_least && readings && !in.main_feedback &&
         state.diagnosis.at(Level::Fault) == 0;
}

MachineInputs machine_inputs(const PackConfig& config, const PackState& state, const PackInputs& in,
                             Instant now) {
  MachineInputs m;
  m.command = in.command;
  m.fault = fault_class(config, state.diagnosis.at(Level::Fault));
  m.timed_out = timed_out(config, state, in, now);
  m.alarm_overdue = state.pending_s >= kOverdue_s;
  m.current_zero = small_current(in, config.zero_current);
  m.bus_matched = bus_matched(config, in);
  m.feedback_closed = in.main_feedback;
  m.self_test_ok = self_test_ok(config, state, in, now);
  m.permit_close = in.permit_close;
  m.force_open = in.force_open;
  m.link_ok = in.link_age < config.link_silent;
  m.derated = derated(state.limits);
  m.service_verified = in.service_verified;
  return m;
}

/// By Finding. A finding latches at once. As an event the diagnosis shows it in the next cycle,
/// except a contactor that never closed: that is one cycle's finding, and the diagnosis counts five
/// of a contactor that drops out.
constexpr std::array<std::uint32_t, 4> kFindingBits = {
    0, bit(EventId::PrechargeFailed), bit(EventId::ContactorNoClose), bit(EventId::SelfTestFailed)};

/// Takes the step and keeps what it means for time, latches and findings. True when anything of the
/// machine changed.
bool advance(const PackConfig& config, PackState& state, const MachineInputs& m, Instant now,
             PackOutputs& out) {
  const Transition t = step(state.machine, m);
  const bool moved = t.next.state != state.machine.state || t.next.phase != state.machine.phase ||
                     t.next.latch != state.machine.latch;
  if (moved) state.entered = now;
  const std::uint32_t kept =
      ~config.events.clearing[static_cast<std::size_t>(Clearing::SelfClears)];
  if (!asleep(t.next.state)) state.latched |= state.diagnosis.at(Level::Fault) & kept;
  if (t.latches_cleared) {
    state.latched = 0;
    state.storage_lost = false;
    state.pending_s = 0;
  }
  state.machine = t.next;
  state.finding = t.finding;
  const std::uint32_t found = kFindingBits[static_cast<std::size_t>(t.finding)];
  state.latched |= found;
  out.changes.raised[static_cast<std::size_t>(Level::Fault)] |=
      found & bit(EventId::ContactorNoClose);
  out.refusal = t.refusal;
  const bool deep = (state.latched & bit(EventId::DeepDischarge)) != 0;
  if (deep && t.refusal == Refusal::PermanentLock) out.refusal = Refusal::DeepDischarged;
  return moved;
}

void update_limits(const PackConfig& config, PackState& state, const PackInputs& in) {
  const EventTable& events = config.events;
  const auto stops = [&state](const std::array<std::uint32_t, kLevels>& by_level) {
    return (state.diagnosis.active[1] & by_level[1]) | (state.diagnosis.active[2] & by_level[2]);
  };
  LimitInputs l;
  l.soc = state.level;
  l.full = state.soc.full;
  l.connected = joined(state.machine.state) && state.machine.state != State::Opening;
  l.link_lost = in.link_age >= config.link_silent;
  l.alarm_recent = state.history_s > 0;
  l.balancing = state.cells.max >= config.headroom.charge_full &&
                wants_balancing(config.balance, state.cells);
  l.rest_charge = config.rest_enforced && state.rest_advice.before_charge;
  l.rest_discharge = config.rest_enforced && state.rest_advice.before_discharge;
  l.stops_charge = stops(events.stops_charge);
  l.stops_discharge = stops(events.stops_discharge);
  l.commanded_charge = in.commanded_charge;
  l.commanded_discharge = in.commanded_discharge;
  compute_limits(config, state.limit, l, state.cells, in.cells, state.limits);
}

std::uint32_t serious(const PackState& state) {
  return state.diagnosis.at(Level::Alarm) | state.diagnosis.at(Level::Fault);
}

/// WS-18: how long something has been pending; WS-15: how long it is remembered.
void count_time(const PackConfig& config, PackState& state, std::uint32_t seconds) {
  const bool pending = serious(state) != 0 || state.machine.latch != Latch::None;
  state.pending_s = pending ? std::min(state.pending_s + seconds, kAlways / 2) : 0;
  if (serious(state) != 0) {
    state.history_s = config.history_s;
  } else {
    state.history_s =
        std::max<std::int32_t>(state.history_s - static_cast<std::int32_t>(seconds), 0);
  }
  if (joined(state.machine.state)) state.operating_s += seconds;
}

/// What the readings mean, and what follows from it.
void decide(const PackConfig& config, PackState& state, const PackInputs& in, Instant now,
            PackOutputs& out) {
  if (!asleep(state.machine.state)) {
    EventSignals signals;
    gather(config, state, in, signals);
    out.changes = diagnose(config.events, state.diagnosis, signals);
  }
  const std::uint32_t latched = state.latched;
  const bool moved = advance(config, state, machine_inputs(config, state, in, now), now, out);
  if (moved || out.changes.any()) update_limits(config, state, in);
  out.persist = moved || latched != state.latched;
}

/// In a state in which cells may be bled or warmed.
bool cares(State s) { return s == State::Running || s == State::Derating || s == State::Standby; }

bool may_balance(const PackConfig& config, const PackState& state, const PackInputs& in) {
  const std::int32_t flowing = config.capacity.count() / 50;
  return cares(state.machine.state) && in.current.read && in.current.value.count() >= -flowing;
}

/// The lamp: the family's table, except for a slave that lost its master (red after 10 s).
LedPattern lamp(const PackConfig& config, const PackState& state) {
  const LedPattern usual = config.led[static_cast<std::size_t>(state.machine.state)];
  const bool lost = (state.diagnosis.at(Level::Warning) & bit(EventId::MasterLost)) != 0;
  const bool calm = state.machine.state != State::Fault && state.machine.state != State::Locked;
  return lost && calm ? LedPattern::RedBlink : usual;
}

/// The time the present state may last, for states whose time counts from their entry.
Duration dwell(const TimeoutConfig& t, const Machine& m) {
  switch (m.state) {
    case State::Off:
      return t.off;
    case State::SelfTest:
      return t.self_test;
    case State::Standby:
      return t.standby;
    case State::Precharge:
      if (m.phase == Phase::Charging) return t.precharge;
      return m.phase == Phase::Closing ? t.closing : t.precharge_pause;
    case State::Opening:
      return t.opening;
    case State::Updating:
      return t.updating;
    case State::Storage:
      return t.storage;
    default:
      return t.locked;
  }
}

void look(const PackConfig& config, PackState& state, const PackInputs& in) {
  if (asleep(state.machine.state)) {
    state.cells = {};
    state.diagnosis = {};
  } else {
    summarise(in.cells, config.cells, config.sensors, state.cells);
  }
}

/// Charge, rest and the time that has passed, in whole seconds: the part of the 1 s task that is
/// there in every second.
std::int32_t count_second(const PackConfig& config, PackState& state, Reading<Milliamps> current,
                          Duration current_covers, Instant now) {
  const Duration passed = now - state.slow_at;
  state.slow_at = now;
  const Duration whole = passed + state.second_rest;
  const auto seconds = static_cast<std::int32_t>(whole.to_s());
  state.second_rest = whole - Duration::s(seconds);
  state.rest_advice = rest(config, state.rest, current.value, seconds);
  const SocInputs soc{current.value, current.read, passed, current_covers};
  count_charge(config, state.soc, soc, state.cells);
  state.level = level(state.soc, state.level);
  return seconds;
}

/// Open contactors are a better zero than any sensor.
Reading<Milliamps> current_of(const PackState& state, const PackInputs& in) {
  if (!energised(state.machine)) return {Milliamps(0), true};
  return in.current.read ? in.current : Reading<Milliamps>{};
}

void bleed(const PackConfig& config, PackState& state, const PackInputs& in) {
  state.balancing = balance(config.balance, state.balance, in.cells, state.cells, config.cells,
                            may_balance(config, state, in));
}

void warm(const PackConfig& config, PackState& state, const PackInputs& in, std::int32_t seconds) {
  state.heating =
      heat(config.heater, state.heater,
           {state.level, in.charge_wanted, in.heating_energy, cares(state.machine.state), seconds},
           state.cells);
}

/// Whole hours of service and of a pending alarm: the stored record follows them.
std::uint32_t hours(const PackState& state) {
  return state.pending_s / kStoreEvery_s + state.operating_s / kStoreEvery_s;
}

/// Cells are bled and warmed where something may call for it. True: that was looked at.
bool care_inside(const PackConfig& config, PackState& state, const PackInputs& in,
                 std::int32_t seconds) {
  const bool high = state.cells.max >= config.balance.start || state.balancing.any();
  const bool cold = !heater_idle(config.heater, state.heater, state.cells);
  if (high) {
    bleed(config, state, in);
  } else {
    pass(config.balance, state.balance, state.cells);
  }
  if (cold) warm(config, state, in, seconds);
  return high || cold;
}

/// The 1 s task.
void run_slow(const PackConfig& config, PackState& state, const PackInputs& in, Instant now) {
  const std::int32_t seconds =
      count_second(config, state, current_of(state, in), in.current_covers, now);
  count_time(config, state, static_cast<std::uint32_t>(seconds));
  bleed(config, state, in);
  warm(config, state, in, seconds);
  update_limits(config, state, in);
  find_window(config, state, in, state.window);
}

/// The same inside the window, where no alarm is remembered and the limits may stay as they are.
Anew run_quiet(const PackConfig& config, PackState& state, const PackInputs& in, Instant now) {
  const std::int32_t seconds = count_second(config, state, in.current, in.current_covers, now);
  state.operating_s += static_cast<std::uint32_t>(seconds);
  const Anew care = care_inside(config, state, in, seconds) ? kAnewCare : Anew{};
  if (limits_stay(state.window, state.cells, state.level)) return care;
  update_limits(config, state, in);
  find_window(config, state, in, state.window);
  return kAnewLimits | care;
}

/// What belongs to one tick alone.
void start(PackOutputs& out) {
  out.changes = {};
  out.refusal = Refusal::None;
  out.persist = false;
}

/// What both tasks have left in the state, for the outside.
void report_into(const PackConfig& config, const PackState& state, PackOutputs& out) {
  out.contactors = contactors(state.machine);
  out.led = lamp(config, state);
  out.state = state.machine.state;
  out.latch = state.machine.latch;
  out.warnings = state.diagnosis.at(Level::Warning);
  out.alarms = state.diagnosis.at(Level::Alarm);
  out.faults = state.diagnosis.at(Level::Fault);
  out.latched = state.latched;
  out.alarm_overdue = state.pending_s >= kOverdue_s;
  out.storage_lost = state.storage_lost;
  out.balancing = state.balancing;
  out.heater = state.heating;
  out.rest = state.rest_advice;
  out.soc = state.level;
}

}  // namespace

bool timed_out(const PackConfig& config, const PackState& state, const PackInputs& in,
               Instant now) {
  const Machine& m = state.machine;
  switch (m.state) {
    case State::Running:
    case State::Derating:
      return in.link_age >= config.timeout.link_open;  // WS-21
    case State::Fault:
      return state.pending_s >= kOverdue_s;
    case State::Locked:
      if (m.latch < Latch::Overdue) return state.pending_s >= kOverdue_s;
      break;
    default:
      break;
  }
  return now - state.entered >= dwell(config.timeout, m);
}

PackState power_up(const PackConfig& config, const Result<Persistent>& stored, Instant now) {
  PackState state;
  state.entered = now;
  state.slow_at = now;
  if (stored) {
    state.machine.latch = stored->latch;
    state.latched = stored->latched_events;
    state.pending_s = stored->pending_s;
    state.operating_s = stored->operating_s;
    state.soc = stored->soc;
  } else {
    state.machine.latch = Latch::Overdue;
    state.storage_lost = true;
    state.soc = initial_soc(config, Permyriad(5000));
  }
  state.level = level(state.soc, {});
  state.limits.charge.reset(config.charge_rating);
  state.limits.discharge.reset(config.discharge_rating);
  update_limits(config, state, {});
  return state;
}

Persistent factory_record(const PackConfig& config, Permyriad soc) {
  Persistent p;
  p.type_code = config.type_code;
  p.soc = initial_soc(config, soc);
  return p;
}

Persistent snapshot(const PackConfig& config, const PackState& state) {
  return {config.type_code, state.machine.latch, state.latched,
          state.pending_s,  state.operating_s,   state.soc};
}

PackOutputs tick_fast(const PackConfig& config, PackState& state, const PackInputs& in,
                      Instant now) {
  PackOutputs out;
  look(config, state, in);
  state.window.open = inside(state.window, state.cells, in);
  if (!state.window.open) decide(config, state, in, now, out);
  report_into(config, state, out);
  return out;
}

void tick_slow(const PackConfig& config, PackState& state, const PackInputs& in, Instant now) {
  run_slow(config, state, in, now);
}

void tick(const PackConfig& config, PackState& state, const PackInputs& in, Instant now,
          PackOutputs& out) {
  look(config, state, in);
  if (inside(state.window, state.cells, in)) {
    tick_inside(config, state, in, now, out);
  } else {
    state.window.open = false;  // it takes a whole cycle to open another
    start(out);
    decide(config, state, in, now, out);
    if (now - state.slow_at >= Duration::s(1)) {
      const std::uint32_t before = hours(state);
      run_slow(config, state, in, now);
      out.persist = out.persist || before != hours(state);
    }
  }
  report_into(config, state, out);
}

Anew tick_inside(const PackConfig& config, PackState& state, const PackInputs& in, Instant now,
                 PackOutputs& out) {
  start(out);
  if (now - state.slow_at < Duration::s(1)) return {};
  const std::uint32_t before = state.operating_s;  // no alarm is pending
  const Anew anew = run_quiet(config, state, in, now);
  out.persist = before / kStoreEvery_s != state.operating_s / kStoreEvery_s;
  if ((anew & kAnewCare) != 0) {
    out.balancing = state.balancing;
    out.heater = state.heating;
  }
  out.rest = state.rest_advice;
  out.soc = state.level;
  return anew;
}

}  // namespace weco::bms
