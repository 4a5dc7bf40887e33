// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_bank.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>

#include "core/base/assert.hpp"
#include "sim/kernels/decay.hpp"
#include "sim/kernels/random.hpp"

namespace weco::sim {
namespace {

constexpr double kSeconds = 3600.0;  // of an hour
/// Curves are looked up again at least after so much charge of the string, charge that flows past
/// one of its cells (shares of the capacity), time, and change of the mean temperature.
constexpr double kChargeMost = 0.015;
constexpr double kDrainMost = 0.00025;
constexpr double kTimeMost_s = 3600.0;
constexpr double kChargeMostAtTop = 0.001;
constexpr double kTimeMostAtTop_s = 60.0;
constexpr double kKelvinMost = 0.5;
/// Times are sums of steps and a little less than they should be.
constexpr double kTimeSlack_s = 1e-3;
constexpr double kFar_As = 1e18;  // beyond the ends of a table there is no next line
/// What a step touches of so many cells and their strings stays in a processor's first cache. Of
/// more, the end of a step stays: the next one begins there.
constexpr std::size_t kCachedCells = 512;
/// From here down a cell has nothing left that could leak.
constexpr double kDrainedSoc = -0.05;
/// Below this a decaying quantity is nothing; denormal numbers are slow.
constexpr double kNothing = 1e-30;

double flushed(double x) { return x < kNothing && x > -kNothing ? 0.0 : x; }

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
      stride_(padded(config.cells)),
      words_((config.cells + 63) / 64),
      kernel_(&kernel_choices().front()),
      string_(std::make_unique<StringArrays>()) {
  WECO_ASSERT(config.strings > 0 && config.strings <= kStringsMax && config.cells > 0);
  lay_out();
  const double width = 1.0 / static_cast<double>(kind().ocv_V.size() - 1);
  stored_V_.push_back(0.0);
  for (std::size_t i = 0; i + 1 < kind().ocv_V.size(); ++i) {
    stored_V_.push_back(stored_V_.back() + 0.5 * width * (kind().ocv_V[i] + kind().ocv_V[i + 1]));
  }
  make_cells();
}

/// Gives every array of the cells its place.
void CellBank::lay_out() {
  CellArrays& c = frame_.cell;
  double** const of_cells[] = {&c.voltage,
                               &c.base[0],
                               &c.base[1],
                               &c.per_As,
                               &c.ohm[0],
                               &c.ohm[1],
                               &c.hysteresis,
                               &c.own,
                               &c.kelvin,
                               &c.entropy,
                               &c.drain,
                               &c.own_then,
                               &c.per_second,
                               &place_.soc_then,
                               &place_.capacity_Ah,
                               &place_.per_As,
                               &place_.leaves_up_As,
                               &place_.leaves_down_As};
  const std::size_t cells = stride_ * config_.strings;
  memory_ = Aligned<double>(cells * std::size(of_cells));
  double* at = memory_.data();
  for (double** array : of_cells) {
    *array = at;
    at += cells;
  }
  // nothing is ever due of what only fills up
  for (auto* array : {&string_->room_up, &string_->room_down, &string_->settled_s}) {
    std::ranges::fill(*array, kFar_As);
  }
  const std::size_t strings = padded(config_.strings);
  sensors_ = Aligned<double>(2 * cells);
  read_ = Aligned<Millivolts>(cells + 3 * strings);
  Millivolts* const read = read_.data();
  readings_ = {.gain = sensors_.data(),
               .offset = sensors_.data() + cells,
               .cell = read,
               .min = read + cells,
               .max = read + cells + strings,
               .sum = read + cells + 2 * strings,
               .plain = true};
  std::fill_n(readings_.gain, cells, kMillivoltsPerVolt);
  frame_.string = string_.get();
  frame_.strings = config_.strings;
  frame_.stride = stride_;
  step_.share = 1.0 / static_cast<double>(config_.cells);
  step_.charge_most = kChargeMost * kSeconds * kind_.capacity_Ah;
}

void CellBank::make_cells() {
  const std::size_t count = config_.strings * stride_;
  own_of_.resize(count);
  bleeding_.resize(config_.strings * words_);
  strings_.resize(config_.strings);
  warmings_.resize(config_.strings);
  room_K_.assign(config_.strings, config_.temperature_K);
  coolant_K_.reserve(config_.strings);
  Random random(config_.seed);
  const CellSpread& spread = config_.spread;
  for (std::size_t s = 0; s < config_.strings; ++s) {
    String& string = strings_[s];
    string.frame_K = config_.temperature_K;
    string_->charging[s] = string_->own[s] = 1.0;
    string_->settled_s[s] = 0.0;
    for (std::size_t i = s * stride_; i < (s + 1) * stride_; ++i) {
      frame_.cell.kelvin[i] = config_.temperature_K;
      place_.leaves_up_As[i] = place_.leaves_down_As[i] = kFar_As;
      if (i >= s * stride_ + config_.cells) continue;
      Own& own = own_of_[i];
      own.capacity = 1.0 + spread.capacity * random.normal();
      own.ohm = std::max(0.1, 1.0 + spread.resistance * random.normal());
      own.self_discharge_A =
          kind().self_discharge_A * std::max(0.0, 1.0 + spread.self_discharge * random.normal());
      set_capacity(i, 1.0);
      place_.soc_then[i] = config_.soc + spread.soc * random.normal();
      frame_.cell.voltage[i] = weco::sim::ocv_V(kind(), place_.soc_then[i]);
      string_->volts[s] += frame_.cell.voltage[i];
      string.kelvin += config_.temperature_K;
    }
    refresh(s);
    string.energy.heat_J =
        kind().heat_J_per_K * string.kelvin + config_.thermal.frame_J_per_K * string.frame_K;
  }
}

/// `left`: share of the new cell's.
void CellBank::set_capacity(std::size_t at, double left) {
  place_.capacity_Ah[at] = kind().capacity_Ah * own_of_[at].capacity * left;
  place_.per_As[at] = 1.0 / (kSeconds * place_.capacity_Ah[at]);
}

double CellBank::soc_at(std::size_t s, std::size_t i) const {
  const double elapsed = clock_s_ - strings_[s].looked_s;
  const double gained_As = string_->moved[s] - frame_.cell.drain[i] * elapsed;
  return place_.soc_then[i] + gained_As * place_.per_As[i];
}

void CellBank::look_up(std::size_t s) {
  const std::int64_t due = string_->due[s];
  if ((due & kDueCurves) != 0) {
    refresh(s);
  } else if ((due & kDueLine) != 0) {
    cross(s);
  }
}

void CellBank::look_up_due() {
  if (due_any_ == 0) return;
  due_any_ = 0;
  for (std::size_t s = 0; s < config_.strings; ++s) look_up(s);
}

/// Looks up the curves of one string and settles what straight lines between them left over.
void CellBank::refresh(std::size_t s) {
  settle(s);
  String& string = strings_[s];
  StringArrays& a = *string_;
  const double elapsed = clock_s_ - string.looked_s;
  const double travel_As = kind().hysteresis_travel * kSeconds * kind().capacity_Ah;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    place_.soc_then[i] = soc_at(s, i);
    // what the cell's own drain has done to its hysteresis: it leads to the discharge branch
    Own& own = own_of_[i];
    own.hysteresis *= a.own[s];
    const double pulled = (elapsed * frame_.cell.drain[i] + own.more_As) / travel_As;
    own.more_As = 0.0;
    const double kept = 1.0 / (1.0 + pulled);
    own.hysteresis =
        flushed(own.hysteresis - (1.0 - kept) * (1.0 + a.hysteresis[s] + own.hysteresis));
  }
  a.moved[s] = 0.0;
  a.own[s] = 1.0;
  a.room_up[s] = string.room_down_As = kFar_As;
  a.base[0][s] = a.base[1][s] = a.per_As[s] = a.ohm[0][s] = a.ohm[1][s] = a.hysteresis_V[s] = 0.0;
  a.due[s] = 0;
  string.looked_s = clock_s_;
  string.drain_most_A = string.per_second = string.own_V = 0.0;
  string.own_settled = 1.0;
  string.kelvin_then = string.kelvin;
  double stored = 0.0;
  const CurvesNear near(kind(), string.kelvin / static_cast<double>(config_.cells));
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    stored += refresh_cell(s, i, near);
  }
  lift_apart(s);
  a.room_down[s] = string.room_down_As;
  StringEnergy& e = string.energy;
  if (!string.moved_by_hand) {  // what the lines had wrong becomes heat of the frame
    const double lost = e.chemical_J - stored;
    e.loss_J += lost;
    e.heat_J += lost;
    string.frame_K += lost / config_.thermal.frame_J_per_K;
  }
  string.moved_by_hand = false;
  e.chemical_J = stored;
}

