// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/reference.hpp"

#include <string>
#include <string_view>

#include "cli/context.hpp"
#include "cli/generate/scenario_reference.hpp"
#include "cli/help.hpp"
#include "cli/table.hpp"
#include "core/base/error.hpp"
#include "core/points/vocabulary.hpp"
#include "host/doctor/finding.hpp"
#include "host/link/endpoint.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kMade = "<!-- Made by 'weco generate reference'. -->\n";
constexpr std::string_view kKinds[] = {"number", "text", "choice", "flags", "raw"};
constexpr std::string_view kAccess[] = {"read", "setting", "command"};
constexpr std::string_view kSigns[] = {"", "into the battery", "import", "produced", "consumed"};

std::string code(std::string_view text) { return "`" + table_cell(text) + "`"; }

std::string options_table(std::span<const Option> options) {
  if (options.empty()) return {};
  std::string text = "\n| option | what it does |\n|---|---|\n";
  for (const Option& option : options) {
    text += "| " + code(option_title(option)) + " | " + table_cell(option_help(option)) + " |\n";
  }
  return text;
}

std::string command_text(const Command& command, const std::string& path, const char* heading) {
  std::string text = "\n" + std::string(heading) + " weco " + path + "\n\n";
  text += std::string(command.summary) + ".\n\n```\n" + synopsis(command, path) + "\n```\n\n" +
          std::string(command.text) + "\n";
  if (!command.positionals.empty()) text += "\n| argument | what it is |\n|---|---|\n";
  for (const Positional& row : command.positionals) {
    text += "| " + code(row.name) + " | " + table_cell(row.help) + " |\n";
  }
  text += options_table(command.options);
  for (const Example& example : command.examples) {
    text +=
        "\n" + std::string(example.says) + "\n\n```\nweco " + std::string(example.line) + "\n```\n";
  }
  if (command.handler == nullptr) return text;
  text += "\nExit codes: ";
  bool first = true;
  for (const ExitText& row : exit_texts()) {
    if (!uses_exit(command, row.code)) continue;
    text += (first ? "" : ", ") + std::to_string(static_cast<int>(row.code));
    first = false;
  }
  return text + ".\n";
}

std::string commands_page() {
  std::string text = std::string(kMade) + "# Commands\n\nOptions of every command:\n";
  text += options_table(global_options());
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    const std::string path(command.name);
    text += command_text(command, path, "##");
    for (const Command& child : command.subcommands()) {
      if (child.hidden) continue;
      text += command_text(child, path + " " + std::string(child.name), "###");
    }
  }
  return text;
}

std::string errors_page() {
  std::string text =
      std::string(kMade) + "# Exit codes and errors\n\n| exit code | meaning |\n|---:|---|\n";
  for (const ExitText& row : exit_texts()) {
    text +=
        "| " + std::to_string(static_cast<int>(row.code)) + " | " + table_cell(row.text) + " |\n";
  }
  text += "\n| error | number | exit code | meaning | what to try |\n|---|---:|---:|---|---|\n";
  for (const ErrorInfo& row : kErrors) {
    if (row.code == ErrorCode::None) continue;
    text += "| " + code(row.name) + " | " + std::to_string(static_cast<int>(row.code)) + " | " +
            std::to_string(static_cast<int>(row.exit)) + " | " + table_cell(row.sentence) + " | " +
            table_cell(row.hint) + " |\n";
  }
  return text;
}

std::string range_text(const PointInfo& point) {
  if (point.min == 0 && point.max == 0) return {};
  return std::to_string(point.min) + " to " + std::to_string(point.max);
}

std::string points_page() {
  std::string text = std::string(kMade) +
                     "# Points\n\nEvery value a device can have. JSON and scripts use the name "
                     "with its unit; current and power are positive into the battery.\n\n"
                     "| name | kind | index | range | positive | access | what it is |\n"
                     "|---|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < kPointCount; ++i) {
    const PointInfo& point = kPoints[i];
    std::string symbols;
    for (const std::string_view symbol : point.symbols) {
      symbols += (symbols.empty() ? " Values: " : ", ") + code(symbol);
    }
    text += "| " + code(name_with_unit(PointId{static_cast<std::uint16_t>(i)})) + " | " +
            std::string(kKinds[static_cast<std::size_t>(point.kind)]) + " | " +
            (point.count > 1 ? "1 to " + std::to_string(point.count) : std::string()) + " | " +
            range_text(point) + " | " + std::string(kSigns[static_cast<std::size_t>(point.sign)]) +
            " | " + std::string(kAccess[static_cast<std::size_t>(point.access)]) + " | " +
            table_cell(point.doc) + symbols + " |\n";
  }
  return text;
}

std::string endpoints_page() {
  std::string text = std::string(kMade) + "# Endpoints\n";
  for (const EndpointScheme& scheme : endpoint_schemes()) {
    if (!can_be_read(scheme.scheme)) continue;
    text += "\n## " + std::string(scheme.name) + ":" + std::string(scheme.place) + "\n\n" +
            std::string(scheme.summary) + ".\n\n```\n" + std::string(scheme.example) + "\n```\n";
    if (scheme.options.empty()) continue;
    text += "\n| option | values | what it does |\n|---|---|---|\n";
    for (const EndpointOption& option : scheme.options) {
      std::string values(option.choices);
      if (values.empty() && (option.low != 0 || option.high != 0)) {
        values = std::to_string(option.low) + " to " + std::to_string(option.high);
      }
      if (!option.unit.empty()) values += " " + std::string(option.unit);
      text += "| " + code(option.key) + " | " + table_cell(values) + " | " +
              table_cell(option.summary) + " |\n";
    }
  }
  return text;
}

std::string findings_page() {
  std::string text = std::string(kMade) +
                     "# Findings\n\nWhat the bus doctor can say about a line or a device.\n\n"
                     "| finding | severity | what to change |\n|---|---|---|\n";
  for (const FindingInfo& row : kFindings) {
    text += "| " + code(row.name) + " | " + std::string(name(row.level)) + " | " +
            table_cell(row.advice) + " |\n";
  }
  return text;
}

}  // namespace

std::string table_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::vector<GeneratedFile> reference_pages() {
  return {{"commands.md", commands_page()}, {"errors.md", errors_page()},
          {"points.md", points_page()},     {"endpoints.md", endpoints_page()},
          {"findings.md", findings_page()}, scenario_page()};
}

}  // namespace weco::cli
