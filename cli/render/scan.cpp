// SPDX-License-Identifier: Apache-2.0
#include "cli/render/scan.hpp"

#include <fmt/format.h>

#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/render/tree.hpp"
#include "cli/render/values.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {

namespace {

std::string value_of(const Snapshot& snapshot, PointId id, const NodePath& node) {
  const Reading* reading = snapshot.get({id, 0, node});
  if (reading == nullptr || reading->quality == Quality::NotImplemented) return {};
  return value_text(*reading);
}

/// Serial number, firmware, charge: what tells one part from its neighbours.
std::string part_note(const Snapshot& snapshot, const NodePath& node) {
  std::string note;
  const auto add = [&](std::string_view before, const std::string& value) {
    if (value.empty()) return;
    if (!note.empty()) note += "  ";
    note += before;
    note += value;
  };
  add("", value_of(snapshot, point("serial_number"), node));
  add("firmware ", value_of(snapshot, point("firmware_version"), node));
  add("SOC ", value_of(snapshot, point("soc"), node));
  add("", value_of(snapshot, point("pack_voltage"), node));
  add("", value_of(snapshot, point("pack_current"), node));
  return note;
}

void add_children(const DeviceReport& device, const std::vector<NodePath>& nodes,
                  const NodePath& parent, TreeNode& into) {
  for (const NodePath& node : nodes) {
    if (node.depth() != parent.depth() + 1 || !(node.parent() == parent)) continue;
    TreeNode child;
    child.label = fmt::format("{} {}", name(node.last().kind), node.last().number);
    child.note = part_note(device.snapshot, node);
    add_children(device, nodes, node, child);
    into.children.push_back(std::move(child));
  }
}

TreeNode device_tree(const DeviceReport& device) {
  TreeNode tree;
  tree.label = device.title;
  const std::string model = device.snapshot.identity(point("model"));
  if (!model.empty()) tree.label += "  " + model;
  if (!device.dialect.empty()) tree.label += "  dialect " + device.dialect;
  if (device.unit > 0) tree.label += fmt::format("  address {}", device.unit);
  if (device.line) tree.label += "  " + in_words(*device.line);
  tree.note = part_note(device.snapshot, {});
  for (const std::string& endpoint : device.also_at) tree.note += "  also at " + endpoint;
  tree.style = device.assessment.level == Level::Alarm     ? Style::Alarm
               : device.assessment.level == Level::Warning ? Style::Warning
                                                           : Style::Good;
  add_children(device, device.snapshot.nodes(), {}, tree);
  return tree;
}

std::string finding_lines(const EndpointOutcome& endpoint, const Output& output) {
  std::string text;
  const auto line = [&](Style style, std::string_view level, const std::string& rest) {
    text +=
        fmt::format("{} {}: {}\n", output.styled(level, style), sanitize(endpoint.endpoint), rest);
  };
  if (endpoint.failure) {
    std::string what = endpoint.failure->what;
    const std::string_view hint = endpoint.failure->hint.empty()
                                      ? info(endpoint.failure->code()).hint
                                      : std::string_view(endpoint.failure->hint);
    line(Style::Warning, "warning", fmt::format("{}. {}", sanitize(what), sanitize(hint)));
  }
  for (const Finding& finding : endpoint.findings) {
    const FindingInfo& row = info(finding.id);
    line(row.level >= Level::Warning ? Style::Warning : Style::Dim, name(row.level),
         fmt::format("{} {}", finding.symptom, row.advice));
  }
  return text;
}

}  // namespace

std::string scan_page(const ScanResult& result, const Output& output) {
  TreeNode root;
  root.style = Style::Heading;
  root.label = fmt::format("{} device{} on {} endpoint{}", result.devices.size(),
                           result.devices.size() == 1 ? "" : "s", result.endpoints.size(),
                           result.endpoints.size() == 1 ? "" : "s");
  for (const EndpointOutcome& endpoint : result.endpoints) {
    TreeNode branch;
    branch.label = endpoint.endpoint;
    branch.style = Style::Strong;
    for (const DeviceReport& device : result.devices) {
      if (device.endpoint == endpoint.endpoint) branch.children.push_back(device_tree(device));
    }
    if (branch.children.empty()) branch.note = "nothing found";
    root.children.push_back(std::move(branch));
  }
  std::string page = draw_tree(root, output);
  for (const EndpointOutcome& endpoint : result.endpoints) page += finding_lines(endpoint, output);
  return page;
}

std::string scan_json(const ScanResult& result, std::int64_t wall_seconds) {
  JsonWriter json;
  json.begin_object();
  json.field("schema", "weco.scan/1").field("generated_at", utc_text(wall_seconds));
  json.key("devices").begin_array();
  for (const DeviceReport& device : result.devices) {
    json.begin_object();
    json.key("device");
    write_device(json, device);
    json.field("level", name(device.assessment.level));
    write_findings(json, device.findings);
    write_nodes(json, device);
    json.end_object();
  }
  json.end_array();
  json.key("endpoints").begin_array();
  for (const EndpointOutcome& endpoint : result.endpoints) {
    json.begin_object();
    json.field("endpoint", endpoint.endpoint).field("probes", endpoint.probes);
    write_findings(json, endpoint.findings);
    if (endpoint.failure) {
      json.key("error").begin_object();
      json.field("name", info(endpoint.failure->code()).name);
      json.field("message", endpoint.failure->what);
      json.field("hint", endpoint.failure->hint.empty() ? info(endpoint.failure->code()).hint
                                                        : std::string_view(endpoint.failure->hint));
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.str();
}

}  // namespace weco::cli
