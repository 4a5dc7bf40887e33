// SPDX-License-Identifier: Apache-2.0
// What an EP760 shows and sounds (EP-07): three lights, and a buzzer that beeps five times for two
// seconds with a second between when one of its faults comes, unless it is muted.
#pragma once

#include "core/base/time.hpp"

namespace weco::ems {

struct PanelLights {
  bool run = false;
  bool alarm = false;
  bool fault = false;
};
/// The manual's table 3-9; it does not name a state without power, which shows nothing.
PanelLights panel_lights(bool alarm, bool fault);

inline constexpr Duration kBeep = Duration::s(2);
inline constexpr Duration kBeepPeriod = Duration::s(3);
inline constexpr int kBeeps = 5;
/// Whether the buzzer sounds, `since` the fault came.
bool buzzer_sounds(Duration since, bool muted);

}  // namespace weco::ems
