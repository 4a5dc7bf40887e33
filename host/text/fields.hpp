// SPDX-License-Identifier: Apache-2.0
// Lines of journals: a time for people, then key=value fields between blanks.
#pragma once

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

namespace weco {

/// The whole text as a number; false leaves `into` in an unknown state.
template <class Number>
bool parse_number(std::string_view text, Number& into) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, into);
  return error == std::errc{} && rest == end;
}

/// Hands each field behind the first blank to `take(key, value)`; false at the first that has no
/// '=' or that `take` refuses.
template <class Take>
bool each_field(std::string_view line, Take take) {
  std::size_t at = line.find(' ');
  while (at != std::string_view::npos && at < line.size()) {
    const std::size_t end = std::min(line.find(' ', at + 1), line.size());
    const std::string_view field = line.substr(at + 1, end - at - 1);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos) return false;
    if (!take(field.substr(0, equals), field.substr(equals + 1))) return false;
    at = end;
  }
  return true;
}

}  // namespace weco
