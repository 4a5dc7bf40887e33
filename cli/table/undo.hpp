// SPDX-License-Identifier: Apache-2.0
// The row of `weco undo`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_undo(const Args& args, Context& context);

namespace table {

inline constexpr Option kUndoOptions[] = {
    {.name = "device",
     .kind = Kind::Endpoint,
     .value_name = "DEVICE",
     .help = "Where the device is now, when it is not where the run found it."},
    {.name = "timeout",
     .kind = Kind::Duration,
     .value_name = "TIME",
     .help = "How long the device may take to be read.",
     .default_value = "30s"},
    {.name = "yes", .letter = 'y', .help = "Do not ask."},
};
inline constexpr Positional kUndoArguments[] = {
    {.name = "RUN",
     .kind = Kind::Text,
     .help = "The name that the run printed, or the file of its record.",
     .required = true},
};
inline constexpr Example kUndoExamples[] = {
    {"undo 20261126T180500Z", "Put back the settings that this run changed."},
};
inline constexpr ExitCode kUndoExits[] = {ExitCode::NoAnswer, ExitCode::RefusedByDevice,
                                          ExitCode::VerificationDiffers, ExitCode::RefusedByGuard,
                                          ExitCode::Warning};

inline constexpr Command kUndo = {
    .name = "undo",
    .summary = "Put back the settings that a script changed",
    .text =
        "Each run that changes settings keeps a record: what was there, what was written and "
        "what was read back. From it this command writes the old values again, the last one "
        "first, through the same guard, and keeps a record of that, too.\n\n"
        "It goes on only when the device is the same one by its serial number and every "
        "setting still is what the run left; else nothing is written. A setting that had no value "
        "before the run stays and is named, with exit code 10.",
    .options = kUndoOptions,
    .positionals = kUndoArguments,
    .examples = kUndoExamples,
    .exits = kUndoExits,
    .handler = run_undo,
    .records = true};

}  // namespace table
}  // namespace weco::cli
