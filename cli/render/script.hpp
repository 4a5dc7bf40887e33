// SPDX-License-Identifier: Apache-2.0
// What a script returns or shows: for people as lines and grids, for programs as "weco.script/1".
#pragma once

#include <string>
#include <string_view>

#include "lua/modules/header.hpp"
#include "lua/state/value.hpp"

namespace weco::cli {

/// A list of tables as a grid, names with values as lines, everything else as it is. Ends with a
/// line feed; empty for nil.
std::string value_page(const lua::Value& value, bool color);
std::string script_json(std::string_view name, const lua::Value& value);
/// sanitize() for every line of a text.
std::string clean_lines(std::string_view text);
/// What --help of a script prints.
std::string script_help(std::string_view name, const lua::Header& header, int width);

}  // namespace weco::cli
