// SPDX-License-Identifier: Apache-2.0
#include "cli/generate/scenario_reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/generate/reference.hpp"
#include "cli/generate/roff.hpp"
#include "core/bms/families.hpp"
#include "core/bms/machine.hpp"
#include "core/ems/faults.hpp"
#include "core/ems/grid_code.hpp"
#include "core/ems/grid_protection.hpp"
#include "lua/scenario/scenario_file.hpp"
#include "scripts/embedded.hpp"
#include "sim/faults/catalogue.hpp"
#include "sim/scenario/points.hpp"
#include "sim/scenario/stage.hpp"
#include "sim/site/bounds.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kAbout =
    "A scenario is a Lua file that returns a table: a site, what happens to it and what must hold. "
    "Functions may stand in 'run' of an event and in 'always', 'once' and 'check' of an "
    "expectation only. A name that is not listed here, a value of another kind or outside of its "
    "range is refused with its line, and nothing is started. Times since the start are written "
    "with units: \"90s\", \"1h30min\", \"2d\".";
constexpr std::string_view kFunctions =
    "Functions run in the sandbox of weco-lua(7) and see the site by the table site: "
    "site.value(name) is a value, site.seconds() the time since the start. An event's function "
    "may act, too: site.command(name, value), site.fault(text), site.clear(text).";
constexpr std::string_view kShown = "cold-morning";

struct Row {
  std::string name;
  std::string how;    // kind, range, unit
  std::string usual;  // where nothing is said
  std::string what;
};
struct Section {
  std::string title;
  std::string about;
  std::vector<Row> rows;
};

/// "environment.pv" of "environment.pv.peak_W".
std::string parent_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? "" : path.substr(0, dot));
}

