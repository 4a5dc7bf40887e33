// SPDX-License-Identifier: Apache-2.0
#include "cli/render/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace weco::cli {

namespace {

/// Names of the bits that are set; cells and unnamed bits by number.
std::vector<std::string> set_bits(const Reading& reading) {
  const auto symbols = info(reading.ref.id).symbols;
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if (((reading.bits >> bit) & 1U) == 0) continue;
    names.push_back(bit < symbols.size() ? std::string(symbols[bit]) : std::to_string(bit + 1));
  }
  return names;
}

std::string flags_text(const Reading& reading) {
  std::string text;
  for (const std::string& name : set_bits(reading)) {
    if (!text.empty()) text += ", ";
    text += in_words(name);
  }
  return text.empty() ? "none" : text;
}

std::string choice_symbol(const Reading& reading) {
  const auto symbols = info(reading.ref.id).symbols;
  return reading.bits < symbols.size() ? std::string(symbols[reading.bits])
                                       : fmt::format("unknown_{}", reading.bits);
}

std::string device_text(const Reading& reading) {
  std::string_view text = reading.text();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

std::string in_words(std::string_view symbol) {
  std::string words(symbol);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string quality_note(Quality quality) {
  return quality == Quality::Good || quality == Quality::NotImplemented
             ? std::string()
             : fmt::format(" ({})", in_words(name(quality)));
}

std::string bare_value(const Reading& reading) {
  if (reading.quality == Quality::NotImplemented) return "-";
  switch (reading.kind) {
    case ValueKind::Number:
      return std::string(to_text(reading.number).view());
    case ValueKind::Text:
      return device_text(reading);
    case ValueKind::Choice:
      return in_words(choice_symbol(reading));
    case ValueKind::Flags:
      return flags_text(reading);
    case ValueKind::Raw:
      break;
  }
  return fmt::format("0x{:04X}", reading.bits);
}

std::string value_text(const Reading& reading) {
  std::string text = bare_value(reading);
  const std::string_view unit = info(info(reading.ref.id).unit).symbol;
  if (reading.kind == ValueKind::Number && reading.quality != Quality::NotImplemented &&
      !unit.empty()) {
    text += ' ';
    text += unit;
  }
  return text + quality_note(reading.quality);
}

void write_value(JsonWriter& json, const Reading& reading) {
  if (reading.quality == Quality::NotImplemented) {
    json.null();
    return;
  }
  switch (reading.kind) {
    case ValueKind::Number:
      json.number(reading.number);
      return;
    case ValueKind::Text:
      json.text(device_text(reading));
      return;
    case ValueKind::Choice:
      json.text(choice_symbol(reading));
      return;
    case ValueKind::Raw:
      json.word(reading.bits);
      return;
    case ValueKind::Flags:
      break;
  }
  json.begin_array();
  for (const std::string& name : set_bits(reading)) json.text(name);
  json.end_array();
}

std::string node_text(const NodePath& path, NodeKind root) {
  if (path.depth() == 0) return root == NodeKind::None ? "device" : std::string(name(root));
  std::string text;
  for (std::size_t i = 0; i < path.depth(); ++i) {
    if (i > 0) text += ", ";
    text += fmt::format("{} {}", name(path[i].kind), path[i].number);
  }
  return text;
}

namespace {

using Shown = std::vector<const Reading*>;

/// Indexed points become one array from index 1 on; a gap is null.
void write_indexed(JsonWriter& json, const Shown& readings) {
  json.begin_array();
  std::uint8_t next = 1;
  for (const Reading* reading : readings) {
    for (; next < reading->ref.index; ++next) json.null();
    write_value(json, *reading);
    ++next;
  }
  json.end_array();
}

void write_node(JsonWriter& json, const NodePath& path, NodeKind root, const Shown& readings) {
  json.begin_object();
  json.field("path", to_text(path));
  json.field("kind", path.depth() == 0 ? (root == NodeKind::None ? "device" : name(root))
                                       : name(path.last().kind));
  if (path.depth() > 0) json.field("number", path.last().number);
  json.key("values").begin_object();
  for (std::size_t i = 0; i < readings.size();) {
    const Reading& first = *readings[i];
    json.key(name_with_unit(first.ref.id));
    Shown same;
    for (; i < readings.size() && readings[i]->ref.id == first.ref.id; ++i) {
      same.push_back(readings[i]);
    }
    if (info(first.ref.id).count > 1 && first.ref.index > 0) {
      write_indexed(json, same);
    } else {
      write_value(json, first);
    }
  }
  json.end_object();
  json.key("quality").begin_object();
  std::string last;
  for (const Reading* reading : readings) {
    std::string key = name_with_unit(reading->ref.id);
    if (reading->quality == Quality::Good || key == last) continue;
    json.field(key, name(reading->quality));
    last = std::move(key);
  }
  json.end_object();
  json.end_object();
}

}  // namespace

void write_nodes(JsonWriter& json, const DeviceReport& report) {
  std::map<NodePath, Shown> by_node;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    by_node[ref.node].push_back(&reading);
  }
  json.key("nodes").begin_array();
  for (const auto& [path, readings] : by_node) write_node(json, path, report.node, readings);
  json.end_array();
}

void write_device(JsonWriter& json, const DeviceReport& report) {
  constexpr PointId kNamed[] = {point("vendor"), point("model"), point("serial_number"),
                                point("firmware_version")};
  json.begin_object();
  json.field("endpoint", report.endpoint);
  if (!report.also_at.empty()) {
    json.key("also_at").begin_array();
    for (const std::string& endpoint : report.also_at) json.text(endpoint);
    json.end_array();
  }
  json.field("family", report.family).field("title", report.title).field("status", report.status);
  if (!report.dialect.empty()) json.field("dialect", report.dialect);
  if (!report.bus.empty()) json.field("bus", report.bus);
  if (!report.radio.empty()) json.field("radio", report.radio);
  if (report.line) json.field("line", in_words(*report.line));
  if (report.unit > 0) json.field("unit", report.unit);
  for (const PointId id : kNamed) {
    const std::string text = report.snapshot.identity(id);
    if (!text.empty()) json.field(info(id).name, text);
  }
  json.end_object();
}

void write_findings(JsonWriter& json, const Findings& findings) {
  json.key("findings").begin_array();
  for (const Finding& finding : findings) {
    const FindingInfo& row = info(finding.id);
    json.begin_object();
    json.field("name", row.name).field("level", name(row.level));
    json.field("symptom", finding.symptom).field("advice", row.advice);
    json.end_object();
  }
  json.end_array();
}

}  // namespace weco::cli
