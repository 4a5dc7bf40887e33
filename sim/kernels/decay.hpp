// SPDX-License-Identifier: Apache-2.0
// What is left of a difference that decays exponentially, written once for a double and for a
// vector of them, as exp.hpp is and for the same reason.
#pragma once

#include <cstdint>

#include "sim/kernels/exp.hpp"

namespace weco::sim {

/// Shares of the difference: at the end, and on average meanwhile.
template <class Real>
struct Decay {
  Real kept, mean;
};

/// After `travel` >= 0 time constants.
template <class Real, class Int>
inline Decay<Real> decay_of(Real travel) {
  const Real kept = exp_of<Real, Int>(-travel);
  const Real near = 1.0 - travel * (0.5 - travel * (1.0 / 6.0));
  return {kept, travel < 1e-3 ? near : (1.0 - kept) / travel};
}

inline Decay<double> decay_of(double travel) { return decay_of<double, std::int64_t>(travel); }

/// Up to here a fraction of two polynomials stands for the exponential function: Pade (2,2), within
/// 1.4e-6.
inline constexpr double kShortTravel = 0.25;
template <class Real>
inline Decay<Real> short_decay(Real travel) {
  const Real mean = 12.0 / (12.0 + travel * (6.0 + travel));
  return {1.0 - travel * mean, mean};
}

}  // namespace weco::sim
