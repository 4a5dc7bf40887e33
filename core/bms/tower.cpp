// SPDX-License-Identifier: Apache-2.0
// The product tables first, then the master's cycle, then the sharing of limits.
#include "core/bms/tower.hpp"

#include <algorithm>

namespace weco::bms {
namespace {

/// WS-04: 8 kW and 17.8 A out from 4 modules on, 15 kW and 33.5 A in from 6 on; fewer modules scale
/// down in equal parts.
consteval std::array<PowerRow, kPowerRows> weco_8k() {
  std::array<PowerRow, kPowerRows> rows{};
  for (std::int32_t n = 1; n <= 6; ++n) {
    const std::int32_t out = n < 4 ? n : 4;
    rows[static_cast<std::size_t>(n) - 1] = {static_cast<std::uint8_t>(n), Watts(15000 * n / 6),
                                             Watts(8000 * out / 4), Milliamps(33500 * n / 6),
                                             Milliamps(17800 * out / 4)};
  }
  return rows;
}

consteval std::array<PowerRow, kPowerRows> constant_from(Watts one, Watts more, std::uint8_t from) {
  std::array<PowerRow, kPowerRows> rows{};
  for (PowerRow& row : rows) row = {from, more, more, Milliamps(0), Milliamps(0)};
  rows[0] = {1, one, one, Milliamps(0), Milliamps(0)};
  return rows;
}

}  // namespace

constinit const TowerConfig kWecoTower8k = {
    .name = "weco_smart_8k",
    .type_code = 1,
    .modules_per_tower = 4,
    .towers_max = 3,
    .join_difference = Millivolts(1500),
    .plausible_low = Millivolts(16 * 2500),
    .plausible_high = Millivolts(16 * 3700),
    .report_fresh = Duration::s(2),
    .isolates_module = true,  // own converter and contactors; the manual is silent (assumption)
    .converters = true,
    .power = weco_8k(),
};

/// EP-02: 5 kW with one pack, 7.6 kW with two to four. The charging side is unpublished and gets
/// the same (assumption).
constinit const TowerConfig kEp760Tower = {
    .name = "ep760",
    .type_code = 2,
    .modules_per_tower = 4,
    .towers_max = 1,
    .join_difference = Millivolts(1500),
    .plausible_low = Millivolts(16 * 2500),
    .plausible_high = Millivolts(16 * 3700),
    .report_fresh = Duration::s(2),
    .isolates_module = true,  // EP-07 knows the single flashing pack (assumption: the rest runs)
    .converters = false,
    .power = constant_from(Watts(5000), Watts(7600), 2),
};

/// One string a cabinet; its power is unpublished, 0.5C of 215 kWh is assumed.
constinit const TowerConfig kCm2Tower = {
    .name = "cm2",
    .type_code = 3,
    .modules_per_tower = 1,
    .towers_max = 1,
    .join_difference = Millivolts(1500),
    .plausible_low = Millivolts(240 * 2500),
    .plausible_high = Millivolts(240 * 3700),
    .report_fresh = Duration::s(2),
    .isolates_module = false,
    .converters = false,
    .power = constant_from(Watts(107500), Watts(107500), 2),
};

namespace {

bool on_bus(State s) { return s == State::Running || s == State::Derating || s == State::Opening; }
bool can_start(const ModuleReport& m) {
  return m.latch == Latch::None && (m.state == State::Standby || m.state == State::Precharge);
}
bool wrong(const ModuleReport& m) { return m.state == State::Fault || m.state == State::Locked; }
bool same_type(const TowerConfig& config, const ModuleReport& m) {
  return m.type.read && m.type.value == config.type_code;
}

std::span<const ModuleReport> bounded(std::span<const ModuleReport> modules) {
  return modules.first(std::min(modules.size(), kModulesMax));
}

Reading<Millivolts> fresh(const TowerConfig& config, const ModuleReport& m,
                          Reading<Millivolts> voltage) {
  if (m.age > config.report_fresh) voltage.read = false;
  return voltage;
}

/// What the master sees of the tower before it decides about anyone.
struct Overview {
  Reading<Millivolts> bus;            // voltage of the first joined module
  std::size_t starter = kModulesMax;  // who may start a dead bus
  std::uint8_t joined = 0;
  bool mixed = false;
  bool any_wrong = false;
};

Overview look(const TowerConfig& config, std::span<const ModuleReport> modules) {
  Overview o;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const ModuleReport& m = modules[i];
    if (!m.present) continue;
    if (!same_type(config, m)) o.mixed = true;
    if (wrong(m)) o.any_wrong = true;
    if (on_bus(m.state)) {
      if (o.joined == 0) o.bus = fresh(config, m, m.pack_voltage);
      ++o.joined;
    } else if (can_start(m) && o.starter == kModulesMax) {
      o.starter = i;
    }
  }
  return o;
}

JoinVerdict judge(const TowerConfig& config, const Overview& o, const ModuleReport& m,
                  std::size_t i) {
  if (!same_type(config, m)) return JoinVerdict::OtherType;
  const Reading<Millivolts> pack = fresh(config, m, m.pack_voltage);
  if (o.joined != 0) return join_gate(config, pack, o.bus);
  if (i != o.starter) return JoinVerdict::NotYet;
  return join_gate(config, pack, pack);  // a dead bus: only the pack itself must make sense
}

void want(TowerState& state, const TowerInputs& in) {
  if (in.command == Command::Start) state.run_wanted = true;
  if (in.command == Command::Stop || !in.link_ok) state.run_wanted = false;
}

void order_for(const ModuleReport& m, JoinVerdict verdict, bool all_open, bool run_wanted,
               ModuleOrder& order) {
  order.type_mismatch = verdict == JoinVerdict::OtherType;
  order.force_open = all_open;  // a foreign module anywhere opens all
  order.permit_close = verdict == JoinVerdict::Permitted && !all_open;
  const bool waits = m.state == State::Standby;
  if (!run_wanted && (on_bus(m.state) || m.state == State::Precharge))
    order.command = Command::Stop;
  if (run_wanted && waits && order.permit_close) order.command = Command::Start;
}

}  // namespace

