// SPDX-License-Identifier: Apache-2.0
// To the nearest whole number, halves away from zero: what std::lround says, without the call that
// it is where the instruction set has no rounding.
#pragma once

#include <cstdint>

namespace weco::sim {

/// |value| below 2^31.
constexpr std::int32_t rounded(double value) {
  // The number below a half: a half would take with it what lies one digit below it.
  constexpr double kHalf = 0.5 - 0x1p-54;
  return static_cast<std::int32_t>(value + __builtin_copysign(kHalf, value));
}

}  // namespace weco::sim
