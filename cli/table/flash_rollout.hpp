// SPDX-License-Identifier: Apache-2.0
// The row of `weco flash rollout`.
#pragma once

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_flash_rollout(const Args& args, Context& context);

namespace table {

inline constexpr Option kFlashRolloutOptions[] = {
    {.name = "all", .help = "Every configured device that says where it takes firmware."},
    {.name = "site",
     .kind = Kind::Text,
     .value_name = "NAME",
     .help = "Those of them that belong to this site."},
    {.name = "resume",
     .kind = Kind::Text,
     .value_name = "RUN",
     .help = "Go on with a run that was cut: its name, or its journal's path."},
    {.name = "key",
     .kind = Kind::Path,
     .value_name = "PUB",
     .help = "Trust this public key (PEM); given several times, any of them.",
     .repeatable = true},
    {.name = "master",
     .kind = Kind::Endpoint,
     .value_name = "DEVICE",
     .help = "This one leads others and comes after them.",
     .repeatable = true},
    {.name = "units",
     .kind = Kind::Ranges,
     .value_name = "LIST",
     .help = "The devices at these Modbus addresses behind each endpoint named: 1-16,20.",
     .min = 1,
     .max = 247},
    {.name = "bench", .help = "The devices are bare boards on a bench; no battery hangs on them."},
    {.name = "board",
     .kind = Kind::Text,
     .value_name = "NAME",
     .help = "The board an image is for that does not say so itself."},
    {.name = "parallel",
     .kind = Kind::Integer,
     .value_name = "N",
     .help = "Send to so many devices at once, each on a bus of its own.",
     .default_value = "1",
     .min = 1,
     .max = 20},
    {.name = "keep-going",
     .help = "Go on after a device that failed; never after the first one of all."},
    {.name = "journal",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Where every step is noted, instead of a new file of the run's own."},
    {.name = "yes", .letter = 'y', .help = "Do not ask; the moment is planned."},
};
inline constexpr Positional kFlashRolloutArguments[] = {
    {.name = "IMAGE", .kind = Kind::Path, .help = "The firmware image.", .required = true},
    {.name = "DEVICE",
     .kind = Kind::Endpoint,
     .help = "A configured device, or with --bench an endpoint as 'weco flash install' takes it.",
     .repeatable = true},
};
inline constexpr Example kFlashRolloutExamples[] = {
    {"flash rollout tower-1.4.0.bin --site cellar --key vendor.pub.pem",
     "Update every device of a site, one after the other."},
    {"flash rollout tower-1.4.0.bin --resume 20261126T143000Z --key vendor.pub.pem",
     "Go on with a run after the computer was switched off in the middle of it."},
};
inline constexpr ExitCode kFlashRolloutExits[] = {
    ExitCode::NoAnswer, ExitCode::RefusedByDevice, ExitCode::VerificationDiffers,
    ExitCode::RefusedByGuard, ExitCode::DeviceReverted};

inline constexpr Command kFlashRollout = {
    .name = "rollout",
    .summary = "Bring firmware onto all devices of a site, one after the other",
    .text =
        "Does on up to 20 devices what 'weco flash install' does on one, in this order: one first, "
        "to see whether the firmware lives; then the others; those that lead others last. Never "
        "two on one bus. With --parallel the image is sent to several at once, each on a bus of "
        "its own, but they restart into it one at a time, so that never more than one pack is "
        "off.\n\n"
        "After each device and before the next is tried, all that were done are read again: they "
        "answer and have no alarm. The first device that fails ends the run; what was not begun "
        "is not touched. With --keep-going the others follow nevertheless, except when the very "
        "first one failed. The exit code is that of the first failure: 3 no answer, 4 refused by "
        "the device, 5 not well afterwards, 6 refused by the guard, 7 the device went back.\n\n"
        "A configured device says with update where it takes firmware, and with endpoint and "
        "family where its battery tells how it is; with site and master what it belongs to; see "
        "weco-config(5).\n\n"
        "Each run has a journal in the folder flash beside the records, named by the time it "
        "began. After a kill or a power cut --resume goes on: devices that are done are only "
        "looked at, the others go on from where they stand.",
    .options = kFlashRolloutOptions,
    .positionals = kFlashRolloutArguments,
    .examples = kFlashRolloutExamples,
    .exits = kFlashRolloutExits,
    .handler = run_flash_rollout};

}  // namespace table
}  // namespace weco::cli
