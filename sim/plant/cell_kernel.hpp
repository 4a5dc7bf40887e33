// SPDX-License-Identifier: Apache-2.0
// The innermost loop of the simulation: one step of every cell. The same text (cell_kernel.inc.hpp)
// is compiled once for each instruction set; the widest one that the processor has is taken when
// the program runs. Sums over a string are kept in eight lanes, whatever the width of a register,
// and folded in one order, so that all give the same bits.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace weco::sim {

/// Strings lie in memory in multiples of this.
inline constexpr std::size_t kLanes = 8;

/// Sums over the cells of one string.
enum StringSum : std::size_t { kSumVoltage, kSumDrained, kSumLoss, kSumReversible, kSumKelvin };
inline constexpr std::size_t kStringSums = 5;

/// Where everything is. Arrays of cells are aligned to kLanes doubles; cells that only fill up a
/// string are all zero and stay so (except their temperature, which is that of an idle cell).
struct BankFrame {
  std::size_t strings;
  std::size_t stride;  // cells of a string in memory

  double* soc;
  double* kelvin;
  double* voltage;
  const double* half_gain;    // charge for half a step of one ampere
  const double* ocv_at_zero;  // the line the cell is on
  const double* ocv_slope;
  const double* charge_ohm;  // of the whole resistance
  const double* discharge_ohm;
  const double* hysteresis;      // to either branch
  const double* hysteresis_own;  // of this cell beside the string's
  const double* entropy;
  const double* drain;  // what flows past the cell

  const double* current;   // one value a string
  const double* relaxing;  // current times resistance gives the voltage across all of it
  const double* branch;    // mean hysteresis of the step, -1 to 1
  const double* own;       // how much of the cell's own part is left
  const double* frame_K;
  const bool* charging;
  double* sums;  // kStringSums a string

  double kelvin_per_watt;  // of a cell against the frame
  double kelvin_kept;      // share of a difference that is left after the step
};

using CellKernel = void (*)(const BankFrame&);

struct KernelChoice {
  std::string_view name;
  CellKernel kernel;
};
/// Those this processor can run, the quickest first.
std::span<const KernelChoice> kernel_choices();

}  // namespace weco::sim
