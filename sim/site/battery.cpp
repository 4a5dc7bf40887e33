// SPDX-License-Identifier: Apache-2.0
#include "sim/site/battery.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/ems/parallel.hpp"
#include "sim/kernels/round.hpp"

namespace weco::sim {
namespace {

using bms::EventId;
using bms::State;

// Of the voltage limits: the cells' resistance at 1C moves a string by less than this.
constexpr double kFarBelow = 0.96;
constexpr double kFarAbove = 1.08;
// Of a converter's power, for each point of charge that it is ahead of its neighbours (assumption).
constexpr double kLeanPerPoint = 0.2;
constexpr double kLeanLeast = 0.2;
// So many points ahead, a pack takes nothing of what the others must leave (assumption): it would
// be full and stand above the tower's voltage long before they are.
constexpr double kAheadMost = 1.5;

bool joined(State s) { return s == State::Running || s == State::Derating; }

/// What each pack takes of a power stands for so long while nothing else changes than that they
/// fill or empty (assumption).
constexpr double kShareFor_s = 10.0;

double watts(Milliamps current, double volts) { return current.count() * 1e-3 * volts; }

/// A counter of the diagnosis runs towards a change.
bool counting(const bms::EventTable& table, const bms::Diagnosis& d) {
  for (std::uint32_t busy = d.busy; busy != 0; busy &= busy - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(busy));
    for (std::size_t l = 0; l < bms::kLevels; ++l) {
      const bool active = ((d.active[l] >> i) & 1U) != 0;
      const std::uint16_t at_rest = active ? table.rows[i].levels[l].release_count : 0;
      if (d.counter[i][l] != at_rest) return true;
    }
  }
  return false;
}

bool moving(State s) {
  return s == State::SelfTest || s == State::Precharge || s == State::Opening;
}

bms::Persistent delivered(const bms::PackConfig& config, Permyriad soc) {
  bms::Persistent record = bms::factory_record(config, soc);
  record.soc.base_band = record.soc.capacity / 100 * 3;  // as the last full charge left it
  return record;
}

}  // namespace

PackUnit::PackUnit(const bms::PackConfig& config, ModulePlant& module, Permyriad soc)
    : plant(module), state(bms::power_up(config, delivered(config, soc), Instant{})) {}

Battery::Battery(const SitePlan& plan, const SiteConfig& config, const bms::PackConfig& pack,
                 const bms::TowerConfig& tower, ModuleBank& modules, std::size_t first,
                 Random& random)
    : pack_(pack),
      tower_(tower),
      first_(first),
      cabinet_W_(config.family == SiteFamily::SajCm2 ? config.cabinet_W : 0.0) {
  const Permyriad soc(static_cast<std::int32_t>(std::lround(config.soc_pct * 100)));
  packs_.reserve(plan.packs);
  for (std::size_t i = 0; i < plan.packs; ++i) {
    packs_.emplace_back(pack, modules[first + i], soc);
    if (config.spread > 0.0) packs_.back().plant.spread_sensors(random);
  }
  reports_.resize(plan.packs);
  towers_.resize(cabinet_W_ > 0.0 ? plan.packs : 1);
}

bool Battery::transient() const {
  if (calm_) return false;
  for (const PackUnit& u : packs_) {
    if (u.pending != bms::Command::None || moving(u.state.machine.state)) return true;
    if (u.state.diagnosis.busy != 0 && counting(pack_.events, u.state.diagnosis)) return true;
  }
  return false;
}

/// What front ends and platform tell the cores.
void Battery::sense(const BatterySignals& signals, Duration dt) {
  std::size_t i = 0;
  for (PackUnit& u : packs_) {
    bms::PackInputs& in = u.in;
    u.plant.measure(in);
    in.current_covers = dt;  // the front end counts coulombs
    in.afe_age = Duration{};
    in.link_age = signals.link_age;
    in.master_age = i == 0 ? Duration{} : signals.master_age;
    in.interlock_closed = !u.faults.interlock_open;
    in.short_circuit = u.faults.short_circuit;
    in.fire = u.faults.fire;
    in.cooling_failed = u.faults.cooling_failed;
    in.breaker_trips = u.faults.breaker_trips;
    in.service_verified = signals.service_verified;
    in.charge_wanted = signals.charge_wanted || alone(i);
    in.heating_energy = signals.heating_energy;
    in.command = u.pending;
    u.pending = bms::Command::None;
    ++i;
  }
}

