// SPDX-License-Identifier: Apache-2.0
// From the values of a profile file to a checked Profile; every refusal names its place.
#include <algorithm>
#include <array>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "host/profile/lua_data.hpp"
#include "host/profile/profile.hpp"
#include "host/profile/row_loader.hpp"
#include "host/profile/schema.hpp"

namespace weco {
namespace {

using Kind = DataValue::Kind;

constexpr std::array kProfileKeys = {
    KeySpec{"family", Want::Text, true},    KeySpec{"title", Want::Text, true},
    KeySpec{"vendor", Want::Text, true},    KeySpec{"status", Want::Text, true},
    KeySpec{"node", Want::Text, true},      KeySpec{"models", Want::Table},
    KeySpec{"sources", Want::Table, true},  KeySpec{"protocol", Want::Table, true},
    KeySpec{"identify", Want::Table, true}, KeySpec{"dialects", Want::Table},
    KeySpec{"rows", Want::Table},           KeySpec{"groups", Want::Table},
};
constexpr std::array kSourceKeys = {
    KeySpec{"document", Want::Text, true},
    KeySpec{"revision", Want::Text, true},
    KeySpec{"confidence", Want::Text, true},
    KeySpec{"note", Want::Text},
};
constexpr std::array kProtocolKeys = {
    KeySpec{"kind", Want::Text, true},  KeySpec{"over", Want::Table, true},
    KeySpec{"unit", Want::Whole},       KeySpec{"unit_max", Want::Whole},
    KeySpec{"word_order", Want::Text},  KeySpec{"registers_per_read_max", Want::Whole},
    KeySpec{"gap_max", Want::Whole},    KeySpec{"pause_ms", Want::Whole},
    KeySpec{"timeout_ms", Want::Whole}, KeySpec{"lines", Want::Table},
    KeySpec{"bitrates", Want::Table},   KeySpec{"functions", Want::Table},
    KeySpec{"borders", Want::Table},    KeySpec{"variant", Want::Text},
    KeySpec{"text_order", Want::Text},  KeySpec{"radio_name", Want::Text},
};
constexpr std::array kLineKeys = {
    KeySpec{"speed", Want::Whole, true},
    KeySpec{"parity", Want::Text, true},
    KeySpec{"stop_bits", Want::Whole},
};
constexpr std::array kIdentifyKeys = {
    KeySpec{"point", Want::Text},    KeySpec{"index", Want::Whole}, KeySpec{"pattern", Want::Text},
    KeySpec{"value", Want::Whole},   KeySpec{"range", Want::Table}, KeySpec{"can_id", Want::Whole},
    KeySpec{"command", Want::Whole}, KeySpec{"note", Want::Text},
};
constexpr std::array kDialectKeys = {
    KeySpec{"name", Want::Text, true},
    KeySpec{"title", Want::Text, true},
    KeySpec{"note", Want::Text},
};
constexpr std::array<std::string_view, 3> kStatuses = {"vendor", "community", "open"};
constexpr std::array<std::string_view, 3> kKinds = {"modbus", "canbms", "pylontech"};
constexpr std::array<std::string_view, 6> kCarriers = {"rtu", "tcp",    "rtu_over_tcp",
                                                       "ble", "serial", "can"};
constexpr std::array<std::string_view, 3> kParities = {"none", "even", "odd"};
constexpr std::array<std::string_view, 2> kWordOrders = {"high_first", "low_first"};
constexpr std::array<std::string_view, 3> kVariants = {"plain", "bluetti", "weco_service"};
constexpr std::array<std::string_view, 5> kConfidences = {"own", "vendor", "several", "single",
                                                          "assumed"};
constexpr std::size_t kModelsMax = 256;

/// The profile's own table, piece by piece.
class ProfileLoader {
 public:
  ProfileLoader(Schema& schema, const DataValue& table, Profile& profile)
      : schema_(schema), table_(table), profile_(profile) {}

  void load() {
    schema_.shape(table_, "the profile", kProfileKeys);
    using Step = void (ProfileLoader::*)();
    constexpr std::array<Step, 8> kSteps = {&ProfileLoader::head,     &ProfileLoader::models,
                                            &ProfileLoader::sources,  &ProfileLoader::protocol,
                                            &ProfileLoader::lines,    &ProfileLoader::rows,
                                            &ProfileLoader::identify, &ProfileLoader::dialects};
    for (const Step step : kSteps) {
      if (schema_.failed()) return;
      (this->*step)();
    }
  }

