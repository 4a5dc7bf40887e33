// SPDX-License-Identifier: Apache-2.0
// `weco devices`: what the profiles say, without any device. Profiles of the user's own are text
// from outside like everything else; the renderers sanitize it.
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"
#include "core/points/vocabulary.hpp"
#include "core/protocol/canbms/fields.hpp"
#include "core/protocol/pylontech/command.hpp"
#include "host/profile/catalog.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::cli {
namespace {

constexpr std::string_view kAccessNames[] = {"read", "setting", "command"};
constexpr int kDepthMax = 4;

/// The families to look in: all of them, or the one named.
Outcome<std::vector<std::string>> families_of(const Args& args, const Catalog& catalog) {
  std::vector<std::string> names;
  if (args.given("family")) {
    const auto profile = catalog.load(args.text("family"));
    if (!profile) return Unexpected<Failure>{profile.error()};
    names.emplace_back((*profile)->family);
    return names;
  }
  for (const FamilyEntry& entry : catalog.families()) names.push_back(entry.family);
  return names;
}

std::string devices_json(const Catalog& catalog, const config::Config& config) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.devices/1").key("families").begin_array();
  for (const FamilyEntry& entry : catalog.families()) {
    json.begin_object().field("family", entry.family).field("title", entry.title);
    json.field("status", entry.status).end_object();
  }
  json.end_array().key("devices").begin_array();
  for (const config::Device& device : config.devices) {
    json.begin_object().field("name", device.name).field("endpoint", device.endpoint);
    if (!device.family.empty()) json.field("family", device.family);
    if (device.unit != 0) json.field("unit", device.unit);
    if (!device.note.empty()) json.field("note", device.note);
    json.end_object();
  }
  return json.end_array().end_object().str();
}

/// A row of the map as it is shown: the node it belongs to, and the row.
struct ShownRow {
  std::string node;
  const ProfileRow* row;
};

// Depth is bounded by kDepthMax; the loader refuses deeper groups.
void collect_rows(const ProfileGroup& group, const std::string& node, int depth,
                  std::vector<ShownRow>& rows) {
  for (const ProfileRow& row : group.rows) rows.push_back({node, &row});
  if (depth == kDepthMax) return;
  for (const ProfileGroup& child : group.groups) {
    const std::string part = child.node == NodeKind::None
                                 ? node
                                 : (node.empty() ? "" : node + ".") +
                                       std::string(name(child.node)) + "[1.." +
                                       std::to_string(child.max) + "]";
    collect_rows(child, part, depth + 1, rows);
  }
}

std::string point_text(const ProfileRow& row) {
  std::string text = name_with_unit(row.id);
  if (row.index == 0) return text;
  text += "[" + std::to_string(row.index);
  if (row.count > 1) text += ".." + std::to_string(row.index + row.count - 1);
  return text + "]";
}

/// The dialects of the family: those of its profile, or, for CAN, those the decoder knows.
std::vector<ProfileDialect> dialects_of(const Profile& profile) {
  if (profile.protocol.kind != ProtocolKind::CanBms) return profile.dialects;
  std::vector<ProfileDialect> list;
  for (const canbms::DialectInfo& row : canbms::kDialects) {
    if (row.dialect == canbms::Dialect::Unknown) continue;
    list.push_back(
        {std::string(row.name), std::string(row.title),
         (row.decoded ? "told by " : "recognised only, told by ") + std::string(row.seen)});
  }
  return list;
}

