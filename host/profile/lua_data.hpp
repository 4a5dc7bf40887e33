// SPDX-License-Identifier: Apache-2.0
// Lua as a notation for data. The text runs in a fresh interpreter without any library, with an
// instruction and a memory budget; what it returns is copied into plain C++ values, each with the
// line it stands in, and the interpreter is gone. Functions, cycles and anything that is no plain
// value are refused. This is the only place in the folder that knows Lua.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"

namespace weco {

struct DataValue;
struct DataField;
struct DataItem;

struct DataValue {
  enum class Kind : std::uint8_t { Boolean, Whole, Fraction, Text, Table };
  Kind kind = Kind::Table;
  bool truth = false;
  std::int64_t whole = 0;
  std::string text;
  std::vector<DataField> fields;  // named entries in the order of the text
  std::vector<DataItem> items;    // numbered entries by number
  int line = 1;

  /// The named entry, or nullptr.
  [[nodiscard]] const DataValue* get(std::string_view key) const;
};
struct DataField {
  std::string key;
  DataValue value;
};
struct DataItem {
  std::int64_t key = 0;
  DataValue value;
};

/// "a table", "a text", ... for messages.
std::string_view describe(DataValue::Kind kind);

/// Runs `text` and returns the table it returns. Failures have `where` = "file:line".
Outcome<DataValue> read_lua_data(std::string_view text, const std::string& file);

}  // namespace weco
