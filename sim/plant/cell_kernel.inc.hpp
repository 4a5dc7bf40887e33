// SPDX-License-Identifier: Apache-2.0
// The text of the kernel; see cell_kernel.hpp. The including file defines WECO_KERNEL (the name of
// the function) and WECO_LANES (doubles in a register). Nothing but plain arithmetic is used here:
// a function of the standard library, compiled for a wide instruction set, could be the one that
// the linker keeps for everybody.
#include "sim/plant/cell_kernel.hpp"

namespace weco::sim {
namespace {

typedef double Lanes __attribute__((vector_size(8 * WECO_LANES)));
constexpr std::size_t kWide = WECO_LANES;
constexpr std::size_t kPasses = kLanes / kWide;

/// What a string's cells share, in registers.
struct Common {
  double current, relaxing, branch, own, frame_K, kelvin_per_watt, kelvin_kept;
};

/// Sums over cells, in registers: members and not an array, so that no compiler keeps it in memory.
struct Sums {
  Lanes voltage, drained, loss, reversible, kelvin;
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

inline const Lanes& in(const double* at) { return *reinterpret_cast<const Lanes*>(at); }
inline Lanes& out(double* at) { return *reinterpret_cast<Lanes*>(at); }

/// One register of cells, beginning at cell `i`.
inline __attribute__((always_inline)) void step_lanes(const BankFrame& f, const double* ohm,
                                                      std::size_t i, const Common& c, Sums& sum) {
  const Lanes drain = in(f.drain + i);
  const Lanes current = c.current - drain;
  const Lanes half = current * in(f.half_gain + i);
  const Lanes middle = in(f.soc + i) + half;
  out(f.soc + i) = middle + half;
  const Lanes ocv = in(f.ocv_at_zero + i) + in(f.ocv_slope + i) * middle;
  const Lanes over = (in(ohm + i) * (c.relaxing - drain) + in(f.hysteresis + i) * c.branch) +
                     in(f.hysteresis_own + i) * c.own;
  const Lanes voltage = ocv + over;
  out(f.voltage + i) = voltage;
  const Lanes kelvin = in(f.kelvin + i);
  const Lanes drained = drain * voltage;
  const Lanes loss = current * over;
  const Lanes reversible = current * (kelvin * in(f.entropy + i));
  const Lanes base = c.frame_K + ((loss + reversible) + drained) * c.kelvin_per_watt;
  const Lanes after = base + (kelvin - base) * c.kelvin_kept;
  out(f.kelvin + i) = after;
  sum.voltage += voltage;
  sum.drained += drained;
  sum.loss += loss;
  sum.reversible += reversible;
  sum.kelvin += after;
}

}  // namespace

void WECO_KERNEL(const BankFrame& frame) {
  const BankFrame f = frame;
  for (std::size_t s = 0; s < f.strings; ++s) {
    const Common common = {f.current[s], f.relaxing[s],     f.branch[s],  f.own[s],
                           f.frame_K[s], f.kelvin_per_watt, f.kelvin_kept};
    const double* ohm = f.charging[s] ? f.charge_ohm : f.discharge_ohm;
    const std::size_t first = s * f.stride;
    Sums sums[kPasses];
    for (std::size_t p = 0; p < kPasses; ++p) {
      Sums sum = {};
      for (std::size_t i = first + p * kWide; i < first + f.stride; i += kLanes) {
        step_lanes(f, ohm, i, common, sum);
      }
      sums[p] = sum;
    }
    double* total = f.sums + s * kStringSums;
    total[kSumVoltage] = fold(sums, &Sums::voltage);
    total[kSumDrained] = fold(sums, &Sums::drained);
    total[kSumLoss] = fold(sums, &Sums::loss);
    total[kSumReversible] = fold(sums, &Sums::reversible);
    total[kSumKelvin] = fold(sums, &Sums::kelvin);
  }
}

}  // namespace weco::sim
