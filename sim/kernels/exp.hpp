// SPDX-License-Identifier: Apache-2.0
// The exponential function with the same bits on every machine and compiler. libm differs between
// systems, so nothing that decides a simulated value calls it. Only additions, multiplications and
// shifts, in a fixed order, each rounded once (the house builds with -ffp-contract=off), written
// once for a double and for a vector of them. Error below 1 unit in the last place
// (tests/unit/kernels); below -708 the result is 0, above 709 it stays at that of 709.
#pragma once

#include <cstdint>

namespace weco::sim {

/// `Real` is double or a vector of doubles, `Int` the signed 64-bit integers of the same shape.
template <class Real, class Int>
inline Real exp_of(Real x) {
  constexpr double kMost = 709.0, kLeast = -708.0;
  constexpr double kLog2E = 1.4426950408889634;
  constexpr double kLn2High = 0x1.62e42fee00000p-1, kLn2Low = 0x1.a39ef35793c76p-33;
  constexpr double kShift = 0x1.8p52;  // adding it rounds to a whole number, kept in the low bits
  const Real none = x - x;
  const Real bounded = x > kMost ? none + kMost : x;
  const Real inside = bounded < kLeast ? none + kLeast : bounded;
  const Real shifted = inside * kLog2E + kShift;
  const Real whole = shifted - kShift;
  const Real r = (inside - whole * kLn2High) - whole * kLn2Low;
  // 1 + r + r^2/2 + ... ; |r| <= ln(2)/2, so that the term left out is below 2^-58
  Real p = none + 1.6059043836821613e-10;  // 1/13!
  p = p * r + 2.0876756987868099e-09;
  p = p * r + 2.5052108385441720e-08;
  p = p * r + 2.7557319223985888e-07;
  p = p * r + 2.7557319223985893e-06;
  p = p * r + 2.4801587301587302e-05;
  p = p * r + 1.9841269841269841e-04;
  p = p * r + 1.3888888888888889e-03;
  p = p * r + 8.3333333333333332e-03;
  p = p * r + 4.1666666666666664e-02;
  p = p * r + 1.6666666666666666e-01;
  p = p * r + 0.5;
  p = 1.0 + (r + r * r * p);
  const Real scaled = __builtin_bit_cast(
      Real, __builtin_bit_cast(Int, p) + (__builtin_bit_cast(Int, shifted) << 52));
  return x < kLeast ? none : scaled;
}

inline double exp_of(double x) { return exp_of<double, std::int64_t>(x); }

}  // namespace weco::sim
