// SPDX-License-Identifier: Apache-2.0
// What the innermost loops over strings and cells work on: one step of every string and of every
// cell, what sensors make of it, and the heat of one string. See kernels.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/units.hpp"

namespace weco::sim {

/// Arrays lie in memory in multiples of this.
inline constexpr std::size_t kLanes = 8;
constexpr std::size_t padded(std::size_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

/// What a string wants looked after, one bit each.
inline constexpr std::int64_t kDueLine = 1;    // a cell has come to the end of its line
inline constexpr std::int64_t kDueCurves = 2;  // so much charge has moved that curves change
inline constexpr std::int64_t kDueHeat = 4;    // what was lost is to become temperature

/// Strings of a bank at most. Numbers of all strings lie behind each other in one block, so that a
/// kernel knows where without asking; by nine cache lines apart and not by eight, so that those of
/// one string are spread over the cache.
inline constexpr std::size_t kStringsMax = 72;
static_assert(padded(kStringsMax) == kStringsMax);

/// One entry a string; lines and sums are over its cells.
struct alignas(kLanes * sizeof(double)) StringArrays {
  // What the step is told.
  double current[kStringsMax];
  double heater_W[kStringsMax];
  double power_W[kStringsMax];  // of the next step, for which ...
  double solved[kStringsMax];   // ... this current is found
  // What moves with each step.
  double charging[kStringsMax];  // 1 or 0: the direction of the last current
  double fast[kStringsMax];      // current through the two relaxing resistances
  double slow[kStringsMax];
  double hysteresis[kStringsMax];  // -1: discharge branch, 1: charge branch
  double own[kStringsMax];         // how much of the cells' own part of it is left
  double moved[kStringsMax];       // charge since the curves were looked up, As
  double volts[kStringsMax];       // of the whole string, mean over the step
  std::int64_t due[kStringsMax];
  // What the cells see of the step.
  double middle[kStringsMax];    // `moved` in the middle of it
  double relaxing[kStringsMax];  // current times resistance gives the voltage across all of it
  double lift[kStringsMax];      // what hysteresis adds to the mean cell, V
  // The string as one cell; see CellArrays.
  double base[2][kStringsMax];
  double per_As[kStringsMax];
  double ohm[2][kStringsMax];
  double hysteresis_V[kStringsMax];
  // When there is something to look up.
  double room_up[kStringsMax];  // moved by so much, the first cell leaves its line
  double room_down[kStringsMax];
  double settled_s[kStringsMax];  // on the bank's clock: when heat was last due
  // Since then.
  double charged[kStringsMax];  // As, and what they met
  double discharged[kStringsMax];
  double relaxing_in[kStringsMax];
  double relaxing_out[kStringsMax];
  double branch_As[kStringsMax];
  double terminal_J[kStringsMax];
  double heater_J[kStringsMax];
};

/// One entry a cell. Between two look-ups its voltage is a straight line of what its string does:
/// base + per_As * moved + ohm * relaxing + the string's lift.
struct CellArrays {
  double* voltage;
  double* base[2];  // discharging, charging
  double* per_As;
  double* ohm[2];      // of the whole resistance, discharging and charging
  double* hysteresis;  // to either branch, beside the mean of the string
  double* own_then;    // the cell's own part of it, as it was looked up
  double* own;         // what both were when heat was last due; it is in the base
  double* per_second;  // what the cell's drain does to its base
  double* kelvin;
  double* entropy;  // V per K
  double* drain;    // what flows past the cell, A
};

/// The gain of a sensor without an error.
inline constexpr double kMillivoltsPerVolt = 1000.0;

/// What sensors make of the cells' voltages, in mV, and each string's extremes and sum of that.
struct Readings {
  // One entry a cell.
  double* gain;    // mV per V
  double* offset;  // mV
  Millivolts* cell;
  // One entry a string, over all its lanes.
  Millivolts* min;
  Millivolts* max;
  Millivolts* sum;
  bool plain;  // no gain is another than kMillivoltsPerVolt, and none needs to be fetched
};

struct BankFrame {
  std::size_t strings;
  std::size_t stride;  // cells of a string in memory
  StringArrays* string;
  CellArrays cell;
};

/// What all strings have in common in a step.
struct Step {
  double share;        // of a cell in its string's sums
  double charge_most;  // As after which curves are looked up
  double seconds;
  double end_s;       // of the step, on the bank's clock
  double heat_due_s;  // after so much time
  double at_once;     // share of the resistance that the step's current meets, of 1 A
  double fast_share;  // and of what flows through the relaxing ones
  double slow_share;
  double fast_kept;
  double slow_kept;
  double per_travel;  // of the hysteresis, for 1 A
  bool backward;      // from the last string to the first
};

/// A string's heat since it was last settled.
struct Warmth {
  std::size_t first;  // cell
  double seconds;
  double charged, discharged, relaxing_in, relaxing_out, branch_As;
  double relaxing, lift;   // now
  double hysteresis, own;  // now, as shares of what the cells have for themselves
  double hysteresis_V;     // mean of the cells
  bool charging;
  double frame_K;    // at the end
  double per_joule;  // kelvin of a cell against the frame, for a joule in that time
  double kept;       // share of a difference that is left after it
};
struct Warmed {
  double loss_J, drained_J, reversible_J;
};

}  // namespace weco::sim
