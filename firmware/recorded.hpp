// SPDX-License-Identifier: Apache-2.0
// The recorded inputs of the replay. A recording of a day would not fit a microcontroller, so it is
// kept as the seed and the rule that makes it: the same seed is the same recording, everywhere.
#pragma once

#include <cstdint>

namespace weco::firmware {

/// SplitMix64 (Steele, Lea, Flood 2014): every word of the sequence follows from the seed.
class Recording {
 public:
  explicit constexpr Recording(std::uint64_t seed) : at_(seed) {}
  constexpr std::uint64_t word() {
    at_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = at_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  /// low <= result <= high.
  constexpr std::int32_t between(std::int32_t low, std::int32_t high) {
    const auto span = static_cast<std::uint64_t>(static_cast<std::int64_t>(high) - low) + 1;
    return static_cast<std::int32_t>(low + static_cast<std::int64_t>(word() % span));
  }
  constexpr std::uint8_t byte() { return static_cast<std::uint8_t>(word()); }
  /// True once in `n` on average.
  constexpr bool once_in(std::uint32_t n) { return word() % n == 0; }

 private:
  std::uint64_t at_;
};

}  // namespace weco::firmware
