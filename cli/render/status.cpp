// SPDX-License-Identifier: Apache-2.0
#include "cli/render/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/render/values.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {

namespace {

Style style_of(Level level) {
  switch (level) {
    case Level::Alarm:
      return Style::Alarm;
    case Level::Warning:
      return Style::Warning;
    default:
      return Style::Good;
  }
}

/// One value of a headline and the word that tells it from its neighbours.
struct Part {
  PointId id;
  std::string_view word{};
};

/// What a person looks for first, in this order; everything else comes with --all.
struct Headline {
  std::string_view label;
  std::array<Part, 4> parts;
  std::size_t count;
};
template <class... Parts>
constexpr Headline headline(std::string_view label, Parts... parts) {
  return {label, {Part{parts}...}, sizeof...(parts)};
}
constexpr Headline kHeadlines[] = {
    headline("working mode", Part{point("working_mode")}),
    headline("inverter", Part{point("inverter_state")}),
    headline("battery state", Part{point("bms_state")}),
    headline("grid", Part{point("grid_state")}, Part{point("grid_frequency")}),
    headline("grid voltage", Part{point("grid_voltage")}),
    headline("grid current", Part{point("grid_current")}),
    headline("grid power", Part{point("grid_power_total"), "(import positive)"}),
    headline("PV power", Part{point("pv_power_total")}),
    headline("PV inputs", Part{point("pv_voltage")}),
    headline("battery power", Part{point("battery_power"), "(charging positive)"}),
    headline("pack power", Part{point("pack_power"), "(charging positive)"}),
    headline("load power", Part{point("load_power_total")}),
    headline("state of charge", Part{point("soc")}, Part{point("soc_error"), "either way"}),
    headline("state of health", Part{point("soh"), "(indicative)"}),
    headline("voltage", Part{point("pack_voltage")}),
    headline("current", Part{point("pack_current"), "(charging positive)"}),
    headline("temperature", Part{point("pack_temperature")}),
    headline("charge voltage", Part{point("charge_voltage_limit"), "at most"}),
    headline("discharge end", Part{point("discharge_voltage_limit")}),
    headline("permissions", Part{point("permissions")}),
    headline("modules", Part{point("module_count"), "installed"},
             Part{point("modules_online"), "online"}),
    headline("capacity", Part{point("remaining_capacity"), "left"},
             Part{point("full_capacity"), "when full"}, Part{point("rated_capacity"), "rated"}),
    headline("cells", Part{point("cell_voltage_min"), "to"}, Part{point("cell_voltage_max")}),
    headline("cell temperature", Part{point("cell_temperature_min"), "to"},
             Part{point("cell_temperature_max")}),
    headline("cycles", Part{point("cycle_count")}),
    headline("energy today", Part{point("energy_pv_today"), "PV"},
             Part{point("energy_load_today"), "load"}, Part{point("energy_import_today"), "import"},
             Part{point("energy_export_today"), "export"}),
    headline("meter total", Part{point("energy_import_total"), "import"},
             Part{point("energy_export_total"), "export"}),
};

/// All indexes of a point, with its unit: "230.4 / 230.7 / 231.0 V".
std::string joined(const Snapshot& snapshot, const NodePath& node, PointId id) {
  std::string text;
  std::string note;
  const PointInfo& row = info(id);
  for (unsigned index = row.count > 1 ? 1 : 0; index <= (row.count > 1 ? row.count : 0U); ++index) {
    const Reading* r = snapshot.get({id, static_cast<std::uint8_t>(index), node});
    if (r == nullptr || r->quality == Quality::NotImplemented) continue;
    if (!text.empty()) text += " / ";
    text += bare_value(*r);
    if (r->quality != Quality::Good) note = quality_note(r->quality);
  }
  if (text.empty()) return text;
  const std::string_view unit = info(row.unit).symbol;
  if (!unit.empty()) text += ' ' + std::string(unit);
  return text + note;
}

std::string headline_value(const Snapshot& snapshot, const NodePath& node, const Headline& row) {
  std::string text;
  std::string_view before;
  for (const Part& part : std::span(row.parts).first(row.count)) {
    const std::string value = joined(snapshot, node, part.id);
    if (value.empty()) continue;
    if (!text.empty()) text += before == "to" ? " " : ", ";
    text += value;
    if (!part.word.empty()) text += ' ' + std::string(part.word);
    before = part.word;
  }
  return text;
}

std::string headline_rows(const DeviceReport& report, const NodePath& node, const Output& output) {
  Grid grid({{""}, {""}});
  for (const Headline& row : kHeadlines) {
    std::string value = headline_value(report.snapshot, node, row);
    if (!value.empty()) grid.add({{"  " + std::string(row.label), Style::Dim}, {std::move(value)}});
  }
  return grid.empty() ? std::string() : grid.draw(output);
}

/// One column of the module table.
struct ModuleColumn {
  std::string_view title;
  PointId point;
};
constexpr ModuleColumn kModuleColumns[] = {
    {"SOC %", point("soc")},
    {"V", point("pack_voltage")},
    {"A", point("pack_current")},
    {"cell min V", point("cell_voltage_min")},
    {"cell max V", point("cell_voltage_max")},
    {"min °C", point("cell_temperature_min")},
    {"max °C", point("cell_temperature_max")},
    {"charge A", point("charge_current_limit")},
    {"disch. A", point("discharge_current_limit")},
    {"cycles", point("cycle_count")},
    {"state", point("bms_state")},
    {"serial number", point("serial_number")},
};

std::string module_table(const DeviceReport& report, const std::vector<NodePath>& modules,
                         const Output& output) {
  const auto has = [&](const NodePath& node, const ModuleColumn& column) {
    const Reading* r = report.snapshot.get({column.point, 0, node});
    return r != nullptr && r->quality != Quality::NotImplemented;
  };
  std::vector<const ModuleColumn*> columns;
  std::vector<Grid::Column> titles{{"module"}};
  for (const ModuleColumn& column : kModuleColumns) {
    const bool there = std::any_of(modules.begin(), modules.end(),
                                   [&](const NodePath& node) { return has(node, column); });
    if (!there) continue;
    columns.push_back(&column);
    titles.push_back({std::string(column.title), info(column.point).kind == ValueKind::Number
                                                     ? Grid::Align::Right
                                                     : Grid::Align::Left});
  }
  Grid grid(std::move(titles));
  std::string
      empty;  // a place in the map, or a module that is lost: the device does not tell which
  for (const NodePath& node : modules) {
    const std::string name = node_text(node, report.node);
    if (std::none_of(columns.begin(), columns.end(),
                     [&](const ModuleColumn* column) { return has(node, *column); })) {
      empty += (empty.empty() ? "" : ", ") + name;
      continue;
    }
    std::vector<Cell> row{{name}};
    for (const ModuleColumn* column : columns) {
      const Reading* r = report.snapshot.get({column->point, 0, node});
      row.push_back({r == nullptr ? "-" : bare_value(*r) + quality_note(r->quality)});
    }
    grid.add(std::move(row));
  }
  std::string table = grid.draw(output);
  if (!empty.empty()) table += fmt::format("Without values (not installed, or lost): {}\n", empty);
  return table;
}

std::string title_lines(const DeviceReport& report, const Output& output) {
  const Snapshot& s = report.snapshot;
  const auto text = [&](PointId id) { return sanitize(s.identity(id)); };
  std::string head = report.title.empty() ? "Unknown device" : sanitize(report.title);
  std::string line = output.styled(head, Style::Heading);
  const std::string model = text(point("model"));
  if (!model.empty()) line += "  " + model;
  for (const auto& [label, id] :
       {std::pair{"made by", point("vendor")}, std::pair{"serial number", point("serial_number")},
        std::pair{"firmware", point("firmware_version")}}) {
    const std::string value = text(id);
    if (!value.empty()) line += fmt::format("  {} {}", label, value);
  }
  std::string where = sanitize(report.endpoint);
  if (report.line) where += ", " + in_words(*report.line);
  if (report.unit > 0) where += fmt::format(", address {}", report.unit);
  if (!report.dialect.empty()) where += ", dialect " + report.dialect;
  if (!report.bus.empty()) where += ", bus " + report.bus;
  if (!report.radio.empty()) where += ", " + report.radio;
  if (!report.status.empty()) where += fmt::format(", map: {}", report.status);
  return line + '\n' + output.styled(where, Style::Dim) + '\n';
}

/// Lines that parts of a device may share, each once with all its parts, in the order they came.
class SharedLines {
 public:
  explicit SharedLines(NodeKind device) : device_(device) {}
  void add(std::string line, const NodePath& node) {
    const auto same = std::find_if(lines_.begin(), lines_.end(),
                                   [&](const Line& each) { return each.text == line; });
    if (same == lines_.end()) {
      lines_.push_back({std::move(line), {node}});
    } else {
      same->nodes.push_back(node);
    }
  }
  [[nodiscard]] std::string text(const Output& output) const {
    std::string text;
    for (const Line& line : lines_) {
      text += line.text;
      const NodePath& first = line.nodes.front();
      std::string parts = node_text(first, device_);
      if (line.nodes.size() > 1) {
        parts = fmt::format("{} parts, {} to {}", line.nodes.size(), parts,
                            node_text(line.nodes.back(), device_));
      }
      if (first.depth() > 0) text += output.styled("  (" + parts + ")", Style::Dim);
      text += '\n';
    }
    return text;
  }

