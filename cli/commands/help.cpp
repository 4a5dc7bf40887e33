// SPDX-License-Identifier: Apache-2.0
// `weco help`: the same texts as --help and the manual.
#include "cli/help.hpp"

#include <algorithm>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"

namespace weco::cli {
namespace {

constexpr int kWidest = 100;
constexpr int kNarrowest = 50;

/// Names of a level, for "did you mean".
std::vector<std::string_view> names_of(std::span<const Command> level) {
  std::vector<std::string_view> names;
  for (const Command& command : level) {
    if (!command.hidden) names.push_back(command.name);
  }
  return names;
}

}  // namespace

Outcome<ExitCode> run_help(const Args& args, Context& context) {
  const int width = std::clamp(context.output.terminal().columns, kNarrowest, kWidest);
  std::string path;
  std::span<const Command> level = commands();
  const Command* command = nullptr;
  for (const std::string& word : args.list("COMMAND")) {
    const std::string longer = path.empty() ? word : path + " " + word;
    const Command* next = find_command(longer);
    if (next == nullptr) {
      const std::vector<std::string_view> names = names_of(level);
      return failure(ErrorCode::BadUsage, "there is no command " + quoted(longer), {},
                     did_you_mean(word, names, "See 'weco help' for the commands."));
    }
    path = longer;
    command = next;
    level = next->subcommands();
  }
  context.output.result(command == nullptr ? overview_text(width)
                                           : help_text(*command, path, width));
  return ExitCode::Done;
}

}  // namespace weco::cli
