// SPDX-License-Identifier: Apache-2.0
#include "host/profile/schema.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host/failure/nearest.hpp"

namespace weco {
namespace {

bool fits(DataValue::Kind kind, Want want) {
  switch (want) {
    case Want::Text:
      return kind == DataValue::Kind::Text;
    case Want::Whole:
      return kind == DataValue::Kind::Whole;
    case Want::Truth:
      return kind == DataValue::Kind::Boolean;
    case Want::Table:
      return kind == DataValue::Kind::Table;
    case Want::WholeOrTable:
      return kind == DataValue::Kind::Whole || kind == DataValue::Kind::Table;
  }
  return false;
}

constexpr std::array<std::string_view, 5> kWantNames = {
    "a text", "a whole number", "true or false", "a table", "a whole number or a list of them"};

}  // namespace

std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (word.empty()) continue;
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> words) {
  const std::string_view near = nearest(word, words);
  return near.empty() ? std::string() : "Did you mean \"" + std::string(near) + "\"?";
}

void Schema::refuse(int line, std::string what, std::string hint) {
  if (failure_) return;
  failure_ = Failure{{ErrorCode::BadInput, 0},
                     std::move(what),
                     file_ + ":" + std::to_string(line),
                     std::move(hint)};
}

void Schema::key_shape(const DataField& field, const std::string& who, const KeySpec& spec) {
  if (fits(field.value.kind, spec.want)) return;
  refuse(field.value.line, who + ": \"" + field.key + "\" must be " +
                               std::string(kWantNames[static_cast<std::size_t>(spec.want)]) +
                               ", not " + std::string(describe(field.value.kind)));
}

void Schema::shape(const DataValue& table, const std::string& who, std::span<const KeySpec> specs,
                   bool list) {
  if (table.kind != DataValue::Kind::Table) {
    return refuse(table.line, who + " must be a table, not " + std::string(describe(table.kind)));
  }
  for (const DataField& field : table.fields) {
    const auto* spec = std::find_if(specs.data(), specs.data() + specs.size(),
                                    [&](const KeySpec& s) { return s.key == field.key; });
    if (spec != specs.data() + specs.size()) {
      key_shape(field, who, *spec);
      continue;
    }
    std::vector<std::string_view> keys;
    for (const KeySpec& s : specs) keys.push_back(s.key);
    return refuse(
        field.value.line,
        who + ": \"" + field.key.substr(0, 64) + "\" is not known; allowed are: " + join(keys),
        did_you_mean(field.key, keys));
  }
  if (!list && !table.items.empty()) {
    return refuse(table.items.front().value.line,
                  who + ": a value without a name is not allowed here");
  }
  for (const KeySpec& spec : specs) {
    if (spec.required && table.get(spec.key) == nullptr) {
      return refuse(table.line, who + ": \"" + std::string(spec.key) + "\" is missing");
    }
  }
}

std::string Schema::text(const DataValue& table, std::string_view key, std::string_view otherwise) {
  const DataValue* value = table.get(key);
  return value != nullptr ? value->text : std::string(otherwise);
}

std::int64_t Schema::whole(const DataValue& table, std::string_view key, const std::string& who,
                           std::int64_t min, std::int64_t max, std::int64_t otherwise) {
  const DataValue* value = table.get(key);
  if (value == nullptr) return otherwise;
  if (value->kind == DataValue::Kind::Whole && value->whole >= min && value->whole <= max) {
    return value->whole;
  }
  refuse(value->line, who + ": \"" + std::string(key) + "\" is " + std::to_string(value->whole) +
                          "; allowed are " + std::to_string(min) + " to " + std::to_string(max));
  return otherwise;
}

std::size_t Schema::word(const DataValue& value, const std::string& who, std::string_view what,
                         std::span<const std::string_view> words) {
  if (value.kind != DataValue::Kind::Text) {
    refuse(value.line, who + ": " + std::string(what) + " must be a text, not " +
                           std::string(describe(value.kind)));
    return 0;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == value.text && !value.text.empty()) return i;
  }
  refuse(value.line,
         who + ": " + std::string(what) + " \"" + value.text.substr(0, 64) +
             "\" is not known; allowed are: " + join(words),
         did_you_mean(value.text, words));
  return 0;
}

std::vector<const DataValue*> Schema::list(const DataValue& table, const std::string& who,
                                           std::string_view key, DataValue::Kind kind) {
  std::vector<const DataValue*> elements;
  const DataValue* value = table.get(key);
  if (value == nullptr || value->kind != DataValue::Kind::Table) return elements;
  const std::string what = who + ": \"" + std::string(key) + "\"";
  if (!value->fields.empty()) {
    const DataField& field = value->fields.front();
    refuse(field.value.line,
           what + " is a list; the name \"" + field.key.substr(0, 64) + "\" is not allowed in it");
  }
  std::int64_t expected = 1;
  for (const DataItem& item : value->items) {
    if (item.key != expected++) {
      refuse(item.value.line,
             what + " is a list; it has a hole before entry " + std::to_string(item.key));
    }
    if (item.value.kind != kind) {
      refuse(item.value.line, what + " must hold " + std::string(describe(kind)) +
                                  " in each entry, not " + std::string(describe(item.value.kind)));
    }
    elements.push_back(&item.value);
  }
  return elements;
}

}  // namespace weco
