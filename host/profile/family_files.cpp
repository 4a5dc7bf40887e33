// SPDX-License-Identifier: Apache-2.0
// The smaller files of a family: what its fault codes and lights mean, where its wires go, and by
// which ways it takes firmware.
#include <algorithm>
#include <array>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "host/profile/lua_data.hpp"
#include "host/profile/profile.hpp"
#include "host/profile/schema.hpp"

namespace weco {
namespace {

using Kind = DataValue::Kind;

constexpr std::array kFaultFileKeys = {
    KeySpec{"faults", Want::Table, true},
    KeySpec{"note", Want::Text},
};
constexpr std::array kFaultKeys = {
    KeySpec{"code", Want::Text, true},     KeySpec{"name", Want::Text, true},
    KeySpec{"severity", Want::Text, true}, KeySpec{"actions", Want::Table, true},
    KeySpec{"word", Want::Whole},          KeySpec{"bit", Want::Whole},
    KeySpec{"note", Want::Text},           KeySpec{"carrier", Want::Text},
};
constexpr std::array kPortFileKeys = {KeySpec{"ports", Want::Table, true}};
constexpr std::array kPortKeys = {
    KeySpec{"name", Want::Text, true}, KeySpec{"title", Want::Text, true},
    KeySpec{"connector", Want::Text},  KeySpec{"pins", Want::Table},
    KeySpec{"note", Want::Text},
};
constexpr std::array kPinKeys = {
    KeySpec{"pin", Want::Text, true},
    KeySpec{"signal", Want::Text, true},
    KeySpec{"note", Want::Text},
};
constexpr std::array kLightFileKeys = {KeySpec{"lights", Want::Table, true}};
constexpr std::array kLightKeys = {
    KeySpec{"part", Want::Text, true},  KeySpec{"point", Want::Text, true},
    KeySpec{"index", Want::Whole},      KeySpec{"node", Want::Text},
    KeySpec{"shows", Want::Text, true}, KeySpec{"means", Want::Text, true},
};
constexpr std::array kRouteFileKeys = {KeySpec{"routes", Want::Table, true}};
constexpr std::array kRouteKeys = {
    KeySpec{"kind", Want::Text, true},   KeySpec{"title", Want::Text, true},
    KeySpec{"steps", Want::Table, true}, KeySpec{"note", Want::Text},
    KeySpec{"fat32", Want::Truth},       KeySpec{"max_GB", Want::Whole},
    KeySpec{"unzipped", Want::Truth},
};
constexpr std::array<std::string_view, 4> kSeverities = {"info", "warning", "alarm", "fault"};

void load_fault(Schema& schema, const DataValue& entry, std::vector<FaultInfo>& faults) {
  std::string who = "a fault";
  if (const DataValue* code = entry.get("code"); code != nullptr && code->kind == Kind::Text) {
    who = "fault \"" + code->text.substr(0, 64) + "\"";
  }
  schema.shape(entry, who, kFaultKeys);
  if (schema.failed()) return;
  FaultInfo fault;
  fault.code = Schema::text(entry, "code");
  fault.name = Schema::text(entry, "name");
  fault.note = Schema::text(entry, "note");
  fault.severity =
      static_cast<Severity>(schema.word(*entry.get("severity"), who, "severity", kSeverities));
  for (const DataValue* action : schema.list(entry, who, "actions", Kind::Text)) {
    fault.actions.push_back(action->text);
  }
  fault.word = static_cast<std::uint8_t>(schema.whole(entry, "word", who, 1, 16, 0));
  fault.bit = static_cast<std::uint8_t>(schema.whole(entry, "bit", who, 0, 63, 0));
  if (const DataValue* carrier = entry.get("carrier"); carrier != nullptr) {
    constexpr std::array<std::string_view, 3> kWords = {"fault_word", "alarm_word", "warning_word"};
    constexpr std::array<PointId, 3> kPointsOfWords = {point("fault_word"), point("alarm_word"),
                                                       point("warning_word")};
    fault.carrier = kPointsOfWords[schema.word(*carrier, who, "carrier", kWords)];
  }
  if ((entry.get("word") == nullptr) != (entry.get("bit") == nullptr)) {
    return schema.refuse(entry.line, who + ": \"word\" and \"bit\" go together");
  }
  for (const FaultInfo& other : faults) {
    if (other.code == fault.code) return schema.refuse(entry.line, who + " is given twice");
    if (fault.word != 0 && other.carrier == fault.carrier && other.word == fault.word &&
        other.bit == fault.bit) {
      return schema.refuse(entry.line,
                           who + " has the word and bit of fault \"" + other.code + "\"");
    }
  }
  faults.push_back(std::move(fault));
}

void load_port(Schema& schema, const DataValue& entry, std::vector<PortInfo>& ports) {
  std::string who = "a port";
  if (const DataValue* name = entry.get("name"); name != nullptr && name->kind == Kind::Text) {
    who = "port \"" + name->text.substr(0, 64) + "\"";
  }
  schema.shape(entry, who, kPortKeys);
  if (schema.failed()) return;
  PortInfo port;
  port.name = Schema::text(entry, "name");
  port.title = Schema::text(entry, "title");
  port.connector = Schema::text(entry, "connector");
  port.note = Schema::text(entry, "note");
  for (const DataValue* pin : schema.list(entry, who, "pins", Kind::Table)) {
    schema.shape(*pin, who + ", a pin", kPinKeys);
    if (schema.failed()) return;
    PortPin made{Schema::text(*pin, "pin"), Schema::text(*pin, "signal"),
                 Schema::text(*pin, "note")};
    for (const PortPin& other : port.pins) {
      if (other.pin != made.pin) continue;
      return schema.refuse(pin->line, who + ": pin \"" + made.pin + "\" is given twice");
    }
    port.pins.push_back(std::move(made));
  }
  for (const PortInfo& other : ports) {
    if (other.name == port.name) return schema.refuse(entry.line, who + " is given twice");
  }
  ports.push_back(std::move(port));
}

void load_light(Schema& schema, const DataValue& entry, std::vector<LightInfo>& lights) {
  const std::string who = "a light";
  schema.shape(entry, who, kLightKeys);
  if (schema.failed()) return;
  const Result<PointId> id = find_point(entry.get("point")->text);
  if (!id || info(*id).symbols.empty()) {
    return schema.refuse(entry.line, who + ": \"" + entry.get("point")->text.substr(0, 64) +
                                         "\" is no choice and no set of the vocabulary");
  }
  LightInfo light;
  light.point = *id;
  light.part = Schema::text(entry, "part");
  light.means = Schema::text(entry, "means");
  light.shows = schema.word(*entry.get("shows"), who, "what it shows", info(*id).symbols);
  light.index = static_cast<std::uint8_t>(
      schema.whole(entry, "index", who, info(*id).count > 1 ? 1 : 0,
                   info(*id).count > 1 ? info(*id).count : 0, info(*id).count > 1 ? 1 : 0));
  if (const DataValue* node = entry.get("node"); node != nullptr) {
    light.node = static_cast<NodeKind>(schema.word(*node, who, "node", kNodeNames));
  }
  lights.push_back(std::move(light));
}

void load_route(Schema& schema, const DataValue& entry, std::vector<UpdateRoute>& routes) {
  const std::string who = "a route";
  schema.shape(entry, who, kRouteKeys);
  if (schema.failed()) return;
  UpdateRoute route;
  route.kind = static_cast<UpdateRoute::Kind>(
      schema.word(*entry.get("kind"), who, "kind", kUpdateRouteNames));
  route.title = Schema::text(entry, "title");
  route.note = Schema::text(entry, "note");
  for (const DataValue* step : schema.list(entry, who, "steps", Kind::Text)) {
    route.steps.push_back(step->text);
  }
  const auto truth = [&](std::string_view key) {
    const DataValue* value = entry.get(key);
    return value != nullptr && value->truth;
  };
  route.fat32 = truth("fat32");
  route.unzipped = truth("unzipped");
  route.max_GB = static_cast<std::uint32_t>(schema.whole(entry, "max_GB", who, 1, 4096, 0));
  if (route.kind != UpdateRoute::Kind::Stick &&
      (route.fat32 || route.unzipped || route.max_GB != 0)) {
    return schema.refuse(entry.line, who + ": only a stick has fat32, max_GB and unzipped");
  }
  routes.push_back(std::move(route));
}

template <class Info, std::size_t N>
Outcome<std::vector<Info>> load_list(std::string_view text, const std::string& file,
                                     const std::array<KeySpec, N>& keys,
                                     void (*load)(Schema&, const DataValue&, std::vector<Info>&),
                                     void (*finish)(const DataValue&, std::vector<Info>&) = {}) {
  auto data = read_lua_data(text, file);
  if (!data) return Unexpected<Failure>{data.error()};
  Schema schema(file);
  std::vector<Info> entries;
  schema.shape(*data, "the file", keys);
  for (const DataValue* entry : schema.list(*data, "the file", keys[0].key, Kind::Table)) {
    if (schema.failed()) break;
    load(schema, *entry, entries);
  }
  if (schema.failed()) return schema.take();
  if (finish != nullptr) finish(*data, entries);
  return entries;
}

/// What the file says of the place of all its faults, it says of each.
void note_on_places(const DataValue& data, std::vector<FaultInfo>& faults) {
  const std::string note = Schema::text(data, "note");
  if (note.empty()) return;
  for (FaultInfo& fault : faults) {
    if (fault.word == 0) continue;
    fault.note += (fault.note.empty() ? "" : "; ") + note;
  }
}

}  // namespace

Outcome<std::vector<FaultInfo>> load_faults(std::string_view text, const std::string& file) {
  return load_list<FaultInfo>(text, file, kFaultFileKeys, load_fault, note_on_places);
}

Outcome<std::vector<LightInfo>> load_lights(std::string_view text, const std::string& file) {
  return load_list<LightInfo>(text, file, kLightFileKeys, load_light);
}

Outcome<std::vector<UpdateRoute>> load_update_routes(std::string_view text,
                                                     const std::string& file) {
  return load_list<UpdateRoute>(text, file, kRouteFileKeys, load_route);
}

Outcome<std::vector<PortInfo>> load_ports(std::string_view text, const std::string& file) {
  return load_list<PortInfo>(text, file, kPortFileKeys, load_port);
}

}  // namespace weco
