// SPDX-License-Identifier: Apache-2.0
// The rows of `weco key`.
#pragma once

#include <iterator>

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_key_new(const Args& args, Context& context);
Outcome<ExitCode> run_key_show(const Args& args, Context& context);
Outcome<ExitCode> run_key_trust(const Args& args, Context& context);

namespace table {

inline constexpr Positional kKeyName[] = {{.name = "NAME",
                                           .kind = Kind::Text,
                                           .help = "Name of the key: letters, digits, - and _.",
                                           .required = true}};
inline constexpr Positional kKeyTrustArguments[] = {
    {.name = "NAME", .kind = Kind::Text, .help = "What to call its holder.", .required = true},
    {.name = "FILE",
     .kind = Kind::Path,
     .help = "The .pub file of weco's or minisign's.",
     .required = true},
};
inline constexpr Example kKeyNewExamples[] = {{"key new ann", "Make the key that signs records."}};
inline constexpr Example kKeyTrustExamples[] = {
    {"key trust bob bob.pub", "Accept what Bob signed, after comparing the key's id with him."}};

inline constexpr Command kKeyCommands[] = {
    {.name = "new",
     .summary = "Make a key of your own",
     .text = "Ed25519. The secret half is readable by its owner only and has no password: whoever "
             "can read your files can sign as you. A key is never replaced.",
     .positionals = kKeyName,
     .examples = kKeyNewExamples,
     .handler = run_key_new},
    {.name = "show",
     .summary = "List the keys of your own and those trusted",
     .text = "Prints name, id and the public key as 'minisign -P' takes it.",
     .handler = run_key_show},
    {.name = "trust",
     .summary = "Trust the key of somebody else",
     .text = "Compare the id with its holder first, by voice or on paper.",
     .positionals = kKeyTrustArguments,
     .examples = kKeyTrustExamples,
     .handler = run_key_trust},
};
inline constexpr Command kKey = {
    .name = "key",
    .summary = "Make, show and trust the keys that sign records",
    .text = "Keys are kept beside the records, in the folder keys.",
    .children = kKeyCommands,
    .children_count = std::size(kKeyCommands),
};

}  // namespace table
}  // namespace weco::cli
