// SPDX-License-Identifier: Apache-2.0
#include "core/ems/panel.hpp"

namespace weco::ems {

PanelLights panel_lights(bool alarm, bool fault) { return {!fault, alarm, fault}; }

bool power_light(EmsPhase phase, Duration since) {
  if (phase == EmsPhase::Online) return true;
  if (phase == EmsPhase::NoSupply) return false;
  const std::int64_t period = (phase == EmsPhase::Starting ? kSlowFlash : kFastFlash).to_us();
  return since.to_us() % period < period / 2;
}

bool buzzer_sounds(Duration since, bool muted) {
  if (muted || since < Duration{} || since >= kBeepPeriod * kBeeps) return false;
  return since.to_us() % kBeepPeriod.to_us() < kBeep.to_us();
}

}  // namespace weco::ems
