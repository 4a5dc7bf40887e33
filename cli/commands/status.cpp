// SPDX-License-Identifier: Apache-2.0
// `weco status`: the body comes with the devices it talks to.
#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/table.hpp"

namespace weco::cli {

Outcome<ExitCode> run_status(const Args&, Context&) {
  return failure(ErrorCode::Unsupported, "'weco status' is not in this build");
}

}  // namespace weco::cli
