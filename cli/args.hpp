// SPDX-License-Identifier: Apache-2.0
// What was typed, checked against the command's row: the value a handler works on. Asking for a
// name that is not in the row is a programmer's mistake and asserts. Nothing here looks at the
// world; devices, files and families are looked up by the handler.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "core/base/time.hpp"

namespace weco::cli {

/// Whole numbers from..to, both included.
struct NumberRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  friend bool operator==(NumberRange, NumberRange) = default;
};

/// Stage one, as typed: no value has been looked at.
struct Typed {
  struct Given {
    std::string_view name;  // of the option or positional, as in the table
    std::vector<std::string> values;
    int count = 0;
  };
  const Command* command = nullptr;  // null: no command was named
  std::string command_path;          // "devices show"
  std::vector<Given> given;
};

class Args {
 public:
  /// Stage two. Checks number, range, choice and spelling of every value; BadUsage says which.
  static Outcome<Args> resolve(Typed typed);

  [[nodiscard]] const Command* command() const { return typed_.command; }
  /// "devices show"; empty when no command was named.
  [[nodiscard]] const std::string& command_path() const { return typed_.command_path; }

  /// True when it was typed (a default does not count).
  [[nodiscard]] bool given(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const { return given(name); }
  [[nodiscard]] int count(std::string_view name) const;
  /// The value or the table's default; empty when there is neither.
  [[nodiscard]] std::string_view text(std::string_view name) const;
  /// All values of a repeatable option or positional, in the order typed. No default.
  [[nodiscard]] std::span<const std::string> list(std::string_view name) const;
  /// The value or the table's default; 0 when there is neither.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] Duration duration(std::string_view name) const;
  /// "1-16,247" as {1,16},{247,247}; all values of a repeatable option together.
  [[nodiscard]] std::vector<NumberRange> ranges(std::string_view name) const;

 private:
  explicit Args(Typed typed) : typed_(std::move(typed)) {}
  Typed typed_;
};

/// "500ms", "60s", "1.5h"; units ms, s, min, h, d. BadInput for anything else, OutOfRange over a
/// century.
Result<Duration> parse_duration(std::string_view text);
/// "1-16,247"; BadInput for anything else or a range that runs backwards.
Result<std::vector<NumberRange>> parse_ranges(std::string_view text);

/// The option of that name for `command` (may be null) or a global one; nullptr when neither has
/// it.
const Option* find_option(const Command* command, std::string_view name);
const Positional* find_positional(const Command* command, std::string_view name);

}  // namespace weco::cli
