// SPDX-License-Identifier: Apache-2.0
#include "cli/render/script.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "core/points/vocabulary.hpp"
#include "lua/modules/json.hpp"

namespace weco::cli {
namespace {

using lua::Argument;
using lua::Entry;
using lua::Value;

/// Names that stand in front of the others in a grid; the rest follows in order of the alphabet.
constexpr std::string_view kFirst[] = {"name",   "device", "path",  "tower",
                                       "module", "step",   "check", "level"};

std::string scalar(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Boolean:
      return value.truth ? "yes" : "no";
    case Value::Kind::Whole:
      return std::to_string(value.whole);
    case Value::Kind::Number:
      return fmt::format("{:.10g}", value.number);
    case Value::Kind::Text:
      return value.text;
    case Value::Kind::Nil:
      return "-";
    default:
      return "function";
  }
}

bool is_flat(const Value& list) {
  return std::ranges::all_of(list.entries, [](const Entry& entry) {
    return entry.numbered() && !entry.value.is(Value::Kind::Table);
  });
}

/// Sentences stand on lines of their own, words side by side.
bool holds_sentences(const Value& list) {
  return std::ranges::any_of(list.entries, [](const Entry& entry) {
    return entry.value.text.find(' ') != std::string::npos;
  });
}

bool is_rows(const Value& list) {
  return !list.entries.empty() && std::ranges::all_of(list.entries, [](const Entry& entry) {
    return entry.numbered() && entry.value.is(Value::Kind::Table) &&
           std::ranges::none_of(entry.value.entries, &Entry::numbered);
  });
}

std::string flat(const Value& list) {
  std::string text;
  for (const Entry& entry : list.entries) {
    text += (text.empty() ? "" : ", ") + scalar(entry.value);
  }
  return text.empty() ? "none" : text;
}

std::size_t rank(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(kFirst, name) - std::begin(kFirst));
}

std::string cell_text(const Value* value) {
  if (value == nullptr) return {};
  if (!value->is(Value::Kind::Table)) return scalar(*value);
  if (is_flat(*value)) return flat(*value);
  const auto json = lua::write_json(*value);
  return json ? *json : "table";
}

