// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/man.hpp"

#include <algorithm>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/generate/lua_reference.hpp"
#include "cli/generate/roff.hpp"
#include "cli/generate/scenario_reference.hpp"
#include "cli/help.hpp"
#include "cli/table.hpp"
#include "cli/version.hpp"
#include "core/base/error.hpp"
#include "host/link/endpoint.hpp"

namespace weco::cli {
namespace {

std::string head(const std::string& page, int section, std::string_view summary) {
  std::string text = ".\\\" Made by 'weco generate man' from the command table.\n";
  text += ".TH " + roff(upper(page)) + " " + std::to_string(section) + " \"\" \"" +
          "\" \"weco manual\"\n";
  text += ".SH NAME\n" + roff(page) + " \\- " + roff(summary) + "\n";
  return text;
}

std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    out += (out.empty() ? "" : ".PP\n") + roff(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return out;
}

std::string tagged(const std::string& title, std::string_view text) {
  return ".TP\n\\fB" + roff(title) + "\\fR\n" + roff(text) + "\n";
}

std::string options_section(const std::string& heading, std::span<const Option> options) {
  if (options.empty()) return {};
  std::string text = heading;
  for (const Option& option : options) {
    text += ".TP\n";
    if (option.letter != 0) text += std::string("\\fB\\-") + option.letter + "\\fR, ";
    text += "\\fB\\-\\-" + roff(option.name) + "\\fR";
    if (!option.value_name.empty()) text += " \\fI" + roff(option.value_name) + "\\fR";
    text += "\n" + roff(option_help(option)) + "\n";
  }
  return text;
}

std::string synopsis_line(const std::string& line) {
  return ".B " + roff(line.substr(0, line.find(" [", 0))) +
         (line.find(" [") == std::string::npos
              ? "\n"
              : "\n" + roff(line.substr(line.find(" [") + 1)) + "\n");
}

std::string exits_section(const Command* command) {
  std::string text = ".SH EXIT STATUS\n";
  for (const ExitText& row : exit_texts()) {
    if (command != nullptr && !uses_exit(*command, row.code)) continue;
    text += tagged(std::to_string(static_cast<int>(row.code)), row.text);
  }
  return text;
}

std::string examples_section(std::span<const Example> examples, std::string_view heading) {
  if (examples.empty()) return {};
  std::string text(heading);
  for (const Example& example : examples) {
    text += ".TP\n.B weco " + roff(example.line) + "\n" + roff(example.says) + "\n";
  }
  return text;
}

std::string subcommand_text(const Command& command, const std::string& path) {
  std::string text = ".SS weco " + roff(path) + "\n";
  text += synopsis_line(synopsis(command, path)) + ".PP\n" + paragraphs(command.text);
  for (const Positional& row : command.positionals) text += tagged(std::string(row.name), row.help);
  text += options_section("", command.options);
  text += examples_section(command.examples, "");
  return text;
}

std::string command_page(const Command& command) {
  const std::string path(command.name);
  std::string summary(command.summary);
  summary[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(summary[0])));
  std::string text = head("weco-" + path, 1, summary);
  text += ".SH SYNOPSIS\n" + synopsis_line(synopsis(command, path));
  text += ".SH DESCRIPTION\n" + paragraphs(command.text);
  const bool has_children = std::ranges::any_of(command.subcommands(),
                                                [](const Command& child) { return !child.hidden; });
  if (has_children) text += ".SH COMMANDS\n";
  for (const Command& child : command.subcommands()) {
    if (!child.hidden) text += subcommand_text(child, path + " " + std::string(child.name));
  }
  if (!command.positionals.empty()) text += ".SH ARGUMENTS\n";
  for (const Positional& row : command.positionals) text += tagged(std::string(row.name), row.help);
  text += options_section(".SH OPTIONS\n", command.options);
  text += "Options of every command are in\n.BR weco (1).\n";
  if (command.options.empty()) {
    const std::size_t at = text.rfind("Options of every");
    text.insert(at, ".SH OPTIONS\n");
  } else {
    text.insert(text.rfind("Options of every"), ".PP\n");
  }
  text += exits_section(has_children ? nullptr : &command);
  text += examples_section(command.examples, ".SH EXAMPLES\n");
  return text + ".SH SEE ALSO\n.BR weco (1),\n.BR weco\\-config (5)\n";
}

std::string endpoints_section() {
  std::string text =
      ".SH ENDPOINTS\nWherever a device is named, its configured name or an endpoint is accepted: "
      "scheme, colon, place, and options behind a question mark divided by &. Quote an endpoint "
      "with & for the shell.\n";
  for (const EndpointScheme& scheme : endpoint_schemes()) {
    if (!can_be_read(scheme.scheme)) continue;
    text += ".TP\n\\fB" + roff(scheme.name) + ":\\fI" + roff(scheme.place) + "\\fR\n" +
            roff(scheme.summary) + ". Example: " + roff(scheme.example) + ".\n";
    for (const EndpointOption& option : scheme.options) {
      text += ".RS\n.TP\n\\fB" + roff(option.key) + "\\fR=";
      if (!option.choices.empty()) {
        text += roff(option.choices);
      } else if (option.low != 0 || option.high != 0) {
        text += std::to_string(option.low) + ".." + std::to_string(option.high);
      }
      if (!option.unit.empty()) text += " " + roff(option.unit);
      text += "\n" + roff(option.summary) + ".\n.RE\n";
    }
  }
  return text;
}

std::string errors_section() {
  std::string text =
      ".SH JSON\nWith \\fB\\-\\-json\\fR stdout carries JSON and nothing else. A failure is one "
      "object on stdout, {\\(dqschema\\(dq:\\(dqweco.error/1\\(dq,\\(dqerror\\(dq:{...}}, with "
      "code, name, exit_code, message, where, hint and detail (the device\\(aqs own code or the "
      "number of the operating system\\(aqs error, else 0). Schemas of all results are part of the "
      "documentation. Numbers keep the decimals the device sent. The names of errors are:\n";
  for (const ErrorInfo& row : kErrors) {
    if (row.code == ErrorCode::None) continue;
    text += ".TP\n\\fB" + std::string(row.name) + "\\fR (" +
            std::to_string(static_cast<int>(row.code)) + ", exit status " +
            std::to_string(static_cast<int>(row.exit)) + ")\n" + roff(row.sentence) + " " +
            roff(row.hint) + "\n";
  }
  return text;
}

std::string main_page() {
  std::string text = head("weco", 1, "find, read and simulate battery storage");
  text += ".SH SYNOPSIS\n.B weco\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n";
  text +=
      ".SH DESCRIPTION\nFor the people who install, commission and maintain battery storage. "
      "Results go to stdout, everything else to stderr. Text that comes from a device is shown "
      "with control characters made visible as \\exNN. Nothing is written to a device.\n";
  text += ".SH COMMANDS\n";
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    text += ".TP\n.BR weco\\-" + roff(command.name) + " (1)\n" + roff(command.summary) + ".\n";
  }
  text += options_section(".SH OPTIONS\n", global_options());
  text += endpoints_section() + exits_section(nullptr) + errors_section();
  text += ".SH ENVIRONMENT\n";
  text += tagged("NO_COLOR", "When set and not empty: no colour, unless --color always is given.");
  text += tagged("TERM", "dumb or unset: no colour, no bars, no live view.");
  text += tagged("XDG_CONFIG_HOME", "Where the configuration is looked for; else $HOME/.config.");
  text += ".SH FILES\n" + tagged("$XDG_CONFIG_HOME/weco/config.toml", "See weco-config(5).");
  text += ".SH SEE ALSO\n";
  for (const Command& command : commands()) {
    if (!command.hidden) text += ".BR weco\\-" + roff(command.name) + " (1),\n";
  }
  return text + ".BR weco\\-config (5),\n.BR weco\\-scenario (5),\n.BR weco\\-lua (7)\n";
}

