// SPDX-License-Identifier: Apache-2.0
// Sine and cosine with the same bits on every machine; see exp.hpp. Polynomials to the eleventh and
// twelfth power over an eighth of a turn: the error is below 1e-14 for angles up to a thousand
// turns (tests/unit/plant), which is more than the sun needs.
#pragma once

#include <cmath>

namespace weco::sim {

namespace detail {
inline constexpr double kHalfPi = 1.5707963267948966;

/// sin and cos of |r| <= pi/4.
inline double sin_small(double r) {
  const double s = r * r;
  double p = 1.6059043836821613e-10;  // 1/13!
  p = p * s - 2.5052108385441720e-08;
  p = p * s + 2.7557319223985893e-06;
  p = p * s - 1.9841269841269841e-04;
  p = p * s + 8.3333333333333332e-03;
  p = p * s - 1.6666666666666666e-01;
  return r + r * s * p;
}
inline double cos_small(double r) {
  const double s = r * r;
  double p = 2.0876756987868099e-09;  // 1/12!
  p = p * s - 2.7557319223985888e-07;
  p = p * s + 2.4801587301587302e-05;
  p = p * s - 1.3888888888888889e-03;
  p = p * s + 4.1666666666666664e-02;
  p = p * s - 0.5;
  return 1.0 + s * p;
}
}  // namespace detail

/// Radians.
inline double sin_of(double x) {
  // floor and sqrt are exact by IEEE 754; everything else of libm is not used.
  const double quarter = std::floor(x / detail::kHalfPi + 0.5);
  constexpr double kHigh = 1.5707963267341256, kLow = 6.0771005065061922e-11;
  const double r = (x - quarter * kHigh) - quarter * kLow;
  const auto turn = static_cast<long long>(quarter) & 3;
  switch (turn) {
    case 0:
      return detail::sin_small(r);
    case 1:
      return detail::cos_small(r);
    case 2:
      return -detail::sin_small(r);
    default:
      return -detail::cos_small(r);
  }
}
inline double cos_of(double x) { return sin_of(x + detail::kHalfPi); }

}  // namespace weco::sim
