// SPDX-License-Identifier: Apache-2.0
// What scripts are given, told once in lua/meta and shown in two forms: a page of the reference and
// the manual page weco-lua(7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/generate/man.hpp"

namespace weco::cli {

/// One function or table of lua/meta.
struct LuaEntry {
  struct Part {
    std::string name;  // of a parameter or result
    std::string type;
    std::string about;
  };
  std::string name;       // "weco.open", "device:read"; of a table "weco"
  std::string signature;  // "weco.open(place, options)"; empty for a table
  std::string about;      // in one line
  std::vector<Part> parameters;
  std::vector<Part> results;
  std::string example;  // as in the file, without the comment marks
};

std::vector<LuaEntry> read_lua_meta(std::string_view text);
/// "lua.md".
std::vector<GeneratedFile> lua_reference();
/// "weco-lua.7".
GeneratedFile lua_manual();

}  // namespace weco::cli
