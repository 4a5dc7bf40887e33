// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_bank.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/assert.hpp"
#include "sim/kernels/exp.hpp"
#include "sim/kernels/random.hpp"

namespace weco::sim {
namespace {

constexpr double kSeconds = 3600.0;  // of an hour
/// Curves are looked up again at least after so much charge (share of the capacity), time, and
/// change of the mean temperature.
constexpr double kChargeMost = 0.01;
constexpr double kTimeMost_s = 300.0;
constexpr double kKelvinMost = 0.5;
/// Up to here a fraction of two polynomials stands for the exponential function, once a step.
constexpr double kShortTravel = 0.25;
/// A current for a power is found when it moves by less than this share.
constexpr double kCurrentClose = 1e-9;
constexpr double kFar_As = 1e18;  // beyond the ends of a table there is no next line
/// From here down a cell has nothing left that could leak.
constexpr double kDrainedSoc = -0.05;
/// Below this a decaying quantity is nothing; denormal numbers are slow.
constexpr double kNothing = 1e-30;

double flushed(double x) { return x < kNothing && x > -kNothing ? 0.0 : x; }

/// (1 - exp(-z)) / z: the mean of a decay over the step.
double mean_of_decay(double z, double kept) {
  return z < 1e-3 ? 1.0 - z * (0.5 - z * (1.0 / 6.0)) : (1.0 - kept) / z;
}

/// The same electrodes, more or fewer of them.
CellKind of_capacity(CellKind kind, double capacity_Ah) {
  if (capacity_Ah == 0.0 || capacity_Ah == kind.capacity_Ah) return kind;
  const double larger = capacity_Ah / kind.capacity_Ah;
  kind.capacity_Ah = capacity_Ah;
  kind.resistance_scale /= larger;
  kind.heat_J_per_K *= larger;
  kind.self_discharge_A *= larger;
  return kind;
}

CellBank::Extent extent(std::span<const double> values) {
  CellBank::Extent e{values.front(), values.front(), 0.0};
  for (const double v : values) {
    e.min = std::min(e.min, v);
    e.max = std::max(e.max, v);
    e.sum += v;
  }
  return e;
}

}  // namespace

CellBank::CellBank(const BankConfig& config)
    : config_(config),
      kind_(of_capacity(*config.kind, config.capacity_Ah)),
      stride_((config.cells + kLanes - 1) / kLanes * kLanes),
      words_((config.cells + 63) / 64),
      charge_most_As_(kChargeMost * kSeconds * kind_.capacity_Ah),
      kernel_(kernel_choices().front().kernel) {
  WECO_ASSERT(config.strings > 0 && config.cells > 0);
  const std::size_t per_cell = stride_ * config.strings;
  const std::size_t per_string = (config.strings + kLanes - 1) / kLanes * kLanes;
  constexpr std::size_t kCellArrays = 15, kStringArrays = 5;
  memory_ = AlignedDoubles(per_cell * kCellArrays + per_string * (kStringArrays + kStringSums));
  double* at = memory_.data();
  const auto take = [&](double*& array, std::size_t count) {
    array = at;
    at += count;
  };
  take(frame_.soc, per_cell);
  take(frame_.kelvin, per_cell);
  take(frame_.voltage, per_cell);
  for (double** a :
       {&array_.half_gain, &array_.ocv_at_zero, &array_.ocv_slope, &array_.charge_ohm,
        &array_.discharge_ohm, &array_.hysteresis, &array_.hysteresis_own, &array_.entropy,
        &array_.drain, &array_.capacity_Ah, &array_.leaves_up_As, &array_.leaves_down_As}) {
    take(*a, per_cell);
  }
  for (double** a :
       {&array_.current, &array_.relaxing, &array_.branch, &array_.own, &array_.frame_K}) {
    take(*a, per_string);
  }
  take(frame_.sums, per_string * kStringSums);
  charging_ = std::make_unique<bool[]>(config.strings);
  const BankFrame places = {config.strings,
                            stride_,
                            frame_.soc,
                            frame_.kelvin,
                            frame_.voltage,
                            array_.half_gain,
                            array_.ocv_at_zero,
                            array_.ocv_slope,
                            array_.charge_ohm,
                            array_.discharge_ohm,
                            array_.hysteresis,
                            array_.hysteresis_own,
                            array_.entropy,
                            array_.drain,
                            array_.current,
                            array_.relaxing,
                            array_.branch,
                            array_.own,
                            array_.frame_K,
                            charging_.get(),
                            frame_.sums,
                            1.0 / config.thermal.cell_W_per_K,
                            0.0};
  frame_ = places;
  const double width = 1.0 / static_cast<double>(kind().ocv_V.size() - 1);
  stored_V_.push_back(0.0);
  for (std::size_t i = 0; i + 1 < kind().ocv_V.size(); ++i) {
    stored_V_.push_back(stored_V_.back() + 0.5 * width * (kind().ocv_V[i] + kind().ocv_V[i + 1]));
  }
  make_cells();
}

void CellBank::make_cells() {
  const std::size_t count = config_.strings * stride_;
  own_of_.resize(count);
  bleeding_.resize(config_.strings * words_);
  shared_.resize(config_.strings);
  energy_.resize(config_.strings);
  health_ohm_.assign(config_.strings, 1.0);
  frame_K_.assign(config_.strings, config_.temperature_K);
  sum_V_.assign(config_.strings, 0.0);
  Random random(config_.seed);
  const CellSpread& spread = config_.spread;
  for (std::size_t s = 0; s < config_.strings; ++s) {
    for (std::size_t i = s * stride_; i < (s + 1) * stride_; ++i) {
      frame_.kelvin[i] = config_.temperature_K;
      if (i >= s * stride_ + config_.cells) continue;
      Own& own = own_of_[i];
      own.capacity = 1.0 + spread.capacity * random.normal();
      own.ohm = std::max(0.1, 1.0 + spread.resistance * random.normal());
      own.self_discharge_A =
          kind().self_discharge_A * std::max(0.0, 1.0 + spread.self_discharge * random.normal());
      array_.capacity_Ah[i] = kind().capacity_Ah * own.capacity;
      frame_.soc[i] = config_.soc + spread.soc * random.normal();
      frame_.voltage[i] = weco::sim::ocv_V(kind(), frame_.soc[i]);
      sum_V_[s] += frame_.voltage[i];
    }
    refresh(s);
    energy_[s].heat_J =
        kind().heat_J_per_K * shared_[s].kelvin + config_.thermal.frame_J_per_K * frame_K_[s];
  }
}

void CellBank::look_up(std::size_t s) {
  if (shared_[s].stale) {
    refresh(s);
  } else if (shared_[s].crossed) {
    cross(s);
  }
}

/// Looks up the curves of one string and settles what straight lines between them left over.
void CellBank::refresh(std::size_t s) {
  Shared& shared = shared_[s];
  const double own_left = shared.own;
  Shared next = shared;
  next.own = 1.0;
  next.ocv_V = next.slope_V_per_As = next.slope_drain_V_per_s = next.hysteresis_V =
      next.hysteresis_own_V = next.kelvin = next.drain_most_A = 0.0;
  next.room_up_As = next.room_down_As = kFar_As;
  next.moved_As = next.elapsed_s = 0.0;
  for (std::size_t way = 0; way < 2; ++way) next.ohm[way] = next.ohm_drain_V[way] = 0.0;
  double stored = 0.0;
  const double travel_As = kind().hysteresis_travel * kSeconds * kind().capacity_Ah;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    // what the cell's own drain has done to its hysteresis: it leads to the discharge branch
    Own& own = own_of_[i];
    own.hysteresis *= own_left;
    const double pulled = shared.elapsed_s * array_.drain[i] / travel_As;
    const double kept = 1.0 / (1.0 + pulled);
    own.hysteresis =
        flushed(own.hysteresis - (1.0 - kept) * (1.0 + shared.hysteresis + own.hysteresis));
    stored += refresh_cell(s, i, next);
  }
  next.stale = next.moved_by_hand = next.crossed = false;
  next.kelvin_then = next.kelvin;
  StringEnergy& e = energy_[s];
  if (!shared.moved_by_hand) {  // what the lines had wrong becomes heat of the frame
    const double lost = e.chemical_J - stored;
    e.loss_J += lost;
    e.heat_J += lost;
    frame_K_[s] += lost / config_.thermal.frame_J_per_K;
  }
  e.chemical_J = stored;
  shared = next;
}