/// The modules report to the masters of their towers and hear their orders.
void Battery::coordinate(const BatterySignals& signals) {
  std::size_t i = 0;
  for (const PackUnit& u : packs_) {
    const std::uint16_t type =
        u.faults.other_type ? static_cast<std::uint16_t>(pack_.type_code + 100) : pack_.type_code;
    bms::make_report(u.state, u.in, static_cast<std::uint32_t>(first_ + i + 1), type, reports_[i]);
    ++i;
  }
  const std::size_t each = packs_.size() / towers_.size();
  for (std::size_t t = 0; t < towers_.size(); ++t) {
    bms::TowerInputs in;
    in.modules = std::span(reports_).subspan(t * each, each);
    in.command = signals.tower;
    in.link_ok = signals.link_age < pack_.link_silent;
    const bms::TowerOrders orders = bms::coordinate(tower_, towers_[t], in);
    PackUnit* unit = &packs_[t * each];
    for (std::size_t m = 0; m < each; ++m) bms::apply(tower_, orders.order[m], unit[m].in);
  }
}

void Battery::obey(PackUnit& u) {
  if (u.faults.heater_failed) u.out.heater = false;
  u.plant.set_outside_supply(u.in.heating_energy);
  u.plant.obey(u.out);
}

void Battery::decide(const CellBank& bank, Instant now, Duration dt) {
  const double dt_s = static_cast<double>(dt.to_us()) * 1e-6;
  calm_ = bank.fills_registers();
  for (PackUnit& u : packs_) {
    bms::tick(pack_, u.state, u.in, now, u.out);
    obey(u);
    watch(u, dt_s);
    calm_ = calm_ && u.state.window.open && u.plant.reads_plainly();
  }
  find_far();
}

Battery::Band Battery::far_of(const PackUnit& u) {
  const bms::DynamicLimits& l = u.state.limits;
  return {kFarAbove * l.discharge_voltage.count() * 1e-3,
          kFarBelow * l.charge_voltage.count() * 1e-3};
}

void Battery::find_far() {
  far_ = far_of(packs_.front());
  for (const PackUnit& u : packs_) {
    const Band own = far_of(u);
    far_ = {std::max(far_.above_V, own.above_V), std::min(far_.below_V, own.below_V)};
  }
}

/// Nearly always nothing has happened since the last cycle: every pack reads what its core's window
/// allows, and all else is as it was. Then the cores have only to count, and no master has anything
/// to order.
bool Battery::still_calm(const CellBank& bank, const BatterySignals& signals, Duration dt) {
  if (!calm_ || signals != signals_) return false;
  const std::size_t each = packs_.size() / towers_.size();
  std::size_t i = 0;
  const PackUnit* first = nullptr;
  for (PackUnit& u : packs_) {
    if (i++ % each == 0) first = &u;
    u.in.current_covers = dt;
    if (!inside(bank, u, *first)) return false;
  }
  return true;
}

bool Battery::inside(const CellBank& bank, PackUnit& u, const PackUnit& first) const {
  const CellBank::ReadingExtent read = bank.reading_extent(u.plant.string());
  u.state.cells.min = read.min;
  u.state.cells.max = read.max;
  u.state.cells.sum = read.sum;
  if (u.plant.measure_again(u.in)) {
    u.state.cells.missing = 0;
    bms::summarise_temperatures(u.in.cells, pack_.sensors, u.state.cells);
  }
  if (!tower_.converters) u.in.tower_voltage = first.in.pack_voltage;
  return bms::readings_inside(u.state.window, u.state.cells, u.in);
}

Battery::Changes Battery::count(Instant now) {
  Changes changes{.all = false, .limits = false};
  for (PackUnit& u : packs_) {
    const bms::Anew anew = bms::tick_inside(pack_, u.state, u.in, now, u.out);
    if ((anew & bms::kAnewCare) != 0 && !u.plant.cares_as(u.out)) obey(u);
    if ((anew & bms::kAnewLimits) == 0) continue;
    changes.limits = true;
    calm_ = calm_ && u.state.window.open;
  }
  if (changes.limits) find_far();
  return changes;
}

