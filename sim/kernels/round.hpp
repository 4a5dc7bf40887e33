// SPDX-License-Identifier: Apache-2.0
// To the nearest whole number, halves away from zero: what std::lround says, without the call that
// it is where the instruction set has no rounding.
#pragma once

#include <cstdint>

namespace weco::sim {

/// |value| below 2^31.
constexpr std::int32_t rounded(double value) {
  const auto towards_zero = static_cast<std::int32_t>(value);
  const double left = value - towards_zero;  // exact
  return towards_zero + (left >= 0.5 ? 1 : 0) - (left <= -0.5 ? 1 : 0);
}

}  // namespace weco::sim