std::string profile_json(const Profile& profile, const std::vector<ShownRow>& rows) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.family/1").field("family", profile.family);
  json.field("title", profile.title).field("vendor", profile.vendor);
  json.field("status", name(profile.status)).field("protocol", name(profile.protocol.kind));
  json.key("over").begin_array();
  for (const Carrier carrier : profile.protocol.over) json.text(name(carrier));
  json.end_array().key("models").begin_array();
  for (const std::string& model : profile.models) json.text(model);
  json.end_array().key("sources").begin_array();
  for (const ProfileSource& source : profile.sources) {
    json.begin_object().field("document", source.document).field("revision", source.revision);
    json.field("confidence", name(source.confidence)).field("note", source.note).end_object();
  }
  json.end_array().key("values").begin_array();
  for (const ShownRow& shown : rows) {
    const ProfileRow& row = *shown.row;
    json.begin_object().field("node", shown.node).field("point", info(row.id).name);
    json.field("key", name_with_unit(row.id)).field("index", row.index).field("count", row.count);
    json.field("table", name(row.table)).field("address", row.address);
    json.field("type", name(row.type)).field("writable", row.writable);
    json.field("confidence", name(row.confidence)).field("note", row.note).end_object();
  }
  json.end_array().key("dialects").begin_array();
  for (const ProfileDialect& dialect : dialects_of(profile)) {
    json.begin_object().field("name", dialect.name).field("title", dialect.title);
    json.field("note", dialect.note).end_object();
  }
  return json.end_array().end_object().str();
}

std::string can_fields_text(const Output& output) {
  Grid grid({{"frame"},
             {"byte", Grid::Align::Right},
             {"type"},
             {"value"},
             {"sources", Grid::Align::Right},
             {"note"}});
  for (const canbms::Field& field : canbms::fields()) {
    std::string value = name_with_unit(field.point);
    if (field.index > 0) value += fmt::format("[{}]", field.index);
    grid.add({{fmt::format("{:03X}", field.id)},
              {std::to_string(field.byte)},
              {std::string(canbms::name(field.type))},
              {std::move(value)},
              {std::to_string(field.sources) + (field.disputed ? ", disputed" : "")},
              {std::string(field.note)}});
  }
  return "\n" + grid.draw(output);
}

std::string commands_text(const Output& output) {
  Grid grid({{"command"}, {"name"}, {"answers"}, {"known from"}});
  for (const pylontech::CommandInfo& row : pylontech::kCommands) {
    grid.add({{fmt::format("{:02X}", static_cast<unsigned>(row.command))},
              {std::string(row.name)},
              {std::string(row.what)},
              {row.single_source ? "one implementation" : "the vendor"}});
  }
  return "\n" + grid.draw(output);
}

std::string status_words(ProfileStatus status) {
  switch (status) {
    case ProfileStatus::Vendor:
      return "vendor (published by the vendor)";
    case ProfileStatus::Community:
      return "community (found out by others; read only)";
    case ProfileStatus::Open:
      return "open (our own map, spoken by our own firmware)";
  }
  return {};
}

std::string profile_text(const Profile& profile, const std::vector<ShownRow>& rows,
                         const Output& output) {
  std::string text = output.styled(sanitize(profile.family), Style::Strong) + ": " +
                     sanitize(profile.title) + "\n";
  if (!profile.vendor.empty()) text += "Vendor: " + sanitize(profile.vendor) + "\n";
  text += "Status: " + status_words(profile.status) + "\n";
  text += "Protocol: " + std::string(name(profile.protocol.kind)) + " over ";
  for (std::size_t i = 0; i < profile.protocol.over.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::string(name(profile.protocol.over[i]));
  }
  text += "\n";
  for (const ProfileSource& source : profile.sources) {
    text += "Source: " + sanitize(source.document);
    if (!source.revision.empty()) text += ", " + sanitize(source.revision);
    text += " (" + std::string(name(source.confidence)) + ")\n";
  }
  if (const auto list = dialects_of(profile); !list.empty()) {
    Grid dialects({{"dialect"}, {"title"}, {"note"}});
    for (const ProfileDialect& dialect : list) {
      dialects.add({{dialect.name}, {dialect.title}, {dialect.note}});
    }
    text += "\n" + dialects.draw(output);
  }
  if (profile.protocol.kind == ProtocolKind::CanBms) text += can_fields_text(output);
  if (profile.protocol.kind == ProtocolKind::Pylontech) text += commands_text(output);
  if (rows.empty()) return text;
  Grid grid({{"value"},
             {"node"},
             {"table"},
             {"address", Grid::Align::Right},
             {"type"},
             {"access"},
             {"confidence"}});
  for (const ShownRow& shown : rows) {
    const ProfileRow& row = *shown.row;
    grid.add(
        {{point_text(row)},
         {shown.node},
         {std::string(name(row.table))},
         {std::to_string(row.address)},
         {std::string(name(row.type))},
         {std::string(row.writable ? kAccessNames[static_cast<std::size_t>(info(row.id).access)]
                                   : kAccessNames[0])},
         {std::string(name(row.confidence))}});
  }
  return text + "\n" + grid.draw(output);
}