bool is_sentinel(Millivolts v) {
  // Products written out, and one switch: the gates ask for every voltage of every module in each
  // cycle, and a division takes longer.
  constexpr std::int32_t kTens = 10, kHundreds = 100;
  switch (v.count()) {
    case 0:
    case 0x7FFF:
    case 0x8000:
    case 0xFFFF:
    case -1:
    case -0x8000:
    case 0x7FFF * kTens:
    case 0x8000 * kTens:
    case 0xFFFF * kTens:
    case -1 * kTens:
    case -0x8000 * kTens:
    case 0x7FFF * kHundreds:
    case 0x8000 * kHundreds:
    case 0xFFFF * kHundreds:
    case -1 * kHundreds:
    case -0x8000 * kHundreds:
      return true;
    default:
      return false;
  }
}

namespace {

bool plausible(const TowerConfig& config, Millivolts v) {
  return v >= config.plausible_low && v <= config.plausible_high && !is_sentinel(v);
}

}  // namespace

JoinVerdict join_gate(const TowerConfig& config, Reading<Millivolts> pack,
                      Reading<Millivolts> bus) {
  if (!pack.read || !bus.read) return JoinVerdict::NotMeasured;
  if (!plausible(config, pack.value) || !plausible(config, bus.value)) {
    return JoinVerdict::Implausible;
  }
  const Millivolts apart = pack.value > bus.value ? pack.value - bus.value : bus.value - pack.value;
  return apart <= config.join_difference ? JoinVerdict::Permitted : JoinVerdict::TooFar;
}

