// SPDX-License-Identifier: Apache-2.0
#include "sim/site/battery.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/ems/parallel.hpp"

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

PackUnit::PackUnit(const bms::PackConfig& config, const ModuleConfig& module, std::size_t string,
                   Permyriad soc)
    : plant(module, string, config.cells),
      state(bms::power_up(config, delivered(config, soc), Instant{})) {}

Battery::Battery(const SitePlan& plan, const SiteConfig& config, const bms::PackConfig& pack,
                 const bms::TowerConfig& tower, std::size_t first, Random& random)
    : pack_(pack),
      tower_(tower),
      first_(first),
      cabinet_W_(config.family == SiteFamily::SajCm2 ? config.cabinet_W : 0.0) {
  const Permyriad soc(static_cast<std::int32_t>(std::lround(config.soc_pct * 100)));
  packs_.reserve(plan.packs);
  for (std::size_t i = 0; i < plan.packs; ++i) {
    packs_.emplace_back(pack, *plan.product->module, first + i, soc);
    if (config.spread > 0.0) packs_.back().plant.spread_sensors(random);
  }
  reports_.resize(plan.packs);
  towers_.resize(cabinet_W_ > 0.0 ? plan.packs : 1);
}

bool Battery::transient() const {
  for (const PackUnit& u : packs_) {
    if (u.pending != bms::Command::None || moving(u.state.machine.state)) return true;
    if (u.state.diagnosis.busy != 0 && counting(pack_.events, u.state.diagnosis)) return true;
  }
  return false;
}

void Battery::coordinate(const BatterySignals& signals) {
  const std::size_t each = packs_.size() / towers_.size();
  for (std::size_t t = 0; t < towers_.size(); ++t) {
    bms::TowerInputs in;
    in.modules = std::span(reports_).subspan(t * each, each);
    in.command = signals.tower;
    in.link_ok = signals.link_age < pack_.link_silent;
    const bms::TowerOrders orders = bms::coordinate(tower_, towers_[t], in);
    for (std::size_t i = 0; i < each; ++i) {
      bms::apply(tower_, orders.order[i], packs_[t * each + i].in);
    }
  }
}

void Battery::control(CellBank& bank, const BatterySignals& signals, Instant now, Duration dt) {
  alone_ = signals.charge_only;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    PackUnit& u = packs_[i];
    bms::PackInputs& in = u.in;
    u.plant.measure(bank, in);
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
    const std::uint16_t type =
        u.faults.other_type ? static_cast<std::uint16_t>(pack_.type_code + 100) : pack_.type_code;
    reports_[i] = bms::make_report(u.state, in, static_cast<std::uint32_t>(first_ + i + 1), type);
  }
  coordinate(signals);
  const double dt_s = static_cast<double>(dt.to_us()) * 1e-6;
  for (PackUnit& u : packs_) {
    u.out = bms::tick(pack_, u.state, u.in, now);
    u.pending = bms::Command::None;
    if (u.faults.heater_failed) u.out.heater = false;
    u.plant.obey(bank, u.out);
    watch(u, dt_s);
  }
  look_at_limits();
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

/// What a power stage can do for this pack now.
double Battery::most_W(const PackUnit& u, bool charge) const {
  const bms::DynamicLimits& l = u.state.limits;
  const double volts = u.in.pack_voltage.value.count() * 1e-3;
  const double most = watts(charge ? l.charge.value() : l.discharge.value(), volts);
  return cabinet_W_ > 0.0 ? std::min(most, cabinet_W_) : most;
}

void Battery::look_at_limits() {
  std::array<bms::ModuleLimits, bms::kModulesMax> modules{};
  Offer o;
  std::int64_t soc = 0, joined_soc = 0;
  o.full = true;
  double volts = 0.0;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    const PackUnit& u = packs_[i];
    soc += u.state.report.soc.count();
    o.any_on = o.any_on || u.state.machine.state != State::Off;
    if (!joined(u.state.machine.state) || alone(i)) continue;
    ++o.joined;
    joined_soc += u.state.report.soc.count();
    o.full_due = o.full_due || u.state.report.full_due;
    o.full = o.full && u.state.soc.full;
    volts += u.in.pack_voltage.value.count() * 1e-3;
    if (cabinet_W_ > 0.0) {
      o.charge_W += most_W(u, true);
      o.discharge_W += most_W(u, false);
    } else {
      modules[i] = {&u.state.limits, u.in.current, u.in.pack_voltage.value};
    }
  }
  const auto all = static_cast<std::int64_t>(packs_.size());
  const auto on = static_cast<std::int64_t>(o.joined);
  o.soc = Permyriad(static_cast<std::int32_t>(on > 0 ? joined_soc / on : soc / all));
  o.full = o.full && o.joined > 0;
  if (cabinet_W_ == 0.0 && o.joined > 0) {
    limits_ = bms::share_limits(pack_, tower_, std::span(modules).first(packs_.size()));
    const double mean_V = volts / static_cast<double>(o.joined);
    o.charge_W = watts(limits_.charge.value(), mean_V);
    o.discharge_W = watts(limits_.discharge.value(), mean_V);
  }
  offer_ = o;
}