/// The cells' hysteresis apart from their mean moves slowly enough to be part of their bases.
void CellBank::lift_apart(std::size_t s) {
  const CellArrays& c = frame_.cell;
  const double mean = string_->hysteresis_V[s] * step_.share;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    c.hysteresis[i] -= mean;
    const double apart = c.hysteresis[i] * string_->hysteresis[s];
    c.own[i] += apart;
    c.base[0][i] += apart;
    c.base[1][i] += apart;
  }
}

/// The line of the open-circuit voltage that a cell is on, and how far the string may move until it
/// leaves it. Returns the energy that the cell has stored.
double CellBank::find_line(std::size_t s, std::size_t i) {
  const double soc = soc_at(s, i);
  const std::span<const double> ocv = kind().ocv_V;
  const auto lines = static_cast<double>(ocv.size() - 1);
  const double width = 1.0 / lines;
  const double charge_As = kSeconds * place_.capacity_Ah[i];
  double low_V = ocv.front(), slope = kind().beyond_V, low_soc = 0.0, stored = 0.0;
  double up = kFar_As, down = kFar_As;
  if (soc >= 1.0) {
    low_V = ocv.back();
    low_soc = 1.0;
    stored = stored_V_.back();
    down = (soc - low_soc) * charge_As;
  } else if (soc >= 0.0) {
    const auto index = std::min(static_cast<std::size_t>(soc * lines), ocv.size() - 2);
    low_V = ocv[index];
    slope = (ocv[index + 1] - low_V) * lines;
    low_soc = static_cast<double>(index) * width;
    stored = stored_V_[index];
    down = (soc - low_soc) * charge_As;
    up = (low_soc + width - soc) * charge_As;
  } else {
    up = -soc * charge_As;
  }
  const String& string = strings_[s];
  const double moved = string_->moved[s];
  const double drifted = moved - string.drain_most_A * (clock_s_ - string.looked_s);
  const double beyond = soc - low_soc;
  place_.leaves_up_As[i] = moved + up;
  place_.leaves_down_As[i] = down - drifted;

  const CellArrays& c = frame_.cell;
  c.per_As[i] = slope * place_.per_As[i];
  c.per_second[i] = -c.per_As[i] * c.drain[i];
  const double settled = string_->settled_s[s] - string.looked_s;
  const double open =
      low_V + slope * (place_.soc_then[i] - low_soc) + c.per_second[i] * settled + c.own[i];
  for (std::size_t way = 0; way < 2; ++way) c.base[way][i] = open - c.ohm[way][i] * c.drain[i];
  return charge_As * (stored + beyond * (low_V + 0.5 * slope * beyond));
}