std::string config_page() {
  std::string text = head("weco-config", 5, "names for devices");
  text += ".SH SYNOPSIS\n.I $XDG_CONFIG_HOME/weco/config.toml\n";
  text +=
      ".SH DESCRIPTION\nA TOML file with one table a device. Its name can be given wherever an "
      "endpoint is accepted. The file is read when a command needs it; a file that is not there "
      "is an empty one, unless\n.B \\-\\-config\nnames it. An unknown key, a wrong type or a "
      "value outside its range is an error that names file, line and column; nothing is ignored. "
      "The file is at most 1 MiB and holds at most 1000 devices.\n";
  text += ".SH TABLES\n.SS [device.NAME]\n";
  text += tagged("NAME", "Letters, digits, '-', '_' and '.', a letter first, at most 64.");
  text += tagged("endpoint",
                 "Text, required. Where the device is, such as "
                 "serial:/dev/ttyUSB0?baud=9600; see ENDPOINTS in weco(1).");
  text += tagged("family", "Text. The device family; without it, find out.");
  text += tagged("unit",
                 "Whole number from 1 to 255. The device's address on the line; without "
                 "it, the family's own.");
  text += tagged("note", "Text of at most 200 bytes, for people; completion shows it.");
  text += tagged("site", "Text of at most 64 bytes. Devices of one site are updated together.");
  text += tagged("update",
                 "Text. The endpoint where the device takes firmware; without it, nowhere. See "
                 "'weco flash rollout'.");
  text += tagged("master",
                 "true or false. Leads others of its site and is updated after them; without it, "
                 "false.");
  text +=
      ".SH EXAMPLE\n.EX\n[device.roof]\nendpoint = \\(dqserial:/dev/ttyUSB0?baud=9600\\(dq\n"
      "family = \\(dqweco_smart\\(dq\nunit = 1\nnote = \\(dqmain tower, cellar left\\(dq\n.EE\n";
  return text + ".SH SEE ALSO\n.BR weco (1)\n";
}

}  // namespace

std::vector<GeneratedFile> man_pages() {
  std::vector<GeneratedFile> pages;
  pages.push_back({"weco.1", main_page()});
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    pages.push_back({"weco-" + std::string(command.name) + ".1", command_page(command)});
  }
  pages.push_back({"weco-config.5", config_page()});
  pages.push_back(lua_manual());
  pages.push_back(scenario_manual());
  return pages;
}

}  // namespace weco::cli
