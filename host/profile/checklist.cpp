// SPDX-License-Identifier: Apache-2.0
#include "host/profile/checklist.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "devices/embedded.hpp"
#include "host/failure/nearest.hpp"
#include "host/profile/lua_data.hpp"
#include "host/profile/schema.hpp"

namespace weco {
namespace {

using Kind = DataValue::Kind;

constexpr std::array kFileKeys = {
    KeySpec{"checklist", Want::Text, true}, KeySpec{"family", Want::Text, true},
    KeySpec{"title", Want::Text, true},     KeySpec{"revision", Want::Whole, true},
    KeySpec{"every_days", Want::Whole},     KeySpec{"card", Want::Truth},
    KeySpec{"recommissions", Want::Truth},  KeySpec{"safety", Want::Text},
    KeySpec{"items", Want::Table, true},
};
constexpr std::array kItemKeys = {
    KeySpec{"id", Want::Text, true},     KeySpec{"group", Want::Text, true},
    KeySpec{"text", Want::Text, true},   KeySpec{"kind", Want::Text},
    KeySpec{"first", Want::Truth},       KeySpec{"fix", Want::Text},
    KeySpec{"needs", Want::Table, true}, KeySpec{"accept", Want::Table},
    KeySpec{"evidence", Want::Table},
};
constexpr std::array kAcceptKeys = {
    KeySpec{"number", Want::Text}, KeySpec{"min", Want::Text},    KeySpec{"max", Want::Text},
    KeySpec{"torque", Want::Text}, KeySpec{"below", Want::Truth}, KeySpec{"point", Want::Text},
    KeySpec{"is", Want::Text},     KeySpec{"spread", Want::Text}, KeySpec{"same", Want::Truth},
    KeySpec{"of", Want::Text},     KeySpec{"rule", Want::Text},
};
constexpr std::array<std::string_view, 4> kKinds = {"other", "safety", "insulation", "tightening"};
constexpr std::array<std::string_view, 5> kEvidence = {"value", "photo", "torque", "serial", "log"};

/// A checklist as its file has it, before the safety items of another file are put in front.
struct Raw {
  Checklist list;
  std::string safety;
};

std::optional<Decimal> decimal(Schema& schema, const DataValue& table, std::string_view key,
                               const std::string& who) {
  const DataValue* value = table.get(key);
  if (value == nullptr) return std::nullopt;
  const auto number = parse_decimal(value->text);
  if (!number) schema.refuse(value->line, who + ": \"" + std::string(key) + "\" is no number");
  return number ? std::optional(*number) : std::nullopt;
}

bool truth(const DataValue& table, std::string_view key) {
  const DataValue* value = table.get(key);
  return value != nullptr && value->truth;
}

void load_of(Schema& schema, const DataValue& table, const std::string& who, Acceptance& out) {
  if (const DataValue* of = table.get("of")) {
    out.of = static_cast<NodeKind>(schema.word(*of, who, "of", kNodeNames));
  }
}

void load_point(Schema& schema, const DataValue& table, const std::string& who, Acceptance& out) {
  const DataValue& named = *table.get("point");
  const auto found = find_point(named.text);
  if (!found) return schema.refuse(named.line, who + ": there is no point \"" + named.text + "\"");
  out.kind = Acceptance::Kind::Point;
  out.point = *found;
  out.is = Schema::text(table, "is");
  out.same = truth(table, "same");
  if (!out.is.empty()) {
    const auto symbols = info(*found).symbols;
    if (std::ranges::find(symbols, out.is) == symbols.end()) {
      return schema.refuse(named.line, who + ": \"" + out.is + "\" is no symbol of the point");
    }
  }
  load_of(schema, table, who, out);
}

Acceptance load_accept(Schema& schema, const DataValue& table, const std::string& who) {
  Acceptance out;
  schema.shape(table, who + ", accept", kAcceptKeys);
  if (schema.failed()) return out;
  out.min = decimal(schema, table, "min", who);
  out.max = decimal(schema, table, "max", who);
  out.spread = decimal(schema, table, "spread", who);
  out.below = truth(table, "below");
  out.unit = Schema::text(table, "number");
  const int ways = (table.get("number") != nullptr ? 1 : 0) +
                   (table.get("torque") != nullptr ? 1 : 0) +
                   (table.get("point") != nullptr ? 1 : 0) + (table.get("rule") != nullptr ? 1 : 0);
  if (ways != 1) {
    schema.refuse(table.line, who + ": accept needs one of number, torque, point and rule");
  } else if (table.get("number") != nullptr) {
    out.kind = Acceptance::Kind::Number;
    if (!out.min && !out.max) schema.refuse(table.line, who + ": a number needs min or max");
  } else if (table.get("torque") != nullptr) {
    out.kind = Acceptance::Kind::Torque;
    out.unit = "Nm";
    if (Schema::text(table, "torque") != "table") out.max = decimal(schema, table, "torque", who);
  } else if (table.get("point") != nullptr) {
    load_point(schema, table, who, out);
  } else {
    static constexpr std::array<std::string_view, 3> kRules = {"no_fault", "clean_bus", "firmware"};
    static constexpr std::array kRuleKinds = {Acceptance::Kind::NoFault, Acceptance::Kind::CleanBus,
                                              Acceptance::Kind::Firmware};
    const std::size_t rule = schema.word(*table.get("rule"), who, "rule", kRules);
    if (!schema.failed()) out.kind = kRuleKinds[rule];
    load_of(schema, table, who, out);
  }
  return out;
}

void load_item(Schema& schema, const DataValue& entry, Checklist& list) {
  std::string who = "an item";
  if (const DataValue* id = entry.get("id"); id != nullptr && id->kind == Kind::Text) {
    who = "item \"" + id->text.substr(0, 64) + "\"";
  }
  schema.shape(entry, who, kItemKeys);
  if (schema.failed()) return;
  ChecklistItem item;
  item.id = Schema::text(entry, "id");
  item.key = list.family + "." + list.name + "." + item.id;
  item.group = Schema::text(entry, "group");
  item.text = Schema::text(entry, "text");
  item.fix = Schema::text(entry, "fix");
  item.first = truth(entry, "first");
  if (const DataValue* kind = entry.get("kind")) {
    item.kind = static_cast<ItemKind>(schema.word(*kind, who, "kind", kKinds));
  }
  for (const DataValue* need : schema.list(entry, who, "needs", Kind::Text)) {
    item.needs.push_back(need->text);
  }
  for (const DataValue* wanted : schema.list(entry, who, "evidence", Kind::Text)) {
    schema.word(*wanted, who, "evidence", kEvidence);
    item.evidence.push_back(wanted->text);
  }
  if (const DataValue* accept = entry.get("accept")) {
    item.accept = load_accept(schema, *accept, who);
  }
  if (schema.failed()) return;
  if (item.needs.empty()) return schema.refuse(entry.line, who + " names no requirement");
  if (list.find(item.id) != nullptr) return schema.refuse(entry.line, who + " is given twice");
  list.items.push_back(std::move(item));
}

Outcome<Raw> load_raw(std::string_view text, const std::string& file) {
  auto data = read_lua_data(text, file);
  if (!data) return Unexpected<Failure>{data.error()};
  Schema schema(file);
  Raw raw;
  schema.shape(*data, "the checklist", kFileKeys);
  if (schema.failed()) return schema.take();
  Checklist& list = raw.list;
  list.name = Schema::text(*data, "checklist");
  list.family = Schema::text(*data, "family");
  list.title = Schema::text(*data, "title");
  raw.safety = Schema::text(*data, "safety");
  list.revision = static_cast<int>(schema.whole(*data, "revision", "the checklist", 1, 9999, 1));
  list.every_days =
      static_cast<int>(schema.whole(*data, "every_days", "the checklist", 1, 3660, 0));
  list.card = truth(*data, "card");
  list.recommissions = truth(*data, "recommissions");
  for (const DataValue* entry : schema.list(*data, "the checklist", "items", Kind::Table)) {
    if (schema.failed()) break;
    load_item(schema, *entry, list);
  }
  if (!schema.failed() && list.items.empty()) {
    schema.refuse(data->line, "the checklist has no items");
  }
  if (schema.failed()) return schema.take();
  return raw;
}

}  // namespace

std::string_view name(ItemKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

const ChecklistItem* Checklist::find(std::string_view id) const {
  const auto found = std::ranges::find(items, id, &ChecklistItem::id);
  return found == items.end() ? nullptr : &*found;
}

Outcome<Checklist> load_checklist(std::string_view text, const std::string& file) {
  auto raw = load_raw(text, file);
  if (!raw) return Unexpected<Failure>{raw.error()};
  return std::move(raw->list);
}

std::string_view Language::word(std::string_view key, std::string_view otherwise) const {
  const auto found = words.find(key);
  return found == words.end() ? otherwise : std::string_view(found->second);
}

Outcome<Language> load_language(std::string_view text, const std::string& file) {
  auto data = read_lua_data(text, file);
  if (!data) return Unexpected<Failure>{data.error()};
  Schema schema(file);
  Language language;
  for (const DataField& field : data->fields) {
    if (field.value.kind != Kind::Text) {
      schema.refuse(field.value.line, "\"" + field.key + "\" must be a text");
      break;
    }
    language.words.emplace(field.key, field.value.text);
  }
  if (!data->items.empty()) schema.refuse(data->line, "a language has named words only");
  if (schema.failed()) return schema.take();
  language.code = std::string(language.word("language", ""));
  return language;
}

Outcome<Checklists> Checklists::embedded() {
  Checklists all;
  std::vector<Raw> raws;
  for (const devices::EmbeddedFile& file : devices::checklists()) {
    const std::string path = "devices/checklists/" + std::string(file.name) + ".lua";
    if (file.name.starts_with("language/")) {
      auto language = load_language(file.text(), path);
      if (!language) return Unexpected<Failure>{language.error()};
      all.languages_.push_back(std::move(*language));
      continue;
    }
    auto raw = load_raw(file.text(), path);
    if (!raw) return Unexpected<Failure>{raw.error()};
    raws.push_back(std::move(*raw));
  }
  for (const Raw& raw : raws) {
    if (raw.list.family == "safety") continue;
    Checklist list = raw.list;
    if (!raw.safety.empty()) {
      const auto safety = std::ranges::find_if(raws, [&](const Raw& other) {
        return other.list.family == "safety" && other.list.name == raw.safety;
      });
      if (safety == raws.end()) {
        return failure(ErrorCode::BadInput, "there is no safety list \"" + raw.safety + "\"",
                       list.family + "/" + list.name);
      }
      std::vector<ChecklistItem> items = safety->list.items;
      for (ChecklistItem& item : items) item.id = "safety_" + item.id;
      items.insert(items.end(), list.items.begin(), list.items.end());
      list.items = std::move(items);
    }
    all.lists_.push_back(std::move(list));
  }
  return all;
}

std::string_view Checklists::family_for(std::string_view family) const {
  for (const Checklist& list : lists_) {
    if (list.family == family) return list.family;
  }
  for (const Checklist& list : lists_) {
    if (family.find(list.family) != std::string_view::npos) return list.family;
  }
  return {};
}

Outcome<const Checklist*> Checklists::find(std::string_view family, std::string_view name) const {
  const std::string_view own = family_for(family);
  std::vector<std::string_view> names;
  for (const Checklist& list : lists_) {
    if (!own.empty() && list.family != own) continue;
    if (!own.empty() && list.name == name) return &list;
    if (std::ranges::find(names, list.name) == names.end()) names.push_back(list.name);
  }
  if (own.empty()) {
    return failure(ErrorCode::NotFound,
                   "there are no checklists for the family \"" + std::string(family) + "\"", "",
                   "See 'weco checklist list'.");
  }
  const std::string_view near = nearest(name, names);
  return failure(
      ErrorCode::NotFound,
      "there is no checklist \"" + std::string(name) + "\" for " + std::string(own), "",
      near.empty() ? "See 'weco checklist list'." : "Did you mean \"" + std::string(near) + "\"?");
}

Outcome<const Language*> Checklists::language(std::string_view code) const {
  std::string known;
  for (const Language& language : languages_) {
    if (language.code == code) return &language;
    known += (known.empty() ? "" : ", ") + language.code;
  }
  return failure(ErrorCode::NotFound, "there is no language \"" + std::string(code) + "\"",
                 "--language", "There are: " + known + ".");
}

}  // namespace weco
