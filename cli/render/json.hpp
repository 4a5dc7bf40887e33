// SPDX-License-Identifier: Apache-2.0
// Writes JSON that keeps the exact decimals of the wire: 51.20 stays 51.20, which a tree of doubles
// cannot do. Text is always valid UTF-8: controls and direction marks leave as \u escapes, bytes
// that are no UTF-8 as the visible text \xNN. Commas and closing brackets cannot be forgotten: a
// misuse asserts.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/decimal.hpp"

namespace weco::cli {

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  /// The name of the next value; inside an object only.
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& word(std::uint64_t bits);  // a raw word, all 64 bits positive
  JsonWriter& number(Decimal value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();

  // The usual pairs in one call.
  JsonWriter& field(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).text(value); }
  template <std::integral Number>
  requires(!std::is_same_v<Number, bool>) JsonWriter& field(std::string_view name, Number value) {
    return key(name).number(static_cast<std::int64_t>(value));
  }
  JsonWriter& field(std::string_view name, Decimal value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

  /// The finished value on one line, without a line feed. Asserts that everything is closed.
  [[nodiscard]] const std::string& str() const;

 private:
  void before_value();
  std::string text_;
  std::vector<char> open_;  // '{' or '[', and '}' for an object that awaits the value of a key
  bool first_ = true;
};

/// `text` as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace weco::cli