/// New lines for the cells that have left theirs; all in one direction.
void CellBank::cross(std::size_t s) {
  String& string = strings_[s];
  StringArrays& a = *string_;
  a.due[s] &= ~kDueLine;
  const double moved = a.moved[s];
  const double drained = string.drain_most_A * (clock_s_ - string.looked_s);
  const bool up = moved >= a.room_up[s];
  const double at = up ? moved : drained - moved;
  const double* leaves = up ? place_.leaves_up_As : place_.leaves_down_As;
  const std::size_t end = (s + 1) * stride_;
  for (std::size_t first = s * stride_; first < end; first += 64) {
    const std::size_t count = std::min<std::size_t>(64, end - first);
    std::uint64_t left = kernel_->not_above(leaves + first, count, at);
    for (; left != 0; left &= left - 1) {
      change_line(s, first + static_cast<std::size_t>(std::countr_zero(left)));
    }
  }
  const double next = kernel_->least(leaves + s * stride_, stride_);
  (up ? a.room_up[s] : string.room_down_As) = next;
  a.room_down[s] = string.room_down_As - drained;
}

/// The string's sums follow, and where it leaves the other way.
void CellBank::change_line(std::size_t s, std::size_t i) {
  String& string = strings_[s];
  StringArrays& a = *string_;
  const CellArrays& c = frame_.cell;
  const double base[2] = {c.base[0][i], c.base[1][i]};
  const double per_As = c.per_As[i], per_second = c.per_second[i];
  find_line(s, i);
  string.per_second += c.per_second[i] - per_second;
  a.base[0][s] += c.base[0][i] - base[0];
  a.base[1][s] += c.base[1][i] - base[1];
  a.per_As[s] += c.per_As[i] - per_As;
  a.room_up[s] = std::min(a.room_up[s], place_.leaves_up_As[i]);
  string.room_down_As = std::min(string.room_down_As, place_.leaves_down_As[i]);
}