/// Converters and cabinets do as they are told: all the same as long as all can, less the further
/// one is ahead of the others, so that they meet; what is left over goes to whoever can and is not
/// ahead. A warm pack among cold ones could take more, but would only wait for them at the top.
void Battery::share_by_command(double power_W) {
  std::array<double, ems::kCabinetsMax> most{};
  double least = 0.0;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    const PackUnit& u = packs_[i];
    if (!joined(u.state.machine.state) || alone(i)) continue;
    most[i] = most_W(u, power_W > 0);
    if (most[i] > 0.0 && (least == 0.0 || most[i] < least)) least = most[i];
  }
  ems::Capabilities can, leaning;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    const double ahead = (packs_[i].state.report.soc.count() - offer_.soc.count()) / 100.0;
    const double behind = kLeanPerPoint * (power_W > 0 ? -ahead : ahead);
    const double even = std::clamp(1.0 + behind, kLeanLeast, 1.0) * std::min(least, most[i]);
    const double whole = power_W > 0 && ahead > kAheadMost ? even : most[i];
    static_cast<void>(can.push_back(Watts(static_cast<std::int32_t>(whole))));
    static_cast<void>(leaning.push_back(Watts(static_cast<std::int32_t>(even))));
  }
  const auto magnitude = Watts(static_cast<std::int32_t>(std::lround(std::abs(power_W))));
  const ems::Share first = ems::share_power(magnitude, leaning);
  for (std::size_t i = 0; i < packs_.size(); ++i) can[i] -= first.parts[i];
  const ems::Share rest = ems::share_power(first.left_over, can);
  const double sign = power_W < 0.0 ? -1.0 : 1.0;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    packs_[i].wish_W = sign * (first.parts[i] + rest.parts[i]).count();
    if (alone(i) && joined(packs_[i].state.machine.state)) {
      packs_[i].wish_W = most_W(packs_[i], true);
    }
  }
}

/// Packs on one bus: the same voltage at all, currents as their cells have it.
void Battery::share_in_parallel(CellBank& bank, double power_W, double dt_s) {
  double conductance = 0.0, pull = 0.0;
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    packs_[i].wish_W = 0.0;
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
    packs_[i].wish_W = volts * (volts - s.open_V) / s.ohm;
  }
}

/// Chargers hold the voltage limits of the pack: constant current, then constant voltage.
void Battery::hold_voltages(CellBank& bank, double dt_s) {
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    PackUnit& u = packs_[i];
    if (u.wish_W == 0.0) continue;
    const bms::DynamicLimits& l = u.state.limits;
    const double volts = bank.string_V(first_ + i);
    const bool far = volts < kFarBelow * l.charge_voltage.count() * 1e-3 &&
                     volts > kFarAbove * l.discharge_voltage.count() * 1e-3;
    if (far) continue;  // no current within the ratings could reach a limit
    const CellBank::Source s = bank.source(first_ + i, dt_s, u.wish_W / volts);
    if (u.wish_W > 0.0) {
      const double cvl = l.charge_voltage.count() * 1e-3;
      u.wish_W = std::clamp(u.wish_W, 0.0, std::max(0.0, (cvl - s.open_V) / s.ohm * cvl));
    } else {
      const double dvl = l.discharge_voltage.count() * 1e-3;
      u.wish_W = std::clamp(u.wish_W, std::min(0.0, (dvl - s.open_V) / s.ohm * dvl), 0.0);
    }
  }
}

void Battery::ask(CellBank& bank, double power_W, double dt_s) {
  if (tower_.converters || cabinet_W_ > 0.0) {
    share_by_command(power_W);
  } else {
    share_in_parallel(bank, power_W, dt_s);
  }
  if (power_W != 0.0 || alone_ != 0) hold_voltages(bank, dt_s);
  for (PackUnit& u : packs_) u.plant.request(u.wish_W);
}

void Battery::want(CellBank& bank, double dt_s, std::span<double> power_W) {
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    packs_[i].plant.set_outside_supply(packs_[i].in.heating_energy);
    power_W[first_ + i] = packs_[i].plant.want(bank, dt_s);
  }
}

void Battery::drive(CellBank& bank, double dt_s, std::span<double> current_A,
                    std::span<double> heater_W) {
  for (std::size_t i = 0; i < packs_.size(); ++i) {
    const ModulePlant::Drive drive = packs_[i].plant.drive(bank, current_A[first_ + i], dt_s);
    current_A[first_ + i] = drive.current_A;
    heater_W[first_ + i] = drive.heater_W;
  }
}

void Battery::settle(const CellBank& bank, double dt_s) {
  power_W_ = 0.0;
  for (PackUnit& u : packs_) {
    u.plant.settle(bank, dt_s);
    power_W_ += u.plant.far_W();
  }
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
    c.events.first_trip[i] = times(c.events.first_trip[i], factor);
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
