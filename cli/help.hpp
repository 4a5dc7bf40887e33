// SPDX-License-Identifier: Apache-2.0
// Help for a person at a terminal, made from the command table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace weco::cli {

/// All commands with their summaries.
std::string overview_text(int width);
/// One command whole: synopsis, text, arguments, options, examples, exit codes.
std::string help_text(const Command& command, const std::string& path, int width);

/// "weco status [OPTION]... DEVICE".
std::string synopsis(const Command& command, const std::string& path);
/// "-w, --watch" or "--interval TIME".
std::string option_title(const Option& option);
/// The help sentence with default, range and choices.
std::string option_help(const Option& option);

/// What each exit code there is tells, in order.
struct ExitText {
  ExitCode code;
  std::string_view text;
};
std::span<const ExitText> exit_texts();
/// Whether the command can end with that code: 0, 1, 2 and 130 always, others by its row.
bool uses_exit(const Command& command, ExitCode code);

}  // namespace weco::cli