/// The line of the open-circuit voltage that a cell is on, and how far the string may move until it
/// leaves it. Returns the energy that the cell has stored.
double CellBank::find_line(std::size_t i, const Shared& shared) {
  const double soc = frame_.soc[i];
  const std::span<const double> ocv = kind().ocv_V;
  const auto lines = static_cast<double>(ocv.size() - 1);
  const double charge_As = kSeconds * array_.capacity_Ah[i];
  const double lower = soc < 0.0 ? -1.0 : std::min(std::floor(soc * lines), lines);
  double low_V = ocv.front(), slope = kind().beyond_V, low_soc = 0.0, stored = 0.0;
  if (lower >= lines) {
    low_V = ocv.back();
    low_soc = 1.0;
    stored = stored_V_.back();
  } else if (lower >= 0.0) {
    const auto index = static_cast<std::size_t>(lower);
    low_V = ocv[index];
    slope = (ocv[index + 1] - low_V) * lines;
    low_soc = lower / lines;
    stored = stored_V_[index];
  }
  const double beyond = soc - low_soc;
  const double up = lower < lines ? ((lower + 1.0) / lines - soc) * charge_As : kFar_As;
  const double down = lower >= 0.0 ? beyond * charge_As : kFar_As;
  array_.leaves_up_As[i] = shared.moved_As + up;
  array_.leaves_down_As[i] = down - (shared.moved_As - shared.drain_most_A * shared.elapsed_s);
  array_.ocv_at_zero[i] = low_V - slope * low_soc;
  array_.ocv_slope[i] = slope;
  return charge_As * (stored + beyond * (low_V + 0.5 * slope * beyond));
}

