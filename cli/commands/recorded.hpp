// SPDX-License-Identifier: Apache-2.0
// The third of `weco simulate` that serves a recording.
#pragma once

#include "cli/args.hpp"
#include "cli/context.hpp"

namespace weco::cli {

Outcome<ExitCode> serve_recording(const Args& args, Context& context);

}  // namespace weco::cli
