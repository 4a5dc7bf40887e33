// SPDX-License-Identifier: Apache-2.0
// What the texts of all kernels share: registers of WECO_LANES doubles and how to load, store and
// ask them. Nothing but plain arithmetic and single instructions is used in a kernel: a function of
// the standard library, compiled for a wide instruction set, could be the one that the linker keeps
// for everybody.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
inline std::int64_t all_bits(const Ints& bits) {
  std::int64_t all = 0;
  for (std::size_t i = 0; i < kWide; ++i) all |= bits[i];
  return all;
}
/// For which lanes a comparison is true: lane n is bit n.
inline unsigned lanes_of(const Ints& truth) {
#if WECO_LANES == 8
  return _mm512_test_epi64_mask(__m512i(truth), __m512i(truth));
#elif WECO_LANES == 4
  return static_cast<unsigned>(_mm256_movemask_pd(__m256d(truth)));
#elif defined(__SSE2__)
  return static_cast<unsigned>(_mm_movemask_pd(__m128d(truth)));
#else
  unsigned lanes = 0;
  for (std::size_t i = 0; i < kWide; ++i) lanes |= static_cast<unsigned>(truth[i] & 1) << i;
  return lanes;
#endif
}
inline bool any(const Ints& truth) { return lanes_of(truth) != 0; }

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