double CellBank::drain_of(std::size_t s, std::size_t i) const {
  if (soc_at(s, i) <= kDrainedSoc) return 0.0;
  const Own& own = own_of_[i];
  const std::size_t bit = i - s * stride_;
  const bool bleeds = ((bleeding_[s * words_ + bit / 64] >> (bit % 64)) & 1U) != 0;
  const double bleed_A = bleeds ? frame_.cell.voltage[i] / config_.bleed_ohm : 0.0;
  return own.self_discharge_A + own.leak_A + bleed_A;
}

/// Another current flows past the cell from now on: its charge is what it was, as if the new drain
/// had always been there. Heat is settled before.
void CellBank::change_drain(std::size_t s, std::size_t i) {
  String& string = strings_[s];
  const double drain = drain_of(s, i);
  const double more_As = (clock_s_ - string.looked_s) * (frame_.cell.drain[i] - drain);
  own_of_[i].more_As += more_As;
  place_.soc_then[i] -= more_As * place_.per_As[i];
  frame_.cell.drain[i] = drain;
  string.drain_most_A = std::max(string.drain_most_A, drain);
  change_line(s, i);
}

/// All curves of one cell; returns the energy it has stored.
double CellBank::refresh_cell(std::size_t s, std::size_t i, const CurvesNear& near) {
  String& string = strings_[s];
  StringArrays& a = *string_;
  const CellArrays& c = frame_.cell;
  const double soc = place_.soc_then[i];
  const Own& own = own_of_[i];
  const Curves curves = near.at(soc, c.kelvin[i]);
  c.hysteresis[i] = curves.hysteresis_V;
  c.own[i] = c.own_then[i] = curves.hysteresis_V * own.hysteresis;
  c.entropy[i] = curves.entropy_V_per_K;
  const double factor = own.ohm * own.fault_ohm * string.health_ohm;
  c.ohm[0][i] = factor * curves.resistance.discharge_ohm;
  c.ohm[1][i] = factor * curves.resistance.charge_ohm;
  c.drain[i] = drain_of(s, i);
  const double stored = find_line(s, i);

  for (std::size_t way = 0; way < 2; ++way) {
    a.base[way][s] += c.base[way][i];
    a.ohm[way][s] += c.ohm[way][i];
  }
  a.per_As[s] += c.per_As[i];
  a.hysteresis_V[s] += c.hysteresis[i];
  a.room_up[s] = std::min(a.room_up[s], place_.leaves_up_As[i]);
  string.room_down_As = std::min(string.room_down_As, place_.leaves_down_As[i]);
  string.per_second += c.per_second[i];
  string.own_V += c.own_then[i];
  string.drain_most_A = std::max(string.drain_most_A, c.drain[i]);
  return stored;
}

