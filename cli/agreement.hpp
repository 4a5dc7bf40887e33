// SPDX-License-Identifier: Apache-2.0
// A person's word for what changes a device.
#pragma once

#include <string>

#include "cli/args.hpp"
#include "cli/context.hpp"

namespace weco::cli {

/// Says `what` and asks, unless --yes was given. RefusedByGuard when nobody is there, Interrupted
/// with `otherwise` ("the update was not begun") for anything but yes.
Done ask_person(const Args& args, Context& context, const std::string& what,
                const std::string& otherwise);

}  // namespace weco::cli
