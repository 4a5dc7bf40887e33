// SPDX-License-Identifier: Apache-2.0
// The scripts inside the program, as text.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace weco::scripts {

struct EmbeddedScript {
  std::string_view name;   // "cold-morning", "audit/monthly"
  std::string_view title;  // a scenario's `  title = "...",`, a script's `  purpose = "...",`
  const char* begin;
  const char* end;
  [[nodiscard]] std::string_view text() const {
    return {begin, static_cast<std::size_t>(end - begin)};
  }
};

// Each in the order of their names.
std::span<const EmbeddedScript> scenarios();
std::span<const EmbeddedScript> shipped();
/// What scripts may require: scripts/lib.
std::span<const EmbeddedScript> modules();
/// lua/meta: what scripts are given, declared and explained.
std::string_view meta();

}  // namespace weco::scripts
