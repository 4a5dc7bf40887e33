// SPDX-License-Identifier: Apache-2.0
// `weco log-dump DEVICE --shown`: how most products give out their history is unpublished. This
// shows what they tell of it now, as `weco status --past` does.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/parse.hpp"
#include "cli/table.hpp"
#include "cli/table/log_dump.hpp"

namespace weco::cli {
namespace {

/// There are no numbered records: nothing to choose from, to go on with or to wait for.
Done check_wishes(const Args& args) {
  for (const char* option : {"output", "resume", "from", "since", "until", "follow", "format"}) {
    if (!args.given(option)) continue;
    return failure(
        ErrorCode::BadUsage, "what a device shows now has no records", fmt::format("--{}", option),
        "Leave it away or say --json; 'weco status --past --watch' looks again and again.");
  }
  return {};
}

}  // namespace

Outcome<ExitCode> run_log_shown(const Args& args, Context& context) {
  if (Done done = check_wishes(args); !done) return Unexpected{std::move(done).error()};
  std::vector<std::string> words{"status", std::string(args.text("DEVICE")), "--past", "--all"};
  for (const char* option : {"family", "record"}) {
    if (!args.given(option)) continue;
    words.push_back(fmt::format("--{}", option));
    words.emplace_back(args.text(option));
  }
  const auto status = args_of(words);
  if (!status) return Unexpected{status.error()};
  context.output.note(
      "No journal is read: these are the faults, counters and cells that the device shows now.");
  const auto shown = run_status(*status, context);
  if (!shown) return Unexpected{shown.error()};
  // read out is done; how bad it is says `weco status`
  return *shown == ExitCode::Interrupted ? *shown : ExitCode::Done;
}

}  // namespace weco::cli
