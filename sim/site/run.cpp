// SPDX-License-Identifier: Apache-2.0
// How a site moves on.
#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/assert.hpp"
#include "sim/kernels/round.hpp"
#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

constexpr Duration kFine = Duration::ms(100);
constexpr double kRampPerSecond = 2.0;      // of the rated power
constexpr double kCoolant_K = 293.15;       // what the liquid cooling of a cabinet delivers
constexpr double kCoolFrom_K = 299.15;      // its pump runs from here on
constexpr double kGeneratorStart_s = 12.0;  // to its voltage
constexpr double kReactionMost_s = 2.0;     // the core's promise: 1 s of bad values, then open
// A pack that stands at this charge asks for some of the grid's, as batteries do on their CAN
// (request of a forced charge); up to the second value.
constexpr Permyriad kAsksBelow(500);
constexpr Permyriad kAsksUpTo(1500);
constexpr Duration kSilentLink = Duration::hours(1);

Watts whole_watts(double w) { return Watts(rounded(w)); }

}  // namespace

bool Site::Plant::transient() const {
  for (const Group& g : groups) {
    if (g.battery.transient()) return true;
  }
  return start_when_ready || tower_command != bms::Command::None;
}

void Site::Plant::step(Duration dt) {
  WECO_ASSERT(dt > Duration{} && dt <= kStepMax);
  while (dt > Duration{}) {
    Duration part = std::min(dt, dt > kStepUsual ? dt : kStepUsual);
    if (transient()) part = std::min(dt, kFine);
    advance(part);
    dt = dt - part;
  }
}

/// The towers start when every pack that can has finished its self-test.
void Site::Plant::start_towers() {
  for (const Group& g : groups) {
    for (const PackUnit& u : g.battery.packs()) {
      const bms::State s = u.state.machine.state;
      if (s == bms::State::Off || s == bms::State::SelfTest) return;
    }
  }
  tower_command = bms::Command::Start;
  start_when_ready = false;
}

void Site::Plant::advance(Duration dt) {
  const double dt_s = static_cast<double>(dt.to_us()) * 1e-6;
  if (start_when_ready) start_towers();
  look_around();
  elect();
  const std::size_t running = alive();
  for (std::size_t i = 0; i < groups.size(); ++i) manage(groups[i], i, running);
  for (Group& g : groups) set_points(g, dt_s);
  flow(dt_s);
  balance(dt_s);
  now = now + dt;
  care(dt);
  book(dt_s);
  ems_commands = {};
}

void Site::Plant::look_around() {
  around = environment.at(wall());
  if (overrides.room_degC > -273.15) around.room_degC = overrides.room_degC;
  if (overrides.grid_V >= 0.0) around.grid_V = overrides.grid_V;
  if (overrides.grid_Hz >= 0.0) around.grid_Hz = overrides.grid_Hz;
  grid_there = !overrides.grid_off && !overrides.grid_lost && around.grid_V > 0.0;
  around.pv_W *= overrides.pv_share;
  around.pv_ac_W *= overrides.pv_share;
}

std::size_t Site::Plant::alive() const {
  std::size_t n = 0;
  for (const Group& g : groups) n += g.silent ? 0 : 1;
  return std::max<std::size_t>(n, 1);
}

void Site::Plant::elect() {
  if (groups.size() < 2) return;
  std::array<ems::Member, ems::kInvertersMax> members{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    members[i].serial = static_cast<std::uint32_t>(i + 1);
    members[i].heartbeat = groups[i].silent ? Instant{} : now;
    members[i].healthy = true;
    members[i].claims = parallel.master == static_cast<std::int32_t>(i);
  }
  const ems::ParallelOutputs out =
      ems::elect(std::span(members).first(groups.size()), parallel, now);
  if (out.changed) note(SiteEventKind::Control, static_cast<std::size_t>(out.master) + 1, "master");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool leads = static_cast<std::int32_t>(i) == out.master;
    groups[i].in.slaves_lost = leads ? out.lost : 0;
  }
}

ems::Calendar Site::Plant::calendar() const {
  const std::int64_t at = local();
  ems::Calendar c;
  c.second_of_day = static_cast<std::int32_t>(at % kDay_s);
  c.date = static_cast<std::int32_t>(at / kDay_s);
  c.weekday = static_cast<std::uint8_t>((c.date + 3) % 7);
  c.known = true;
  return c;
}

