// SPDX-License-Identifier: Apache-2.0
// The scripts inside the program, as text.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace weco::scripts {

struct EmbeddedScript {
  std::string_view name;   // "cold-morning"
  std::string_view title;  // its line `  title = "...",`
  const char* begin;
  const char* end;
  [[nodiscard]] std::string_view text() const {
    return {begin, static_cast<std::size_t>(end - begin)};
  }
};

/// In the order of their names.
std::span<const EmbeddedScript> scenarios();

}  // namespace weco::scripts