/// New lines for the cells that have left theirs.
void CellBank::cross(std::size_t s) {
  Shared& shared = shared_[s];
  shared.crossed = false;
  const double drifted = shared.moved_As - shared.drain_most_A * shared.elapsed_s;
  double up = kFar_As, down = kFar_As;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    if (shared.moved_As >= array_.leaves_up_As[i] || drifted <= -array_.leaves_down_As[i]) {
      const double soc = frame_.soc[i];
      const double per_As = 1.0 / (kSeconds * array_.capacity_Ah[i]);
      const double before_V = array_.ocv_at_zero[i] + array_.ocv_slope[i] * soc;
      const double before = array_.ocv_slope[i];
      find_line(i, shared);
      shared.ocv_V += array_.ocv_at_zero[i] + array_.ocv_slope[i] * soc - before_V;
      shared.slope_V_per_As += (array_.ocv_slope[i] - before) * per_As;
      shared.slope_drain_V_per_s += (array_.ocv_slope[i] - before) * per_As * array_.drain[i];
    }
    up = std::min(up, array_.leaves_up_As[i]);
    down = std::min(down, array_.leaves_down_As[i]);
  }
  shared.room_up_As = up;
  shared.room_down_As = down;
}

/// All curves of one cell; returns the energy it has stored.
double CellBank::refresh_cell(std::size_t s, std::size_t i, Shared& shared) {
  const double soc = frame_.soc[i];
  const Own& own = own_of_[i];
  const double charge_As = kSeconds * array_.capacity_Ah[i];
  const double stored = find_line(i, shared);
  const double slope = array_.ocv_slope[i];
  shared.room_up_As = std::min(shared.room_up_As, array_.leaves_up_As[i]);
  shared.room_down_As = std::min(shared.room_down_As, array_.leaves_down_As[i]);
  array_.hysteresis[i] = weco::sim::hysteresis_V(kind(), soc);
  array_.hysteresis_own[i] = array_.hysteresis[i] * own.hysteresis;
  array_.entropy[i] = weco::sim::entropy_V_per_K(kind(), soc);
  const double factor = own.ohm * own.fault_ohm * health_ohm_[s];
  const Resistance resistance = resistance_of(kind(), soc, frame_.kelvin[i]);
  array_.charge_ohm[i] = factor * resistance.charge_ohm;
  array_.discharge_ohm[i] = factor * resistance.discharge_ohm;
  const std::size_t bit = i - s * stride_;
  const bool bleeds = ((bleeding_[s * words_ + bit / 64] >> (bit % 64)) & 1U) != 0;
  const double leaking =
      own.self_discharge_A + own.leak_A + (bleeds ? frame_.voltage[i] / config_.bleed_ohm : 0.0);
  const double drain = soc > kDrainedSoc ? leaking : 0.0;
  array_.drain[i] = drain;
  array_.half_gain[i] = 0.5 * dt_s_ / charge_As;

  shared.ocv_V += array_.ocv_at_zero[i] + slope * soc;
  shared.slope_V_per_As += slope / charge_As;
  shared.slope_drain_V_per_s += slope / charge_As * drain;
  shared.ohm[0] += array_.discharge_ohm[i];
  shared.ohm[1] += array_.charge_ohm[i];
  shared.ohm_drain_V[0] += array_.discharge_ohm[i] * drain;
  shared.ohm_drain_V[1] += array_.charge_ohm[i] * drain;
  shared.hysteresis_V += array_.hysteresis[i];
  shared.hysteresis_own_V += array_.hysteresis_own[i];
  shared.kelvin += frame_.kelvin[i];
  shared.drain_most_A = std::max(shared.drain_most_A, drain);
  return stored;
}