TowerOrders coordinate(const TowerConfig& config, TowerState& state, const TowerInputs& in) {
  const std::span<const ModuleReport> modules = bounded(in.modules);
  want(state, in);
  const Overview o = look(config, modules);
  const bool all_open = o.mixed || (o.any_wrong && !config.isolates_module);
  if (all_open) state.run_wanted = false;
  TowerOrders out;
  out.joined = o.joined;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (!modules[i].present) continue;
    out.verdict[i] = judge(config, o, modules[i], i);
    order_for(modules[i], out.verdict[i], all_open, state.run_wanted, out.order[i]);
    out.order[i].tower_voltage = o.bus;
  }
  return out;
}

void apply(const TowerConfig& config, const ModuleOrder& order, PackInputs& inputs) {
  inputs.force_open = order.force_open;
  inputs.type_mismatch = order.type_mismatch;
  // behind a converter of its own a module may stand where its cells are
  inputs.tower_voltage = config.converters ? Reading<Millivolts>{} : order.tower_voltage;
  if (inputs.command == Command::None) inputs.command = order.command;
  const Reading<Millivolts> bus =
      order.tower_voltage.read ? order.tower_voltage : inputs.pack_voltage;
  inputs.permit_close =
      order.permit_close && join_gate(config, inputs.pack_voltage, bus) == JoinVerdict::Permitted;
}

void make_report(const PackState& state, const PackInputs& inputs, std::uint32_t serial,
                 std::uint16_t type, ModuleReport& r) {
  r.present = true;
  r.serial = serial;
  r.type = {type, true};
  r.pack_voltage = inputs.pack_voltage;
  r.bus_voltage = inputs.bus_voltage;
  r.current = inputs.current;
  r.age = {};
  r.state = state.machine.state;
  r.latch = state.machine.latch;
}

Addressing assign_addresses(const TowerConfig& config, std::span<const ModuleReport> modules) {
  Addressing a;
  const std::size_t most = std::size_t{config.modules_per_tower} * config.towers_max;
  const auto refuse = [&a](TowerRefusal why, std::size_t at) {
    a.refusal = why;
    a.at = static_cast<std::uint8_t>(at);
    a.address = {};
    return a;
  };
  bool any = false;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const ModuleReport& m = modules[i];
    if (!m.present) continue;
    if (i >= most) return refuse(TowerRefusal::TooMany, i);
    if (i % config.modules_per_tower != 0 && !modules[i - 1].present) {
      return refuse(TowerRefusal::GapInTower, i);
    }
    if (m.serial == 0) return refuse(TowerRefusal::SerialMissing, i);
    if (!same_type(config, m)) return refuse(TowerRefusal::MixedTypes, i);
    for (std::size_t j = 0; j < i; ++j) {
      if (modules[j].present && modules[j].serial == m.serial) {
        return refuse(TowerRefusal::DuplicateSerial, i);
      }
    }
    if (!any) a.master = static_cast<std::uint8_t>(i);
    any = true;
    a.address[i] = static_cast<std::uint8_t>(i + 1);
  }
  return any ? a : refuse(TowerRefusal::NoModules, 0);
}

const PowerRow* power_row(const TowerConfig& config, std::size_t modules) {
  const PowerRow* best = nullptr;
  for (const PowerRow& row : config.power) {
    if (row.modules <= modules) best = &row;
  }
  return best;
}

namespace {

std::int32_t clamp32(std::int64_t v) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(v, 0, 2000000000));
}

/// What the tower may carry when this module is at its limit, without converters: the currents
/// share as they please, and the measured share counts when it is larger than an equal one.
struct Sharing {
  std::int64_t count = 0;
  std::int64_t current = 0;  // of those that are read
  bool known = true;
  [[nodiscard]] std::int64_t tower_value(const ModuleLimits& m, std::int64_t own) const {
    const std::int64_t equal = own * count;
    const std::int64_t mine = m.current.value.count();
    const bool same_way = (mine > 0 && current > 0) || (mine < 0 && current < 0);
    return known && same_way ? std::min(equal, own * current / mine) : equal;
  }
};

Sharing sharing_of(std::span<const ModuleLimits> modules) {
  Sharing s;
  for (const ModuleLimits& m : modules) {
    if (m.limits == nullptr) continue;
    ++s.count;
    s.current += m.current.value.count();
    s.known = s.known && m.current.read;
  }
  return s;
}

