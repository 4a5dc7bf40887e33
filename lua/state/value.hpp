// SPDX-License-Identifier: Apache-2.0
// A value on its way into or out of a script: plain data that outlives the interpreter, so that
// nobody outside this folder needs the interpreter's own interface. Functions are names of what
// stays inside; only Sandbox::call can do something with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weco::lua {

struct Entry;

/// A function that stays in its sandbox.
struct Function {
  int reference = 0;
  int line = 0;  // where it begins
};

struct Value {
  enum class Kind : std::uint8_t { Nil, Boolean, Whole, Number, Text, Table, Function };
  Kind kind = Kind::Nil;
  bool truth = false;
  std::int64_t whole = 0;
  double number = 0;  // of a whole number, too
  std::string text;
  std::vector<Entry> entries;  // whole keys upwards, then names in the order of their bytes
  Function function;

  Value() = default;
  static Value boolean(bool truth);
  static Value of(std::int64_t whole);
  static Value of(double number);
  static Value of(std::string text);
  static Value table() { return of_kind(Kind::Table); }

  [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
  [[nodiscard]] bool numeric() const { return kind == Kind::Whole || kind == Kind::Number; }
  /// The entry of that name, or nullptr.
  [[nodiscard]] const Value* get(std::string_view name) const;
  /// Adds an entry at the end; the caller keeps the order.
  Value& set(std::string name, Value value);

 private:
  static Value of_kind(Kind kind);
};

struct Entry {
  std::string name;         // empty: numbered
  std::int64_t number = 0;  // of a numbered entry
  Value value;
  [[nodiscard]] bool numbered() const { return name.empty(); }
};

/// "nil", "true or false", "a whole number", ... for messages.
std::string_view describe(Value::Kind kind);

using Values = std::vector<Value>;

}  // namespace weco::lua
