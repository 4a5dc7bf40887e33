// SPDX-License-Identifier: Apache-2.0
// Hexadecimal digits as the text protocols of CAN write them: upper case out, both cases in.
#pragma once

#include <cstdint>
#include <string_view>

namespace weco::can_text {

/// 0..15, or -1 for anything else.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr char hex_digit(std::uint32_t value) {
  return static_cast<char>(value < 10 ? '0' + value : 'A' + (value - 10));
}

/// All of `text` (1..8 digits) as a number; false when there is anything else in it.
constexpr bool parse_hex(std::string_view text, std::uint32_t& value) {
  if (text.empty() || text.size() > 8) return false;
  value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0) return false;
    value = (value << 4) | static_cast<std::uint32_t>(digit);
  }
  return true;
}

/// Appends `digits` digits of `value` to any FixedString.
template <class Text>
constexpr void append_hex(Text& text, std::uint32_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    const char c = hex_digit(value >> (4 * i) & 0xFU);
    text.append({&c, 1});
  }
}

}  // namespace weco::can_text
