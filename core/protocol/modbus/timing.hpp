// SPDX-License-Identifier: Apache-2.0
// What a serial line's speed means for Modbus RTU: how long a frame is on the wire and how long the
// silences are that the serial-line specification (V1.02, 2.5.1.1) wants around and inside it. The
// silences serve only to resynchronise here: a USB adapter cannot measure them, so frames end by
// their length and CRC.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"

namespace weco::modbus {

/// Start, eight data bits, parity or a second stop bit, stop: 8E1, 8O1, 8N2. (8N1 is 10.)
inline constexpr std::uint8_t kBitsPerCharacter = 11;
/// Above this speed the specification fixes the silences instead of scaling them.
inline constexpr std::uint32_t kScaledSilenceBaudMax = 19200;

/// Time of `n` characters on the wire, rounded up; zero when `baud` is 0 (no serial line).
constexpr Duration transmission_time(std::size_t n, std::uint32_t baud,
                                     std::uint8_t bits_per_character = kBitsPerCharacter) {
  if (baud == 0) return {};
  const std::uint64_t bits = static_cast<std::uint64_t>(n) * bits_per_character;
  return Duration::us(static_cast<std::int64_t>((bits * 1000000U + baud - 1) / baud));
}

namespace detail {
/// `halves` half characters of 11 bits, rounded up.
constexpr Duration half_characters(std::uint32_t halves, std::uint32_t baud) {
  const std::uint64_t numerator = static_cast<std::uint64_t>(halves) * kBitsPerCharacter * 500000U;
  return Duration::us(static_cast<std::int64_t>((numerator + baud - 1) / baud));
}
}  // namespace detail

/// The longest pause allowed inside a frame (t1.5).
constexpr Duration silence_inside(std::uint32_t baud) {
  if (baud == 0) return {};
  return baud > kScaledSilenceBaudMax ? Duration::us(750) : detail::half_characters(3, baud);
}

/// The shortest pause between two frames (t3.5).
constexpr Duration silence_between(std::uint32_t baud) {
  if (baud == 0) return {};
  return baud > kScaledSilenceBaudMax ? Duration::us(1750) : detail::half_characters(7, baud);
}

}  // namespace weco::modbus
