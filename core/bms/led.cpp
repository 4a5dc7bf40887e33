// SPDX-License-Identifier: Apache-2.0
// Patterns as half periods of the clock that is passed in, so that all packs of a tower blink
// together without talking about it.
#include "core/bms/led.hpp"

namespace weco::bms {
namespace {

constexpr std::int64_t kBeeps = 5;
constexpr Duration kBeep = Duration::s(2);
constexpr Duration kBeepPeriod = Duration::s(3);

/// First half of the period?
bool first_half(Instant now, Duration period) {
  return now.to_us() % period.to_us() < period.to_us() / 2;
}

}  // namespace

Leds leds(LedPattern pattern, Instant now) {
  const bool second = first_half(now, Duration::s(1));
  switch (pattern) {
    case LedPattern::Dark:
      break;
    case LedPattern::Steady:
      return {true, false};
    case LedPattern::SlowBlink:
      return {first_half(now, Duration::s(2)), false};
    case LedPattern::Blink:
    case LedPattern::AllFlash:
    case LedPattern::FaultFlash:
      return {second, false};
    case LedPattern::RedBlink:
      return {false, second};
    case LedPattern::RedAlternating:
      return {!second, second};
  }
  return {};
}

bool buzzer(bool fault, bool muted, Duration since) {
  if (!fault || muted || since >= kBeepPeriod * kBeeps) return false;
  return since.to_us() % kBeepPeriod.to_us() < kBeep.to_us();
}

}  // namespace weco::bms