void CellBank::prepare(double dt_s) {
  WECO_ASSERT(dt_s > 0.0 && dt_s <= kStepMax_s);
  if (dt_s == dt_s_) return;
  dt_s_ = dt_s;
  const CellKind& k = kind();
  const Decay<double> fast = decay_of(dt_s / k.fast_s), slow = decay_of(dt_s / k.slow_s);
  step_.seconds = dt_s;
  step_.heat_due_s = kHeatEvery_s - kTimeSlack_s;
  step_.fast_share = k.share_fast * fast.mean;
  step_.slow_share = k.share_slow * slow.mean;
  step_.at_once =
      k.share_at_once + (k.share_fast - step_.fast_share) + (k.share_slow - step_.slow_share);
  step_.fast_kept = fast.kept;
  step_.slow_kept = slow.kept;
  step_.per_travel = dt_s / (k.hysteresis_travel * kSeconds * k.capacity_Ah);
}

Decay<double> CellBank::hysteresis_decay(double current_A) const {
  const double travel = std::abs(current_A) * step_.per_travel;
  return travel > kShortTravel ? decay_of(travel) : short_decay(travel);
}

void CellBank::prepare_heat(double seconds) {
  if (seconds == heat_.seconds) return;
  const StringThermal& t = config_.thermal;
  const double share = seconds * t.cell_W_per_K / kind().heat_J_per_K;
  heat_.seconds = seconds;
  heat_.cell = decay_of(share);
  heat_.inertia_W_per_K = t.frame_J_per_K / seconds;
  heat_.cells_W_per_K = t.cell_W_per_K * heat_.cell.mean;
  heat_.kelvin_per_J = 1.0 / (t.cell_W_per_K * seconds);
}

/// The frame as it will be at the end of the time, seen from its start (backward Euler).
double CellBank::frame_at_end_K(std::size_t s) const {
  const String& string = strings_[s];
  StringArrays& a = *string_;
  const StringThermal& t = config_.thermal;
  const auto cells = static_cast<double>(config_.cells);
  const double heater_W = a.heater_J[s] * (heat_.kelvin_per_J * t.cell_W_per_K);
  double flow = heat_.inertia_W_per_K * string.frame_K + heat_.cells_W_per_K * string.kelvin +
                t.room_W_per_K * room_K_[s] + heater_W;
  double conductance = heat_.inertia_W_per_K + heat_.cells_W_per_K * cells + t.room_W_per_K;
  if (!coolant_K_.empty()) {
    flow += t.coolant_W_per_K * coolant_K_[s];
    conductance += t.coolant_W_per_K;
  }
  return flow / conductance;
}

