// SPDX-License-Identifier: Apache-2.0
#include "host/report/markup.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace weco::report {
namespace {

/// The code point at `at` of UTF-8, or U+FFFD for a byte that begins none; moves `at` behind it.
char32_t next(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || lead > 0xF4 || at + more > text.size()) return 0xFFFD;
  char32_t point = lead & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0U) != 0x80U) return 0xFFFD;
    point = point << 6U | (byte & 0x3FU);
  }
  at += more;
  return point;
}

/// Invisible, or able to change what stands beside it.
bool harmful(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x061C ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) || (point >= 0xE0000 && point <= 0xE007F);
}

/// Harmless text; `put` says how a printable ASCII character is written.
template <class Put>
std::string harmless(std::string_view text, Put put) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t point = next(text, at);
    if (harmful(point)) {
      out += fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(point));
    } else if (point < 0x80) {
      put(out, static_cast<char>(point));
    } else if (point == 0xFFFD) {
      out += "\uFFFD";
    } else {
      out += text.substr(from, at - from);
    }
  }
  return out;
}

}  // namespace

std::string html(std::string_view text) {
  return harmless(text, [](std::string& out, char c) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  });
}

std::string markdown(std::string_view text) {
  static constexpr std::string_view kSpecial = "\\`*_{}[]()#+!|~";
  return harmless(text, [](std::string& out, char c) {
    if (c == '<' || c == '>' || c == '&') {
      out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;";
      return;
    }
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  });
}

std::string csv(std::string_view text) {
  std::string cell = harmless(text, [](std::string& out, char c) {
    if (c == '"') out += '"';
    out += c;
  });
  const bool number =
      cell.find_first_not_of("+-.0123456789") == std::string::npos && cell.size() > 1;
  const bool formula =
      !cell.empty() && std::string_view("=+-@").find(cell[0]) != std::string_view::npos;
  if (formula && !number) cell.insert(0, 1, '\'');
  return '"' + cell + '"';
}

}  // namespace weco::report
