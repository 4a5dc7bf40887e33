// SPDX-License-Identifier: Apache-2.0
// One strict step through UTF-8, and what no text from outside may keep: shared by terminal, JSON
// and reports.
#pragma once

#include <cstddef>
#include <string_view>

namespace weco {

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;  // bytes; 1 for a byte that is no UTF-8
  bool valid = false;
};

/// The first code point of `text`, which is not empty. Overlong forms, surrogates and values beyond
/// U+10FFFF are not valid.
CodePoint first_code_point(std::string_view text);

/// Controls (C0, DEL, C1) and marks that turn the direction or cannot be seen.
bool is_unprintable(char32_t c);

}  // namespace weco
