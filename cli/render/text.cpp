// SPDX-License-Identifier: Apache-2.0
#include "cli/render/text.hpp"

#include <array>
#include <cstdint>

#include "host/text/utf8.hpp"

namespace weco::cli {
namespace {

struct Span {
  char32_t from;
  char32_t to;
};

// Unicode 15, the parts that matter for what a device or a file name may hold.
constexpr std::array kCombining = {
    Span{0x0300, 0x036F}, Span{0x0483, 0x0489}, Span{0x0591, 0x05BD}, Span{0x064B, 0x065F},
    Span{0x1AB0, 0x1AFF}, Span{0x1DC0, 0x1DFF}, Span{0x20D0, 0x20FF}, Span{0x3099, 0x309A},
    Span{0xFE00, 0xFE0F}, Span{0xFE20, 0xFE2F},
};
constexpr std::array kWide = {
    Span{0x1100, 0x115F},   Span{0x2E80, 0x303E},   Span{0x3041, 0x33FF}, Span{0x3400, 0x4DBF},
    Span{0x4E00, 0x9FFF},   Span{0xA000, 0xA4CF},   Span{0xAC00, 0xD7A3}, Span{0xF900, 0xFAFF},
    Span{0xFE30, 0xFE6F},   Span{0xFF00, 0xFF60},   Span{0xFFE0, 0xFFE6}, Span{0x1F300, 0x1F64F},
    Span{0x1F900, 0x1F9FF}, Span{0x20000, 0x3FFFD},
};

template <std::size_t N>
bool within(const std::array<Span, N>& spans, char32_t c) {
  for (const Span& span : spans) {
    if (c >= span.from && c <= span.to) return true;
  }
  return false;
}

std::size_t columns_of(char32_t c) {
  if (within(kCombining, c)) return 0;
  return within(kWide, c) ? 2 : 1;
}

/// Bytes of the colour escape at the start of `text`, 0 when there is none.
std::size_t escape_size(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b' || text[1] != '[') return 0;
  const std::size_t end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

/// How many bytes at the start of `text` are printable ASCII: harmless, and a column each.
std::size_t plain_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] >= ' ' && text[size] <= '~') ++size;
  return size;
}

}  // namespace

std::string sanitize(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  const std::size_t plain = plain_size(text);  // all of nearly every text
  std::string clean(text.substr(0, plain));
  text.remove_prefix(plain);
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (c.valid && !is_unprintable(c.value)) {
      clean += text.substr(0, c.size);
    } else {
      for (const char b : text.substr(0, c.size)) {
        const auto value = static_cast<std::uint8_t>(b);
        clean += {'\\', 'x', kHex[value >> 4], kHex[value & 15U]};
      }
    }
    text.remove_prefix(c.size);
  }
  return clean;
}

void sanitize_in_place(std::string& text) {
  if (plain_size(text) != text.size()) text = sanitize(text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = plain_size(text);
  text.remove_prefix(width);
  while (!text.empty()) {
    if (const std::size_t escape = escape_size(text); escape > 0) {
      text.remove_prefix(escape);
      continue;
    }
    const CodePoint c = first_code_point(text);
    width += columns_of(c.value);
    text.remove_prefix(c.size);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
  if (text.size() <= width || display_width(text) <= width) return std::string(text);
  if (width == 0) return {};
  std::string cut;
  std::size_t used = 0;
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (used + columns_of(c.value) > width - 1) break;
    used += columns_of(c.value);
    cut += text.substr(0, c.size);
    text.remove_prefix(c.size);
  }
  return cut + "…";
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string lines;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) lines += margin + line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(" \n");
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && indent + display_width(line) + 1 + display_width(word) > width) flush();
    if (!word.empty()) {
      if (!line.empty()) line += ' ';
      line += word;
    }
    if (end == std::string_view::npos) break;
    if (text.substr(end).starts_with("\n\n")) {  // a new paragraph
      flush();
      lines += '\n';
    }
    text.remove_prefix(end + 1);
  }
  flush();
  return lines;
}

std::string quoted(std::string_view text) {
  static constexpr std::size_t kColumnsMax = 80;
  return "'" + cut_to_width(sanitize(text), kColumnsMax) + "'";
}

}  // namespace weco::cli
