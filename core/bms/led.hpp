// SPDX-License-Identifier: Apache-2.0
// What a person standing in front of the battery sees. WS-17: a locked WeCo pack alternates red;
// EP-07: a B500 is off, on, blinks at 0.5 Hz while it shuts down and at 1 Hz while it does not run.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace weco::bms {

enum class LedPattern : std::uint8_t {
  Dark = 0,
  Steady,          // running
  SlowBlink,       // 0.5 Hz: shutting down (EP-07)
  Blink,           // 1 Hz: not running
  AllFlash,        // 1 Hz, all packs together: recovering; over an hour: call service (EP-07)
  FaultFlash,      // 1 Hz, this pack alone: fault (EP-07)
  RedBlink,        // 1 Hz red: fault that may be reset, or master lost
  RedAlternating,  // red alternating with the operating colour: locked (WS-17)
};

struct Leds {
  bool green = false;
  bool red = false;
  friend constexpr bool operator==(const Leds&, const Leds&) = default;
};

/// Which lamps are lit at `now`.
Leds leds(LedPattern pattern, Instant now);

/// The three lamps of the EP760 panel (EP-07): run, alarm, fault.
struct PanelLeds {
  bool run = false;
  bool alarm = false;
  bool fault = false;
  friend constexpr bool operator==(const PanelLeds&, const PanelLeds&) = default;
};
constexpr PanelLeds panel_leds(bool alarm, bool fault) { return {!fault, alarm, fault}; }

/// The buzzer of the EP760 (EP-07): on a fault five beeps of 2 s with 1 s between, then silence.
/// `since` is the time since the fault came.
bool buzzer(bool fault, bool muted, Duration since);

}  // namespace weco::bms