/// Brings what cells and frame got since the last time into their temperatures and into the books.
void CellBank::settle(std::size_t s) {
  String& string = strings_[s];
  StringArrays& a = *string_;
  a.due[s] &= ~kDueHeat;
  const double seconds = clock_s_ - a.settled_s[s];
  if (seconds <= 0.0) return;
  prepare_heat(seconds);
  const StringThermal& t = config_.thermal;
  const double frame_K = frame_at_end_K(s);
  Warmed warmed = kernel_->warm(frame_, {.first = s * stride_,
                                         .seconds = seconds,
                                         .charged = a.charged[s],
                                         .discharged = a.discharged[s],
                                         .relaxing_in = a.relaxing_in[s],
                                         .relaxing_out = a.relaxing_out[s],
                                         .branch_As = a.branch_As[s],
                                         .relaxing = a.relaxing[s],
                                         .lift = a.lift[s],
                                         .hysteresis = a.hysteresis[s],
                                         .own = a.own[s],
                                         .hysteresis_V = a.hysteresis_V[s] * step_.share,
                                         .charging = a.charging[s] > 0.5,
                                         .frame_K = frame_K,
                                         .per_joule = heat_.kelvin_per_J,
                                         .kept = heat_.cell.kept});
  // cells that only fill up a string have its hysteresis and nothing else
  const auto idle = static_cast<double>(stride_ - config_.cells);
  warmed.loss_J -= idle * a.hysteresis_V[s] * step_.share * a.branch_As[s];
  const double made = warmed.loss_J + warmed.drained_J + warmed.reversible_J;
  const double aim = static_cast<double>(config_.cells) * frame_K + heat_.kelvin_per_J * made;
  const double kelvin = aim + (string.kelvin - aim) * heat_.cell.kept;
  const double to_cells = kind().heat_J_per_K * (kelvin - string.kelvin);
  const double to_room = seconds * t.room_W_per_K * (frame_K - room_K_[s]);
  const double to_coolant =
      coolant_K_.empty() ? 0.0 : seconds * t.coolant_W_per_K * (frame_K - coolant_K_[s]);
  const double gained = made + a.heater_J[s] - to_room - to_coolant;
  string.frame_K += (gained - to_cells) / t.frame_J_per_K;
  string.kelvin = kelvin;
  ++warmings_[s];

  StringEnergy& e = string.energy;
  e.terminal_J += a.terminal_J[s];
  e.drained_J += warmed.drained_J;
  e.loss_J += warmed.loss_J;
  e.reversible_J += warmed.reversible_J;
  e.chemical_J += a.terminal_J[s] - warmed.drained_J - warmed.loss_J;
  e.heater_J += a.heater_J[s];
  e.room_J += to_room;
  e.coolant_J += to_coolant;
  e.heat_J = kind().heat_J_per_K * kelvin + t.frame_J_per_K * string.frame_K;

  const double moves = string.per_second * seconds + string.own_V * (a.own[s] - string.own_settled);
  a.base[0][s] += moves;
  a.base[1][s] += moves;
  string.own_settled = a.own[s];
  for (double* sum : {a.charged, a.discharged, a.relaxing_in, a.relaxing_out, a.branch_As,
                      a.terminal_J, a.heater_J}) {
    sum[s] = 0.0;
  }
  a.settled_s[s] = clock_s_;
  const double elapsed = clock_s_ - string.looked_s;
  a.room_down[s] = string.room_down_As - string.drain_most_A * elapsed;
  const double warmer = std::abs(kelvin - string.kelvin_then);
  const double drained_As = string.drain_most_A * elapsed;
  if (elapsed >= kTimeMost_s - kTimeSlack_s ||
      drained_As >= kDrainMost * kSeconds * kind().capacity_Ah ||
      warmer >= kKelvinMost * static_cast<double>(config_.cells)) {
    due(s, kDueCurves);
  }
}

void CellBank::step(const BankInputs& in, double dt_s) {
  WECO_ASSERT(in.current_A.size() == config_.strings);
  StringArrays& a = *string_;
  std::ranges::copy(in.current_A, a.current);
  std::fill_n(a.heater_W, config_.strings, 0.0);
  std::ranges::copy(in.heater_W, a.heater_W);
  advance(in.around, dt_s);
}

