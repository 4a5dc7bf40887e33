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

/// One entry a string; lines and sums are over its cells.
struct StringArrays {
  // What the step is told.
  double* current;
  double* heater_W;
  double* power_W;  // of the next step, for which ...
  double* solved;   // ... this current is found
  // What moves with each step.
  double* charging;  // 1 or 0: the direction of the last current
  double* fast;      // current through the two relaxing resistances
  double* slow;
  double* hysteresis;  // -1: discharge branch, 1: charge branch
  double* own;         // how much of the cells' own part of it is left
  double* moved;       // charge since the curves were looked up, As
  double* volts;       // of the whole string, mean over the step
  std::int64_t* due;
  // What the cells see of the step.
  double* middle;    // `moved` in the middle of it
  double* relaxing;  // current times resistance gives the voltage across all of it
  double* lift;      // what hysteresis adds to the mean cell, V
  // The string as one cell; see CellArrays.
  double* base[2];
  double* per_As;
  double* ohm[2];
  double* hysteresis_V;
  // When there is something to look up.
  double* room_up;  // moved by so much, the first cell leaves its line
  double* room_down;
  double* settled_s;  // on the bank's clock: when heat was last due
  // Since then.
  double* charged;  // As, and what they met
  double* discharged;
  double* relaxing_in;
  double* relaxing_out;
  double* branch_As;
  double* terminal_J;
  double* heater_J;
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
};

struct BankFrame {
  std::size_t strings;
  std::size_t stride;  // cells of a string in memory
  double charge_most;  // As after which curves are looked up
  double share;        // of a cell in its string's sums
  StringArrays string;
  CellArrays cell;
};

/// What all strings have in common in a step.
struct Step {
  double seconds;
  double end_s;       // of the step, on the bank's clock
  double heat_due_s;  // after so much time
  double at_once;     // share of the resistance that the step's current meets, of 1 A
  double fast_share;  // and of what flows through the relaxing ones
  double slow_share;
  double fast_kept;
  double slow_kept;
  double per_travel;  // of the hysteresis, for 1 A
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
