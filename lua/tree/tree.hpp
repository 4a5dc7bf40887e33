// SPDX-License-Identifier: Apache-2.0
// A table of a scenario's or script's file on its way into a structure: a list of names with where
// each value goes. The first mistake is kept, with its line and what is allowed; a wrong file is
// not believed in parts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/time.hpp"
#include "host/failure/failure.hpp"
#include "host/profile/lua_places.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

/// A value with the place where it stands and what to call it: "site.load".
struct Node {
  const Value* value = nullptr;
  const DataPlace* place = nullptr;
  std::string path;
  int line = 1;
};

class Tree;

struct Field {
  using Table = std::function<void(Tree&, const Node&)>;
  /// One of some words, by its number.
  struct Word {
    std::span<const std::string_view> words;
    std::size_t usual = 0;
    std::function<void(std::size_t)> take;
  };
  /// What reads itself; `kind` tells people how it is written.
  struct Own {
    std::string kind;
    std::string usual;
    Table read;
  };
  std::string_view name;
  std::variant<double*, std::int32_t*, std::int64_t*, std::uint64_t*, bool*, std::string*,
               Duration*, Word, Own, Table>
      to;
  std::string_view help{};
};

/// A field for people: "site.modules", "whole number", "4", and what it is.
struct FieldText {
  std::string path;
  std::string kind;
  std::string usual;  // what holds where nothing is said; empty: nothing
  std::string_view help;
};

class Tree {
 public:
  /// `title` is what messages call the whole: "a scenario".
  Tree(std::string file, std::string title) : file_(std::move(file)), title_(std::move(title)) {}

  /// Instead of being filled, tells of each table that is given to fill() which fields it has, and
  /// of those in it.
  void explain(std::vector<FieldText>& into) { texts_ = &into; }
  [[nodiscard]] bool explaining() const { return texts_ != nullptr; }

  void refuse(const Node& at, std::string what, std::string hint = {});
  /// What is wrong with something that the file only names, with a place of its own.
  void refuse(Failure failed);
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  [[nodiscard]] Unexpected<Failure> take() { return {std::move(*failure_)}; }
  [[nodiscard]] std::string where(const Node& at) const;

  /// Fills what is there; refuses names that are not in `fields` and values of the wrong kind.
  void fill(const Node& table, std::span<const Field> fields);
  /// Each entry of a list without holes, in order.
  void each(const Node& list, const std::function<void(const Node&)>& take);
  /// One of `words`; refused with the nearest otherwise.
  std::size_t word(const Node& at, std::span<const std::string_view> words);
  /// The named entry; `value` is null when there is none.
  [[nodiscard]] static Node child(const Node& table, std::string_view name);
  /// "90s", "1h30min", "2d": since the start.
  std::optional<Duration> time(const Node& at);

 private:
  void unknown(const Node& table, const Node& at, std::string_view name,
               std::span<const Field> fields);
  void store(const Node& at, const Field& field);
  void tell(const Node& table, std::span<const Field> fields);
  bool number(const Node& at, double& to);
  bool whole(const Node& at, std::int64_t least, std::int64_t most, std::int64_t& to);
  std::string file_;
  std::string title_;
  std::optional<Failure> failure_;
  std::vector<FieldText>* texts_ = nullptr;
};

/// "90s", "1h30min"; empty for anything else and beyond a century.
std::optional<Duration> read_time(std::string_view text);
/// The same way round: "90s", "1d".
std::string time_text(Duration time);
/// "2026-01-15 05:00" as seconds since 1970 of that clock.
std::optional<std::int64_t> read_date(std::string_view text);

}  // namespace weco::lua
