// SPDX-License-Identifier: Apache-2.0
// Logarithm and powers with the same bits on every machine; see exp.hpp. Relative error below 1e-15
// for the logarithm and 1e-14 for powers up to e^20 (tests/unit/plant).
#pragma once

#include <bit>
#include <cstdint>

#include "sim/kernels/exp.hpp"

namespace weco::sim {

/// Natural logarithm of a positive, normal number.
inline double log_of(double x) {
  constexpr double kLn2High = 0x1.62e42fee00000p-1, kLn2Low = 0x1.a39ef35793c76p-33;
  auto bits = std::bit_cast<std::uint64_t>(x);
  std::int64_t exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffff) | 0x3ff0000000000000;
  double m = std::bit_cast<double>(bits);  // 1 .. 2
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double s = (m - 1.0) / (m + 1.0);  // |s| < 0.172
  const double q = s * s;
  double p = 1.0 / 21.0;
  for (int n = 19; n >= 3; n -= 2) p = p * q + 1.0 / n;
  const double e = static_cast<double>(exponent);
  return e * kLn2High + (2.0 * s + (2.0 * s * q * p + e * kLn2Low));
}

/// x^p for x >= 0.
inline double pow_of(double x, double p) { return x > 0.0 ? exp_of(p * log_of(x)) : 0.0; }

inline double tanh_of(double x) { return 1.0 - 2.0 / (exp_of(2.0 * x) + 1.0); }

}  // namespace weco::sim
