// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/lua_reference.hpp"

#include <algorithm>
#include <utility>

#include "cli/generate/roff.hpp"
#include "cli/render/text.hpp"
#include "lua/modules/argument.hpp"
#include "scripts/embedded.hpp"

namespace weco::cli {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// A type may hold blanks inside of its brackets.
std::string_view take_type(std::string_view& text) {
  int open = 0;
  std::size_t end = 0;
  for (; end < text.size() &&
         (text[end] != ' ' || open > 0 || text.substr(end, 2) == " :" ||
          (end > 0 && text[end - 1] == ':') || (end > 0 && text[end - 1] == ','));
       ++end) {
    if (text[end] == '{' || text[end] == '(' || text[end] == '<') ++open;
    if (text[end] == '}' || text[end] == ')' || text[end] == '>') --open;
  }
  const std::string_view type = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return type;
}

void annotation(std::string_view line, LuaEntry& entry) {
  const std::string_view kind = take_word(line);
  if (kind == "@param") {
    const std::string_view name = take_word(line);
    const std::string_view type = take_type(line);
    entry.parameters.push_back({std::string(name), std::string(type), std::string(line)});
  } else if (kind == "@return") {
    const std::string_view type = take_type(line);
    const std::string_view name = take_word(line);
    entry.results.push_back({std::string(name), std::string(type), std::string(line)});
  } else if (kind == "@field") {
    const std::string_view name = take_word(line);
    const std::string_view type = take_word(line);
    entry.results.push_back({std::string(name), std::string(type), std::string(line)});
  }
}

std::string list_of(std::string_view heading, const std::vector<LuaEntry::Part>& parts) {
  if (parts.empty()) return {};
  std::string text = "\n" + std::string(heading) + ":\n\n";
  for (const LuaEntry::Part& part : parts) {
    text += "- `" + part.name + "`: `" + part.type + "`";
    text += part.about.empty() ? "\n" : ". " + part.about + "\n";
  }
  return text;
}

std::string roff_parts(std::string_view heading, const std::vector<LuaEntry::Part>& parts) {
  std::string text;
  for (const LuaEntry::Part& part : parts) {
    text += ".br\n" + std::string(heading) + " \\fI" + roff(part.name) +
            "\\fR: " + roff(part.type) + (part.about.empty() ? "" : ". " + roff(part.about)) + "\n";
  }
  return text;
}

constexpr std::string_view kHeader =
    "A script is a Lua file that returns a table: purpose (one sentence), text (more for --help), "
    "arguments, rights, families, example, and run, a function that is given the arguments by "
    "name. "
    "The file is run once to get the table; devices and the person are there inside of run only. "
    "What run returns is the result, as text or with --json. A result with a level of \"warning\" "
    "or \"alarm\" ends with exit code 10 or 11.";
constexpr std::string_view kArguments =
    "An argument has a name (with its unit at the end when it has one), and may have type, unit, "
    "min, max, choices, default, help, optional, and many (the last one: a list).";
constexpr std::string_view kRights =
    "Rights are \"read\": devices may be opened, looked for and read; \"records\": the records of "
    "maintenance on this machine may be read and added to; \"flash\": the firmware of devices may "
    "be changed; \"write:POINT\", once for each setting that may be changed; and \"files:DIR\", "
    "once for each folder (as named from where the program runs, or from the root) below which "
    "files may be read and written. Without rights in its header a script has the first one; with "
    "rights = {} it can compute and ask. What is not declared is refused whatever was typed.";
constexpr std::string_view kSandbox =
    "Scripts see string, table, math, utf8, coroutine, os.time, os.clock, require and the basic "
    "functions of Lua 5.4, and what is below. Globals cannot be changed, an unknown name is a "
    "mistake. Instructions between two waits, memory and the length of a text are bounded. require "
    "finds modules beside the script, in the user's folder of scripts and in the program's "
    "library.";

std::string types_text() {
  std::string text;
  for (const std::string_view type : lua::kArgumentTypes) {
    text += (text.empty() ? "" : ", ") + std::string(type);
  }
  return text;
}

}  // namespace

std::vector<LuaEntry> read_lua_meta(std::string_view text) {
  std::vector<LuaEntry> entries;
  LuaEntry entry;
  std::string note;  // an annotation, which may go on in the lines behind it
  bool example = false;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.starts_with("---")) {
      line.remove_prefix(3);
      const bool goes_on = !note.empty() && !line.empty() && line.find_first_of("@`") != 0;
      if (goes_on) {
        note += " " + std::string(line);
        continue;
      }
      annotation(std::exchange(note, {}), entry);
      if (line.starts_with("```")) {
        example = !example;
      } else if (example) {
        entry.example += std::string(line) + "\n";
      } else if (line.starts_with("@")) {
        note = std::string(line);
      } else if (!line.empty()) {
        entry.about += (entry.about.empty() ? "" : " ") + std::string(line);
      }
      continue;
    }
    annotation(std::exchange(note, {}), entry);
    if (line.starts_with("function ")) {
      line.remove_prefix(9);
      entry.name = std::string(line.substr(0, line.find('(')));
      entry.signature = std::string(line.substr(0, line.find(')') + 1));
      entries.push_back(entry);
    } else if (line.ends_with(" = {}")) {
      entry.name = std::string(line.substr(0, line.find(' ')));
      entries.push_back(entry);
    }
    entry = {};
  }
  return entries;
}

std::vector<GeneratedFile> lua_reference() {
  std::string text =
      "<!-- Made by 'weco generate lua-reference' from lua/meta. -->\n# Scripts\n\n" +
      std::string(kHeader) + "\n\n" + std::string(kArguments) + " Types: " + types_text() +
      ".\n\n" + std::string(kRights) + "\n\n" + std::string(kSandbox) + "\n";
  for (const LuaEntry& entry : read_lua_meta(scripts::meta())) {
    const bool table = entry.signature.empty();
    text += table ? "\n## " + entry.name + "\n\n" : "\n### `" + entry.signature + "`\n\n";
    text += entry.about + "\n" + list_of("Takes", entry.parameters);
    text += list_of(table ? "Has" : "Gives", entry.results);
    if (!entry.example.empty()) text += "\n```lua\n" + entry.example + "```\n";
  }
  return {{"lua.md", text}};
}

GeneratedFile lua_manual() {
  std::string text =
      ".\\\" Made by 'weco generate man' from lua/meta.\n.TH WECO\\-LUA 7 \"\" \"\" \"weco "
      "manual\"\n.SH NAME\nweco\\-lua \\- what scripts of weco are and what they are given\n"
      ".SH DESCRIPTION\n";
  text += roff(kHeader) + "\n.PP\n" + roff(kArguments) + " Types: " + roff(types_text()) +
          ".\n.PP\n" + roff(kRights) + "\n.PP\n" + roff(kSandbox) + "\n";
  for (const LuaEntry& entry : read_lua_meta(scripts::meta())) {
    if (entry.signature.empty()) {
      text += ".SH " + roff(entry.name) + "\n" + roff(entry.about) + "\n";
      text += roff_parts("Has", entry.results);
      continue;
    }
    text += ".SS " + roff(entry.signature) + "\n" + roff(entry.about) + "\n";
    text += roff_parts("Takes", entry.parameters) + roff_parts("Gives", entry.results);
    if (!entry.example.empty()) text += ".PP\n.EX\n" + roff(entry.example) + ".EE\n";
  }
  return {"weco-lua.7", text + ".SH SEE ALSO\n.BR weco\\-run (1),\n.BR weco\\-script (1)\n"};
}

}  // namespace weco::cli
