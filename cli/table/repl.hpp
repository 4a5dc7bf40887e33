// SPDX-License-Identifier: Apache-2.0
// The row of `weco repl`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_repl(const Args& args, Context& context);

}  // namespace weco::cli

namespace weco::cli::table {

inline constexpr Option kReplOptions[] = {
    {.name = "seed",
     .kind = Kind::Integer,
     .value_name = "N",
     .help = "Seed of the random numbers.",
     .default_value = "1",
     .min = 0,
     .max = 2147483647},
};
inline constexpr Example kReplExamples[] = {
    {"repl", "Try things out; Tab completes, 'help weco.open' explains."},
};
inline constexpr ExitCode kReplExits[] = {ExitCode::Interrupted};

inline constexpr Command kRepl = {
    .name = "repl",
    .summary = "Try out what scripts can do, line by line",
    .text =
        "Takes Lua and shows what it gives: an expression is enough, an input that is not finished "
        "goes on in the next line. Everything scripts are given is there, with the same sandbox "
        "and the right to read devices. A name that is set stays for the session: d = "
        "weco.open(\"sim:weco_smart\"), then d:read(\"soc\").\n\n"
        "help lists the functions, help NAME explains one, quit or Ctrl-D ends the session. At a "
        "terminal lines can be edited, Tab completes functions, configured devices and points, and "
        "the arrow keys bring back what was typed before. Ctrl-C stops what is running; the "
        "session then begins anew.\n\n"
        "Inputs may come through a pipe. The exit code is 1 when one of them failed.",
    .options = kReplOptions,
    .examples = kReplExamples,
    .exits = kReplExits,
    .handler = run_repl,
    .records = true};

}  // namespace weco::cli::table
