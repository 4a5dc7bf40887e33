// SPDX-License-Identifier: Apache-2.0
// A value that a person gives to a script: an argument on the command line, or the answer to a
// question. One declaration says what it may be; help, prompts, the check and the hint after a
// mistake come from it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "lua/tree/tree.hpp"

namespace weco::lua {

struct Argument {
  enum class Type : std::uint8_t {
    Text,
    Number,
    Whole,
    Switch,
    Choice,
    Device,
    Family,
    Point,
    File
  };
  std::string name;  // "limit_A": lower case, with the unit at its end
  Type type = Type::Text;
  std::string unit;  // suffix of the vocabulary: "A", "pct"
  std::string help;
  std::optional<double> min;
  std::optional<double> max;
  std::vector<std::string> choices;
  Value preset;       // nil: none
  bool many = false;  // a list, of one or more
  bool optional = false;

  [[nodiscard]] bool required() const { return !optional && preset.is(Value::Kind::Nil); }
};

inline constexpr std::string_view kArgumentTypes[] = {
    "text", "number", "whole", "switch", "choice", "device", "family", "point", "file"};
std::string_view name(Argument::Type type);

/// Looks at what only the world knows: whether the device, family, point or file exists. Gives the
/// value that the script gets: for a file its content.
using Check = std::function<Outcome<Value>(Argument::Type type, const std::string& text)>;

/// The value that `text` stands for. BadUsage names the argument and what is allowed.
Outcome<Value> parse_argument(const Argument& argument, const std::string& text,
                              const Check& check);
/// "a number from 0 to 100 in pct", "one of: left, right".
std::string expectation(const Argument& argument);
/// One declaration of a file or of a call.
void read_argument(Tree& tree, const Node& at, Argument& to);

}  // namespace weco::lua