std::string_view last_of(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

/// The bounds of a field by its name, of a profile's value by the profile's.
const sim::Bounds* bounds_of(std::string_view path) {
  if (!path.starts_with("site.") && !path.starts_with("environment.")) return nullptr;
  std::string name(last_of(path));
  if (name == "value") {
    name = last_of(parent_of(path));
    name.erase(name.find('['));
  }
  const auto all = sim::site_bounds();
  const auto at = std::ranges::find(all, name, &sim::Bounds::field);
  return at == all.end() ? nullptr : &*at;
}

std::string range_text(double least, double most, std::string_view unit) {
  return fmt::format("{} to {}{}{}", least, most, unit.empty() ? "" : " ", unit);
}

std::string how_written(const lua::FieldText& field) {
  const sim::Bounds* bounds = bounds_of(field.path);
  if (bounds == nullptr || !field.kind.ends_with("number")) return field.kind;
  return field.kind + " from " + range_text(bounds->least, bounds->most, "");
}

/// "8000; saj_cm2: 150000" where families differ.
std::string usual_text(std::span<const std::vector<lua::FieldText>> families, std::size_t field) {
  const std::string& first = families[0][field].usual;
  std::string text = first;
  for (std::size_t i = 1; i < families.size(); ++i) {
    const std::string& other = families[i][field].usual;
    if (other != first) text += fmt::format("; {}: {}", sim::family_names()[i], other);
  }
  return text;
}

/// A section a table, in the order in which the file's fields are read.
std::vector<Section> fields() {
  std::vector<std::vector<lua::FieldText>> families;
  for (const std::string_view family : sim::family_names()) {
    families.push_back(lua::scenario_fields(sim::site_terms(), family));
  }
  std::vector<Section> sections;
  for (std::size_t i = 0; i < families[0].size(); ++i) {
    const lua::FieldText& field = families[0][i];
    const std::string parent = parent_of(field.path);
    const std::string title = parent.empty() ? "The table" : parent;
    const auto known = std::ranges::find(sections, title, &Section::title);
    Section& section =
        known != sections.end() ? *known : sections.emplace_back(Section{title, "", {}});
    section.rows.push_back({std::string(last_of(field.path)), how_written(field),
                            usual_text(families, i), std::string(field.help)});
  }
  return sections;
}

Section values() {
  Section section{
      "Values", "What expectations and site.value() read. A name ends with its unit.", {}};
  for (const sim::PointText& row : sim::point_texts()) {
    section.rows.push_back({row.name, "", "", std::string(row.doc)});
  }
  std::string states = "Numbers of pack[N].state:";
  for (std::size_t i = 0; i < bms::kStateNames.size(); ++i) {
    states += fmt::format("{} {} {}", i == 0 ? "" : ",", i, bms::kStateNames[i]);
  }
  section.about += " " + states + ".";
  return section;
}

Section commands() {
  Section section{
      "Commands", "What a person does to a site and what the world does around it.", {}};
  for (const sim::SiteCommand& row : sim::site_commands()) {
    std::string how;
    if (!row.symbols.empty()) {
      how = fmt::format("{}", fmt::join(row.symbols, ", "));
    } else if (row.least != row.most) {
      how = range_text(row.least, row.most, row.unit);
    }
    section.rows.push_back({std::string(row.name), how, "", std::string(row.doc)});
  }
  return section;
}

std::string trust_in(const ems::GridCode& code) {
  if (!ems::make_protection(code, Watts(10000), 3, ems::Trust::WithUnsure)) {
    return "cannot be simulated";
  }
  const bool sure = std::ranges::find(code.rows, ems::Confidence::Unsure,
                                      &ems::TripRow::confidence) == code.rows.end();
  return sure ? "" : "some figures are not certain";
}

Section grid_codes() {
  Section section{"Grid codes",
                  "For grid_code of the site. What is not published or not at hand is not made up.",
                  {}};
  for (const ems::GridCode& code : ems::kGridCodes) {
    std::string what = trust_in(code);
    if (!what.empty() && !code.note.empty()) what += "; ";
    section.rows.push_back({std::string(code.name), "", "", what + std::string(code.note)});
  }
  return section;
}

Section faults() {
  Section section{"Faults",
                  "Written as name or name:parameter=value,... in events, in site.fault() and "
                  "behind --fault. Those of the wire need --serve and are for --fault only.",
                  {}};
  for (const sim::FaultInfo& fault : sim::fault_catalogue()) {
    std::string how;
    for (const sim::FaultParameter& p : fault.parameters) {
      if (p.name.empty()) continue;
      how += fmt::format("{}{}={}", how.empty() ? "" : ", ", p.name,
                         range_text(p.least, p.most, p.unit));
    }
    section.rows.push_back({std::string(fault.name), how, "", std::string(fault.doc)});
  }
  return section;
}

Section events() {
  Section section{
      "Events", "Counted by their name, or by their kind and name: \"fault short_circuit\".", {}};
  const auto kind = [&](sim::SiteEventKind which, std::string names, std::string_view what) {
    section.rows.push_back(
        {std::string(sim::name(which)), std::move(names), "", std::string(what)});
  };
  std::string conditions;
  for (const auto& row : bms::kWecoSmart.events.rows) {
    conditions += (conditions.empty() ? "" : ", ") + std::string(row.name);
  }
  using Kind = sim::SiteEventKind;
  kind(Kind::Warning, conditions, "a pack's BMS warns of this");
  kind(Kind::Alarm, "as warning", "the same, with lowered limits");
  kind(Kind::Fault, "as warning", "the same, and the pack opens");
  kind(Kind::Cleared, "as warning and control", "it has ended");
  kind(Kind::State, fmt::format("{}", fmt::join(bms::kStateNames, ", ")), "a pack is in it now");
  kind(Kind::Control, fmt::format("{}, master", fmt::join(ems::kConditionNames, ", ")),
       "a condition of the energy management has come; another inverter leads");
  kind(Kind::Injected, "a fault's name", "this was broken");
  kind(Kind::Mended, "a fault's name", "this was mended");
  kind(Kind::Command, "a command's name", "this was commanded");
  kind(Kind::Violation, "energy_balance, cell_beyond_limits",
       "the simulation has broken its own promise");
  return section;
}

std::vector<Section> sections() {
  std::vector<Section> all = fields();
  all.push_back({"Functions", std::string(kFunctions), {}});
  all.push_back(values());
  all.push_back(commands());
  all.push_back(grid_codes());
  all.push_back(faults());
  all.push_back(events());
  return all;
}

std::string example() {
  const auto all = scripts::scenarios();
  return std::string(std::ranges::find(all, kShown, &scripts::EmbeddedScript::name)->text());
}

std::string markdown(const Section& section) {
  std::string text = "\n## " + section.title + "\n";
  if (!section.about.empty()) text += "\n" + section.about + "\n";
  if (section.rows.empty()) return text;
  const auto has = [&](std::string Row::*part) {
    return std::ranges::any_of(section.rows, [&](const Row& row) { return !(row.*part).empty(); });
  };
  const bool how = has(&Row::how);
  const bool usual = has(&Row::usual);
  text += std::string("\n| name |") + (how ? " how it is written |" : "") +
          (usual ? " without it |" : "") + " what it is |\n|---|" + (how ? "---|" : "") +
          (usual ? "---|" : "") + "---|\n";
  for (const Row& row : section.rows) {
    text += "| `" + row.name + "` |";
    if (how) text += " " + table_cell(row.how) + " |";
    if (usual) text += " " + table_cell(row.usual) + " |";
    text += " " + table_cell(row.what) + " |\n";
  }
  return text;
}

std::string manual(const Section& section) {
  const bool field = section.title.front() >= 'a';  // the others begin with a capital
  std::string text = field ? ".SS " + roff(section.title) : ".SH " + roff(upper(section.title));
  text += "\n";
  if (!section.about.empty()) text += roff(section.about) + "\n";
  for (const Row& row : section.rows) {
    text += ".TP\n\\fB" + roff(row.name) + "\\fR";
    if (!row.how.empty()) text += " " + roff(row.how);
    if (!row.usual.empty()) text += " (" + roff(row.usual) + ")";
    text += "\n" + roff(row.what) + "\n";
  }
  return text;
}

}  // namespace

GeneratedFile scenario_page() {
  std::string text = "<!-- Made by 'weco generate reference'. -->\n# Scenarios\n\n" +
                     std::string(kAbout) + " `weco simulate FILE` plays it.\n\n```lua\n" +
                     example() + "```\n";
  for (const Section& section : sections()) text += markdown(section);
  return {"scenario.md", text};
}

GeneratedFile scenario_manual() {
  std::string text =
      ".\\\" Made by 'weco generate man' from the tables that read scenarios.\n.TH WECO\\-SCENARIO "
      "5 \"\" \"\" \"weco manual\"\n.SH NAME\nweco\\-scenario \\- what a scenario of weco simulate "
      "may say\n.SH SYNOPSIS\n.B weco simulate\n.I FILE.lua\n.SH DESCRIPTION\n" +
      roff(kAbout) +
      "\n.PP\nBehind a name stands how it is written and, in brackets, what holds without it.\n";
  for (const Section& section : sections()) text += manual(section);
  text += ".SH EXAMPLE\n.EX\n" + roff(example()) + ".EE\n";
  return {"weco-scenario.5", text + ".SH SEE ALSO\n.BR weco\\-simulate (1),\n.BR weco\\-lua (7)\n"};
}

}  // namespace weco::cli
