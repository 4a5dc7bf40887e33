// SPDX-License-Identifier: Apache-2.0
// What the products show and sound by lights and beeps. CM2's EMS has one power light (CM-04). What
// an EP760 shows and sounds (EP-07): three lights, and a buzzer that beeps five times for two
// seconds with a second between when one of its faults comes, unless it is muted.
#pragma once

#include <cstdint>

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
/// CM-04: the power light of CM2's EMS; the manual's times are taken as the period of a flash.
enum class EmsPhase : std::uint8_t { NoSupply, Starting, Online, StartFailed };
inline constexpr Duration kSlowFlash = Duration::ms(1500);
inline constexpr Duration kFastFlash = Duration::ms(500);
/// Whether the light is on, `since` the phase began. Starting covers initialising and updating.
bool power_light(EmsPhase phase, Duration since);

/// Whether the buzzer sounds, `since` the fault came.
bool buzzer_sounds(Duration since, bool muted);

}  // namespace weco::ems