 private:
  struct Line {
    std::string text;
    std::vector<NodePath> nodes;
  };
  NodeKind device_;
  std::vector<Line> lines_;
};

std::string limit_lines(const DeviceReport& report, const Output& output) {
  SharedLines lines(report.node);
  for (const LimitInForce& limit : report.assessment.limits) {
    std::string line = fmt::format("  {:<10}{} A", limit.charge ? "charge" : "discharge",
                                   to_text(limit.current).view());
    if (!limit.because.empty()) line += ": " + limit.because;
    lines.add(std::move(line), limit.node);
  }
  const std::string text = lines.text(output);
  return text.empty() ? text : output.styled("Limits in force", Style::Strong) + '\n' + text;
}

std::string fault_lines(const DeviceReport& report, const Output& output) {
  std::string text;
  for (const ActiveFault& fault : report.assessment.faults) {
    std::string line = "  " + output.styled(std::string(name(fault.level)), style_of(fault.level));
    if (!fault.code.empty()) line += ' ' + fault.code;
    line += fmt::format(" {}  ({}, {})", fault.name, node_text(fault.node, report.node), fault.raw);
    text += line + '\n';
    for (const std::string& action : fault.actions) text += "      - " + action + '\n';
    if (!fault.note.empty()) text += output.styled("      (" + fault.note + ")", Style::Dim) + '\n';
  }
  return text.empty() ? text : output.styled("Faults and alarms", Style::Strong) + '\n' + text;
}

std::string light_lines(const DeviceReport& report, const Output& output) {
  SharedLines lines(report.node);
  for (const LightNote& light : report.lights) {
    std::string shows = light.shows;
    std::replace(shows.begin(), shows.end(), '_', ' ');
    lines.add(fmt::format("  {}: {}: {}", sanitize(light.part), shows, sanitize(light.means)),
              light.node);
  }
  const std::string text = lines.text(output);
  return text.empty() ? text : output.styled("Lights and sounds", Style::Strong) + '\n' + text;
}

std::string note_lines(const DeviceReport& report, const Output& output) {
  std::string text;
  const auto section = [&](std::string_view title) {
    text += output.styled(title, Style::Strong) + '\n';
  };
  if (!report.findings.empty()) section("Findings");
  for (const Finding& finding : report.findings) {
    text +=
        fmt::format("  {} {} {}\n",
                    output.styled(name(info(finding.id).level), style_of(info(finding.id).level)),
                    finding.symptom, info(finding.id).advice);
  }
  if (!report.assumptions.empty()) section("Assumptions");
  for (const AssumptionNote& note : report.assumptions) text += "  " + note.sentence + '\n';
  return text;
}

std::string raw_lines(const DeviceReport& report, const Output& output) {
  if (report.raw.empty()) return {};
  std::string text = output.styled("Frames without a meaning here", Style::Strong) + '\n';
  for (const RawFrame& frame : report.raw) {
    text += fmt::format("  {:0{}X}  {}\n", frame.id, frame.extended ? 8 : 3, frame.hex);
  }
  return text;
}

bool of_cells(PointId id) { return id == point("cell_voltage") || id == point("cell_temperature"); }

bool wanted(const StatusView& view, const PointRef& ref) {
  if (view.past && !tells_past(ref.id) && !(view.all && of_cells(ref.id))) return false;
  return view.only.empty() || std::any_of(view.only.begin(), view.only.end(), [&](const auto& o) {
           return o.id == ref.id && (o.index == 0 || o.index == ref.index) &&
                  (o.node.depth() == 0 || o.node == ref.node);
         });
}

/// Every value in a line of its own.
std::string every_value(const DeviceReport& report, const StatusView& view, const Output& output) {
  Grid grid({{""}, {""}});
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (!wanted(view, ref) || (view.past && of_cells(ref.id))) continue;
    grid.add({{to_text(ref)}, {value_text(reading)}});
  }
  return grid.empty() ? "The device has no such value.\n" : grid.draw(output);
}