ems::GridSample Site::Plant::grid_sample(const Group& g) const {
  ems::GridSample s;
  if (g.grid_unmeasured) return s;
  s.quality = ems::Quality::Good;
  if (!grid_there) return s;
  s.voltage.fill(Millivolts(rounded(around.grid_V * 1000)));
  if (overrides.phase_lost > 0) {
    s.voltage[static_cast<std::size_t>(overrides.phase_lost) - 1] = Millivolts(0);
  }
  s.frequency = Millihertz(rounded(around.grid_Hz * 1000));
  return s;
}

/// The energy management of one inverter, with what it can measure.
void Site::Plant::manage(Group& g, std::size_t index, std::size_t running) {
  const double share = g.silent ? 0.0 : 1.0 / static_cast<double>(running);
  ems::Inputs& in = g.in;
  in.calendar = calendar();
  in.grid = grid_sample(g);
  double meter = meter_W;
  if (overrides.meter_reversed) meter = -meter;
  if (overrides.meter_wrong_phase) meter = house_W / 3.0;
  const bool readable = metered && !overrides.meter_lost && !g.silent;
  in.meter =
      readable ? ems::Reading<Watts>::good_of(whole_watts(meter * share)) : ems::Reading<Watts>{};
  if (groups.size() > 1 && !g.silent) {
    double together = 0.0;
    for (const Group& one : groups) {
      if (!one.silent) together += one.pv_W - one.battery.power_W();
    }
    in.mean_ac = ems::Reading<Watts>::good_of(whole_watts(together * share));
  } else {
    in.mean_ac = {};
  }
  const double usable = g.pv_reversed || g.pv_insulation || g.silent ? 0.0 : g.pv_left;
  g.pv_available_W = around.pv_W / static_cast<double>(groups.size()) * usable;
  in.pv = whole_watts(g.pv_W);
  in.pv_available = whole_watts(g.pv_available_W);
  in.pv_ac = whole_watts(around.pv_ac_W * share);
  in.battery_power = whole_watts(g.battery.power_W());
  const Offer& offer = g.battery.offer();
  in.battery_link = !g.link_lost && offer.any_on;
  in.soc = offer.soc;
  in.charge_limit = whole_watts(offer.charge_W);
  in.discharge_limit = whole_watts(offer.discharge_W);
  const double backup =
      around.load_W * config.environment.load.backup_share + overrides.extra_backup_W;
  in.backup_load = whole_watts(backup * share);
  in.ambient = g.ambient_lost ? ems::Reading<Temperature>{}
                              : ems::Reading<Temperature>::good_of(Temperature::deci_celsius(
                                    static_cast<std::int32_t>(around.room_degC * 10)));
  in.demand = overrides.drm_unreadable ? ems::DemandInputs{} : demand;
  if (generator_running_s >= kGeneratorStart_s) {
    in.generator_voltage = ems::Reading<Millivolts>::good_of(Millivolts(230000));
    in.generator_frequency = ems::Reading<Millihertz>::good_of(Millihertz(50000));
  } else {
    in.generator_voltage = ems::Reading<Millivolts>::good_of(Millivolts(0));
    in.generator_frequency = ems::Reading<Millihertz>::good_of(Millihertz(0));
  }
  in.commands = ems_commands;
  if (config.full_charge_monthly) {
    if (offer.full_due) g.charging_full = true;
    if (offer.full) g.charging_full = false;
  }
  if (offer.joined > 0 && offer.soc < kAsksBelow) g.asks = true;
  if (offer.soc >= kAsksUpTo) g.asks = false;
  g.out = ems::tick(g.charging_full || g.asks ? g.full : g.usual, g.state, in, now);
  report(g, index);
}

/// From the core's flows to what panels and packs are asked for; the power stage takes a moment.
void Site::Plant::set_points(Group& g, double dt_s) {
  g.connected = g.out.grid_connected && grid_there && !g.silent;
  g.need_W = 0.0;
  double battery = 0.0;
  g.pv_set_W = 0.0;
  if (!g.silent) {
    g.pv_set_W = std::min<double>(g.out.flow.pv.count(), g.pv_available_W);
    battery = g.out.flow.battery.count();
  }
  if (!g.connected && !g.silent) {
    const double others = g.out.flow.pv_ac.count() + g.out.generator.count();
    g.need_W = g.out.backup_output ? std::max(0.0, g.out.flow.load.count() - others) : 0.0;
    const double through = g.pv_set_W - g.out.flow.battery.count();
    const double loss = plan.product->inverter.loss_W(inverter_rated(), through);
    battery = g.pv_set_W - g.need_W - loss;
  }
  const double most = kRampPerSecond * inverter_rated() * dt_s;
  g.battery_W = std::clamp(battery, g.battery_W - most, g.battery_W + most);
  g.battery.ask(bank, g.battery_W, dt_s);
}

