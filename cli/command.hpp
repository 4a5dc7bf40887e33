// SPDX-License-Identifier: Apache-2.0
// How a command is declared. One constexpr row says everything a person, a parser, a shell or a
// manual page needs to know; parsing, help, man pages, completions and the reference are derived
// from it and can therefore not disagree. The rows themselves are in cli/table.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/error.hpp"
#include "host/failure/failure.hpp"

namespace weco::cli {

class Args;
struct Context;

/// What an option's or an argument's value is: decides how it is checked and how it is completed.
enum class Kind : std::uint8_t {
  Flag,       // no value; given or not
  Count,      // no value; how often it was given
  Integer,    // whole number within [min, max]
  Duration,   // number with a unit: 500ms, 60s, 5min, 2h, 1d; min and max in milliseconds
  Choice,     // one of `choices`
  Ranges,     // whole numbers and ranges within [min, max]: 1-16,247
  Endpoint,   // serial:/dev/ttyUSB0?baud=9600, or the name of a configured device
  Family,     // a device family (checked where profiles are known)
  Scenario,   // a shipped scenario, a scenario's file or a device family
  Script,     // a shipped script, one of the user's own, or a script's file
  Point,      // a name of the vocabulary
  Port,       // a connector printed on a device: BAT1
  FaultCode,  // a fault code as the device shows it: F013
  Command,    // the name of a command
  Path,       // a file
  Directory,  // a directory
  Text,       // anything
};

struct Option {
  std::string_view name;  // long name without dashes
  char letter = 0;        // short name, 0 for none
  Kind kind = Kind::Flag;
  std::string_view value_name{};     // FILE, for help
  std::string_view help{};           // one sentence with a period
  std::string_view default_value{};  // as typed; empty for none
  std::int64_t min = 0;              // Integer, Ranges: the number; Duration: milliseconds
  std::int64_t max = 0;              // both 0: unlimited
  std::span<const std::string_view> choices{};
  bool repeatable = false;
};

struct Positional {
  std::string_view name;  // upper case, as in the synopsis: DEVICE
  Kind kind = Kind::Text;
  std::string_view help{};
  bool required = false;
  bool repeatable = false;  // only the last one may be
  std::span<const std::string_view> choices{};
};

struct Example {
  std::string_view line;  // without "weco "
  std::string_view says;  // one sentence with a period
};

/// Does the work. A Failure is rendered once, by the caller; results go through Context::output.
using Handler = Outcome<ExitCode> (*)(const Args&, Context&);

struct Command {
  std::string_view name;
  std::string_view summary;  // imperative, no period
  std::string_view text;     // paragraphs divided by an empty line
  std::span<const Option> options{};
  std::span<const Positional> positionals{};
  std::span<const Example> examples{};
  std::span<const ExitCode> exits{};  // besides Done, Failed, Usage and Interrupted
  Handler handler = nullptr;          // null: only its sub-commands do something
  const Command* children = nullptr;
  std::size_t children_count = 0;
  bool hidden = false;   // works, is documented for maintainers only
  bool records = false;  // --record FILE keeps what happens; elsewhere it is refused
  /// Words behind the first argument that are no options here belong to what it names, with
  /// --help: a script has arguments of its own. They are the values of the last argument.
  bool passes_words = false;

  [[nodiscard]] constexpr std::span<const Command> subcommands() const {
    return {children, children_count};
  }
};

}  // namespace weco::cli
