// SPDX-License-Identifier: Apache-2.0
// The rows of `weco flash due`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_flash_due(const Args& args, Context& context);

namespace table {

inline constexpr Option kFlashDueOptions[] = {
    {.name = "releases",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "The signed list of known releases; its signature is FILE.minisig."},
    {.name = "key",
     .kind = Kind::Path,
     .value_name = "PUB",
     .help = "Believe lists signed with this key of minisign's, instead of all trusted ones.",
     .repeatable = true},
    {.name = "family", .kind = Kind::Family, .value_name = "NAME", .help = "Family of the device."},
    {.name = "running",
     .kind = Kind::Text,
     .value_name = "VERSION",
     .help = "The version that a device runs which is not read."},
    {.name = "stick",
     .kind = Kind::Directory,
     .value_name = "FOLDER",
     .help = "Check the stick or card that is mounted here by the vendor's rules."},
};
inline constexpr Positional kFlashDueArguments[] = {
    {.name = "DEVICE", .kind = Kind::Endpoint, .help = "The device whose versions are read."},
};
inline constexpr Example kFlashDueExamples[] = {
    {"flash due serial:/dev/ttyUSB0 --family weco_smart --releases releases.json",
     "Read the versions of a tower and count down the days of critical firmware."},
    {"flash due --family bluetti_ep760 --running 9.03 --releases releases.json --stick "
     "/media/ann/UPDATE",
     "Judge a version from the app, and the stick that is to update it."},
};
inline constexpr ExitCode kFlashDueExits[] = {ExitCode::NoAnswer, ExitCode::VerificationDiffers,
                                              ExitCode::Warning, ExitCode::Alarm};

inline constexpr Command kFlashDue = {
    .name = "due",
    .summary = "Say which firmware a device should have, until when, and how it gets there",
    .text =
        "Compares the versions that run with a list of known releases. Critical firmware must be "
        "installed within 60 days of its release, and until then it is advisable to power the "
        "battery off: the days left are counted down. Ends with 10 when critical firmware is "
        "missing, when a stick does not fit, or when nobody can tell; with 11 when the days are "
        "over.\n\n"
        "A list is believed only when a trusted key has signed it; see 'weco key trust'. It is "
        "JSON, and 'minisign -S -m releases.json' signs it: {\"schema\": \"weco.releases/1\", "
        "\"issued\": \"2026-11-20\", \"releases\": [{\"family\": \"weco_smart\", \"version\": "
        "\"2.4.1\", \"released\": \"2026-09-30\", \"critical\": true}]}. A release may say part "
        "(tower, module, cabinet; missing: the device itself), why, and of its file on a stick the "
        "name (file), size (bytes) and sha256.\n\n"
        "The update channels of WeCo, SAJ and BLUETTI products are unpublished. For those it "
        "prints the vendor's own procedure, and --stick checks what can be checked: that it is "
        "mounted, its format and size, that nothing on it is still packed, and the file.",
    .options = kFlashDueOptions,
    .positionals = kFlashDueArguments,
    .examples = kFlashDueExamples,
    .exits = kFlashDueExits,
    .handler = run_flash_due};

}  // namespace table
}  // namespace weco::cli