Outcome<std::string> read_text(const std::string& path) {
  const auto cannot = [&](int number) {
    const ErrorCode code = number == ENOENT   ? ErrorCode::NotFound
                           : number == EACCES ? ErrorCode::PermissionDenied
                                              : ErrorCode::IoError;
    return failure(
        Error{code, number},
        code == ErrorCode::NotFound ? "there is no such profile" : "cannot read the file", path,
        code == ErrorCode::IoError ? "" : "Check the path.");
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return cannot(errno);
  std::string text;
  std::array<char, 16384> room{};
  int number = 0;
  while (text.size() <= kProfileTextMax) {
    const ssize_t count = ::read(fd, room.data(), room.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) number = errno;
    if (count <= 0) break;
    text.append(room.data(), static_cast<std::size_t>(count));
  }
  ::close(fd);
  if (number != 0) return cannot(number);
  return text;
}

/// The mistakes of a folder, or the first one of a file; which kind of file its name tells.
std::vector<Failure> mistakes_in(const std::string& path) {
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) return check_family(path);
  const auto text = read_text(path);
  if (!text) return {text.error()};
  const std::string file = path.substr(path.rfind('/') + 1);
  if (file == "faults.lua") {
    const auto faults = load_faults(*text, path);
    return faults ? std::vector<Failure>{} : std::vector<Failure>{faults.error()};
  }
  if (file == "ports.lua") {
    const auto ports = load_ports(*text, path);
    return ports ? std::vector<Failure>{} : std::vector<Failure>{ports.error()};
  }
  if (file == "lights.lua") {
    const auto lights = load_lights(*text, path);
    return lights ? std::vector<Failure>{} : std::vector<Failure>{lights.error()};
  }
  if (file == "update.lua") {
    const auto routes = load_update_routes(*text, path);
    return routes ? std::vector<Failure>{} : std::vector<Failure>{routes.error()};
  }
  const auto profile = load_profile(*text, path);
  return profile ? std::vector<Failure>{} : std::vector<Failure>{profile.error()};
}

void fault_json(JsonWriter& json, const std::string& family, const FaultInfo& fault) {
  json.begin_object().field("family", family).field("code", fault.code).field("name", fault.name);
  json.field("severity", name(fault.severity)).key("actions").begin_array();
  for (const std::string& action : fault.actions) json.text(action);
  json.end_array().field("note", fault.note).end_object();
}

std::string fault_text(const std::string& family, const FaultInfo& fault, const Output& output) {
  const bool bad = fault.severity == Severity::Alarm || fault.severity == Severity::Fault;
  std::string text = output.styled(sanitize(fault.code), bad ? Style::Alarm : Style::Warning) +
                     " " + sanitize(fault.name) + " (" + sanitize(family) + ", " +
                     std::string(name(fault.severity)) + ")\n";
  for (std::size_t i = 0; i < fault.actions.size(); ++i) {
    text += "  " + std::to_string(i + 1) + ". " + sanitize(fault.actions[i]) + "\n";
  }
  if (!fault.note.empty()) text += "  " + sanitize(fault.note) + "\n";
  return text;
}

