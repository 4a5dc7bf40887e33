// SPDX-License-Identifier: Apache-2.0
// What the loops over modules work on: everything between the far side of a module and its string
// that is there in every step. See kernels.hpp and module_bank.hpp.
#pragma once

#include "core/base/units.hpp"
#include "sim/plant/cell_kernel.hpp"

namespace weco::sim {

/// A reading is gain * truth + offset, in the unit the sensor delivers (mA, mV).
struct SensorArrays {
  double gain[kStringsMax];
  double offset[kStringsMax];
};

/// One entry a module; as many as there are strings.
struct alignas(kLanes * sizeof(double)) ModuleArrays {
  // What the module is told.
  double request_W[kStringsMax];      // in at the far side, through the main contactor
  double electronics_W[kStringsMax];  // of its controller, while its cells can feed it
  double heater_W[kStringsMax];
  double on_main[kStringsMax];  // 1: cells and node are joined by the main contactor, else 0
  // Of the present step.
  double electronics_A[kStringsMax];
  double converter_W[kStringsMax];    // lost
  double path_A[kStringsMax];         // through the contactors
  double node_V[kStringsMax];         // at its end; and ...
  double node_before_V[kStringsMax];  // ... at its beginning
  double far_W[kStringsMax];
  double melting_A2s[kStringsMax];
  // Since the module was made; see ModuleEnergy.
  double far_J[kStringsMax];
  double converter_J[kStringsMax];
  double heater_J[kStringsMax];
  double electronics_J[kStringsMax];
  double circuit_J[kStringsMax];
  double capacitor_J[kStringsMax];
  double through_As[kStringsMax];  // of the cells, in and out
  // What sensors make of the last step.
  SensorArrays current_sensor, voltage_sensor, bus_sensor;
  Milliamps current[kStringsMax];
  Millivolts voltage[kStringsMax];  // of the string
  Millivolts bus[kStringsMax];      // of the node
};

struct ModuleFrame {
  std::size_t modules;
  StringArrays* string;  // of the cells
  ModuleArrays* module;
};

/// What all modules have in common in a step.
struct ModuleStep {
  double seconds;
  double per_s;  // 1 / seconds
  // of the converter, see ConverterCurve; rated_W 0: there is none
  double rated_W, idle_W, linear, square_per_W;
  double capacitor_F;
  double supply_least_V;  // the string feeds the controller above
  double fuse_A2;         // the rated current squared
  double fuse_A2s;        // beyond it, until the fuse blows
};

}  // namespace weco::sim
