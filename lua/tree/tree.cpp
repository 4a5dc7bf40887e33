// SPDX-License-Identifier: Apache-2.0
#include "lua/tree/tree.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <ranges>

#include "host/failure/nearest.hpp"
#include "host/profile/schema.hpp"

namespace weco::lua {
namespace {

constexpr std::int64_t kCentury = std::int64_t{36525} * 86400 * 1000000;

struct TimeUnit {
  std::string_view name;
  std::int64_t us;
};
constexpr TimeUnit kTimeUnits[] = {
    {"ms", 1000}, {"s", 1000000}, {"min", 60000000}, {"h", 3600000000}, {"d", 86400000000}};

const DataPlace* place_of(const DataPlace* table, const Entry& entry) {
  if (table == nullptr) return nullptr;
  for (const DataPlace& place : table->entries) {
    if (place.named != entry.numbered() &&
        (place.named ? place.key == entry.name : place.number == entry.number)) {
      return &place;
    }
  }
  return nullptr;
}

Node node_of(const Node& table, const Entry& entry) {
  Node node;
  node.value = &entry.value;
  node.place = place_of(table.place, entry);
  node.line = node.place != nullptr ? node.place->line : table.line;
  if (entry.numbered()) {
    node.path = table.path + "[" + std::to_string(entry.number) + "]";
  } else {
    node.path = table.path.empty() ? entry.name : table.path + "." + entry.name;
  }
  return node;
}

bool two_digits(std::string_view text, std::size_t at, int& to) {
  const char* begin = text.data() + at;
  return std::from_chars(begin, begin + 2, to).ptr == begin + 2;
}

}  // namespace

std::optional<Duration> read_time(std::string_view text) {
  std::int64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || number < 0 || number > kCentury) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    const std::string_view unit = text.substr(0, text.find_first_not_of("msinhd"));
    text.remove_prefix(unit.size());
    std::int64_t us = 0;
    for (const TimeUnit& row : kTimeUnits) {
      if (row.name == unit) us = row.us;
    }
    if (us == 0 || number > kCentury / us || total > kCentury - number * us) return std::nullopt;
    total += number * us;
  }
  return Duration::us(total);
}

std::string time_text(Duration time) {
  std::int64_t left = time.to_us();
  std::string text;
  for (const TimeUnit& unit : kTimeUnits | std::views::reverse) {
    if (left / unit.us == 0) continue;
    text += fmt::format("{}{}", left / unit.us, unit.name);
    left %= unit.us;
  }
  return text;
}

std::optional<std::int64_t> read_date(std::string_view text) {
  if (text.size() != 16 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':') {
    return std::nullopt;
  }
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  const bool digits = std::from_chars(text.data(), text.data() + 4, year).ptr == text.data() + 4 &&
                      two_digits(text, 5, month) && two_digits(text, 8, day) &&
                      two_digits(text, 11, hour) && two_digits(text, 14, minute);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!digits || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || year < 1970) {
    return std::nullopt;
  }
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86400 + hour * 3600 + minute * 60;
}

std::string Tree::where(const Node& at) const { return file_ + ":" + std::to_string(at.line); }

void Tree::refuse(const Node& at, std::string what, std::string hint) {
  if (failed()) return;
  failure_ = Failure{{ErrorCode::BadInput, 0}, std::move(what), where(at), std::move(hint)};
}

void Tree::refuse(Failure failed) {
  if (!failure_) failure_ = std::move(failed);
}

Node Tree::child(const Node& table, std::string_view name) {
  for (const Entry& entry : table.value->entries) {
    if (entry.name == name) return node_of(table, entry);
  }
  return {nullptr, nullptr, table.path, table.line};
}

void Tree::unknown(const Node& table, const Node& at, std::string_view name,
                   std::span<const Field> fields) {
  std::vector<std::string_view> names;
  for (const Field& field : fields) names.push_back(field.name);
  const std::string meant = did_you_mean(name, names);
  refuse(at,
         (table.path.empty() ? title_ : "'" + table.path + "'") + " has no '" + std::string(name) +
             "'",
         (meant.empty() ? "" : meant + " ") + "Allowed are: " + join(names) + ".");
}

namespace {

struct Described {
  std::string kind;
  std::string usual;
};

/// Kinds that are named alike wherever they stand.
struct Describe {
  Described operator()(const double* to) const {
    return {"number", std::isfinite(*to) ? fmt::format("{}", *to) : ""};
  }
  template <class Whole>
  Described operator()(const Whole* to) const {
    return {"whole number", fmt::format("{}", *to)};
  }
  Described operator()(const bool* to) const { return {"true or false", *to ? "true" : "false"}; }
  Described operator()(const std::string* to) const { return {"text", *to}; }
  Described operator()(const Duration* to) const {
    return {"time such as \"1h30min\"", *to == Duration{} ? "" : time_text(*to)};
  }
  Described operator()(const Field::Word& word) const {
    return {join(word.words), std::string(word.words[word.usual])};
  }
  Described operator()(const Field::Own& own) const { return {own.kind, own.usual}; }
  Described operator()(const Field::Table&) const { return {"table", {}}; }
};

}  // namespace