void CellBank::prepare(double dt_s) {
  WECO_ASSERT(dt_s > 0.0 && dt_s <= kStepMax_s);
  if (dt_s == dt_s_) return;
  dt_s_ = dt_s;
  const auto relaxation = [&](double constant_s) {
    const double kept = exp_of(-dt_s / constant_s);
    return Decay{kept, mean_of_decay(dt_s / constant_s, kept)};
  };
  fast_ = relaxation(kind().fast_s);
  slow_ = relaxation(kind().slow_s);
  cell_heat_ = relaxation(kind().heat_J_per_K / config_.thermal.cell_W_per_K);
  frame_.kelvin_kept = cell_heat_.kept;
  for (std::size_t s = 0; s < config_.strings; ++s) {
    for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
      array_.half_gain[i] = 0.5 * dt_s / (kSeconds * array_.capacity_Ah[i]);
    }
  }
}

/// The current whose product with the whole resistance is the mean voltage across it.
double CellBank::relaxing_A(const Shared& shared, double current_A) const {
  const CellKind& k = kind();
  return k.share_at_once * current_A +
         k.share_fast * (current_A + fast_.mean * (shared.fast_A - current_A)) +
         k.share_slow * (current_A + slow_.mean * (shared.slow_A - current_A));
}

CellBank::Decay CellBank::hysteresis_decay(double current_A) const {
  const double z =
      std::abs(current_A) * dt_s_ / (kind().hysteresis_travel * kSeconds * kind().capacity_Ah);
  if (z > kShortTravel) {
    const double kept = exp_of(-z);
    return {kept, mean_of_decay(z, kept)};
  }
  const double mean = 12.0 / (12.0 + z * (6.0 + z));  // Pade (2,2): within 1.4e-6 of exp(-z)
  return {1.0 - z * mean, mean};
}

void CellBank::begin(std::size_t s, const BankInputs& in) {
  look_up(s);
  Shared& shared = shared_[s];
  const double current = in.current_A[s];
  shared.current_A = current;
  if (current != 0.0) shared.charging = current > 0.0;
  array_.current[s] = current;
  array_.relaxing[s] = relaxing_A(shared, current);
  shared.fast_A = flushed(current + fast_.kept * (shared.fast_A - current));
  shared.slow_A = flushed(current + slow_.kept * (shared.slow_A - current));
  const Decay decay = hysteresis_decay(current);
  const double branch = current > 0.0 ? 1.0 : current < 0.0 ? -1.0 : shared.hysteresis;
  array_.branch[s] = branch + decay.mean * (shared.hysteresis - branch);
  array_.own[s] = shared.own * decay.mean;
  shared.hysteresis = branch + decay.kept * (shared.hysteresis - branch);
  shared.own *= decay.kept;
  charging_[s] = shared.charging;

  // The frame as it will be at the end of the step, seen from its start (backward Euler).
  const StringThermal& t = config_.thermal;
  const auto cells = static_cast<double>(config_.cells);
  const double from_cells = cells * t.cell_W_per_K * cell_heat_.mean;
  const double inertia = t.frame_J_per_K / dt_s_;
  const double heater = in.heater_W.empty() ? 0.0 : in.heater_W[s];
  double flow = inertia * frame_K_[s] + from_cells * (shared.kelvin / cells) +
                t.room_W_per_K * in.room_K[s] + heater;
  double conductance = inertia + from_cells + t.room_W_per_K;
  if (!in.coolant_K.empty()) {
    flow += t.coolant_W_per_K * in.coolant_K[s];
    conductance += t.coolant_W_per_K;
  }
  array_.frame_K[s] = flow / conductance;
}