 private:
  void head() {
    profile_.family = Schema::text(table_, "family");
    profile_.title = Schema::text(table_, "title");
    profile_.vendor = Schema::text(table_, "vendor");
    const auto name_char = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    const std::string& family = profile_.family;
    if (family.empty() || family.size() > 40 ||
        !std::all_of(family.begin(), family.end(), name_char)) {
      return schema_.refuse(table_.get("family")->line,
                            "family \"" + family.substr(0, 64) +
                                "\" is not allowed; allowed are a-z, 0-9 and _, at most 40");
    }
    profile_.status = static_cast<ProfileStatus>(
        schema_.word(*table_.get("status"), "the profile", "status", kStatuses));
    profile_.node =
        static_cast<NodeKind>(schema_.word(*table_.get("node"), "the profile", "node", kNodeNames));
  }

  void models() {
    for (const DataValue* pattern : schema_.list(table_, "the profile", "models", Kind::Text)) {
      profile_.model_patterns.push_back(pattern->text);
      if (!expand_braces(pattern->text)) {
        return schema_.refuse(pattern->line, "model pattern \"" + pattern->text.substr(0, 64) +
                                                 "\" is not allowed; braces hold words with commas "
                                                 "between them, and it makes at most 256 models");
      }
    }
  }

  /// "A-{8K,10K}" becomes "A-8K" and "A-10K".
  bool expand_braces(const std::string& pattern) {
    std::vector<std::string> todo = {pattern};
    while (!todo.empty()) {
      const std::string text = todo.back();
      todo.pop_back();
      const std::size_t open = text.find('{');
      const std::size_t close = text.find('}');
      if (open == std::string::npos && close == std::string::npos) {
        if (profile_.models.size() == kModelsMax || text.empty()) return false;
        profile_.models.push_back(text);
        continue;
      }
      if (open == std::string::npos || close == std::string::npos || close < open) return false;
      std::size_t end = close;
      while (end > open) {  // from the last word, so that the stack yields the first one first
        const std::size_t comma = text.rfind(',', end - 1);
        const std::size_t start = comma == std::string::npos || comma < open ? open : comma;
        todo.push_back(text.substr(0, open) + text.substr(start + 1, end - start - 1) +
                       text.substr(close + 1));
        end = start;
        if (todo.size() > kModelsMax) return false;
      }
    }
    return true;
  }

  void sources() {
    for (const DataValue* entry : schema_.list(table_, "the profile", "sources", Kind::Table)) {
      schema_.shape(*entry, "a source", kSourceKeys);
      if (schema_.failed()) return;
      ProfileSource& source = profile_.sources.emplace_back();
      source.document = Schema::text(*entry, "document");
      source.revision = Schema::text(*entry, "revision");
      source.note = Schema::text(*entry, "note");
      source.confidence = static_cast<Confidence>(
          schema_.word(*entry->get("confidence"), "a source", "confidence", kConfidences));
    }
    if (profile_.sources.empty()) {
      schema_.refuse(table_.get("sources")->line, "the profile: \"sources\" names no document");
    }
  }

  void protocol() {
    const std::string who = "the protocol";
    const DataValue& table = *table_.get("protocol");
    schema_.shape(table, who, kProtocolKeys);
    if (schema_.failed()) return;
    ProfileProtocol& p = profile_.protocol;
    p.kind = static_cast<ProtocolKind>(schema_.word(*table.get("kind"), who, "kind", kKinds));
    for (const DataValue* word : schema_.list(table, who, "over", Kind::Text)) {
      p.over.push_back(static_cast<Carrier>(schema_.word(*word, who, "carrier", kCarriers)));
    }
    const auto number = [&](std::string_view key, std::int64_t min, std::int64_t max,
                            std::int64_t otherwise) {
      return schema_.whole(table, key, who, min, max, otherwise);
    };
    p.unit = static_cast<std::uint8_t>(number("unit", 0, 255, 1));
    p.unit_max = static_cast<std::uint8_t>(number("unit_max", 0, 255, 247));
    p.registers_per_read_max =
        static_cast<std::uint16_t>(number("registers_per_read_max", 1, 125, 125));
    p.gap_max = static_cast<std::uint16_t>(number("gap_max", 0, 124, 0));
    p.pause_ms = static_cast<std::uint16_t>(number("pause_ms", 0, 10000, 0));
    p.timeout_ms = static_cast<std::uint16_t>(number("timeout_ms", 0, 60000, 0));
    if (const DataValue* order = table.get("word_order"); order != nullptr) {
      p.low_word_first = schema_.word(*order, who, "word order", kWordOrders) == 1;
    }
    if (const DataValue* order = table.get("text_order"); order != nullptr) {
      p.text_low_byte_first = schema_.word(*order, who, "text order", kWordOrders) == 1;
    }
    if (const DataValue* variant = table.get("variant"); variant != nullptr) {
      p.variant = static_cast<ModbusVariant>(schema_.word(*variant, who, "variant", kVariants));
    }
    p.radio_name = Schema::text(table, "radio_name");
    if (p.over.empty()) schema_.refuse(table.line, who + ": \"over\" names no carrier");
  }

