// SPDX-License-Identifier: Apache-2.0
#include "core/ems/panel.hpp"

namespace weco::ems {

PanelLights panel_lights(bool alarm, bool fault) { return {!fault, alarm, fault}; }

bool buzzer_sounds(Duration since, bool muted) {
  if (muted || since < Duration{} || since >= kBeepPeriod * kBeeps) return false;
  return since.to_us() % kBeepPeriod.to_us() < kBeep.to_us();
}

}  // namespace weco::ems