void CellBank::advance(const BankSurroundings& around, double dt_s) {
  WECO_ASSERT(around.room_K.size() == config_.strings);
  prepare(dt_s);
  look_up_due();
  std::ranges::copy(around.room_K, room_K_.begin());
  coolant_K_.assign(around.coolant_K.begin(), around.coolant_K.end());
  clock_s_ += dt_s;
  step_.end_s = clock_s_;
  step_.backward = !step_.backward && config_.strings * stride_ > kCachedCells;
  due_any_ = kernel_->step(frame_, step_);
  if ((due_any_ & kDueHeat) == 0) return;
  for (std::size_t s = 0; s < config_.strings; ++s) {
    if ((string_->due[s] & kDueHeat) == 0) continue;
    settle(s);
  }
}

CellBank::Source CellBank::source(std::size_t s, double dt_s, double expected_A) {
  prepare(dt_s);
  look_up(s);
  StringArrays& a = *string_;
  const bool charging = expected_A != 0.0 ? expected_A > 0.0 : a.charging[s] > 0.5;
  const std::size_t way = charging ? 1 : 0;
  const double mean = hysteresis_decay(expected_A).mean;
  const double branch = expected_A > 0.0 ? 1.0 : expected_A < 0.0 ? -1.0 : a.hysteresis[s];
  const double hysteresis = branch + mean * (a.hysteresis[s] - branch);
  const double at_rest = step_.fast_share * a.fast[s] + step_.slow_share * a.slow[s];
  const double open = (a.base[way][s] + a.per_As[s] * a.moved[s]) +
                      (a.ohm[way][s] * at_rest + a.hysteresis_V[s] * hysteresis);
  return {open, a.ohm[way][s] * step_.at_once + 0.5 * dt_s * a.per_As[s]};
}

void CellBank::solve(double dt_s) {
  prepare(dt_s);
  look_up_due();
  kernel_->solve(frame_, step_);
}

void CellBank::currents_for(double dt_s, std::span<const double> power_W,
                            std::span<double> current_A) {
  WECO_ASSERT(power_W.size() == config_.strings && current_A.size() == config_.strings);
  std::ranges::copy(power_W, string_->power_W);
  solve(dt_s);
  std::copy_n(string_->solved, config_.strings, current_A.begin());
}

std::span<const double> CellBank::voltage_V(std::size_t s) const {
  return of(frame_.cell.voltage, s);
}
std::span<const double> CellBank::temperature_K(std::size_t s) const {
  return of(frame_.cell.kelvin, s);
}
double CellBank::soc(std::size_t s, std::size_t cell) const {
  WECO_ASSERT(cell < config_.cells);
  return soc_at(s, s * stride_ + cell);
}
std::span<const double> CellBank::capacity_Ah(std::size_t s) const {
  return of(place_.capacity_Ah, s);
}
CellBank::Extent CellBank::voltage_extent(std::size_t s) const { return extent(voltage_V(s)); }
CellBank::Extent CellBank::temperature_extent(std::size_t s) const {
  return extent(temperature_K(s));
}
double CellBank::mean_soc(std::size_t s) const {
  double sum = 0.0;
  for (std::size_t cell = 0; cell < config_.cells; ++cell) sum += soc(s, cell);
  return sum / static_cast<double>(config_.cells);
}
StringEnergy CellBank::energy(std::size_t s) const {
  StringArrays& a = *string_;
  StringEnergy e = strings_[s].energy;
  const double loss = (a.ohm[1][s] * a.relaxing_in[s] + a.ohm[0][s] * a.relaxing_out[s]) +
                      a.hysteresis_V[s] * a.branch_As[s];
  double drained_W = 0.0;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    drained_W += frame_.cell.drain[i] * frame_.cell.voltage[i];
  }
  const double drained = (clock_s_ - a.settled_s[s]) * drained_W;
  e.terminal_J += a.terminal_J[s];
  e.loss_J += loss;
  e.drained_J += drained;
  e.chemical_J += a.terminal_J[s] - loss - drained;
  e.heat_J += loss + drained;
  return e;
}