/// The cells that a device tells, so many in a line with the name of its first.
std::string cell_lines(const DeviceReport& report, const Output& output) {
  constexpr int kLineCells = 16;
  Grid grid({{""}, {""}});
  std::optional<PointRef> first;
  std::string line;
  const auto end_line = [&] {
    if (first) {
      const std::string_view unit = info(info(first->id).unit).symbol;
      grid.add({{to_text(*first)}, {fmt::format("{} {}", line, unit)}});
    }
    first.reset();
    line.clear();
  };
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (!of_cells(ref.id) || reading.quality == Quality::NotImplemented) continue;
    const bool goes_on = first && first->id == ref.id && first->node == ref.node &&
                         ref.index - first->index < kLineCells;
    if (!goes_on) end_line();
    if (!first) first = ref;
    line += (line.empty() ? "" : " ") + bare_value(reading) + quality_note(reading.quality);
  }
  end_line();
  return grid.empty() ? std::string() : grid.draw(output);
}

std::string node_sections(const DeviceReport& report, const Output& output) {
  std::string text;
  std::vector<NodePath> modules;
  for (const NodePath& node : report.snapshot.nodes()) {
    if (node.last().kind == NodeKind::Module) {
      modules.push_back(node);
      continue;
    }
    const std::string rows = headline_rows(report, node, output);
    if (rows.empty()) continue;
    std::string title = node_text(node, report.node);
    title[0] = static_cast<char>(title[0] >= 'a' && title[0] <= 'z' ? title[0] - 32 : title[0]);
    text += output.styled(title, Style::Strong) + '\n' + rows;
  }
  if (!modules.empty()) {
    text += output.styled("Modules", Style::Strong) + '\n' + module_table(report, modules, output);
  }
  return text;
}

}  // namespace

