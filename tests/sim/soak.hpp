// SPDX-License-Identifier: Apache-2.0
// How long a soak lasts, and what it may leave behind.
#pragma once

#include <cstddef>
#include <cstdlib>

#include "core/base/time.hpp"

namespace weco::test {

/// Twenty minutes of virtual time in each build, eight hours at night.
inline Duration soak_length() {
  const bool night = std::getenv("WECO_EXHAUSTIVE") != nullptr;  // NOLINT: one thread
  return night ? Duration::hours(8) : Duration::minutes(20);
}

/// Blocks that queues may hold more than before, because they have just been longer.
inline constexpr std::size_t kSoakRoom = 4;

}  // namespace weco::test
