// SPDX-License-Identifier: Apache-2.0
// Heater and rest. WS-12: the heater helps a pack into its charging range, it is no licence for the
// cold, so it runs only when charging is wanted and there is energy for it. WS-20: rest between
// charge and discharge lets the heat out; advice by default, a limit where the owner wants it.
#pragma once

#include <cstdint>

#include "core/bms/cells.hpp"
#include "core/bms/config.hpp"

namespace weco::bms {

struct HeaterState {
  bool on = false;
  std::int32_t run_s = 0;    // of the present run
  std::int32_t pause_s = 0;  // left of the pause after the longest run
};

struct HeaterInputs {
  Permyriad soc;
  bool charge_wanted = false;
  bool external_energy = false;  // the charger can feed it
  bool healthy = false;          // in standby or running: no fault, no latch
  std::int32_t seconds = 1;      // since the last call
};

/// One cycle of the 1 s task: should the heater be on?
bool heat(const HeaterConfig& config, HeaterState& state, const HeaterInputs& in,
          const CellSummary& cells);

/// It is off and stays so while all is as it is: heat() would only say no.
inline bool heater_idle(const HeaterConfig& config, const HeaterState& state,
                        const CellSummary& cells) {
  return !state.on && state.pause_s == 0 && cells.coldest > config.on;
}

struct RestState {
  std::int8_t direction = 0;  // of the last current: +1 charge, -1 discharge, 0 never
  std::int32_t idle_s = 0;
};

struct RestAdvice {
  bool before_charge = false;     // charging should wait
  bool before_discharge = false;  // discharging should wait
  std::int32_t left_s = 0;
};

/// One cycle of the 1 s task. Currents up to 2 % of 1C count as rest.
/// `seconds` since the last call.
RestAdvice rest(const PackConfig& config, RestState& state, Milliamps current,
                std::int32_t seconds);

}  // namespace weco::bms