void Site::Plant::flow(double dt_s) {
  const double room = around.room_degC + kZeroCelsius_K;
  if (room != room_K_.front()) std::ranges::fill(room_K_, room);
  BankSurroundings surroundings{room_K_, {}};
  if (plan.product->thermal.coolant_W_per_K > 0.0) {
    cool();
    surroundings.coolant_K = coolant_K_;
  }
  modules.step(surroundings, dt_s);
  for (Group& g : groups) g.battery.settle(modules);
}

/// A pump that stands still exchanges nothing: the frame sees coolant of its own temperature.
void Site::Plant::cool() {
  for (std::size_t i = 0; i < coolant_K_.size(); ++i) {
    const double frame = bank.frame_K(i);
    const bool runs = frame > kCoolFrom_K && !unit(i).faults.cooling_failed;
    coolant_K_[i] = runs ? kCoolant_K : frame;
  }
}

/// What an inverter on the grid gives; returns what its backup output takes from the AC side.
double Site::Plant::balance_connected(Group& g, std::size_t running) {
  g.pv_W = g.pv_set_W;
  const double through = g.pv_W - g.battery.power_W();
  g.loss_W = plan.product->inverter.loss_W(inverter_rated(), through);
  g.ac_W = through - g.loss_W;
  const double wanted =
      around.load_W * config.environment.load.backup_share + overrides.extra_backup_W;
  g.backup_W = g.out.backup_output ? wanted / static_cast<double>(running) : 0.0;
  unserved_W += wanted / static_cast<double>(running) - g.backup_W;
  return g.backup_W;
}

/// An inverter on its own: panels give way, or the load goes without.
void Site::Plant::balance_island(Group& g) {
  g.pv_W = g.pv_set_W;
  const double battery = g.battery.power_W();
  const double through = g.pv_W - battery;
  const bool dead = g.pv_W == 0.0 && battery == 0.0;
  g.loss_W = dead ? 0.0 : plan.product->inverter.loss_W(inverter_rated(), through);
  double surplus = through - g.loss_W - g.need_W;
  if (surplus > 0.0) {
    const double curtailed = std::min(surplus, g.pv_W);
    g.pv_W -= curtailed;
    surplus -= curtailed;
  }
  const double served = std::clamp(g.need_W + std::min(surplus, 0.0), 0.0, g.need_W);
  // what is left over or missing in the end is heat, or heat that was not made
  g.loss_W = g.pv_W - battery - served;
  g.ac_W = served;
  const double others = g.out.backup_output ? double(g.out.flow.pv_ac.count()) : 0.0;
  const double machine = g.out.backup_output ? double(g.out.generator.count()) : 0.0;
  pv_ac_W += others;
  generator_W += machine;
  g.backup_W = served + others + machine;
  const double wanted = g.in.backup_load.count();
  unserved_W += std::max(0.0, wanted - g.backup_W);
}

void Site::Plant::balance(double dt_s) {
  const std::size_t running = alive();
  const double backup = around.load_W * config.environment.load.backup_share;
  house_W = std::max(0.0, around.load_W - backup) + overrides.extra_load_W;
  unserved_W = pv_ac_W = generator_W = 0.0;
  load_W = 0.0;
  double from_grid = 0.0;
  for (Group& g : groups) {
    if (g.silent) {
      g.pv_W = g.ac_W = g.loss_W = g.backup_W = 0.0;
      // a silent inverter's packs may still heat or discharge their electronics
      g.loss_W = -g.battery.power_W();
    } else if (g.connected) {
      from_grid += balance_connected(g, running) - g.ac_W;
    } else {
      balance_island(g);
    }
    load_W += g.backup_W;
  }
  if (grid_there) {
    const double allowed = groups[0].out.pv_ac_max.count();
    const bool free = !groups[0].connected || allowed >= ems::kNoLimit.count();
    const double ac_pv = free ? around.pv_ac_W : std::min(around.pv_ac_W, allowed);
    pv_ac_W += ac_pv;
    load_W += house_W;
    from_grid += house_W - ac_pv;
    meter_W = from_grid;
  } else {
    unserved_W += house_W;
    meter_W = 0.0;
  }
  metered = true;
  const bool start =
      groups[0].out.generator_start && config.environment.generator && !overrides.generator_failed;
  generator_running_s = start ? generator_running_s + dt_s : 0.0;
}

