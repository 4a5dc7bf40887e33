// SPDX-License-Identifier: Apache-2.0
// What scripts have of Lua itself, a line each, for the help and the completion of `weco repl`.
// What this program adds stands in lua/meta.
#pragma once

#include <span>
#include <string_view>

namespace weco::cli {

struct PlainLua {
  std::string_view call;   // "math.floor(x)"; without brackets: a value
  std::string_view about;  // a sentence
  [[nodiscard]] std::string_view name() const { return call.substr(0, call.find('(')); }
};

std::span<const PlainLua> plain_lua();

}  // namespace weco::cli