  void borders(const DataValue& table, const std::string& who) {
    std::vector<std::uint16_t>& all = profile_.protocol.borders;
    for (const DataValue* entry : schema_.list(table, who, "borders", Kind::Whole)) {
      if (entry->whole < 1 || entry->whole > 0xFFFF ||
          (!all.empty() && entry->whole <= all.back())) {
        return schema_.refuse(entry->line, who + ": \"borders\" are addresses in rising order");
      }
      all.push_back(static_cast<std::uint16_t>(entry->whole));
    }
    if (profile_.protocol.variant != ModbusVariant::Bluetti) return;
    for (const std::uint16_t border : {kBluettiWifiFirst, std::uint16_t{kBluettiWifiLast + 1}}) {
      const auto place = std::lower_bound(all.begin(), all.end(), border);
      if (place == all.end() || *place != border) all.insert(place, border);
    }
  }

  void lines() {
    const std::string who = "the protocol";
    const DataValue& table = *table_.get("protocol");
    for (const DataValue* entry : schema_.list(table, who, "lines", Kind::Table)) {
      schema_.shape(*entry, "a line", kLineKeys);
      if (schema_.failed()) return;
      LineSettings& line = profile_.protocol.lines.emplace_back();
      line.bits_per_second =
          static_cast<std::uint32_t>(schema_.whole(*entry, "speed", "a line", 300, 4000000, 9600));
      line.parity = static_cast<LineSettings::Parity>(
          schema_.word(*entry->get("parity"), "a line", "parity", kParities));
      line.stop_bits =
          static_cast<std::uint8_t>(schema_.whole(*entry, "stop_bits", "a line", 1, 2, 1));
    }
    for (const DataValue* entry : schema_.list(table, who, "bitrates", Kind::Whole)) {
      if (entry->whole < 10000 || entry->whole > 1000000) {
        return schema_.refuse(entry->line, who + ": bit rate " + std::to_string(entry->whole) +
                                               " is not allowed; allowed are 10000 to 1000000");
      }
      profile_.protocol.bitrates.push_back(static_cast<std::uint32_t>(entry->whole));
    }
    borders(table, who);
    for (const DataValue* entry : schema_.list(table, who, "functions", Kind::Whole)) {
      if (entry->whole < 1 || entry->whole > 127) {
        return schema_.refuse(entry->line, who + ": function " + std::to_string(entry->whole) +
                                               " is not allowed; allowed are 1 to 127");
      }
      profile_.protocol.functions.push_back(static_cast<std::uint8_t>(entry->whole));
    }
  }

  void rows() {
    if (profile_.protocol.kind != ProtocolKind::Modbus) {
      for (const std::string_view key : {"rows", "groups"}) {
        if (table_.get(key) == nullptr) continue;
        schema_.refuse(table_.get(key)->line,
                       "the profile: \"" + std::string(key) + "\" is for Modbus; the rows of " +
                           std::string(name(profile_.protocol.kind)) + " are part of its protocol");
      }
      return;
    }
    load_group_content(schema_, table_, profile_, profile_.root, 0);
    if (!schema_.failed()) check_map(schema_, profile_);
  }

