// SPDX-License-Identifier: Apache-2.0
#include "cli/args.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "cli/render/text.hpp"
#include "cli/suggest.hpp"
#include "cli/table.hpp"
#include "core/base/assert.hpp"
#include "core/base/decimal.hpp"
#include "core/points/vocabulary.hpp"

namespace weco::cli {
namespace {

struct TimeUnit {
  std::string_view name;
  std::int64_t us;
};
constexpr TimeUnit kTimeUnits[] = {
    {"ms", 1000}, {"s", 1000000}, {"min", 60000000}, {"h", 3600000000}, {"d", 86400000000}};
constexpr std::int64_t kCenturyUs = 36525 * std::int64_t{86400} * 1000000;

/// What a value is checked against; options and positionals alike.
struct Rule {
  std::string label;  // --timeout or DEVICE
  Kind kind;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const std::string_view> choices;
};

Rule rule_of(const Option& o) {
  return {"--" + std::string(o.name), o.kind, o.min, o.max, o.choices};
}
Rule rule_of(const Positional& p) { return {std::string(p.name), p.kind, 0, 0, p.choices}; }

Result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error == std::errc::result_out_of_range) return fail(ErrorCode::OutOfRange);
  if (error != std::errc{} || end != text.data() + text.size()) return fail(ErrorCode::BadInput);
  return value;
}

bool within(const Rule& rule, std::int64_t value) {
  return (rule.min == 0 && rule.max == 0) || (value >= rule.min && value <= rule.max);
}

std::string milliseconds_text(std::int64_t ms) {
  for (auto unit = std::rbegin(kTimeUnits); unit != std::rend(kTimeUnits); ++unit) {
    const std::int64_t each = unit->us / 1000;
    if (ms != 0 && ms % each == 0) return std::to_string(ms / each) + std::string(unit->name);
  }
  return std::to_string(ms) + "ms";
}

Unexpected<Failure> bad_value(const Rule& rule, std::string_view value, const std::string& why,
                              std::string hint) {
  return failure(ErrorCode::BadUsage, rule.label + " " + quoted(value) + " is " + why, {},
                 std::move(hint));
}

Done check_integer(const Rule& rule, const std::string& value) {
  const std::string range = rule.min == 0 && rule.max == 0
                                ? std::string("Give a whole number.")
                                : "Give a whole number from " + std::to_string(rule.min) + " to " +
                                      std::to_string(rule.max) + ".";
  const auto number = parse_integer(value);
  if (!number) return bad_value(rule, value, "not a whole number", range);
  if (!within(rule, *number)) return bad_value(rule, value, "outside its range", range);
  return {};
}

Done check_duration(const Rule& rule, const std::string& value) {
  const auto time = parse_duration(value);
  if (!time) {
    return bad_value(rule, value, "not a time",
                     "Give a number with its unit (ms, s, min, h or d), such as 500ms or 2min.");
  }
  if (!within(rule, (time->to_us() + 999) / 1000)) {
    return bad_value(rule, value, "outside its range",
                     "Give a time from " + milliseconds_text(rule.min) + " to " +
                         milliseconds_text(rule.max) + ".");
  }
  return {};
}

Done check_ranges(const Rule& rule, const std::string& value) {
  const auto ranges = parse_ranges(value);
  const std::string hint = "Give numbers and ranges from " + std::to_string(rule.min) + " to " +
                           std::to_string(rule.max) + ", such as 1-16,247.";
  if (!ranges) return bad_value(rule, value, "not a list of numbers", hint);
  for (const NumberRange& range : *ranges) {
    if (!within(rule, range.from) || !within(rule, range.to)) {
      return bad_value(rule, value, "outside its range", hint);
    }
  }
  return {};
}

Done check_choice(const Rule& rule, const std::string& value) {
  if (std::ranges::find(rule.choices, value) != rule.choices.end()) return {};
  return bad_value(
      rule, value, "not one of its values",
      did_you_mean(value, rule.choices, "Give one of " + enumerate(rule.choices) + "."));
}

Done check_point(const Rule& rule, const std::string& value) {
  if (find_point(value)) return {};
  std::vector<std::string_view> names;
  for (const PointInfo& point : kPoints) names.push_back(point.name);
  return bad_value(rule, value, "not a known point",
                   did_you_mean(value, names, "See 'weco devices show FAMILY' for the points."));
}

Done check(const Rule& rule, const std::string& value) {
  switch (rule.kind) {
    case Kind::Integer:
      return check_integer(rule, value);
    case Kind::Duration:
      return check_duration(rule, value);
    case Kind::Ranges:
      return check_ranges(rule, value);
    case Kind::Choice:
      return check_choice(rule, value);
    case Kind::Point:
      return check_point(rule, value);
    case Kind::Flag:
    case Kind::Count:
    case Kind::Text:
      return {};
    default:
      break;
  }
  if (value.empty()) return bad_value(rule, value, "empty", "Leave it out or give a value.");
  return {};
}