/// One direction of all modules into the tower's limit.
void join(const TowerConfig& config, const Sharing& s, std::span<const ModuleLimits> modules,
          Limit DynamicLimits::*direction, Limit& out) {
  std::int64_t total = 0;
  std::int64_t lowest = -1;
  const LimitTerm* tightest = nullptr;
  std::size_t from = 0;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (modules[i].limits == nullptr) continue;
    const LimitTerm& own = (modules[i].limits->*direction).tightest();
    total += own.value.count();
    const std::int64_t value =
        config.converters ? own.value.count() : s.tower_value(modules[i], own.value.count());
    if (lowest >= 0 && value >= lowest) continue;
    lowest = value;
    tightest = &own;
    from = i;
  }
  LimitTerm term = *tightest;
  term.module = static_cast<std::uint8_t>(from);
  // A rating that nothing undercuts may still be undercut by the way the current divides.
  if (term.reason == Reason::Rating) term.reason = Reason::Sharing;
  term.value = Milliamps(clamp32(config.converters ? total : lowest));
  out.add(term);
}

void limit_power(Millivolts mean, Watts power, Limit& out) {
  if (mean <= Millivolts(0)) return;
  const std::int64_t mA = std::int64_t{power.count()} * 1000000 / mean.count();
  out.add({Reason::PowerStage, 0, kNoCell, EventId{}, Milliamps(clamp32(mA))});
}

/// The part of the bus limit that is left when the battery side allows only `limit` watts.
Milliamps on_bus_side(Milliamps row, Watts full, const Limit& limit, Millivolts mean) {
  const std::int64_t mW = std::int64_t{limit.value().count()} * mean.count() / 1000;
  const std::int64_t whole = std::int64_t{full.count()} * 1000;
  return Milliamps(clamp32(row.count() * std::min(mW, whole) / whole));
}

}  // namespace

TowerLimits join_limits(const PackConfig& pack, const TowerConfig& config,
                        std::span<const ModuleLimits> modules) {
  TowerLimits out;
  const Sharing s = sharing_of(modules);
  out.charge.reset(Milliamps(clamp32(pack.charge_rating.count() * s.count)));
  out.discharge.reset(Milliamps(clamp32(pack.discharge_rating.count() * s.count)));
  if (s.count == 0) return out;
  bool first = true;
  for (const ModuleLimits& m : modules) {
    if (m.limits == nullptr) continue;
    const DynamicLimits& l = *m.limits;
    out.charge_voltage = first ? l.charge_voltage : std::min(out.charge_voltage, l.charge_voltage);
    out.discharge_voltage =
        first ? l.discharge_voltage : std::max(out.discharge_voltage, l.discharge_voltage);
    first = false;
  }
  join(config, s, modules, &DynamicLimits::charge, out.charge);
  join(config, s, modules, &DynamicLimits::discharge, out.discharge);
  return out;
}

void limit_power(const TowerConfig& config, std::size_t modules, Millivolts mean,
                 TowerLimits& limits) {
  const PowerRow* row = power_row(config, modules);
  if (row == nullptr) return;
  limit_power(mean, row->charge, limits.charge);
  limit_power(mean, row->discharge, limits.discharge);
  limits.bus_charge = on_bus_side(row->bus_charge, row->charge, limits.charge, mean);
  limits.bus_discharge = on_bus_side(row->bus_discharge, row->discharge, limits.discharge, mean);
}

TowerLimits share_limits(const PackConfig& pack, const TowerConfig& config,
                         std::span<const ModuleLimits> modules) {
  TowerLimits out = join_limits(pack, config, modules);
  std::int64_t count = 0, sum = 0;
  for (const ModuleLimits& m : modules) {
    if (m.limits == nullptr) continue;
    ++count;
    sum += m.voltage.count();
  }
  if (count == 0) return out;
  limit_power(config, static_cast<std::size_t>(count),
              Millivolts(static_cast<std::int32_t>(sum / count)), out);
  return out;
}

}  // namespace weco::bms
