// SPDX-License-Identifier: Apache-2.0
// The command table: everything `weco` can be told. A command stands here when it works.
#pragma once

#include <span>
#include <string_view>

#include "cli/command.hpp"

namespace weco::cli {

/// Options that every command takes.
std::span<const Option> global_options();
/// In the order of help and manual.
std::span<const Command> commands();
/// "scan" or "devices show"; nullptr when there is none.
const Command* find_command(std::string_view path);

/// Handlers, one file each in cli/commands.
Outcome<ExitCode> run_scan(const Args& args, Context& context);
Outcome<ExitCode> run_status(const Args& args, Context& context);
Outcome<ExitCode> run_simulate(const Args& args, Context& context);
Outcome<ExitCode> run_devices_list(const Args& args, Context& context);
Outcome<ExitCode> run_devices_show(const Args& args, Context& context);
Outcome<ExitCode> run_devices_check(const Args& args, Context& context);
Outcome<ExitCode> run_devices_fault(const Args& args, Context& context);
Outcome<ExitCode> run_devices_port(const Args& args, Context& context);
Outcome<ExitCode> run_help(const Args& args, Context& context);
Outcome<ExitCode> run_completion(const Args& args, Context& context);
Outcome<ExitCode> run_completion_words(const Args& args, Context& context);
Outcome<ExitCode> run_generate(const Args& args, Context& context);

}  // namespace weco::cli