bool Battery::control(const CellBank& bank, const BatterySignals& signals, Instant now,
                      Duration dt) {
  Changes changes;
  if (still_calm(bank, signals, dt)) {
    changes = count(now);
  } else {
    alone_ = signals.charge_only;
    sense(signals, dt);
    coordinate(signals);
    decide(bank, now, dt);
    signals_ = signals;
  }
  shares_stand_ = shares_stand_ && !changes.limits;
  look_at_limits(changes);
  return changes.all;
}

/// The promise of the whole: the core keeps every cell inside its fault limits.
void Battery::watch(PackUnit& u, double dt_s) {
  const bms::CellSummary& c = u.state.cells;
  const auto fault = [&](EventId id) {
    return pack_.events.rows[static_cast<std::size_t>(id)].levels[2].trip;
  };
  const bool conducts = u.plant.closed(Contactor::Main) && u.plant.closed(Contactor::Negative) &&
                        std::abs(u.in.current.value.count()) > pack_.capacity.count() / 50;
  const bool beyond = conducts && c.voltages_known && !u.faults.sensors &&
                      (c.max.count() >= fault(EventId::CellOverVoltage) ||
                       c.min.count() <= fault(EventId::CellUnderVoltage) ||
                       c.warmest.to_deci_celsius() >= fault(EventId::DischargeOverTemperature));
  u.beyond_s = beyond ? u.beyond_s + dt_s : 0.0;
  longest_beyond_s_ = std::max(longest_beyond_s_, u.beyond_s);
}

/// By so many points of charge of the others' mean.
double Battery::ahead(const PackUnit& u) const {
  return (u.state.level.count() - offer_.soc.count()) / 100.0;
}

/// What a power stage can do for this pack now.
double Battery::most_W(const PackUnit& u, bool charge) const {
  const bms::DynamicLimits& l = u.state.limits;
  const double volts = u.in.pack_voltage.value.count() * 1e-3;
  const double most = watts(charge ? l.charge.value() : l.discharge.value(), volts);
  return cabinet_W_ > 0.0 ? std::min(most, cabinet_W_) : most;
}

/// The limits of the joined packs together, before the power stage has its say.
void Battery::join_limits() {
  std::array<bms::ModuleLimits, bms::kModulesMax> modules{};
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    const PackUnit& u = packs_[i];
    if (!joined(u.state.machine.state) || alone(i)) continue;
    modules[i].limits = &u.state.limits;
    modules[i].current.value = u.in.current.value;
    modules[i].current.read = u.in.current.read;
  }
  joined_ = bms::join_limits(pack_, tower_, std::span(modules).first(packs_.size()));
}

/// Of all packs, whether they are on the bus or not.
void Battery::look_at_all() {
  std::int64_t soc = 0;
  for (const PackUnit& u : packs_) {
    soc += u.state.level.count();
    offer_.any_on |= u.state.machine.state != State::Off;
  }
  const auto all = static_cast<std::int64_t>(packs_.size());
  offer_.soc = Permyriad(static_cast<std::int32_t>(soc / all));
}

/// It is on the bus, for all: where nothing was decided each is there.
bool Battery::serves(const Changes& changes, const PackUnit& u, std::size_t at) const {
  return (!changes.all || joined(u.state.machine.state)) && !alone(at);
}

/// Adds those on the bus.
void Battery::look_at_limits(const Changes& changes) {
  offer_ = {};
  offer_.any_on = !changes.all;
  if (changes.all) look_at_all();
  std::int32_t soc = 0, mV = 0, on = 0;
  bool full = true, full_due = false;
  std::size_t i = 0;
  for (const PackUnit& u : packs_) {
    if (!serves(changes, u, i++)) continue;
    ++on;
    soc += u.state.level.count();
    mV += u.in.pack_voltage.value.count();
    full_due |= bms::full_due(pack_, u.state.soc);
    full &= u.state.soc.full;
  }
  if (on == 0) return;
  offer_.joined = static_cast<std::size_t>(on);
  offer_.soc = Permyriad(soc / on);
  offer_.full_due = full_due;
  offer_.full = full;
  offer_power(changes, Millivolts(mV / on), mV * 1e-3 / on);
}

