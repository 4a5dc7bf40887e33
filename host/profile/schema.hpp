// SPDX-License-Identifier: Apache-2.0
// The strictness of the loaders in one place: which keys a table may have, of which kind, and the
// sentences said when it is otherwise. The first mistake is kept; everything after it is not looked
// at, because a wrong file is not believed in parts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "host/profile/lua_data.hpp"

namespace weco {

enum class Want : std::uint8_t { Text, Whole, Truth, Table, WholeOrTable };

struct KeySpec {
  std::string_view key;
  Want want = Want::Text;
  bool required = false;
};

/// "a, b, c"
std::string join(std::span<const std::string_view> words);
/// "Did you mean \"soc\"?", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> words);

class Schema {
 public:
  explicit Schema(const std::string& file) : file_(file) {}

  /// Keeps the first mistake only. `what` is a clause without a period.
  void refuse(int line, std::string what, std::string hint = {});
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  [[nodiscard]] Unexpected<Failure> take() { return {std::move(*failure_)}; }

  /// Checks that `table` has only the keys of `specs`, of the right kinds, with the required ones
  /// there, and numbered entries only where `list` says so. `who` begins the sentence: "row
  /// \"soc\"".
  void shape(const DataValue& table, const std::string& who, std::span<const KeySpec> specs,
             bool list = false);

  /// Values of keys that shape() has approved.
  [[nodiscard]] static std::string text(const DataValue& table, std::string_view key,
                                        std::string_view otherwise = {});
  /// A whole number in [min, max]; refused otherwise.
  std::int64_t whole(const DataValue& table, std::string_view key, const std::string& who,
                     std::int64_t min, std::int64_t max, std::int64_t otherwise);
  /// The position of a word in `words`; refused with what is allowed when it is none of them.
  std::size_t word(const DataValue& value, const std::string& who, std::string_view what,
                   std::span<const std::string_view> words);
  /// Every element of a list without holes, all of kind `kind`.
  std::vector<const DataValue*> list(const DataValue& table, const std::string& who,
                                     std::string_view key, DataValue::Kind kind);

 private:
  void key_shape(const DataField& field, const std::string& who, const KeySpec& spec);
  const std::string& file_;
  std::optional<Failure> failure_;
};

}  // namespace weco
