// SPDX-License-Identifier: Apache-2.0
// What the texts of all kernels share: registers of WECO_LANES doubles and how to load, store and
// ask them. Nothing but plain arithmetic is used in a kernel: a function of the standard library,
// compiled for a wide instruction set, could be the one that the linker keeps for everybody.
#pragma once

#include "sim/kernels/decay.hpp"
#include "sim/plant/kernels.hpp"

namespace weco::sim {
namespace {

typedef double Lanes __attribute__((vector_size(8 * WECO_LANES)));
typedef std::int64_t Ints __attribute__((vector_size(8 * WECO_LANES)));
typedef std::int32_t Whole __attribute__((vector_size(4 * WECO_LANES)));
constexpr std::size_t kWide = WECO_LANES;
constexpr std::size_t kPasses = kLanes / kWide;

inline const Lanes& in(const double* at) { return *reinterpret_cast<const Lanes*>(at); }
inline Lanes& out(double* at) { return *reinterpret_cast<Lanes*>(at); }
inline Ints& out(std::int64_t* at) { return *reinterpret_cast<Ints*>(at); }

/// All bits that any lane has.
template <class Wide>
inline std::int64_t any(const Wide& bits) {
  typedef std::int64_t Two __attribute__((vector_size(16)));
  typedef std::int64_t Four __attribute__((vector_size(32)));
  if constexpr (sizeof(Wide) == sizeof(Two)) {
    return bits[0] | bits[1];
  } else if constexpr (sizeof(Wide) == sizeof(Four)) {
    const Two low = __builtin_shufflevector(bits, bits, 0, 1);
    return any<Two>(low | __builtin_shufflevector(bits, bits, 2, 3));
  } else {
    const Four low = __builtin_shufflevector(bits, bits, 0, 1, 2, 3);
    return any<Four>(low | __builtin_shufflevector(bits, bits, 4, 5, 6, 7));
  }
}

/// To the nearest whole number, halves to the even one: the sum with 1.5 * 2^52 has no room for
/// more.
inline Whole whole(const Lanes& x) {
  const double round = 0x1.8p52;
  return __builtin_convertvector((x + round) - round, Whole);
}
template <class Number, class Wide>
inline void store(Number* at, const Wide& values) {
  static_assert(sizeof(Number) == sizeof(std::int32_t));
  __builtin_memcpy(static_cast<void*>(at), &values, sizeof values);
}

}  // namespace
}  // namespace weco::sim