/// Cabinets offer what each of them can, packs on one bus what they can together. `mean` and
/// `mean_V` are the voltage of those on it.
void Battery::offer_power(const Changes& changes, Millivolts mean, double mean_V) {
  if (cabinet_W_ > 0.0) {
    std::size_t i = 0;
    for (const PackUnit& u : packs_) {
      if (!serves(changes, u, i++)) continue;
      offer_.charge_W += most_W(u, true);
      offer_.discharge_W += most_W(u, false);
    }
    return;
  }
  const bool same = !changes.limits && tower_.converters;
  if (!same) join_limits();
  if (!same || mean != mean_voltage_) {
    mean_voltage_ = mean;
    limits_ = joined_;
    bms::limit_power(tower_, offer_.joined, mean, limits_);
  }
  offer_.charge_W = watts(limits_.charge.value(), mean_V);
  offer_.discharge_W = watts(limits_.discharge.value(), mean_V);
}

/// Converters and cabinets do as they are told: all the same as long as all can, less the further
/// one is ahead of the others, so that they meet; what is left over goes to whoever can and is not
/// ahead. A warm pack among cold ones could take more, but would only wait for them at the top.
void Battery::share_by_command(double power_W) {
  const bool charge = power_W > 0;
  std::array<double, ems::kCabinetsMax> most, even;
  double least = 0.0;
  std::size_t i = 0;
  for (const PackUnit& u : packs_) {
    const bool asked = joined(u.state.machine.state) && !alone(i);
    const double can_W = asked ? most_W(u, charge) : 0.0;
    if (can_W > 0.0 && (least == 0.0 || can_W < least)) least = can_W;
    most[i++] = can_W;
  }
  ems::Capabilities leaning;
  i = 0;
  for (const PackUnit& u : packs_) {
    const double lean = (charge ? -kLeanPerPoint : kLeanPerPoint) * ahead(u);
    even[i] = std::clamp(1.0 + lean, kLeanLeast, 1.0) * std::min(least, most[i]);
    static_cast<void>(leaning.push_back(Watts(static_cast<std::int32_t>(even[i++]))));
  }
  const Watts magnitude(rounded(std::abs(power_W)));
  ems::Share share = ems::share_power(magnitude, leaning);
  if (share.left_over != Watts(0)) {
    ems::Capabilities can;
    i = 0;
    for (const PackUnit& u : packs_) {
      const double whole = charge && ahead(u) > kAheadMost ? even[i] : most[i];
      const auto left = Watts(static_cast<std::int32_t>(whole)) - share.parts[i++];
      static_cast<void>(can.push_back(left));
    }
    const ems::Share rest = ems::share_power(share.left_over, can);
    for (i = 0; i < packs_.size(); ++i) share.parts[i] += rest.parts[i];
  }
  i = 0;
  for (PackUnit& u : packs_) {
    const double part = share.parts[i].count();
    u.share_W = power_W < 0.0 ? -part : part;
    if (alone(i++) && joined(u.state.machine.state)) u.share_W = most_W(u, true);
  }
}

/// Packs on one bus: the same voltage at all, currents as their cells have it.
void Battery::share_in_parallel(CellBank& bank, double power_W, double dt_s) {
  double conductance = 0.0, pull = 0.0;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    packs_[i].share_W = 0.0;
    if (!joined(packs_[i].state.machine.state)) continue;
    const CellBank::Source s = bank.source(first_ + i, dt_s, packs_[i].plant.current_A());
    conductance += 1.0 / s.ohm;
    pull += s.open_V / s.ohm;
  }
  if (conductance == 0.0) return;
  const double root = pull * pull + 4.0 * conductance * power_W;
  const double volts = (pull + std::sqrt(std::max(root, 0.0))) / (2.0 * conductance);
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    if (!joined(packs_[i].state.machine.state)) continue;
    const CellBank::Source s = bank.source(first_ + i, dt_s, packs_[i].plant.current_A());
    packs_[i].share_W = volts * (volts - s.open_V) / s.ohm;
  }
}

bool Battery::near_voltage_limits(const CellBank& bank) const {
  for (const double volts : std::span(bank.arrays().volts + first_, packs_.size())) {
    if (!far_.holds(volts)) return true;
  }
  return false;
}

