// SPDX-License-Identifier: Apache-2.0
#include "lua/state/value.hpp"

#include <array>

namespace weco::lua {

Value Value::of_kind(Kind kind) {
  Value value;
  value.kind = kind;
  return value;
}

Value Value::boolean(bool truth) {
  Value value = of_kind(Kind::Boolean);
  value.truth = truth;
  return value;
}

Value Value::of(std::int64_t whole) {
  Value value = of_kind(Kind::Whole);
  value.whole = whole;
  value.number = static_cast<double>(whole);
  return value;
}

Value Value::of(double number) {
  Value value = of_kind(Kind::Number);
  value.number = number;
  return value;
}

Value Value::of(std::string text) {
  Value value = of_kind(Kind::Text);
  value.text = std::move(text);
  return value;
}

const Value* Value::get(std::string_view name) const {
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry.value;
  }
  return nullptr;
}

Value& Value::set(std::string name, Value value) {
  entries.push_back({std::move(name), 0, std::move(value)});
  return *this;
}

std::string_view describe(Value::Kind kind) {
  constexpr std::array<std::string_view, 7> kNames = {
      "nil", "true or false", "a whole number", "a number", "a text", "a table", "a function"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace weco::lua