void Tree::tell(const Node& table, std::span<const Field> fields) {
  static const Value kNothing;
  const std::string lead = table.path.empty() ? "" : table.path + ".";
  for (const Field& field : fields) {
    Described text = std::visit(Describe{}, field.to);
    const Node at{&kNothing, nullptr, lead + std::string(field.name), 0};
    texts_->push_back({at.path, std::move(text.kind), std::move(text.usual), field.help});
    if (const auto* inner = std::get_if<Field::Table>(&field.to)) (*inner)(*this, at);
  }
}

void Tree::fill(const Node& table, std::span<const Field> fields) {
  if (explaining()) return tell(table, fields);
  if (!table.value->is(Value::Kind::Table)) {
    return refuse(table, "'" + table.path + "' must be a table");
  }
  for (const Entry& entry : table.value->entries) {
    if (failed()) return;
    const Node at = node_of(table, entry);
    const Field* known = nullptr;
    for (const Field& field : fields) {
      if (!entry.numbered() && field.name == entry.name) known = &field;
    }
    if (known == nullptr) {
      return unknown(table, at,
                     entry.numbered() ? "[" + std::to_string(entry.number) + "]" : entry.name,
                     fields);
    }
    store(at, *known);
  }
}

bool Tree::number(const Node& at, double& to) {
  if (!at.value->numeric()) {
    refuse(at, "'" + at.path + "' must be a number, not " + std::string(describe(at.value->kind)));
    return false;
  }
  if (!std::isfinite(at.value->number)) {
    refuse(at, "'" + at.path + "' must be a finite number");
    return false;
  }
  to = at.value->number;
  return true;
}

bool Tree::whole(const Node& at, std::int64_t least, std::int64_t most, std::int64_t& to) {
  if (!at.value->is(Value::Kind::Whole) || at.value->whole < least || at.value->whole > most) {
    refuse(at, "'" + at.path + "' must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
    return false;
  }
  to = at.value->whole;
  return true;
}

void Tree::store(const Node& at, const Field& field) {
  const Value& value = *at.value;
  std::int64_t n = 0;
  if (auto* const* d = std::get_if<double*>(&field.to)) {
    number(at, **d);
  } else if (auto* const* small = std::get_if<std::int32_t*>(&field.to)) {
    if (whole(at, INT32_MIN, INT32_MAX, n)) **small = static_cast<std::int32_t>(n);
  } else if (auto* const* big = std::get_if<std::int64_t*>(&field.to)) {
    if (whole(at, INT64_MIN, INT64_MAX, n)) **big = n;
  } else if (auto* const* positive = std::get_if<std::uint64_t*>(&field.to)) {
    if (whole(at, 0, INT64_MAX, n)) **positive = static_cast<std::uint64_t>(n);
  } else if (auto* const* truth = std::get_if<bool*>(&field.to)) {
    if (!value.is(Value::Kind::Boolean)) return refuse(at, "'" + at.path + "' is true or false");
    **truth = value.truth;
  } else if (auto* const* text = std::get_if<std::string*>(&field.to)) {
    if (!value.is(Value::Kind::Text)) return refuse(at, "'" + at.path + "' must be a text");
    **text = value.text;
  } else if (auto* const* span = std::get_if<Duration*>(&field.to)) {
    if (const auto read = time(at)) **span = *read;
  } else if (auto const* one = std::get_if<Field::Word>(&field.to)) {
    const std::size_t index = word(at, one->words);
    if (!failed()) one->take(index);
  } else if (auto const* own = std::get_if<Field::Own>(&field.to)) {
    own->read(*this, at);
  } else {
    std::get<Field::Table>(field.to)(*this, at);
  }
}

void Tree::each(const Node& list, const std::function<void(const Node&)>& take) {
  if (explaining()) {
    texts_->back().kind = "list";
    return take({list.value, nullptr, list.path + "[N]", 0});
  }
  if (!list.value->is(Value::Kind::Table)) return refuse(list, "'" + list.path + "' is a list");
  std::int64_t next = 1;
  for (const Entry& entry : list.value->entries) {
    if (failed()) return;
    const Node at = node_of(list, entry);
    if (!entry.numbered() || entry.number != next++) {
      return refuse(at, "'" + list.path + "' must be a list without names and holes");
    }
    take(at);
  }
}

std::size_t Tree::word(const Node& at, std::span<const std::string_view> words) {
  const std::string_view said = at.value->text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (at.value->is(Value::Kind::Text) && words[i] == said) return i;
  }
  const std::string meant = did_you_mean(said, words);
  refuse(at, "'" + at.path + "' cannot be '" + std::string(said) + "'",
         (meant.empty() ? "" : meant + " ") + "Allowed are: " + join(words) + ".");
  return 0;
}

std::optional<Duration> Tree::time(const Node& at) {
  const auto read = at.value->is(Value::Kind::Text) ? read_time(at.value->text) : std::nullopt;
  if (!read) {
    refuse(at, "'" + at.path + "' must be a time since the start",
           "Write it with units, such as \"90s\", \"1h30min\" or \"2d\".");
  }
  return read;
}

}  // namespace weco::lua