/// The battery core of every pack, at the end of the step.
void Site::Plant::care(Duration dt) {
  const double dt_s = static_cast<double>(dt.to_us()) * 1e-6;
  for (std::size_t n = 0; n < groups.size(); ++n) {
    Group& g = groups[n];
    g.link_age = g.link_lost ? std::min(g.link_age + dt, kSilentLink) : Duration{};
    g.master_age = g.master_lost ? std::min(g.master_age + dt, kSilentLink) : Duration{};
    BatterySignals s;
    s.link_age = g.link_age;
    s.master_age = g.master_age;
    const ems::LimitReason reason = g.out.flow.reason;
    s.charge_wanted = g.out.flow.battery > Watts(0) || g.charging_full || g.asks ||
                      (reason == ems::LimitReason::ChargeLimit) ||
                      g.pv_available_W > g.out.flow.load.count();
    s.heating_energy = g.connected || g.pv_available_W > 500.0;
    s.service_verified = service;
    // from the grid, never from its neighbours
    s.charge_only = g.connected && cabinets() ? overrides.charge_only : 0;
    s.tower = tower_command;
    if (g.battery.control(bank, s, now, dt)) watch(g, n, dt_s);
  }
  tower_command = bms::Command::None;
  service = false;
}

/// After a cycle in which something was decided.
void Site::Plant::watch(const Group& g, std::size_t index, double dt_s) {
  std::size_t pack = g.battery.first();
  for (const PackUnit& u : g.battery.packs()) report_pack(u, pack++);
  const double allowed = std::max(kReactionMost_s, 2.0 * dt_s);
  if (g.battery.longest_beyond_s() > std::max(allowed, fidelity.longest_beyond_s)) {
    ++fidelity.violations;
    note(SiteEventKind::Violation, index + 1, "cell_beyond_limits");
  }
  fidelity.longest_beyond_s = std::max(fidelity.longest_beyond_s, g.battery.longest_beyond_s());
}

void Site::Plant::report(Group& g, std::size_t index) {
  if (g.out.set != 0 || g.out.cleared != 0) {
    for (std::size_t i = 0; i < ems::kConditions; ++i) {
      const auto condition = static_cast<ems::Condition>(i);
      const std::uint16_t code = ems::code_of(plan.product->product, condition);
      if ((g.out.set & ems::bit(condition)) != 0) {
        note(SiteEventKind::Control, index + 1, ems::kConditionNames[i], code);
        if (code != 0) g.codes.set(code);
        if (ems::sounds_buzzer(plan.product->product, code)) g.beep_at = now;
      }
      if ((g.out.cleared & ems::bit(condition)) != 0) {
        note(SiteEventKind::Cleared, index + 1, ems::kConditionNames[i], code);
        if (code != 0 && !g.state.faults.active(code)) g.codes.clear(code);
      }
    }
  }
}

void Site::Plant::report_pack(const PackUnit& u, std::size_t index) {
  if (u.state.machine.state != before_[index]) {
    before_[index] = u.state.machine.state;
    note(SiteEventKind::State, index + 1,
         bms::kStateNames[static_cast<std::size_t>(u.state.machine.state)]);
  }
  const bms::EventChanges& c = u.out.changes;
  if (!c.any()) return;
  for (std::size_t level = 0; level < bms::kLevels; ++level) {
    for (std::uint32_t bits = c.raised[level]; bits != 0; bits &= bits - 1) {
      const auto event = static_cast<std::size_t>(std::countr_zero(bits));
      ++raised[level];
      note(static_cast<SiteEventKind>(level), index + 1, pack_config.events.rows[event].name);
    }
    for (std::uint32_t bits = c.cleared[level]; bits != 0; bits &= bits - 1) {
      const auto event = static_cast<std::size_t>(std::countr_zero(bits));
      note(SiteEventKind::Cleared, index + 1, pack_config.events.rows[event].name);
    }
  }
}

void Site::Plant::note(SiteEventKind kind, std::size_t unit, std::string_view what,
                       std::uint16_t code) {
  const SiteEvent event{now, kind, static_cast<std::int16_t>(unit), what, code};
  if (events.size() < kSiteEventsMax) {
    events.push_back(event);
    return;
  }
  events[events_begin] = event;
  events_begin = (events_begin + 1) % kSiteEventsMax;
  ++events_dropped;
}

double Site::Plant::soc_true(std::size_t pack) const { return bank.mean_soc(pack); }

/// In a string the first full cell ends charging and the first empty one discharging.
double Site::Plant::usable(std::size_t pack) const {
  double left = 1e9;
  double room = 1e9;
  for (std::size_t cell = 0; cell < bank.cells(); ++cell) {
    const double soc = std::clamp(bank.soc(pack, cell), 0.0, 1.0);
    left = std::min(left, soc * bank.capacity_Ah(pack)[cell]);
    room = std::min(room, (1.0 - soc) * bank.capacity_Ah(pack)[cell]);
  }
  return left / (left + room);
}

}  // namespace weco::sim
