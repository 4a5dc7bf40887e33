// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/value.hpp"

#include <unistd.h>

#include <algorithm>
#include <type_traits>

namespace weco::transports::ble {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<std::int64_t> Value::integer() const {
  return std::visit(
      [](const auto& value) -> std::optional<std::int64_t> {
        using T = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
          return static_cast<std::int64_t>(value);
        } else {
          return std::nullopt;
        }
      },
      data);
}

const Value* find(const Dict& dict, std::string_view key) {
  const auto found =
      std::find_if(dict.begin(), dict.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == dict.end() ? nullptr : &found->value;
}

bool flag(const Dict& dict, std::string_view key) {
  const Value* value = find(dict, key);
  const bool* set = value == nullptr ? nullptr : value->get<bool>();
  return set != nullptr && *set;
}

std::string text(const Dict& dict, std::string_view key) {
  const Value* value = find(dict, key);
  if (value == nullptr) return {};
  if (const auto* path = value->get<ObjectPath>()) return path->text;
  const auto* plain = value->get<std::string>();
  return plain == nullptr ? std::string() : *plain;
}

const Texts& texts(const Dict& dict, std::string_view key) {
  static const Texts kNone;
  const Value* value = find(dict, key);
  const Texts* list = value == nullptr ? nullptr : value->get<Texts>();
  return list == nullptr ? kNone : *list;
}

std::optional<std::int64_t> integer(const Dict& dict, std::string_view key) {
  const Value* value = find(dict, key);
  return value == nullptr ? std::nullopt : value->integer();
}

void assign(Dict& dict, std::string key, Value value) {
  const auto found =
      std::find_if(dict.begin(), dict.end(), [&](const Entry& entry) { return entry.key == key; });
  if (found == dict.end()) {
    dict.push_back({std::move(key), std::move(value)});
  } else {
    found->value = std::move(value);
  }
}

}  // namespace weco::transports::ble
