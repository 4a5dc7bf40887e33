// SPDX-License-Identifier: Apache-2.0
// The rows of `weco script`.
#pragma once

#include <iterator>

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_script_list(const Args& args, Context& context);
Outcome<ExitCode> run_script_show(const Args& args, Context& context);
Outcome<ExitCode> run_script_check(const Args& args, Context& context);
Outcome<ExitCode> run_script_new(const Args& args, Context& context);

}  // namespace weco::cli

namespace weco::cli::table {

inline constexpr Positional kScriptName[] = {
    {.name = "SCRIPT", .kind = Kind::Script, .help = "A script's file or name.", .required = true}};
inline constexpr Positional kScriptFiles[] = {{.name = "SCRIPT",
                                               .kind = Kind::Script,
                                               .help = "The scripts to check.",
                                               .required = true,
                                               .repeatable = true}};
inline constexpr Positional kScriptNew[] = {{.name = "FILE",
                                             .kind = Kind::Path,
                                             .help = "The file to write; it must not exist.",
                                             .required = true}};
inline constexpr Example kScriptShowExamples[] = {
    {"script show tower/verify > mine.lua", "Begin a script of your own with a shipped one."}};
inline constexpr Example kScriptNewExamples[] = {
    {"script new ./look.lua", "Write a small script that runs, to be changed."}};
inline constexpr Example kScriptCheckExamples[] = {
    {"script check ./look.lua", "Find a mistake in a header before the roof."}};

inline constexpr Command kScriptCommands[] = {
    {.name = "list",
     .summary = "List the scripts that can be run by name",
     .text = "Those in the user's own folder, $XDG_DATA_HOME/weco/scripts, and the shipped ones. "
             "One of the user's own takes the place of a shipped one of the same name.",
     .handler = run_script_list},
    {.name = "show",
     .summary = "Print the text of a script",
     .text = "What a script is for and takes is told by 'weco run SCRIPT --help'.",
     .positionals = kScriptName,
     .examples = kScriptShowExamples,
     .handler = run_script_show},
    {.name = "check",
     .summary = "Check scripts for mistakes without running them",
     .text = "Reads each file and its header as 'weco run' would, and names file and line of what "
             "is wrong. Mistakes inside of functions show when they run.",
     .positionals = kScriptFiles,
     .examples = kScriptCheckExamples,
     .handler = run_script_check},
    {.name = "new",
     .summary = "Write a script to begin with",
     .text = "The file can be executed, and runs as it is: 'weco run FILE sim:weco_smart'.",
     .positionals = kScriptNew,
     .examples = kScriptNewExamples,
     .handler = run_script_new},
};

inline constexpr Command kScript = {
    .name = "script",
    .summary = "List, show, check and begin scripts",
    .text = "What scripts are and what they are given is told in weco-lua(7).",
    .children = kScriptCommands,
    .children_count = std::size(kScriptCommands)};

}  // namespace weco::cli::table
