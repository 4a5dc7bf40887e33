// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include <algorithm>

#include "cli/args.hpp"
#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kHelpColumn = 26;

constexpr ExitText kExits[] = {
    {ExitCode::Done, "Done; for status: the device is well."},
    {ExitCode::Failed, "Failed; the message says at what."},
    {ExitCode::Usage, "The command line cannot be understood."},
    {ExitCode::NoAnswer, "No answer, or the link went away."},
    {ExitCode::RefusedByDevice, "The device refused the request."},
    {ExitCode::VerificationDiffers, "What was read back differs from what was written."},
    {ExitCode::RefusedByGuard, "A write was refused before anything was sent."},
    {ExitCode::DeviceReverted, "The device went back to its former firmware."},
    {ExitCode::Warning, "The device reports a warning."},
    {ExitCode::Alarm, "The device reports an alarm or a fault."},
    {ExitCode::Interrupted, "Interrupted by the user."},
};

/// A title at the left and its sentence in the help column, on the same line when it fits.
std::string entry(const std::string& title, std::string_view text, std::size_t width) {
  std::string wrapped = wrap(text, width, kHelpColumn);
  const std::size_t used = kIndent + display_width(title);
  std::string head = std::string(kIndent, ' ') + title;
  if (used + 2 > kHelpColumn || wrapped.empty()) return head + "\n" + wrapped;
  return head + wrapped.substr(used);
}

std::string options_text(const std::string& heading, std::span<const Option> options,
                         std::size_t width) {
  if (options.empty()) return {};
  std::string text = "\n" + heading + ":\n";
  for (const Option& option : options) {
    const std::string title = (option.letter == 0 ? "    " : "") + option_title(option);
    text += entry(title, option_help(option), width);
  }
  return text;
}

}  // namespace

std::span<const ExitText> exit_texts() { return kExits; }

bool uses_exit(const Command& command, ExitCode code) {
  switch (code) {
    case ExitCode::Done:
    case ExitCode::Failed:
    case ExitCode::Usage:
    case ExitCode::Interrupted:
      return true;
    default:
      return std::ranges::find(command.exits, code) != command.exits.end();
  }
}

std::string synopsis(const Command& command, const std::string& path) {
  std::string line = "weco " + path;
  if (!command.options.empty()) line += " [OPTION]...";
  if (command.handler == nullptr) line += " COMMAND [ARGUMENT]...";
  for (const Positional& positional : command.positionals) {
    std::string name(positional.name);
    if (positional.kind == Kind::Choice) {
      name.clear();
      for (const std::string_view choice : positional.choices) {
        name += (name.empty() ? "" : "|") + std::string(choice);
      }
    }
    if (positional.required) {
      line += " " + name + (positional.repeatable ? "..." : "");
    } else {
      line += " [" + name + "]" + (positional.repeatable ? "..." : "");
    }
  }
  return line;
}

std::string option_title(const Option& option) {
  std::string title;
  if (option.letter != 0) title = std::string("-") + option.letter + ", ";
  title += "--" + std::string(option.name);
  if (!option.value_name.empty()) title += " " + std::string(option.value_name);
  return title;
}

std::string option_help(const Option& option) {
  std::string text(option.help);
  if (!option.choices.empty()) text += " One of " + enumerate(option.choices) + ".";
  if (option.kind == Kind::Integer && (option.min != 0 || option.max != 0)) {
    text += " From " + std::to_string(option.min) + " to " + std::to_string(option.max) + ".";
  }
  if (!option.default_value.empty()) {
    text += " Default: " + std::string(option.default_value) + ".";
  }
  if (option.repeatable) text += " May be given several times.";
  return text;
}

std::string overview_text(int width) {
  const auto columns = static_cast<std::size_t>(width);
  std::string text = "Usage: weco COMMAND [OPTION]... [ARGUMENT]...\n\n";
  text += wrap(
      "Find, read and simulate battery storage: WeCo Smart towers, Pylontech RS485 "
      "batteries, CAN batteries and their meters.",
      columns, 0);
  text += "\nCommands:\n";
  for (const Command& command : commands()) {
    if (!command.hidden) text += entry(std::string(command.name), command.summary, columns);
  }
  text += options_text("Options of every command", global_options(), columns);
  text += "\n" +
          wrap("See 'weco help COMMAND' for a command and 'man weco' for the manual.", columns, 0);
  return text;
}

std::string help_text(const Command& command, const std::string& path, int width) {
  const auto columns = static_cast<std::size_t>(width);
  std::string text = "Usage: " + synopsis(command, path) + "\n\n";
  text += wrap(std::string(command.summary) + ".", columns, 0) + "\n";
  text += wrap(command.text, columns, 0);
  if (!command.subcommands().empty()) {
    text += "\nCommands:\n";
    for (const Command& child : command.subcommands()) {
      if (!child.hidden) text += entry(std::string(child.name), child.summary, columns);
    }
  }
  if (!command.positionals.empty()) {
    text += "\nArguments:\n";
    for (const Positional& row : command.positionals) {
      text += entry(std::string(row.name), row.help, columns);
    }
  }
  text += options_text("Options", command.options, columns);
  text += options_text("Options of every command", global_options(), columns);
  if (!command.examples.empty()) text += "\nExamples:\n";
  for (const Example& example : command.examples) {
    text += "  weco " + std::string(example.line) + "\n" + wrap(example.says, columns, 6);
  }
  if (command.handler == nullptr) return text;
  text += "\nExit codes:\n";
  for (const ExitText& row : kExits) {
    if (!uses_exit(command, row.code)) continue;
    const std::string number = std::to_string(static_cast<int>(row.code));
    text +=
        "  " + std::string(3 - number.size(), ' ') + number + "  " + std::string(row.text) + "\n";
  }
  return text;
}

}  // namespace weco::cli