/// The pack's share, less where the charger holds its voltage limits: constant current, then
/// constant voltage.
double Battery::held_W(CellBank& bank, std::size_t pack, double dt_s) const {
  const PackUnit& u = packs_[pack];
  const double volts = bank.string_V(u.plant.string());
  if (u.share_W == 0.0 || far_of(u).holds(volts)) return u.share_W;
  const bms::DynamicLimits& l = u.state.limits;
  const CellBank::Source s = bank.source(u.plant.string(), dt_s, u.share_W / volts);
  if (u.share_W > 0.0) {
    const double cvl = l.charge_voltage.count() * 1e-3;
    return std::clamp(u.share_W, 0.0, std::max(0.0, (cvl - s.open_V) / s.ohm * cvl));
  }
  const double dvl = l.discharge_voltage.count() * 1e-3;
  return std::clamp(u.share_W, std::min(0.0, (dvl - s.open_V) / s.ohm * dvl), 0.0);
}

/// What was shared a moment ago is what would be shared now.
bool Battery::shares_stand(double power_W, double dt_s) {
  shared_s_ += dt_s;
  if (shares_stand_ && power_W == shared_W_ && shared_s_ < kShareFor_s) return true;
  shares_stand_ = true;
  shared_W_ = power_W;
  shared_s_ = 0.0;
  return false;
}

void Battery::ask(CellBank& bank, double power_W, double dt_s) {
  const bool by_command = tower_.converters || cabinet_W_ > 0.0;
  const bool same = by_command && shares_stand(power_W, dt_s);
  const bool hold = (power_W != 0.0 || alone_ != 0) && near_voltage_limits(bank);
  if (same && !hold && !held_) return;
  if (!by_command) {
    share_in_parallel(bank, power_W, dt_s);
  } else if (!same) {
    share_by_command(power_W);
  }
  held_ = hold;
  std::size_t i = 0;
  for (PackUnit& u : packs_) {
    u.plant.request(hold ? held_W(bank, i, dt_s) : u.share_W);
    ++i;
  }
}

void Battery::settle(const ModuleBank& modules) {
  double in_W = 0.0, out_W = 0.0;
  for (const double far_W : modules.far_W().subspan(first_, packs_.size())) {
    in_W += far_W > 0.0 ? far_W : 0.0;
    out_W += far_W > 0.0 ? 0.0 : far_W;
  }
  charge_W_ = in_W;
  discharge_W_ = out_W;
  power_W_ = in_W + out_W;
}

bms::PackConfig scaled_pack(const bms::PackConfig& config, std::size_t cells, double capacity_Ah) {
  bms::PackConfig c = config;
  const double wide = static_cast<double>(cells) / config.cells;
  const double large = capacity_Ah * 1000.0 / config.capacity.count();
  const auto times = [](std::int32_t value, double factor) {
    return static_cast<std::int32_t>(std::lround(value * factor));
  };
  const auto scale = [&](EventId id, double factor) {
    const auto i = static_cast<std::size_t>(id);
    for (bms::LevelRow& level : c.events.rows[i].levels) {
      level.trip = times(level.trip, factor);
      level.release = times(level.release, factor);
    }
  };
  if (wide != 1.0) {
    for (const EventId id : {EventId::PackOverVoltage, EventId::PackUnderVoltage}) scale(id, wide);
    c.cells = static_cast<std::uint16_t>(cells);
  }
  if (large != 1.0) {
    for (const EventId id : {EventId::ChargeOverCurrent1, EventId::ChargeOverCurrent2,
                             EventId::DischargeOverCurrent1, EventId::DischargeOverCurrent2}) {
      scale(id, large);
    }
    c.capacity = MilliampHours(times(config.capacity.count(), large));
    c.charge_rating = Milliamps(times(config.charge_rating.count(), large));
    c.discharge_rating = Milliamps(times(config.discharge_rating.count(), large));
  }
  c.events = bms::make_event_table(c.events.rows);
  return c;
}

bms::TowerConfig scaled_tower(const bms::TowerConfig& config, const bms::PackConfig& pack,
                              std::size_t cells) {
  bms::TowerConfig t = config;
  const auto n = static_cast<std::int32_t>(cells), of = static_cast<std::int32_t>(pack.cells);
  t.plausible_low = config.plausible_low / of * n;
  t.plausible_high = config.plausible_high / of * n;
  return t;
}

}  // namespace weco::sim
