// SPDX-License-Identifier: Apache-2.0
// The text of the kernels for modules; see module_kernel.hpp and kernels.inc.hpp. Paths that lead
// only for seconds (precharge, open contactors) are worked out one by one in module_bank.cpp, which
// leaves its results where these find them.
#include "sim/plant/lanes.inc.hpp"

namespace weco::sim {
namespace {

inline Ints joined(const ModuleArrays& m, std::size_t i) { return in(m.on_main + i) > 0.5; }

/// What is left of the power at the far side when it has come through the converter.
inline __attribute__((always_inline)) Lanes near_W(const ModuleStep& t, const Lanes& far,
                                                   Lanes& lost) {
  const Lanes none = {};
  if (t.rated_W <= 0.0) {
    lost = none;
    return far;
  }
  const Lanes least = none - t.rated_W, most = none + t.rated_W;
  const Lanes not_less = far < least ? least : far;
  const Lanes power = not_less > most ? most : not_less;
  const Lanes through = power < 0.0 ? -power : power;
  const Lanes loss = t.idle_W + through * (t.linear + through * t.square_per_W);
  lost = through == 0.0 ? none : loss;
  return power - lost;
}

/// The power that the cells are to take in.
inline __attribute__((always_inline)) void want_lanes(const ModuleFrame& f, const ModuleStep& t,
                                                      std::size_t i) {
  ModuleArrays& m = *f.module;
  StringArrays& s = *f.string;
  const Lanes none = {};
  const Ints main = joined(m, i);
  const Lanes volts = in(s.volts + i);
  const Ints fed = volts > t.supply_least_V;
  const Lanes electronics_W = fed != 0 ? in(m.electronics_W + i) : none;
  const Lanes electronics_A = in(m.electronics_W + i) / volts;
  Lanes lost;
  const Lanes near = near_W(t, in(m.request_W + i), lost);
  const Lanes power = near - in(m.heater_W + i) - electronics_W;
  out(m.electronics_A + i) = fed != 0 ? electronics_A : none;
  out(m.converter_W + i) = main != 0 ? lost : none;
  out(m.node_before_V + i) = in(m.node_V + i);
  out(s.power_W + i) = main != 0 ? power : none;
  out(s.heater_W + i) = in(m.heater_W + i);
}

/// From the current that is this power to that of the string; the capacitor at the node follows the
/// string. Returns whose fuse has melted.
inline __attribute__((always_inline)) Ints drive_lanes(const ModuleFrame& f, const ModuleStep& t,
                                                       std::size_t i) {
  ModuleArrays& m = *f.module;
  StringArrays& s = *f.string;
  const Lanes none = {};
  const Ints main = joined(m, i);
  const Lanes volts = in(s.volts + i), node = in(m.node_V + i);
  const Lanes electronics_A = in(m.electronics_A + i);
  const Lanes capacitor_A = t.capacitor_F * (volts - node) * t.per_s;
  const Lanes through = in(s.solved + i) - capacitor_A + electronics_A;
  const Lanes path = main != 0 ? through : in(m.path_A + i);
  out(m.path_A + i) = path;
  out(m.node_V + i) = main != 0 ? volts : node;
  out(s.current + i) = path - electronics_A;
  const Lanes over = path * path - t.fuse_A2;
  const Lanes melting = in(m.melting_A2s + i) + over * t.seconds;
  const Lanes left = melting > 0.0 ? melting : none;
  out(m.melting_A2s + i) = left;
  return left >= t.fuse_A2s;
}

/// The books of the step that was.
inline __attribute__((always_inline)) void settle_lanes(const ModuleFrame& f, const ModuleStep& t,
                                                        std::size_t i) {
  ModuleArrays& m = *f.module;
  StringArrays& s = *f.string;
  const Ints main = joined(m, i);
  const Lanes volts = in(s.volts + i), node = in(m.node_V + i);
  const Lanes heater_W = in(m.heater_W + i), converter_W = in(m.converter_W + i);
  const Lanes current = in(s.current + i);
  const Lanes cells_W = current * volts;
  const Lanes electronics_W = in(m.electronics_A + i) * volts;
  const Lanes capacitor_J = 0.5 * t.capacitor_F * node * node;
  const Lanes stored_W = (capacitor_J - in(m.capacitor_J + i)) * t.per_s;
  const Lanes through_W = t.capacitor_F * (node - in(m.node_before_V + i)) * t.per_s * volts;
  const Lanes joined_W = cells_W + electronics_W + heater_W + through_W + converter_W;
  // else the cells feed the path and the electronics; a heater is fed from outside
  const Lanes alone_W = -(cells_W + electronics_W) - stored_W;
  const Lanes far_W = main != 0 ? joined_W : heater_W;
  const Lanes circuit_W = main != 0 ? through_W - stored_W : alone_W;
  out(m.far_W + i) = far_W;
  out(m.far_J + i) += t.seconds * far_W;
  out(m.converter_J + i) += t.seconds * converter_W;
  out(m.heater_J + i) += t.seconds * heater_W;
  out(m.electronics_J + i) += t.seconds * electronics_W;
  out(m.circuit_J + i) += t.seconds * circuit_W;
  out(m.capacitor_J + i) = capacitor_J;
  out(m.through_As + i) += t.seconds * (current < 0.0 ? -current : current);
}

inline __attribute__((always_inline)) Whole sensed(const SensorArrays& s, std::size_t i,
                                                   const Lanes& truth) {
  return whole(1000.0 * truth * in(s.gain + i) + in(s.offset + i));
}

inline __attribute__((always_inline)) void measure_lanes(const ModuleFrame& f, std::size_t i) {
  ModuleArrays& m = *f.module;
  StringArrays& s = *f.string;
  store(m.current + i, sensed(m.current_sensor, i, in(s.current + i)));
  store(m.voltage + i, sensed(m.voltage_sensor, i, in(s.volts + i)));
  store(m.bus + i, sensed(m.bus_sensor, i, in(m.node_V + i)));
}

void want_modules(const ModuleFrame& frame, const ModuleStep& step) {
  for (std::size_t i = 0; i < frame.modules; i += kWide) want_lanes(frame, step, i);
}

bool drive_modules(const ModuleFrame& frame, const ModuleStep& step) {
  Ints melted = {};
  for (std::size_t i = 0; i < frame.modules; i += kWide) melted |= drive_lanes(frame, step, i);
  return any(melted);
}

void settle_modules(const ModuleFrame& frame, const ModuleStep& step) {
  for (std::size_t i = 0; i < frame.modules; i += kWide) {
    settle_lanes(frame, step, i);
    measure_lanes(frame, i);
  }
}

void measure_modules(const ModuleFrame& frame) {
  for (std::size_t i = 0; i < frame.modules; i += kWide) measure_lanes(frame, i);
}

}  // namespace
}  // namespace weco::sim
