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

typedef double Pair __attribute__((vector_size(16)));

/// Two neighbouring lanes of the eight; lane n is lane n % kWide of pass n / kWide.
inline Pair pair(const Lanes (&pass)[kPasses], std::size_t n) {
  const Lanes& from = pass[2 * n / kWide];
  return Pair{from[2 * n % kWide], from[2 * n % kWide + 1]};
}
/// Folded as ((0+4)+(2+6)) + ((1+5)+(3+7)).
inline double fold(const Lanes (&pass)[kPasses]) {
  const Pair folded = (pair(pass, 0) + pair(pass, 2)) + (pair(pass, 1) + pair(pass, 3));
  return folded[0] + folded[1];
}

inline const Lanes& in(const double* at) { return *reinterpret_cast<const Lanes*>(at); }
inline Lanes& out(double* at) { return *reinterpret_cast<Lanes*>(at); }

/// One register of cells, beginning at cell `i`.
inline __attribute__((always_inline)) void step_lanes(const BankFrame& f, const double* ohm,
                                                      std::size_t i, const Common& c,
                                                      Lanes (&sum)[kStringSums]) {
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
  sum[kSumVoltage] += voltage;
  sum[kSumDrained] += drained;
  sum[kSumLoss] += loss;
  sum[kSumReversible] += reversible;
  sum[kSumKelvin] += after;
}

}  // namespace

void WECO_KERNEL(const BankFrame& frame) {
  const BankFrame f = frame;
  for (std::size_t s = 0; s < f.strings; ++s) {
    const Common common = {f.current[s], f.relaxing[s],     f.branch[s],  f.own[s],
                           f.frame_K[s], f.kelvin_per_watt, f.kelvin_kept};
    const double* ohm = f.charging[s] ? f.charge_ohm : f.discharge_ohm;
    const std::size_t first = s * f.stride;
    Lanes sums[kStringSums][kPasses];
    for (std::size_t p = 0; p < kPasses; ++p) {
      const Lanes none = {};
      Lanes sum[kStringSums] = {none, none, none, none, none};
      for (std::size_t i = first + p * kWide; i < first + f.stride; i += kLanes) {
        step_lanes(f, ohm, i, common, sum);
      }
      for (std::size_t n = 0; n < kStringSums; ++n) sums[n][p] = sum[n];
    }
    for (std::size_t n = 0; n < kStringSums; ++n) f.sums[s * kStringSums + n] = fold(sums[n]);
  }
}

}  // namespace weco::sim
