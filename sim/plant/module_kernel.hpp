// SPDX-License-Identifier: Apache-2.0
// What the loops over modules work on: everything between the far side of a module and its string
// that is there in every step. See kernels.hpp and module_bank.hpp.
#pragma once

#include "core/base/units.hpp"
#include "sim/plant/cell_kernel.hpp"

namespace weco::sim {

/// A reading is gain * truth + offset, in the unit the sensor delivers (mA, mV).
struct SensorArrays {
  double* gain;
  double* offset;
};

/// One entry a module; as many as there are strings.
struct ModuleArrays {
  // What the module is told.
  double* request_W;      // in at the far side, through the main contactor
  double* electronics_W;  // of its controller, while its cells can feed it
  double* heater_W;
  double* on_main;  // 1: cells and node are joined by the main contactor, else 0
  // Of the present step.
  double* electronics_A;
  double* converter_W;    // lost
  double* path_A;         // through the contactors
  double* node_V;         // at its end; and ...
  double* node_before_V;  // ... at its beginning
  double* far_W;
  double* melting_A2s;
  // Since the module was made; see ModuleEnergy.
  double* far_J;
  double* converter_J;
  double* heater_J;
  double* electronics_J;
  double* circuit_J;
  double* capacitor_J;
  double* through_As;  // of the cells, in and out
  // What sensors make of the last step.
  SensorArrays current_sensor, voltage_sensor, bus_sensor;
  Milliamps* current;
  Millivolts* voltage;  // of the string
  Millivolts* bus;      // of the node
};

struct ModuleFrame {
  std::size_t modules;
  StringArrays string;  // of the cells
  ModuleArrays module;
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
