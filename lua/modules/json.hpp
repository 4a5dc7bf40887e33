// SPDX-License-Identifier: Apache-2.0
// JSON as values of scripts and back. Whole keys from 1 on are an array; an empty table is one,
// too. A null becomes nil: the entry is not there.
#pragma once

#include <string>
#include <string_view>

#include "host/failure/failure.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

inline constexpr int kJsonDepthMax = 16;

/// BadInput says at which byte.
Outcome<Value> read_json(std::string_view text);
/// On one line. BadInput for functions, numbers that are not finite, and tables with holes or with
/// both names and numbers.
Outcome<std::string> write_json(const Value& value);
/// The shortest text that is read back as the same number.
std::string number_text(const Value& value);

}  // namespace weco::lua