void CellBank::finish(std::size_t s, const BankInputs& in) {
  Shared& shared = shared_[s];
  StringEnergy& e = energy_[s];
  const double* sums = frame_.sums + s * kStringSums;
  const double current = shared.current_A;
  const double terminal = current * sums[kSumVoltage];
  const double heat = sums[kSumLoss] + sums[kSumReversible] + sums[kSumDrained];
  sum_V_[s] = sums[kSumVoltage];
  e.terminal_J += dt_s_ * terminal;
  e.drained_J += dt_s_ * sums[kSumDrained];
  e.loss_J += dt_s_ * sums[kSumLoss];
  e.reversible_J += dt_s_ * sums[kSumReversible];
  e.chemical_J += dt_s_ * (terminal - sums[kSumDrained] - sums[kSumLoss]);

  const StringThermal& t = config_.thermal;
  double idle = 0.0;  // cells that only fill up
  for (std::size_t i = s * stride_ + config_.cells; i < (s + 1) * stride_; ++i) {
    idle += frame_.kelvin[i];
  }
  const double kelvin = sums[kSumKelvin] - idle;
  const double warmed = kind().heat_J_per_K * (kelvin - shared.kelvin);
  const double to_room = t.room_W_per_K * (array_.frame_K[s] - in.room_K[s]);
  const double to_coolant =
      in.coolant_K.empty() ? 0.0 : t.coolant_W_per_K * (array_.frame_K[s] - in.coolant_K[s]);
  const double heater = in.heater_W.empty() ? 0.0 : in.heater_W[s];
  const double gained = dt_s_ * (heat + heater - to_room - to_coolant);
  frame_K_[s] += (gained - warmed) / t.frame_J_per_K;
  e.heater_J += dt_s_ * heater;
  e.room_J += dt_s_ * to_room;
  e.coolant_J += dt_s_ * to_coolant;
  e.heat_J = kind().heat_J_per_K * kelvin + t.frame_J_per_K * frame_K_[s];

  shared.kelvin = kelvin;
  shared.ocv_V += dt_s_ * (shared.slope_V_per_As * current - shared.slope_drain_V_per_s);
  shared.moved_As += dt_s_ * current;
  shared.elapsed_s += dt_s_;
  const double drifted = shared.moved_As - shared.drain_most_A * shared.elapsed_s;
  const double warmer = std::abs(kelvin - shared.kelvin_then);
  shared.crossed = shared.moved_As >= shared.room_up_As || drifted <= -shared.room_down_As;
  shared.stale = shared.stale || std::abs(shared.moved_As) >= charge_most_As_ ||
                 shared.elapsed_s >= kTimeMost_s ||
                 warmer >= kKelvinMost * static_cast<double>(config_.cells);
}

void CellBank::step(const BankInputs& in, double dt_s) {
  WECO_ASSERT(in.current_A.size() == config_.strings && in.room_K.size() == config_.strings);
  prepare(dt_s);
  for (std::size_t s = 0; s < config_.strings; ++s) begin(s, in);
  kernel_(frame_);
  for (std::size_t s = 0; s < config_.strings; ++s) finish(s, in);
}

CellBank::Source CellBank::source(std::size_t s, double dt_s, double expected_A) {
  prepare(dt_s);
  look_up(s);
  const Shared& shared = shared_[s];
  const bool charging = expected_A != 0.0 ? expected_A > 0.0 : shared.charging;
  const double ohm = shared.ohm[charging ? 1 : 0];
  const Decay decay = hysteresis_decay(expected_A);
  const double branch = expected_A > 0.0 ? 1.0 : expected_A < 0.0 ? -1.0 : shared.hysteresis;
  const double mean = branch + decay.mean * (shared.hysteresis - branch);
  const double half_s = 0.5 * dt_s;
  const double at_rest = relaxing_A(shared, 0.0);
  const double open = shared.ocv_V - half_s * shared.slope_drain_V_per_s + ohm * at_rest -
                      shared.ohm_drain_V[charging ? 1 : 0] + mean * shared.hysteresis_V +
                      shared.own * decay.mean * shared.hysteresis_own_V;
  return {open, ohm * (relaxing_A(shared, 1.0) - at_rest) + half_s * shared.slope_V_per_As};
}