Done check_given(const Typed& typed, const Typed::Given& given) {
  const Option* option = find_option(typed.command, given.name);
  const Positional* positional =
      option == nullptr ? find_positional(typed.command, given.name) : nullptr;
  WECO_ASSERT(option != nullptr || positional != nullptr);
  const Rule rule = option != nullptr ? rule_of(*option) : rule_of(*positional);
  const bool repeatable = option != nullptr ? option->repeatable : positional->repeatable;
  if (!repeatable && given.values.size() > 1) {
    return failure(ErrorCode::BadUsage, rule.label + " is given more than once", {},
                   "Give it once.");
  }
  for (const std::string& value : given.values) {
    if (const Done done = check(rule, value); !done) return done;
  }
  return {};
}

const Typed::Given* find_given(const Typed& typed, std::string_view name) {
  for (const Typed::Given& given : typed.given) {
    if (given.name == name) return &given;
  }
  return nullptr;
}

}  // namespace

const Option* find_option(const Command* command, std::string_view name) {
  if (command != nullptr) {
    for (const Option& option : command->options) {
      if (option.name == name) return &option;
    }
  }
  for (const Option& option : global_options()) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

const Positional* find_positional(const Command* command, std::string_view name) {
  if (command == nullptr) return nullptr;
  for (const Positional& positional : command->positionals) {
    if (positional.name == name) return &positional;
  }
  return nullptr;
}

Result<Duration> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789.");
  if (digits == 0 || digits == std::string_view::npos) return fail(ErrorCode::BadInput);
  const auto number = parse_decimal(text.substr(0, digits));
  if (!number) return fail(ErrorCode::BadInput);
  for (const TimeUnit& unit : kTimeUnits) {
    if (text.substr(digits) != unit.name) continue;
    Decimal product = *number;
    if (__builtin_mul_overflow(product.mantissa, unit.us, &product.mantissa)) {
      return fail(ErrorCode::OutOfRange);
    }
    const auto us = rescale(product, 0);
    if (!us || *us > kCenturyUs) return fail(ErrorCode::OutOfRange);
    return Duration::us(*us);
  }
  return fail(ErrorCode::BadInput);
}

Result<std::vector<NumberRange>> parse_ranges(std::string_view text) {
  std::vector<NumberRange> ranges;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = part.find('-');
    const auto from = parse_integer(part.substr(0, dash));
    const auto to = dash == std::string_view::npos ? from : parse_integer(part.substr(dash + 1));
    if (!from || !to || *from > *to) return fail(ErrorCode::BadInput);
    ranges.push_back({*from, *to});
    if (comma == std::string_view::npos) return ranges;
    text.remove_prefix(comma + 1);
  }
}

Outcome<Args> Args::resolve(Typed typed) {
  const bool help = find_given(typed, "help") != nullptr || find_given(typed, "version") != nullptr;
  if (!help && typed.command != nullptr) {
    for (const Positional& positional : typed.command->positionals) {
      if (!positional.required || find_given(typed, positional.name) != nullptr) continue;
      return failure(ErrorCode::BadUsage,
                     "'weco " + typed.command_path + "' needs " + std::string(positional.name), {},
                     std::string(positional.help) + " See 'weco help " + typed.command_path + "'.");
    }
  }
  for (const Typed::Given& given : typed.given) {
    if (const Done done = check_given(typed, given); !done)
      return Unexpected<Failure>{done.error()};
  }
  return Args(std::move(typed));
}

bool Args::given(std::string_view name) const { return count(name) > 0; }

int Args::count(std::string_view name) const {
  WECO_ASSERT(find_option(typed_.command, name) != nullptr ||
              find_positional(typed_.command, name) != nullptr);
  const Typed::Given* given = find_given(typed_, name);
  return given == nullptr ? 0 : given->count;
}

std::string_view Args::text(std::string_view name) const {
  const Option* option = find_option(typed_.command, name);
  WECO_ASSERT(option != nullptr || find_positional(typed_.command, name) != nullptr);
  const Typed::Given* given = find_given(typed_, name);
  if (given != nullptr && !given->values.empty()) return given->values.front();
  return option == nullptr ? std::string_view{} : option->default_value;
}

std::span<const std::string> Args::list(std::string_view name) const {
  static_cast<void>(count(name));  // asserts that the name is in the row
  const Typed::Given* given = find_given(typed_, name);
  if (given == nullptr) return {};
  return given->values;
}

std::int64_t Args::integer(std::string_view name) const {
  return parse_integer(text(name)).value_or(0);
}

Duration Args::duration(std::string_view name) const {
  return parse_duration(text(name)).value_or(Duration{});
}

std::vector<NumberRange> Args::ranges(std::string_view name) const {
  std::vector<NumberRange> all;
  for (const std::string& value : list(name)) {
    const auto some = parse_ranges(value);
    if (some) all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

}  // namespace weco::cli
