// SPDX-License-Identifier: Apache-2.0
// From words to what was typed. CLI11 splits options, values and positionals; it is fed from the
// command table and its exceptions end here. What a value means is not looked at yet.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/args.hpp"

namespace weco::cli {

/// `words` without the program's name. BadUsage for an unknown command or option, an option without
/// its value, a flag with one, and an argument too many. With --help or --version missing
/// sub-commands are no error.
Outcome<Typed> parse(std::span<const std::string_view> words);
/// The same with its values looked at: a command that another one runs.
Outcome<Args> args_of(const std::vector<std::string>& words);

}  // namespace weco::cli