double CellBank::current_for(std::size_t s, double dt_s, double power_W) {
  if (power_W == 0.0) return 0.0;
  double current = power_W / sum_V_[s];
  for (int again = 0; again < 4; ++again) {
    const double before = current;
    const Source now = source(s, dt_s, current);
    const double inside = now.open_V * now.open_V + 4.0 * now.ohm * power_W;
    const double root = inside > 0.0 ? std::sqrt(inside) : 0.0;
    // the usual formula, without the difference of two nearly equal numbers
    current = 2.0 * power_W / (now.open_V + root);
    if (inside <= 0.0) current = -now.open_V / (2.0 * now.ohm);
    if (std::abs(current - before) <= kCurrentClose * std::abs(current)) break;
  }
  return current;
}

std::span<const double> CellBank::voltage_V(std::size_t s) const { return of(frame_.voltage, s); }
std::span<const double> CellBank::temperature_K(std::size_t s) const {
  return of(frame_.kelvin, s);
}
std::span<const double> CellBank::soc(std::size_t s) const { return of(frame_.soc, s); }
std::span<const double> CellBank::capacity_Ah(std::size_t s) const {
  return of(array_.capacity_Ah, s);
}
CellBank::Extent CellBank::voltage_extent(std::size_t s) const { return extent(voltage_V(s)); }
CellBank::Extent CellBank::temperature_extent(std::size_t s) const {
  return extent(temperature_K(s));
}
CellBank::Extent CellBank::soc_extent(std::size_t s) const { return extent(soc(s)); }

void CellBank::set_balancing(std::size_t s, std::span<const std::uint64_t> mask) {
  for (std::size_t w = 0; w < words_; ++w) {
    const std::uint64_t word = w < mask.size() ? mask[w] : 0;
    shared_[s].stale = shared_[s].stale || bleeding_[s * words_ + w] != word;
    bleeding_[s * words_ + w] = word;
  }
}

void CellBank::set_leak(std::size_t s, std::size_t cell, double leak_A) {
  WECO_ASSERT(cell < config_.cells);
  own_of_[s * stride_ + cell].leak_A = leak_A;
  shared_[s].stale = true;
}

void CellBank::set_resistance_factor(std::size_t s, std::size_t cell, double factor) {
  WECO_ASSERT(cell < config_.cells);
  own_of_[s * stride_ + cell].fault_ohm = factor;
  shared_[s].stale = true;
}

double CellBank::set_soc(std::size_t s, std::size_t cell, double soc) {
  WECO_ASSERT(cell < config_.cells);
  refresh(s);
  const double before = energy_[s].chemical_J;
  frame_.soc[s * stride_ + cell] = soc;
  shared_[s].moved_by_hand = true;
  refresh(s);
  return energy_[s].chemical_J - before;
}

double CellBank::set_health(std::size_t s, double capacity, double resistance) {
  WECO_ASSERT(capacity > 0.0 && resistance > 0.0);
  refresh(s);
  const double before = energy_[s].chemical_J;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    array_.capacity_Ah[i] = kind().capacity_Ah * own_of_[i].capacity * capacity;
  }
  health_ohm_[s] = resistance;
  shared_[s].moved_by_hand = true;
  refresh(s);
  return energy_[s].chemical_J - before;
}

std::uint64_t CellBank::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, eight bytes at a time
  const auto mix = [&](double value) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3;
    hash ^= hash >> 29;
  };
  for (std::size_t i = 0; i < memory_.size(); ++i) mix(memory_.data()[i]);
  for (std::size_t s = 0; s < config_.strings; ++s) {
    for (const double value :
         {shared_[s].fast_A, shared_[s].slow_A, shared_[s].hysteresis, shared_[s].own, frame_K_[s],
          energy_[s].chemical_J, energy_[s].loss_J, energy_[s].heat_J}) {
      mix(value);
    }
  }
  return hash;
}

}  // namespace weco::sim