void port_json(JsonWriter& json, const std::string& family, const PortInfo& port) {
  json.begin_object().field("family", family).field("name", port.name).field("title", port.title);
  json.field("connector", port.connector).key("pins").begin_array();
  for (const PortPin& pin : port.pins) {
    json.begin_object().field("pin", pin.pin).field("signal", pin.signal);
    json.field("note", pin.note).end_object();
  }
  json.end_array().field("note", port.note).end_object();
}

std::string port_text(const std::string& family, const PortInfo& port, const Output& output) {
  std::string text = output.styled(sanitize(port.name), Style::Strong) + " " +
                     sanitize(port.title) + " (" + sanitize(family);
  text += port.connector.empty() ? ", connector unpublished)\n"
                                 : ", " + sanitize(port.connector) + ")\n";
  Grid grid({{"pin", Grid::Align::Right}, {"signal"}, {"note"}});
  for (const PortPin& pin : port.pins) grid.add({{pin.pin}, {pin.signal}, {pin.note}});
  if (!grid.empty()) text += grid.draw(output);
  if (!port.note.empty()) text += sanitize(port.note) + "\n";
  return text;
}

}  // namespace

Outcome<ExitCode> run_devices_list(const Args&, Context& context) {
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected<Failure>{catalog.error()};
  const auto config = context.config();
  if (!config) return Unexpected<Failure>{config.error()};
  if (context.output.json()) {
    context.output.result(devices_json(**catalog, **config));
    return ExitCode::Done;
  }
  Grid families({{"family"}, {"status"}, {"title"}});
  for (const FamilyEntry& entry : (*catalog)->families()) {
    families.add({{entry.family, Style::Strong}, {entry.status}, {entry.title}});
  }
  std::string text = families.draw(context.output);
  if (!(*config)->devices.empty()) {
    Grid devices({{"device"}, {"endpoint"}, {"family"}, {"unit", Grid::Align::Right}, {"note"}});
    for (const config::Device& device : (*config)->devices) {
      devices.add({{device.name, Style::Strong},
                   {device.endpoint},
                   {device.family},
                   {device.unit == 0 ? "" : std::to_string(device.unit)},
                   {device.note}});
    }
    text += "\n" + devices.draw(context.output);
  }
  context.output.result(text);
  return ExitCode::Done;
}

Outcome<ExitCode> run_devices_show(const Args& args, Context& context) {
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected<Failure>{catalog.error()};
  const auto profile = (*catalog)->load(args.text("FAMILY"));
  if (!profile) return Unexpected<Failure>{profile.error()};
  std::vector<ShownRow> rows;
  collect_rows((*profile)->root, "", 0, rows);
  context.output.result(context.output.json() ? profile_json(**profile, rows)
                                              : profile_text(**profile, rows, context.output));
  return ExitCode::Done;
}

Outcome<ExitCode> run_devices_check(const Args& args, Context& context) {
  std::vector<Failure> all;
  std::string clean;
  for (const std::string& path : args.list("FILE")) {
    const std::vector<Failure> mistakes = mistakes_in(path);
    all.insert(all.end(), mistakes.begin(), mistakes.end());
    if (mistakes.empty()) clean += sanitize(path) + ": no mistakes\n";
  }
  if (!all.empty()) {  // with --json one object: the first mistake
    for (std::size_t i = 0; i + 1 < all.size() && !context.output.json(); ++i) {
      static_cast<void>(context.output.fail(all[i]));
    }
    return Unexpected<Failure>{context.output.json() ? all.front() : all.back()};
  }
  if (!context.output.json()) {
    context.output.result(clean);
    return ExitCode::Done;
  }
  JsonWriter json;
  json.begin_object().field("schema", "weco.check/1").key("clean").begin_array();
  for (const std::string& path : args.list("FILE")) json.text(path);
  context.output.result(json.end_array().end_object().str());
  return ExitCode::Done;
}

