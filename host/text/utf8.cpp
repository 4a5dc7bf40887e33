// SPDX-License-Identifier: Apache-2.0
#include "host/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weco {
namespace {

struct Span {
  char32_t from;
  char32_t to;
};

// Unicode 15, the parts that matter for what a device or a file name may hold.
constexpr std::array kInvisible = {
    Span{0x0000, 0x001F}, Span{0x007F, 0x009F}, Span{0x00AD, 0x00AD},   Span{0x061C, 0x061C},
    Span{0x180E, 0x180E}, Span{0x200B, 0x200F}, Span{0x2028, 0x202E},   Span{0x2060, 0x206F},
    Span{0xFEFF, 0xFEFF}, Span{0xFFF9, 0xFFFB}, Span{0xE0000, 0xE007F},
};

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {lead, 1, false};
  char32_t value = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {lead, 1, false};
    value = value << 6 | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return {lead, 1, false};
  return {value, size, true};
}

bool is_unprintable(char32_t c) {
  return std::ranges::any_of(kInvisible,
                             [&](const Span& span) { return c >= span.from && c <= span.to; });
}

}  // namespace weco
