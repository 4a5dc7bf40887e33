// SPDX-License-Identifier: Apache-2.0
// The text of the kernels for strings and cells; see cell_kernel.hpp and kernels.inc.hpp.
#include "sim/plant/lanes.inc.hpp"

namespace weco::sim {
namespace {

/// What decays ends at nothing and not among the denormal numbers, which are slow: below this its
/// digits are lost.
constexpr double kNothing = 1e-30;
constexpr std::int32_t kHighest = 0x7FFFFFFF, kLowest = -kHighest - 1;
/// A current for a power is found when the power is this share off at most.
constexpr double kPowerClose = 1e-7;

inline Lanes flushed(const Lanes& x) { return (x + kNothing) - kNothing; }

inline __attribute__((always_inline)) Decay<Lanes> decay(const Lanes& travel) {
  Decay<Lanes> d = short_decay<Lanes>(travel);
  const Ints far = travel > kShortTravel;
  if (any(far)) {
    const Decay<Lanes> slow = decay_of<Lanes, Ints>(travel);
    d = {far != 0 ? slow.kept : d.kept, far != 0 ? slow.mean : d.mean};
  }
  return d;
}

/// One register of strings, beginning at string `i`. Returns what is due of them.
inline __attribute__((always_inline)) Ints step_strings(StringArrays& s, const Step& t,
                                                        std::size_t i) {
  const Lanes none = {};
  const Lanes current = in(s.current + i);
  const Ints up = current > 0.0, down = current < 0.0;
  const Lanes charging = up != 0 ? none + 1.0 : (down != 0 ? none : in(s.charging + i));
  out(s.charging + i) = charging;

  const Lanes fast = in(s.fast + i), slow = in(s.slow + i);
  const Lanes relaxing = t.at_once * current + (t.fast_share * fast + t.slow_share * slow);
  out(s.fast + i) = flushed(current + t.fast_kept * (fast - current));
  out(s.slow + i) = flushed(current + t.slow_kept * (slow - current));

  const Lanes before = in(s.hysteresis + i), own = in(s.own + i);
  const Decay<Lanes> d = decay((up != 0 ? current : -current) * t.per_travel);
  const Lanes to = up != 0 ? none + 1.0 : (down != 0 ? none - 1.0 : before);
  const Lanes branch = to + d.mean * (before - to);
  out(s.hysteresis + i) = to + d.kept * (before - to);
  out(s.own + i) = own * d.kept;

  const Lanes charge = current * t.seconds;
  const Lanes moved = in(s.moved + i) + charge;
  const Lanes middle = in(s.moved + i) + 0.5 * charge;
  out(s.moved + i) = moved;
  out(s.middle + i) = middle;
  out(s.relaxing + i) = relaxing;
  out(s.lift + i) = in(s.hysteresis_V + i) * t.share * branch;
  const Ints to_charge = charging > 0.5;
  const Lanes base = to_charge != 0 ? in(s.base[1] + i) : in(s.base[0] + i);
  const Lanes ohm = to_charge != 0 ? in(s.ohm[1] + i) : in(s.ohm[0] + i);
  const Lanes volts =
      (base + in(s.per_As + i) * middle) + (ohm * relaxing + in(s.hysteresis_V + i) * branch);
  out(s.volts + i) = volts;

  const Lanes gone_in = up != 0 ? charge : none;
  const Lanes gone_out = charge - gone_in;
  out(s.charged + i) += gone_in;
  out(s.discharged + i) += gone_out;
  out(s.relaxing_in + i) += gone_in * relaxing;
  out(s.relaxing_out + i) += gone_out * relaxing;
  out(s.branch_As + i) += charge * branch;
  out(s.terminal_J + i) += charge * volts;
  out(s.heater_J + i) += t.seconds * in(s.heater_W + i);

  const Ints line = (moved >= in(s.room_up + i)) | (moved <= -in(s.room_down + i));
  const Ints curves = (moved >= t.charge_most) | (moved <= -t.charge_most);
  const Ints heat = t.end_s - in(s.settled_s + i) >= t.heat_due_s;
  const Ints due = (line & kDueLine) | (curves & kDueCurves) | (heat & kDueHeat);
  out(s.due + i) |= due;
  return due;
}

inline Lanes root_of(const Lanes& x) {
  Lanes root = {};
  for (std::size_t i = 0; i < kWide; ++i) root[i] = __builtin_sqrt(x[i]);
  return root;
}

/// One register of strings, beginning at string `i`: the current at which the coming step takes the
/// power in. A string is a voltage behind a resistance, but for what another current does to its
/// hysteresis; a string that cannot give so much gives the most it can.
inline __attribute__((always_inline)) void solve_strings(StringArrays& s, const Step& t,
                                                         std::size_t i) {
  const Lanes none = {};
  const Lanes power = in(s.power_W + i), last = in(s.current + i);
  const Ints up = power > 0.0;
  const Lanes ohm = up != 0 ? in(s.ohm[1] + i) : in(s.ohm[0] + i);
  const Lanes base = up != 0 ? in(s.base[1] + i) : in(s.base[0] + i);
  const Lanes per_As = in(s.per_As + i), hysteresis_V = in(s.hysteresis_V + i);
  const Lanes at_rest = t.fast_share * in(s.fast + i) + t.slow_share * in(s.slow + i);
  const Lanes fixed = (base + per_As * in(s.moved + i)) + ohm * at_rest;
  const Lanes slope = ohm * t.at_once + (0.5 * t.seconds) * per_As;
  const Lanes before = in(s.hysteresis + i);
  const Lanes to = up != 0 ? none + 1.0 : none - 1.0;

  Ints done = power == 0.0;
  const Ints turned = ~done & (last * power <= 0.0);
  Lanes current = last;
  if (any(turned)) current = turned != 0 ? power / in(s.volts + i) : last;
  for (int again = 0; again < 4; ++again) {
    const Lanes travel = (up != 0 ? current : -current) * t.per_travel;
    const Lanes open = fixed + hysteresis_V * (to + decay(travel).mean * (before - to));
    const Lanes inside = open * open + (4.0 * slope) * power;
    const Ints enough = inside > 0.0;
    // the usual formula, without the difference of two nearly equal numbers
    const Lanes found = (2.0 * power) / (open + root_of(enough != 0 ? inside : none));
    Lanes next = found;
    if (any(~enough & ~done)) next = enough != 0 ? found : -open / (2.0 * slope);
    const Lanes change = (next - current) * (t.per_travel * hysteresis_V);
    const Lanes close = kPowerClose * open;
    current = done != 0 ? current : next;
    done |= ~enough | ((change < close) & (change > -close));
    if (!any(~done)) break;
  }
  out(s.solved + i) = power == 0.0 ? none : current;
}

/// The voltages of the cells of a register of strings, beginning at string `from`.
inline __attribute__((always_inline)) void step_cells(const BankFrame& f, std::size_t stride,
                                                      std::size_t from) {
  const StringArrays& s = *f.string;
  const CellArrays& c = f.cell;
  // in registers: for all the compiler knows, what is written could be one of these
  const double *const base[2] = {c.base[0], c.base[1]}, *const ohm[2] = {c.ohm[0], c.ohm[1]};
  const double* const per_As = c.per_As;
  double* const voltage = c.voltage;
  const std::size_t to = from + kWide < f.strings ? from + kWide : f.strings;
  for (std::size_t i = from; i < to; ++i) {
    const bool charging = s.charging[i] > 0.5;
    const double* base_V = charging ? base[1] : base[0];
    const double* along = charging ? ohm[1] : ohm[0];
    const double middle = s.middle[i], relaxing = s.relaxing[i], lift = s.lift[i];
    const std::size_t first = i * stride;
    for (std::size_t k = first; k < first + stride; k += kWide) {
      out(voltage + k) =
          (in(base_V + k) + lift) + (in(per_As + k) * middle + in(along + k) * relaxing);
    }
  }
}

/// A register of strings, then their cells, and so on. `kStride` 0: as many cells as there are.
template <std::size_t kStride>
inline __attribute__((always_inline)) std::int64_t step_all(const BankFrame& f, const Step& step) {
  const Step t = step;
  const std::size_t stride = kStride != 0 ? kStride : f.stride;
  const std::size_t ahead = t.backward ? -kWide : kWide;
  std::size_t i = t.backward ? (f.strings - 1) / kWide * kWide : 0;
  Ints due = {};
  for (; i < f.strings; i += ahead) {  // what is before the first is beyond the last
    due |= step_strings(*f.string, t, i);
    step_cells(f, stride, i);
  }
  return all_bits(due);
}

/// Sums over cells, in registers: members and not an array, so that no compiler keeps it in memory.
struct Sums {
  Lanes loss, drained, reversible;
};

typedef double Pair __attribute__((vector_size(16)));
typedef double Four __attribute__((vector_size(32)));

template <typename Wide>
inline Pair folded_to_pair(const Wide& v) {
  if constexpr (sizeof(Wide) == sizeof(Pair)) {
    return v;
  } else if constexpr (sizeof(Wide) == sizeof(Four)) {
    return __builtin_shufflevector(v, v, 0, 1) + __builtin_shufflevector(v, v, 2, 3);
  } else {
    const Four half = __builtin_shufflevector(v, v, 0, 1, 2, 3);
    return folded_to_pair<Four>(half + __builtin_shufflevector(v, v, 4, 5, 6, 7));
  }
}

/// Eight lanes, lane n being lane n % kWide of pass n / kWide, to one number:
/// ((0+4)+(2+6)) + ((1+5)+(3+7)).
inline double fold(const Sums (&pass)[kPasses], Lanes Sums::*sum) {
  Lanes lanes = pass[0].*sum;
  if constexpr (kPasses == 2) lanes += pass[1].*sum;
  if constexpr (kPasses == 4) lanes = (lanes + pass[2].*sum) + (pass[1].*sum + pass[3].*sum);
  const Pair pair = folded_to_pair(lanes);
  return pair[0] + pair[1];
}

/// One register of cells, beginning at cell `i`. What they lost is their current times what stands
/// across resistance and hysteresis; what flows past a cell does so at its present voltage. Drain
/// and own hysteresis are slow: what they did since the last time is brought into the bases here.
inline __attribute__((always_inline)) void warm_lanes(const CellArrays& c, const double* ohm,
                                                      std::size_t i, const Warmth& w, Sums& sum) {
  const Lanes drain = in(c.drain + i);
  const Lanes past_in = w.relaxing_in - drain * w.charged;
  const Lanes past_out = w.relaxing_out - drain * w.discharged;
  const Lanes own = in(c.own + i);
  const Lanes through = (in(c.ohm[1] + i) * past_in + in(c.ohm[0] + i) * past_out) +
                        (w.hysteresis_V * w.branch_As + own * (w.charged + w.discharged));
  const Lanes over = (in(ohm + i) * (w.relaxing - drain) + w.lift) + own;
  const Lanes past = drain * w.seconds;
  const Lanes kelvin = in(c.kelvin + i);
  const Lanes loss = through - past * over;
  const Lanes drained = past * in(c.voltage + i);
  const Lanes reversible = ((w.charged + w.discharged) - past) * (kelvin * in(c.entropy + i));
  const Lanes base = w.frame_K + ((loss + reversible) + drained) * w.per_joule;
  const Lanes after = base + (kelvin - base) * w.kept;
  const Lanes own_now = in(c.own_then + i) * w.own + in(c.hysteresis + i) * w.hysteresis;
  const Lanes moves = in(c.per_second + i) * w.seconds + (own_now - own);
  out(c.kelvin + i) = after;
  out(c.own + i) = own_now;
  out(c.base[0] + i) += moves;
  out(c.base[1] + i) += moves;
  sum.loss += loss;
  sum.drained += drained;
  sum.reversible += reversible;
}

typedef std::int32_t Quad __attribute__((vector_size(16)));

/// A register to four lanes; two are taken twice or, for a sum, filled up with nothing.
template <bool kTwice, class Wide, class Combine>
inline __attribute__((always_inline)) Quad narrowed(const Wide& v, const Combine& combine) {
  if constexpr (sizeof v == 8) {
    return __builtin_shufflevector(v, Wide{}, 0, 1, kTwice ? 0 : 2, kTwice ? 1 : 3);
  } else if constexpr (sizeof v == 16) {
    return v;
  } else {
    return combine(__builtin_shufflevector(v, v, 0, 1, 2, 3),
                   __builtin_shufflevector(v, v, 4, 5, 6, 7));
  }
}

/// Each of the four to one number, by an operation that cares about no order.
template <class Combine>
inline __attribute__((always_inline)) Quad across(const Quad& a, const Quad& b, const Quad& c,
                                                  const Quad& d, const Combine& combine) {
  const Quad first =
      combine(__builtin_shufflevector(a, b, 0, 4, 1, 5), __builtin_shufflevector(a, b, 2, 6, 3, 7));
  const Quad second =
      combine(__builtin_shufflevector(c, d, 0, 4, 1, 5), __builtin_shufflevector(c, d, 2, 6, 3, 7));
  return combine(__builtin_shufflevector(first, second, 0, 1, 4, 5),
                 __builtin_shufflevector(first, second, 2, 3, 6, 7));
}

inline constexpr auto kLower = [](const auto& a, const auto& b) { return a < b ? a : b; };
inline constexpr auto kHigher = [](const auto& a, const auto& b) { return a > b ? a : b; };
inline constexpr auto kPlus = [](const auto& a, const auto& b) { return a + b; };

struct ReadString {
  Quad min, max, sum;
};

/// The cells of one string, beginning at cell `first`.
template <bool kPlain>
inline __attribute__((always_inline)) ReadString read_string(const double* volts, const Readings& r,
                                                             std::size_t first, std::size_t end) {
  Whole min = kHighest - Whole{}, max = kLowest - Whole{}, sum = {};
  for (std::size_t i = first; i < end; i += kWide) {
    const Lanes truth = in(volts + i);
    const Lanes scaled = kPlain ? truth * kMillivoltsPerVolt : truth * in(r.gain + i);
    const Lanes mV = scaled + in(r.offset + i);
    const Whole read = whole(mV);
    store(r.cell + i, read);
    min = kLower(read, min);
    max = kHigher(read, max);
    sum += read;
  }
  return {narrowed<true>(min, kLower), narrowed<true>(max, kHigher), narrowed<false>(sum, kPlus)};
}

template <bool kPlain>
inline __attribute__((always_inline)) void read_all(const BankFrame& frame,
                                                    const Readings& readings) {
  const Readings r = readings;
  const double* volts = frame.cell.voltage;
  const std::size_t strings = frame.strings, stride = frame.stride;
  const auto one = [&](std::size_t string) __attribute__((always_inline)) {
    const std::size_t at = string < strings ? string : strings - 1;  // the last one again
    return read_string<kPlain>(volts, r, at * stride, (at + 1) * stride);
  };
  for (std::size_t s = 0; s < strings; s += 4) {
    const ReadString a = one(s), b = one(s + 1), c = one(s + 2), d = one(s + 3);
    store(r.min + s, across(a.min, b.min, c.min, d.min, kLower));
    store(r.max + s, across(a.max, b.max, c.max, d.max, kHigher));
    store(r.sum + s, across(a.sum, b.sum, c.sum, d.sum, kPlus));
  }
}

void read_cells(const BankFrame& frame, const Readings& readings) {
  if (readings.plain) {
    read_all<true>(frame, readings);
  } else {
    read_all<false>(frame, readings);
  }
}

/// Most modules have sixteen cells; a number known so early is unrolled.
std::int64_t step_bank(const BankFrame& frame, const Step& step) {
  return frame.stride == 16 ? step_all<16>(frame, step) : step_all<0>(frame, step);
}

void solve_bank(const BankFrame& frame, const Step& step) {
  const Step t = step;
  StringArrays& s = *frame.string;
  const std::size_t strings = frame.strings;
  for (std::size_t i = 0; i < strings; i += kWide) solve_strings(s, t, i);
}

std::uint64_t not_above(const double* numbers, std::size_t count, double limit) {
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < count; i += kWide) {
    found |= std::uint64_t{lanes_of(in(numbers + i) <= limit)} << i;
  }
  return found;
}

double least_of(const double* numbers, std::size_t count) {
  Lanes least[kPasses];
  for (std::size_t p = 0; p < kPasses; ++p) least[p] = in(numbers + p * kWide);
  for (std::size_t i = kLanes; i < count; i += kLanes) {
    for (std::size_t p = 0; p < kPasses; ++p) {
      least[p] = kLower(in(numbers + i + p * kWide), least[p]);
    }
  }
  for (std::size_t p = 1; p < kPasses; ++p) least[0] = kLower(least[p], least[0]);
  double all = least[0][0];
  for (std::size_t i = 1; i < kWide; ++i) all = kLower(least[0][i], all);
  return all;
}

Warmed warm_cells(const BankFrame& frame, const Warmth& warmth) {
  const CellArrays& c = frame.cell;
  const Warmth w = warmth;
  const double* ohm = c.ohm[w.charging ? 1 : 0];
  Sums sums[kPasses];
  for (std::size_t p = 0; p < kPasses; ++p) {
    Sums sum = {};
    for (std::size_t i = w.first + p * kWide; i < w.first + frame.stride; i += kLanes) {
      warm_lanes(c, ohm, i, w, sum);
    }
    sums[p] = sum;
  }
  return {fold(sums, &Sums::loss), fold(sums, &Sums::drained), fold(sums, &Sums::reversible)};
}

}  // namespace
}  // namespace weco::sim
