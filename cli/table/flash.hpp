// SPDX-License-Identifier: Apache-2.0
// The rows of `weco flash`.
#pragma once

#include <iterator>

#include "cli/command.hpp"
#include "cli/table/flash_due.hpp"
#include "cli/table/flash_rollout.hpp"

namespace weco::cli {

Outcome<ExitCode> run_flash_verify(const Args& args, Context& context);
Outcome<ExitCode> run_flash_install(const Args& args, Context& context);

/// Where installations are noted unless somebody says otherwise.
inline constexpr std::string_view kFlashJournal = "weco-flash.journal";

namespace table {

inline constexpr Option kFlashVerifyOptions[] = {
    {.name = "key",
     .kind = Kind::Path,
     .value_name = "PUB",
     .help = "Trust this public key (PEM); given several times, any of them.",
     .repeatable = true},
    {.name = "no-signature",
     .help = "Be content with the hash: say good although nobody's signature was checked."},
};
inline constexpr Positional kFlashVerifyArguments[] = {
    {.name = "FILE", .kind = Kind::Path, .help = "The firmware image.", .required = true},
};
inline constexpr Example kFlashVerifyExamples[] = {
    {"flash verify tower-1.4.0.bin --key vendor.pub.pem",
     "Check that the image is whole and signed by the vendor's key."},
};
inline constexpr ExitCode kFlashVerifyExits[] = {ExitCode::VerificationDiffers};

inline constexpr Option kFlashInstallOptions[] = {
    {.name = "key",
     .kind = Kind::Path,
     .value_name = "PUB",
     .help = "Trust this public key (PEM); given several times, any of them.",
     .repeatable = true},
    {.name = "telemetry",
     .kind = Kind::Endpoint,
     .value_name = "DEVICE",
     .help = "Where the battery tells its readings, before and after."},
    {.name = "family",
     .kind = Kind::Family,
     .value_name = "NAME",
     .help = "Family of the device at --telemetry."},
    {.name = "bench", .help = "The device is a bare board on a bench; no battery hangs on it."},
    {.name = "board",
     .kind = Kind::Text,
     .value_name = "NAME",
     .help = "The board an image is for that does not say so itself."},
    {.name = "journal",
     .kind = Kind::Path,
     .value_name = "FILE",
     .help = "Where every step is noted.",
     .default_value = kFlashJournal},
    {.name = "yes", .letter = 'y', .help = "Do not ask; the moment is planned."},
};
inline constexpr Positional kFlashInstallArguments[] = {
    {.name = "DEVICE",
     .kind = Kind::Endpoint,
     .help =
         "Where the device takes firmware: a serial port or a TCP gateway to one, a UDP port or "
         "a CAN bus.",
     .required = true},
    {.name = "IMAGE", .kind = Kind::Path, .help = "The firmware image.", .required = true},
};
inline constexpr Example kFlashInstallExamples[] = {
    {"flash install serial:/dev/ttyUSB0 tower-1.4.0.bin --key vendor.pub.pem --telemetry "
     "tcp:192.0.2.7 --family weco_smart",
     "Update a tower whose readings come over TCP."},
};
inline constexpr ExitCode kFlashInstallExits[] = {
    ExitCode::NoAnswer, ExitCode::RefusedByDevice, ExitCode::VerificationDiffers,
    ExitCode::RefusedByGuard, ExitCode::DeviceReverted};

inline constexpr Command kFlashCommands[] = {
    kFlashDue,
    {.name = "install",
     .summary = "Bring firmware onto a device, try it and confirm it",
     .text =
         "Speaks SMP, the update protocol of MCUboot and Zephyr devices, on their console or over "
         "UDP, UDS on a CAN bus, and Modbus file records where the endpoint names a unit on a "
         "shared line (serial:/dev/ttyUSB0?unit=3). "
         "Checks the image's signature, that it is for this board and newer than what runs, "
         "and that the battery is at rest and well: no current, no alarm, charge between 20 "
         "and 95 %, mains there, nobody else on the line. A device that a maintenance record "
         "forbids to put into operation is refused. The pack switches off while it is "
         "updated; that is said and asked.\n\n"
         "The new firmware is only tried. It stays when it runs, the readings are back, no "
         "fault is new and every setting is as before; else the device goes back to the old "
         "one and the exit code is 7.\n\n"
         "Every step is noted in the journal once it is true. Whatever was cut, the same "
         "command again goes on from where the device stands.\n\n"
         "The update channels of WeCo, SAJ and BLUETTI products are unpublished: use the "
         "vendor's own procedure for those.",
     .options = kFlashInstallOptions,
     .positionals = kFlashInstallArguments,
     .examples = kFlashInstallExamples,
     .exits = kFlashInstallExits,
     .handler = run_flash_install,
     .records = true},
    kFlashRollout,
    {.name = "verify",
     .summary = "Check a firmware image without any device",
     .text = "Reads an image in MCUboot's format and checks its layout, its hash and its signature "
             "(Ed25519, ECDSA P-256, RSA-PSS). Prints version, security counter, dependencies and "
             "which hardware it is for.\n\n"
             "Without --key the signature is not checked; that is said and the exit code is 5, "
             "because a hash alone proves nothing about who made the image.",
     .options = kFlashVerifyOptions,
     .positionals = kFlashVerifyArguments,
     .examples = kFlashVerifyExamples,
     .exits = kFlashVerifyExits,
     .handler = run_flash_verify},
};

inline constexpr Command kFlash = {
    .name = "flash",
    .summary = "Check and install firmware",
    .text =
        "Works on signed images in MCUboot's format, and counts down the days of critical ones.",
    .children = kFlashCommands,
    .children_count = std::size(kFlashCommands),
};

}  // namespace table
}  // namespace weco::cli