Outcome<ExitCode> run_devices_fault(const Args& args, Context& context) {
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected<Failure>{catalog.error()};
  const auto families = families_of(args, **catalog);
  if (!families) return Unexpected<Failure>{families.error()};
  const std::string_view code = args.text("CODE");
  std::string text;
  std::vector<std::string_view> known;
  JsonWriter json;
  json.begin_object().field("schema", "weco.faults/1").key("faults").begin_array();
  for (const std::string& family : *families) {
    const auto faults = (*catalog)->faults(family);
    if (!faults) return Unexpected<Failure>{faults.error()};
    for (const FaultInfo& one : *faults) known.push_back(one.code);
    const FaultInfo* fault = (*catalog)->fault(family, code);
    if (fault == nullptr) continue;
    fault_json(json, family, *fault);
    text += (text.empty() ? "" : "\n") + fault_text(family, *fault, context.output);
  }
  if (text.empty()) {
    return failure(ErrorCode::NotFound, "no family lists the fault code " + quoted(code), {},
                   did_you_mean(code, known, "Note the code and the model and ask the vendor."));
  }
  context.output.result(context.output.json() ? json.end_array().end_object().str() : text);
  return ExitCode::Done;
}

namespace {

/// "weco_smart BAT1", "BAT1", or a family alone, which means all its connectors.
struct WantedPort {
  std::vector<std::string> families;
  std::string name;  // empty: every one
};

Outcome<WantedPort> wanted_port(const Args& args, const Catalog& catalog) {
  const auto families = families_of(args, catalog);
  if (!families) return Unexpected<Failure>{families.error()};
  const auto words = args.list("PORT");
  WantedPort wanted{*families, words.back()};
  if (words.size() > 2 || (words.size() == 2 && args.given("family"))) {
    return failure(
        ErrorCode::BadUsage, "one connector at a time", "PORT",
        "Name the family once, then the connector, as in 'devices port weco_smart BAT1'.");
  }
  if (words.size() == 2) {
    const auto profile = catalog.load(words.front());
    if (!profile) return Unexpected<Failure>{profile.error()};
    wanted.families = {(*profile)->family};
  } else if (catalog.find(words.front()) != nullptr) {
    wanted = {{words.front()}, {}};
  }
  return wanted;
}

}  // namespace

Outcome<ExitCode> run_devices_port(const Args& args, Context& context) {
  const auto catalog = context.catalog();
  if (!catalog) return Unexpected<Failure>{catalog.error()};
  const auto wanted = wanted_port(args, **catalog);
  if (!wanted) return Unexpected<Failure>{wanted.error()};
  std::string text;
  std::vector<std::string_view> known;
  JsonWriter json;
  json.begin_object().field("schema", "weco.ports/1").key("ports").begin_array();
  for (const std::string& family : wanted->families) {
    const auto ports = (*catalog)->ports(family);
    if (!ports) return Unexpected<Failure>{ports.error()};
    const PortInfo* one = (*catalog)->port(family, wanted->name);
    for (const PortInfo& port : *ports) {
      known.push_back(port.name);
      if (!wanted->name.empty() && &port != one) continue;
      port_json(json, family, port);
      text += (text.empty() ? "" : "\n") + port_text(family, port, context.output);
    }
  }
  if (text.empty()) {
    const std::string all =
        known.empty() ? "No family lists its connectors." : "Known are " + enumerate(known) + ".";
    return failure(ErrorCode::NotFound,
                   wanted->name.empty() ? "the family lists no connectors"
                                        : "no family has a connector " + quoted(wanted->name),
                   {}, did_you_mean(wanted->name, known, all));
  }
  context.output.result(context.output.json() ? json.end_array().end_object().str() : text);
  return ExitCode::Done;
}

}  // namespace weco::cli
