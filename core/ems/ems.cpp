// SPDX-License-Identifier: Apache-2.0
// Read all, decide, write all. The order of tick() is the order in which one thing restricts the
// next: demands, grid, generator, load, bounds, mode, flows, and then what is counted and reported.
#include "core/ems/ems.hpp"

namespace weco::ems {
namespace {

constexpr Watts kZero{};
constexpr Permyriad kFull{10000};

Watts share_of(Watts power, Permyriad share) {
  return Watts(static_cast<std::int32_t>(std::int64_t{power.count()} * share.count() / 10000));
}

Watts smaller(Watts a, Watts b) { return a < b ? a : b; }

bool in_order(Permyriad low, Permyriad high) {
  return low >= Permyriad(0) && low < high && high <= kFull;
}

ConfigRefusal check(const Ratings& ratings, const ProtectionConfig& protection, const Settings& s) {
  const ModeSettings& mode = s.mode;
  if (product_of(mode.mode) != ratings.product) return ConfigRefusal::WrongMode;
  if (protection.phases != ratings.phases) return ConfigRefusal::WrongPhases;
  if (protection.code == nullptr || protection.rated <= kZero) return ConfigRefusal::NoPower;
  if (ratings.ac_rated != kZero && protection.rated > ratings.ac_rated)
    return ConfigRefusal::NoPower;
  if (s.export_limit < kZero) return ConfigRefusal::ExportLimit;
  if (s.import_limit < kZero) return ConfigRefusal::ImportLimit;
  if (!in_order(s.soc_min, s.soc_max)) return ConfigRefusal::SocRange;
  if (!in_order(s.generator.start_soc, s.generator.stop_soc)) return ConfigRefusal::SocRange;
  if (!in_order(Permyriad(0), mode.target_soc)) return ConfigRefusal::SocRange;
  if (mode.grid_charge_power < kZero) return ConfigRefusal::ChargePower;
  if (!check_windows(mode.charge, mode.discharge).accepted()) return ConfigRefusal::BadWindows;
  const bool by_week = mode.mode == Mode::SajTimeOfUse;
  return by_week && !check_week(mode.week).accepted() ? ConfigRefusal::BadWeek
                                                      : ConfigRefusal::None;
}

// The battery gives nothing below soc_min while the grid is there; off the grid the BMS decides.
bool kept_back(const Settings& settings, State& state, const Inputs& in, bool on_grid) {
  if (in.soc <= settings.soc_min) state.empty = true;
  if (in.soc >= settings.soc_min + kEmptyHysteresis) state.empty = false;
  return state.empty && on_grid;
}

void bound_battery(const Config& config, State& state, const Inputs& in, bool on_grid, Bounds& b) {
  b.charge = {kZero, LimitReason::ChargeLimit};
  b.discharge = {kZero, LimitReason::DischargeLimit};
  if (!in.battery_link) return;
  const Settings& s = config.settings;
  if (in.soc < s.soc_max) b.charge.at_least(in.charge_limit, LimitReason::ChargeLimit);
  if (!kept_back(s, state, in, on_grid)) {
    b.discharge.at_least(in.discharge_limit, LimitReason::DischargeLimit);
  }
  b.charge.at_most(config.battery.charge_max, LimitReason::ChargeLimit);
  b.discharge.at_most(config.battery.discharge_max, LimitReason::DischargeLimit);
}

// Where a demand to give and a demand not to give meet, the one nearer to zero power holds.
void reconcile(Bounds& b) {
  if (b.ac_min.value <= b.ac_max.value) return;
  if (b.ac_max.value >= kZero) {
    b.ac_min = b.ac_max;
    return;
  }
  b.ac_min.at_most(kZero, b.ac_min.reason);
  b.ac_max = b.ac_min;
}

void bound_inverter(const Config& config, State& state, const Inputs& in, const Demand& demand,
                    bool on_grid, Instant now, Bounds& b) {
  const Ratings& r = *config.ratings;
  const Permyriad share = in.ambient.good() ? ambient_share(r, in.ambient.value) : kFull;
  const LimitReason why = share < kFull ? LimitReason::Ambient : LimitReason::InverterRating;
  b.ac_max = {share_of(config.rated, share), why};
  b.ac_min = {-share_of(config.rated, share), why};
  if (!on_grid) return;
  const Watts ac_now = in.pv - in.battery_power;
  const AcBounds support =
      grid_support(config.protection, state.protection, in.grid.frequency, ac_now, now);
  b.ac_max.at_most(demand.ac_max.value, demand.ac_max.reason);
  b.ac_min.at_least(demand.ac_min.value, demand.ac_min.reason);
  b.ac_max.at_most(support.max.value, support.max.reason);
  b.ac_min.at_least(support.min.value, support.min.reason);
  reconcile(b);
}

void bound_connection(const Config& config, bool on_grid, bool generator, bool meter_lost,
                      Bounds& b) {
  const Settings& s = config.settings;
  if (!on_grid) {
    b.export_max = b.import_max = {kZero, LimitReason::OffGrid};
    const Watts rated = config.ratings->generator_rated;
    if (generator) {
      b.import_max = {rated > kZero ? rated : config.rated, LimitReason::GeneratorRating};
    }
    b.discharge_for_import = true;
    b.pv_ac_controllable = true;  // the inverter sets the frequency and so the others' power
    return;
  }
  b.export_max = {s.export_limit, LimitReason::ExportLimit};
  if (!s.mode.sell) b.export_max = {kZero, LimitReason::SellingOff};
  if (meter_lost) b.export_max.reason = LimitReason::MeterLost;
  b.import_max = {s.import_limit, LimitReason::DemandLimit};
  b.discharge_for_import = s.battery_for_import;
  b.pv_ac_controllable = s.pv_ac_controllable;
}

// What the network operator or a lost meter changes about the mode's wish.
void overrule(Intent& intent, const Demand& demand, const Bounds& b, bool meter_lost) {
  if (demand.charge) {
    intent.from_grid = b.charge.value;
    intent.discharge_min = kZero;
  }
  if (demand.discharge) {
    intent.discharge_min = intent.discharge_max = b.discharge.value;
    intent.from_grid = kZero;
  }
  if (meter_lost) intent.from_grid = intent.discharge_min = kZero;
}

// Off the grid: a load that cannot be fed is dropped whole and tried again after a pause.
void solve_off_grid(const Intent& intent, Bounds& b, State& state, Instant now, Outputs& out) {
  const bool source = b.discharge.value + b.pv + b.pv_ac + b.import_max.value > kZero;
  if (state.dropped && now >= state.retry_at && source) state.dropped = false;
  if (!state.dropped) {
    solve_into(intent, b, out.flow);
    if (out.flow.import_excess == kZero) return;
    state.dropped = true;
    state.retry_at = now + kBackupRetry;
  }
  out.unserved = b.load;
  b.load = kZero;
  solve_into(intent, b, out.flow);
}

constexpr std::array<Condition, 5> kRowConditions{
    Condition::GridVoltageLow, Condition::GridVoltageHigh, Condition::GridVoltageHigh,
    Condition::GridFrequencyLow, Condition::GridFrequencyHigh};

ConditionSet grid_conditions(const Config& config, const ProtectionState& p) {
  switch (p.cause) {
    case GridCause::Row: {
      const TripKind kind = config.protection.code->rows[p.row].kind;
      return bit(kRowConditions[static_cast<std::size_t>(kind)]);
    }
    case GridCause::NotMeasured:
    case GridCause::Blackout:
      return bit(Condition::GridLost);
    case GridCause::None:
    case GridCause::Starting:
    case GridCause::Commanded:
      break;
  }
  return 0;
}

ConditionSet when(bool holds, Condition condition) { return holds ? bit(condition) : 0; }

ConditionSet slave_conditions(std::uint32_t lost) {
  return when((lost & 2U) != 0, Condition::Slave1Lost) |
         when((lost & 4U) != 0, Condition::Slave2Lost) |
         when((lost & 8U) != 0, Condition::Slave3Lost);
}

void report(const Config& config, State& state, ConditionSet now, Outputs& out) {
  out.conditions = now;
  out.set = now & ~state.conditions;
  out.cleared = state.conditions & ~now;
  update_faults(config.ratings->product, state.conditions, now, state.faults);
  state.conditions = now;
}

LoadEstimate load_of(const Config& config, State& state, const Inputs& in, bool on_grid,
                     Instant now) {
  if (!on_grid) return {in.backup_load, false};
  const Watts ac = in.pv - in.battery_power;
  // In parallel the meter answers what all do together: one whose battery drops out, or the others
  // that take over from it, would take the answer for a wrong transformer.
  const Watts plant_ac = in.mean_ac.good() ? in.mean_ac.value : ac;
  const MeterInputs meter{in.meter, ac, plant_ac, in.pv_ac, in.backup_load, in.commands.ct_recheck};
  return estimate_load(config.settings.meter, state.meter, meter, now);
}

GeneratorOutputs generator_of(const Config& config, State& state, const Inputs& in, bool on_grid,
                              Instant now) {
  if (!config.settings.generator.fitted) return {};
  GeneratorInputs g;
  g.voltage = in.generator_voltage;
  g.frequency = in.generator_frequency;
  if (in.battery_link) g.soc = Reading<Permyriad>::good_of(in.soc);
  g.off_grid = !on_grid;
  g.reset = in.commands.reset;
  return run_generator(config.settings.generator, *config.ratings, state.generator, g, now);
}

}  // namespace

std::string_view name(ConfigRefusal refusal) {
  switch (refusal) {
    case ConfigRefusal::None:
      return "accepted";
    case ConfigRefusal::WrongMode:
      return "the working mode belongs to another product";
    case ConfigRefusal::WrongPhases:
      return "the grid protection watches another number of phases";
    case ConfigRefusal::NoPower:
      return "the rated power is missing or above the model's";
    case ConfigRefusal::ExportLimit:
      return "the export limit is negative";
    case ConfigRefusal::ImportLimit:
      return "the import limit is negative";
    case ConfigRefusal::SocRange:
      return "a state of charge is out of order or not between 0 and 100 percent";
    case ConfigRefusal::ChargePower:
      return "the charge power is negative";
    case ConfigRefusal::BadWindows:
      return "the charge and discharge windows are not accepted";
    case ConfigRefusal::BadWeek:
      return "the time-of-use plan is not accepted";
  }
  return "";
}

Result<Config> make_config(const Ratings& ratings, const BatteryRating& battery,
                           const ProtectionConfig& protection, const Settings& settings) {
  const ConfigRefusal refusal = check(ratings, protection, settings);
  if (refusal != ConfigRefusal::None) {
    return fail(ErrorCode::BadInput, static_cast<std::int32_t>(refusal));
  }
  return Config{&ratings, protection.rated, battery, protection, settings};
}

bool tick_fast(const Config& config, State& state, const GridSample& grid, Instant now) {
  return protect(config.protection, state.protection, grid, state.disconnect, now);
}

Outputs tick(const Config& config, State& state, const Inputs& in, Instant now) {
  const Settings& settings = config.settings;
  const bool forward = state.ticked && now > state.last;
  const Duration elapsed = forward ? now - state.last : Duration{};
  state.last = now;
  state.ticked = true;

  Outputs out;
  evaluate_demand_into(settings.demand, *config.ratings, config.rated, in.demand, state.demand,
                       out.demand);
  state.disconnect = out.demand.disconnect || in.commands.grid_off;
  const bool on_grid = tick_fast(config, state, in.grid, now);
  const GeneratorOutputs generator = generator_of(config, state, in, on_grid, now);
  const LoadEstimate load = load_of(config, state, in, on_grid, now);
  const Watts carried = on_grid ? kZero : in.backup_load;
  const OverloadVerdict overload = watch_overload(*config.ratings, config.rated, state.overload,
                                                  carried, elapsed, in.commands.reset);
  const bool output_wanted = settings.mode.ac_output && !overload.tripped;

  Bounds b;
  b.pv =
      smaller(in.pv_available, config.ratings->pv_max > kZero ? config.ratings->pv_max : kNoLimit);
  b.pv_ac = in.pv_ac;
  b.load = on_grid || output_wanted ? load.load : kZero;
  bound_battery(config, state, in, on_grid, b);
  bound_inverter(config, state, in, out.demand, on_grid, now, b);
  bound_connection(config, on_grid, generator.connected, load.lost, b);

  const ModeInputs mode_inputs{
      in.calendar,      in.soc, b.pv + b.pv_ac > kZero, on_grid, generator.connected && !on_grid,
      b.discharge.value};
  ModeDecision decision = decide(settings.mode, state.mode, mode_inputs);
  out.activity = decision.activity;
  if (on_grid) {
    state.dropped = false;
    overrule(decision.intent, out.demand, b, load.lost);
    solve_into(decision.intent, b, out.flow);
  } else {
    solve_off_grid(decision.intent, b, state, now, out);
    out.generator = out.flow.grid;
    out.flow.grid = kZero;
  }

  out.grid_connected = on_grid;
  out.backup_output = output_wanted && !state.dropped;
  out.generator_start = generator.start_relay;
  out.meter_lost = load.lost;
  out.pv_ac_max = b.pv_ac_controllable ? out.flow.pv_ac : kNoLimit;
  out.day_closed = count_energy(state.counters, out.flow, out.generator, in.calendar, elapsed);
  const CtVerdict ct = state.meter.verdict;
  const bool outside = b.ac_max.value == kZero && b.ac_max.reason == LimitReason::Ambient;
  report(config, state,
         when(overload.alarm, Condition::OverloadAlarm) |
             when(overload.tripped, Condition::OverloadTrip) |
             when(load.lost && ct < CtVerdict::Reversed, Condition::MeterLost) |
             when(ct == CtVerdict::Reversed, Condition::CtReversed) |
             when(ct == CtVerdict::Misplaced, Condition::CtMisplaced) |
             grid_conditions(config, state.protection) | when(outside, Condition::AmbientOutside) |
             when(generator.failed, Condition::GeneratorFailed) |
             when(!in.battery_link, Condition::BatteryLinkLost) | slave_conditions(in.slaves_lost),
         out);
  return out;
}

}  // namespace weco::ems
