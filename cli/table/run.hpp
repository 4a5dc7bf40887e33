// SPDX-License-Identifier: Apache-2.0
// The row of `weco run`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_run(const Args& args, Context& context);

}  // namespace weco::cli

namespace weco::cli::table {

inline constexpr Option kRunOptions[] = {
    {.name = "answers",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Take the answers to the script's questions from this file, one JSON object a line: "
             "{\"question\":\"NAME\",\"answer\":VALUE}; - is stdin."},
    {.name = "non-interactive", .help = "Ask nobody: a question without a default ends the run."},
    {.name = "resume",
     .help = "Go on with the newest run of this script and these arguments that was torn: what was "
             "done and still holds is not done or asked again."},
    {.name = "yes",
     .letter = 'y',
     .help = "Do not ask before settings are written; the script's rights and the guard stay."},
    {.name = "seed",
     .kind = Kind::Integer,
     .value_name = "N",
     .help = "Seed of the script's random numbers.",
     .default_value = "1",
     .min = 0,
     .max = 2147483647},
};
inline constexpr Positional kRunArguments[] = {
    {.name = "SCRIPT",
     .kind = Kind::Script,
     .help = "A script's file (its name ends in .lua or has a slash in front), a script of the "
             "user's own folder, or a shipped one.",
     .required = true},
    {.name = "ARGUMENT",
     .kind = Kind::Text,
     .help = "What the script's header declares: --name VALUE, or values in their order.",
     .repeatable = true},
};
inline constexpr Example kRunExamples[] = {
    {"run ./look.lua --help", "Say what a script does and what it takes."},
    {"run ./look.lua roof --limit_A 20", "Run it on the configured device 'roof'."},
    {"run commission/ep760 roof --packs 3 --resume", "Go on with a first start that was torn."},
    {"run ./look.lua sim:weco_smart --json", "Run it on a simulated device, for a program."},
};
inline constexpr ExitCode kRunExits[] = {
    ExitCode::NoAnswer,       ExitCode::RefusedByDevice, ExitCode::VerificationDiffers,
    ExitCode::RefusedByGuard, ExitCode::Warning,         ExitCode::Alarm};

inline constexpr Command kRun = {
    .name = "run",
    .summary = "Run a script",
    .text =
        "A script is a Lua file that says in its header what it is for, what it takes and what it "
        "may do. Everything typed is checked against the header before anything is touched; what "
        "is missing is asked for at a terminal. The script runs in a sandbox: it sees devices "
        "through this program and nothing else of the machine.\n\n"
        "What the script returns is the result, on stdout; what it says and asks goes to stderr. A "
        "result with a level of \"warning\" or \"alarm\" ends with exit code 10 or 11.\n\n"
        "A script that works in steps, as the wizards do, keeps what each step came to. When such "
        "a run is torn, --resume reads the devices again, takes every step whose facts are the "
        "same as it was, and repeats those whose facts have changed.\n\n"
        "Settings are written only where the header names them with \"write:POINT\", where the "
        "family's map is published, and where the device is in a state for it. Each change is "
        "shown "
        "as it is and as it would be, agreed to, read back and recorded; 'weco undo' takes it "
        "back.\n\n"
        "A file that begins with '#!/usr/bin/env -S weco run' and may be executed is a command of "
        "its own.",
    .options = kRunOptions,
    .positionals = kRunArguments,
    .examples = kRunExamples,
    .exits = kRunExits,
    .handler = run_run,
    .records = true,
    .passes_words = true};

}  // namespace weco::cli::table