std::string status_page(const DeviceReport& report, const StatusView& view, const Output& output) {
  if (!view.only.empty()) return every_value(report, view, output);
  if (view.past) {
    return fault_lines(report, output) + every_value(report, view, output) +
           (view.all ? cell_lines(report, output) : std::string());
  }
  const Level level = report.assessment.level;
  std::string page = title_lines(report, output);
  page += "State: " + output.styled(std::string(name(level)), style_of(level)) + '\n';
  page += fault_lines(report, output) + limit_lines(report, output);
  page += view.all ? every_value(report, view, output) : node_sections(report, output);
  return page + light_lines(report, output) + note_lines(report, output) +
         raw_lines(report, output);
}

namespace {

void write_limits(JsonWriter& json, const Assessment& assessment) {
  json.key("limits").begin_array();
  for (const LimitInForce& limit : assessment.limits) {
    json.begin_object();
    json.field("what", limit.charge ? "charge" : "discharge").field("value_A", limit.current);
    json.field("path", to_text(limit.node));
    if (!limit.reason.empty()) json.field("reason", limit.reason);
    if (limit.module > 0) json.field("module", limit.module);
    if (!limit.because.empty()) json.field("because", limit.because);
    json.end_object();
  }
  json.end_array();
}

void write_faults(JsonWriter& json, const Assessment& assessment) {
  json.key("faults").begin_array();
  for (const ActiveFault& fault : assessment.faults) {
    json.begin_object();
    if (!fault.code.empty()) json.field("code", fault.code);
    json.field("name", fault.name).field("level", name(fault.level));
    json.field("path", to_text(fault.node)).field("raw", fault.raw);
    if (!fault.note.empty()) json.field("note", fault.note);
    json.key("actions").begin_array();
    for (const std::string& action : fault.actions) json.text(action);
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string status_json(const DeviceReport& full, const StatusView& view,
                        std::int64_t wall_seconds) {
  DeviceReport report = full;
  if (view.past || !view.only.empty()) {
    report.snapshot.clear();
    for (const auto& [ref, reading] : full.snapshot.readings()) {
      if (wanted(view, ref)) report.snapshot.put(reading);
    }
  }
  JsonWriter json;
  json.begin_object();
  json.field("schema", "weco.status/1").field("generated_at", utc_text(wall_seconds));
  json.key("device");
  write_device(json, full);
  json.field("level", name(report.assessment.level));
  write_limits(json, report.assessment);
  write_faults(json, report.assessment);
  write_findings(json, report.findings);
  json.key("assumptions").begin_array();
  for (const AssumptionNote& note : report.assumptions) {
    json.begin_object().field("name", note.name).field("sentence", note.sentence).end_object();
  }
  json.end_array();
  json.key("lights").begin_array();
  for (const LightNote& light : report.lights) {
    json.begin_object().field("path", to_text(light.node)).field("part", light.part);
    json.field("shows", light.shows).field("means", light.means).end_object();
  }
  json.end_array();
  write_nodes(json, report);
  json.key("raw").begin_array();
  for (const RawFrame& frame : report.raw) {
    json.begin_object();
    json.field("id", frame.id).field("extended", frame.extended).field("data", frame.hex);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.str();
}

}  // namespace weco::cli
