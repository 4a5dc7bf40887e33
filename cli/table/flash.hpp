// SPDX-License-Identifier: Apache-2.0
// The rows of `weco flash`.
#pragma once

#include <iterator>

#include "cli/command.hpp"

namespace weco::cli {

Outcome<ExitCode> run_flash_verify(const Args& args, Context& context);

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

inline constexpr Command kFlashCommands[] = {
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
    .text = "Works on signed images in MCUboot's format.",
    .children = kFlashCommands,
    .children_count = std::size(kFlashCommands),
};

}  // namespace table
}  // namespace weco::cli
