// SPDX-License-Identifier: Apache-2.0
// Lua's text patterns with a bound. The library's own matcher runs outside the interpreter, where
// no hook can stop it, and a pattern of a few characters keeps it busy for years; this one counts
// its steps and gives up. Same language: classes, sets, captures, %b and %f.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weco::lua {

inline constexpr std::size_t kCapturesMax = 32;
inline constexpr int kPatternDepthMax = 150;
inline constexpr std::uint64_t kPatternStepsMax = 2'000'000;

enum class Match : std::uint8_t { No, Yes, Malformed, TooExpensive };

struct Capture {
  static constexpr std::ptrdiff_t kOpen = -1;
  static constexpr std::ptrdiff_t kPosition = -2;
  std::size_t begin = 0;
  std::ptrdiff_t size = kOpen;
};

struct Found {
  Match match = Match::No;
  std::size_t begin = 0;
  std::size_t end = 0;  // behind the last character
  std::size_t captures = 0;
  std::array<Capture, kCapturesMax> capture{};
  std::uint64_t steps = 0;        // used
  const char* mistake = nullptr;  // of a malformed pattern, a clause
};

/// The first match at `from` or later; at `from` only when the pattern begins with '^'.
Found find_pattern(std::string_view text, std::string_view pattern, std::size_t from);

}  // namespace weco::lua