std::string rows_page(const Value& rows, bool color) {
  std::vector<std::string> names;
  for (const Entry& row : rows.entries) {
    for (const Entry& cell : row.value.entries) {
      if (std::ranges::find(names, cell.name) == names.end()) names.push_back(cell.name);
    }
  }
  std::ranges::stable_sort(names, [](const std::string& a, const std::string& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
  });
  std::vector<Grid::Column> columns;
  for (const std::string& name : names) {
    const bool numbers = std::ranges::all_of(rows.entries, [&](const Entry& row) {
      const Value* value = row.value.get(name);
      return value == nullptr || value->numeric();
    });
    columns.push_back({sanitize(name), numbers ? Grid::Align::Right : Grid::Align::Left});
  }
  Grid grid(std::move(columns));
  for (const Entry& row : rows.entries) {
    std::vector<Cell> cells;
    for (const std::string& name : names) cells.push_back({cell_text(row.value.get(name))});
    grid.add(std::move(cells));
  }
  return grid.draw(0, color);
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    out += "  " + std::string(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string table_page(const Value& table, bool color) {
  std::string text;
  for (const Entry& entry : table.entries) {
    const std::string name = entry.numbered() ? std::to_string(entry.number) : sanitize(entry.name);
    const Value& value = entry.value;
    if (!value.is(Value::Kind::Table)) {
      text += name + ": " + clean_lines(scalar(value)) + "\n";
    } else if (is_flat(value) && holds_sentences(value)) {
      text += name + ":\n";
      for (const Entry& sentence : value.entries) {
        text += "  - " + sanitize(scalar(sentence.value)) + "\n";
      }
    } else if (is_flat(value)) {
      text += name + ": " + sanitize(flat(value)) + "\n";
    } else {
      text += name + ":\n" + indented(value_page(value, color));
    }
  }
  return text;
}

std::string json_text(const Value& value) {
  if (value.is(Value::Kind::Text)) return json_string(value.text);
  if (!value.is(Value::Kind::Table)) {
    const auto text = lua::write_json(value);
    return text ? *text : "null";
  }
  const bool list = value.entries.empty() || value.entries.front().numbered();
  std::string text(1, list ? '[' : '{');
  for (const Entry& entry : value.entries) {
    if (text.size() > 1) text += ',';
    if (!list)
      text += json_string(entry.numbered() ? std::to_string(entry.number) : entry.name) + ":";
    text += json_text(entry.value);
  }
  return text + (list ? ']' : '}');
}

std::string argument_title(const Argument& argument) {
  std::string title = "  --" + argument.name;
  if (argument.type != Argument::Type::Switch) {
    std::string shown(name(argument.type));
    std::ranges::transform(shown, shown.begin(),
                           [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    title += " " + shown + (argument.many ? "..." : "");
  }
  return title;
}

std::string argument_text(const Argument& argument) {
  std::string text = argument.help;
  if (!text.empty() && !text.ends_with('.')) text += '.';
  if (argument.type != Argument::Type::Text && argument.type != Argument::Type::Switch) {
    std::string what = expectation(argument);
    what[0] = static_cast<char>(what[0] - 'a' + 'A');
    text += (text.empty() ? "" : " ") + what + ".";
  }
  if (argument.required()) text += " Required.";
  if (!argument.preset.is(Value::Kind::Nil) && argument.type != Argument::Type::Switch) {
    text += " Default: " + scalar(argument.preset) + ".";
  }
  return text;
}

}  // namespace

std::string clean_lines(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t end = text.find('\n');
    out += sanitize(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string value_page(const Value& value, bool color) {
  if (value.is(Value::Kind::Nil)) return {};
  if (!value.is(Value::Kind::Table)) return clean_lines(scalar(value)) + "\n";
  if (value.entries.empty()) return "none\n";
  if (is_rows(value)) return rows_page(value, color);
  return table_page(value, color);
}

std::string script_json(std::string_view name, const Value& value) {
  return R"({"schema":"weco.script/1","script":)" + json_string(name) +
         ",\"result\":" + json_text(value) + "}";
}

std::string script_help(std::string_view name, const lua::Header& header, int width) {
  const auto columns = static_cast<std::size_t>(width);
  std::string text = "Usage: weco run " + sanitize(name);
  for (const Argument& argument : header.arguments) {
    std::string shown = argument.name + (argument.many ? "..." : "");
    if (argument.type == Argument::Type::Switch) shown = "--" + shown;
    text += argument.required() ? " " + shown : " [" + shown + "]";
  }
  text += "\n\n" + wrap(sanitize(header.purpose), columns, 0);
  if (!header.text.empty()) text += "\n" + wrap(clean_lines(header.text), columns, 0);
  if (!header.arguments.empty()) text += "\nArguments, by name or in this order:\n";
  for (const Argument& argument : header.arguments) {
    text += argument_title(argument) + "\n" + wrap(sanitize(argument_text(argument)), columns, 10);
  }
  std::string rights = header.may(lua::Right::Read) ? "read devices" : "";
  if (header.may(lua::Right::Records)) {
    rights += std::string(rights.empty() ? "" : ", ") + "read and add records of maintenance";
  }
  if (header.may(lua::Right::Flash))
    rights += rights.empty() ? "change firmware" : ", change firmware";
  for (const PointId id : header.writes) {
    rights += (rights.empty() ? "write " : ", write ") + std::string(info(id).name);
  }
  for (const std::string& folder : header.folders) {
    rights += (rights.empty() ? "files below " : ", files below ") + sanitize(folder);
  }
  text += "\nRights: " + (rights.empty() ? "none" : rights) + ".\n";
  if (!header.families.empty()) {
    text += "Families:";
    for (const std::string& family : header.families) text += " " + sanitize(family);
    text += "\n";
  }
  if (!header.example.empty()) text += "Example: " + sanitize(header.example) + "\n";
  return text;
}

}  // namespace weco::cli
