// SPDX-License-Identifier: Apache-2.0
#include "host/report/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "host/text/utf8.hpp"

namespace weco::report {
namespace {

/// Harmless text; `put` says how a printable ASCII character is written.
template <class Put>
std::string harmless(std::string_view text, Put put) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (!c.valid) {
      out += "\uFFFD";
    } else if (is_unprintable(c.value)) {
      out += fmt::format("\\u{{{:X}}}", static_cast<std::uint32_t>(c.value));
    } else if (c.value < 0x80) {
      put(out, text.front());
    } else {
      out += text.substr(0, c.size);
    }
    text.remove_prefix(c.size);
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
  // Nearly every cell, and a journal has millions.
  const bool plain =
      std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '"'; });
  std::string cell = plain ? std::string(text) : harmless(text, [](std::string& out, char c) {
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