/// A string is balanced near its top, where curves are steep: they are looked up every minute then,
/// and not with each cell that begins or ends to bleed.
bool CellBank::looked_up_lately(std::size_t s) const {
  const double most_As = kChargeMostAtTop * kSeconds * kind().capacity_Ah;
  return (string_->due[s] & kDueCurves) == 0 &&
         clock_s_ - strings_[s].looked_s < kTimeMostAtTop_s &&
         std::abs(string_->moved[s]) < most_As;
}

void CellBank::set_balancing(std::size_t s, std::span<const std::uint64_t> mask) {
  const bool lately = looked_up_lately(s);
  for (std::size_t w = 0; w < words_; ++w) {
    std::uint64_t& bleeding = bleeding_[s * words_ + w];
    std::uint64_t changed = bleeding ^ (w < mask.size() ? mask[w] : 0);
    bleeding ^= changed;
    if (changed == 0) continue;
    if (!lately) {
      due(s, kDueCurves);
      continue;
    }
    settle(s);
    for (; changed != 0; changed &= changed - 1) {
      const auto cell = 64 * w + static_cast<std::size_t>(std::countr_zero(changed));
      if (cell < config_.cells) change_drain(s, s * stride_ + cell);
    }
    const String& string = strings_[s];
    const double drained = string.drain_most_A * (clock_s_ - string.looked_s);
    string_->room_down[s] = string.room_down_As - drained;
  }
}

void CellBank::set_sensor(std::size_t s, std::size_t cell, double mV_per_V, double offset_mV) {
  WECO_ASSERT(cell < config_.cells);
  readings_.gain[s * stride_ + cell] = mV_per_V;
  readings_.plain = readings_.plain && mV_per_V == kMillivoltsPerVolt;
  readings_.offset[s * stride_ + cell] = offset_mV;
}

void CellBank::set_leak(std::size_t s, std::size_t cell, double leak_A) {
  WECO_ASSERT(cell < config_.cells);
  own_of_[s * stride_ + cell].leak_A = leak_A;
  due(s, kDueCurves);
}

void CellBank::set_resistance_factor(std::size_t s, std::size_t cell, double factor) {
  WECO_ASSERT(cell < config_.cells);
  own_of_[s * stride_ + cell].fault_ohm = factor;
  due(s, kDueCurves);
}

double CellBank::set_soc(std::size_t s, std::size_t cell, double soc) {
  WECO_ASSERT(cell < config_.cells);
  refresh(s);
  const double before = strings_[s].energy.chemical_J;
  place_.soc_then[s * stride_ + cell] = soc;
  strings_[s].moved_by_hand = true;
  refresh(s);
  return strings_[s].energy.chemical_J - before;
}

double CellBank::set_health(std::size_t s, double capacity, double resistance) {
  WECO_ASSERT(capacity > 0.0 && resistance > 0.0);
  refresh(s);
  const double before = strings_[s].energy.chemical_J;
  for (std::size_t i = s * stride_; i < s * stride_ + config_.cells; ++i) {
    set_capacity(i, capacity);
  }
  strings_[s].health_ohm = resistance;
  strings_[s].moved_by_hand = true;
  refresh(s);
  return strings_[s].energy.chemical_J - before;
}

std::uint64_t CellBank::hash() const {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, eight bytes at a time
  const auto mix = [&](double value) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3;
    hash ^= hash >> 29;
  };
  using Words = std::array<double, sizeof(StringArrays) / sizeof(double)>;
  for (const double value : std::bit_cast<Words>(*string_)) mix(value);
  for (std::size_t i = 0; i < memory_.size(); ++i) mix(memory_.data()[i]);
  for (const String& string : strings_) {
    for (const double value : {string.frame_K, string.kelvin, string.energy.chemical_J,
                               string.energy.loss_J, string.energy.heat_J}) {
      mix(value);
    }
  }
  return hash;
}

}  // namespace weco::sim
