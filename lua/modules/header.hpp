// SPDX-License-Identifier: Apache-2.0
// What a script says of itself before it does anything: the table that its file returns. Help,
// completion, prompts and the check of what was typed come from it, and nothing else does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/points/point.hpp"
#include "lua/modules/argument.hpp"

namespace weco::lua {

enum class Right : std::uint8_t { Read, Records, Flash };
inline constexpr std::string_view kRights[] = {"read", "records", "flash"};

struct Header {
  std::string purpose;  // one sentence with a period
  std::string text;     // more for --help; paragraphs divided by an empty line
  std::vector<Argument> arguments;
  std::vector<Right> rights;
  std::vector<PointId> writes;        // settings it may change: rights = { "write:POINT" }
  std::vector<std::string> folders;   // below which it may read and write: "files:DIR"
  std::vector<std::string> families;  // that it is made for; empty: any
  std::string example;                // "weco run audit/monthly roof"
  Function run;

  [[nodiscard]] bool may(Right right) const;
  [[nodiscard]] const Argument* find(std::string_view name) const;
};

inline constexpr std::size_t kArgumentsMax = 40;

/// `value` is what the file returned, `text` the file itself. `taken` are the names of options
/// that an argument may not have. BadInput with "file:line" and what is allowed.
Outcome<Header> read_header(const Value& value, std::string_view text, const std::string& file,
                            std::span<const std::string_view> taken);

/// What was typed behind the script's name: --name VALUE, --name=VALUE, and values in the order of
/// the declarations. Every value is checked; what is missing is left out. BadUsage with the nearest
/// name.
Outcome<Value> read_arguments(const Header& header, std::span<const std::string> words,
                              const Check& check);
/// The first argument that `values` lacks; nullptr when all is there. Presets are filled in.
const Argument* missing_argument(const Header& header, Value& values);

}  // namespace weco::lua