  void identify() {
    for (const DataValue* entry : schema_.list(table_, "the profile", "identify", Kind::Table)) {
      schema_.shape(*entry, "identify", kIdentifyKeys);
      if (schema_.failed()) return;
      identify_rule(*entry, profile_.identify.emplace_back());
    }
    if (profile_.identify.empty()) {
      schema_.refuse(table_.get("identify")->line, "the profile: \"identify\" has no rule");
    }
  }

  void identify_rule(const DataValue& entry, IdentifyRule& rule) {
    rule.note = Schema::text(entry, "note");
    const int kinds = static_cast<int>(entry.get("point") != nullptr) +
                      static_cast<int>(entry.get("can_id") != nullptr) +
                      static_cast<int>(entry.get("command") != nullptr);
    if (kinds != 1) {
      return schema_.refuse(entry.line,
                            "identify: one of \"point\", \"can_id\" and \"command\" must be given");
    }
    if (entry.get("can_id") != nullptr) {
      rule.kind = IdentifyRule::Kind::CanId;
      rule.number =
          static_cast<std::uint32_t>(schema_.whole(entry, "can_id", "identify", 0, 0x1FFFFFFF, 0));
      return;
    }
    if (entry.get("command") != nullptr) {
      rule.kind = IdentifyRule::Kind::Command;
      rule.number =
          static_cast<std::uint32_t>(schema_.whole(entry, "command", "identify", 0, 255, 0));
      return;
    }
    identify_point(entry, rule);
  }

  void identify_point(const DataValue& entry, IdentifyRule& rule) {
    const std::string& wanted = entry.get("point")->text;
    const auto id = find_point(wanted);
    const auto index =
        static_cast<std::uint8_t>(schema_.whole(entry, "index", "identify", 1, 255, 0));
    if (!id || !device_has({*id, index, {}}, profile_.root)) {
      return schema_.refuse(
          entry.get("point")->line,
          "identify: no row of the device itself carries \"" + wanted.substr(0, 64) + "\"");
    }
    rule.point = {*id, index, {}};
    const bool text = info(*id).kind == ValueKind::Text;
    rule.pattern = Schema::text(entry, "pattern");
    if (const DataValue* value = entry.get("value"); value != nullptr) {
      rule.min = rule.max = Decimal{value->whole, 0};
    }
    if (entry.get("range") != nullptr) {
      const auto bounds = schema_.list(entry, "identify", "range", Kind::Whole);
      if (bounds.size() != 2 || bounds[0]->whole > bounds[1]->whole) {
        return schema_.refuse(entry.get("range")->line, "identify: \"range\" must be { min, max }");
      }
      rule.min = Decimal{bounds[0]->whole, 0};
      rule.max = Decimal{bounds[1]->whole, 0};
    }
    if (text == rule.pattern.empty() || text == rule.min.has_value()) {
      schema_.refuse(entry.line, std::string("identify: \"") + wanted + "\" is a " +
                                     (text ? "text and needs a \"pattern\""
                                           : "number and needs a \"value\" or a \"range\""));
    }
  }

  static bool device_has(const PointRef& ref, const ProfileGroup& group) {
    const auto carries = [&](const ProfileRow& row) {
      if (row.id != ref.id) return false;
      return row.index == 0 ? ref.index == 0
                            : ref.index >= row.index && ref.index < row.index + row.count;
    };
    if (std::any_of(group.rows.begin(), group.rows.end(), carries)) return true;
    return std::any_of(group.groups.begin(), group.groups.end(), [&](const ProfileGroup& child) {
      return child.node == NodeKind::None && device_has(ref, child);
    });
  }

  void dialects() {
    for (const DataValue* entry : schema_.list(table_, "the profile", "dialects", Kind::Table)) {
      schema_.shape(*entry, "a dialect", kDialectKeys);
      if (schema_.failed()) return;
      profile_.dialects.push_back({Schema::text(*entry, "name"), Schema::text(*entry, "title"),
                                   Schema::text(*entry, "note")});
    }
  }

  Schema& schema_;
  const DataValue& table_;
  Profile& profile_;
};

}  // namespace

Outcome<Profile> load_profile(std::string_view text, const std::string& file) {
  auto data = read_lua_data(text, file);
  if (!data) return Unexpected<Failure>{data.error()};
  Schema schema(file);
  Profile profile;
  profile.file = file;
  ProfileLoader(schema, *data, profile).load();
  if (schema.failed()) return schema.take();
  return profile;
}

}  // namespace weco
