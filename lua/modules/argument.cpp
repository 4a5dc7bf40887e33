// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/points/point.hpp"
#include "host/profile/schema.hpp"

namespace weco::lua {
namespace {

constexpr std::size_t kNameMax = 40;

Unexpected<Failure> wrong(const Argument& argument, const std::string& text) {
  std::string hint = "It must be " + expectation(argument) + ".";
  if (argument.type == Argument::Type::Choice) {
    const std::vector<std::string_view> words(argument.choices.begin(), argument.choices.end());
    const std::string meant = did_you_mean(text, words);
    if (!meant.empty()) hint = meant + " " + hint;
  }
  return failure(ErrorCode::BadUsage, "'" + text + "' is not what it must be", argument.name, hint);
}

bool in_range(const Argument& argument, double number) {
  return std::isfinite(number) && (!argument.min || number >= *argument.min) &&
         (!argument.max || number <= *argument.max);
}

Outcome<Value> number_of(const Argument& argument, const std::string& text) {
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc{} && read.ptr == end && in_range(argument, static_cast<double>(whole))) {
    return Value::of(whole);
  }
  double number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  const bool fits = read.ec == std::errc{} && read.ptr == end && in_range(argument, number);
  if (!fits || argument.type == Argument::Type::Whole) return wrong(argument, text);
  return Value::of(number);
}

Outcome<Value> switch_of(const Argument& argument, const std::string& text) {
  static constexpr std::string_view kYes[] = {"yes", "y", "on", "true", "1"};
  static constexpr std::string_view kNo[] = {"no", "n", "off", "false", "0"};
  if (std::ranges::find(kYes, text) != std::end(kYes)) return Value::boolean(true);
  if (std::ranges::find(kNo, text) != std::end(kNo)) return Value::boolean(false);
  return wrong(argument, text);
}

std::string range_text(const Argument& argument) {
  const std::string unit = argument.unit.empty() ? "" : " " + argument.unit;
  if (argument.min && argument.max) {
    return fmt::format(" from {:.12g} to {:.12g}{}", *argument.min, *argument.max, unit);
  }
  if (argument.min) return fmt::format(" of at least {:.12g}{}", *argument.min, unit);
  if (argument.max) return fmt::format(" of at most {:.12g}{}", *argument.max, unit);
  return argument.unit.empty() ? "" : " in " + argument.unit;
}

bool well_named(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= kNameMax && text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), plain);
}

bool known_unit(std::string_view suffix) {
  return std::ranges::any_of(kUnits, [&](const UnitInfo& unit) { return unit.suffix == suffix; });
}

void judge(Tree& tree, const Node& at, const Argument& argument) {
  using Type = Argument::Type;
  const std::string title = "'" + argument.name + "'";
  const bool number = argument.type == Type::Number || argument.type == Type::Whole;
  if (!well_named(argument.name)) {
    return tree.refuse(at, "an argument needs a 'name'",
                       "Letters, digits and _, with a lower-case letter in front.");
  }
  if (!argument.unit.empty() &&
      (!number || !known_unit(argument.unit) || !argument.name.ends_with("_" + argument.unit))) {
    return tree.refuse(at, title + " does not fit its unit '" + argument.unit + "'",
                       "A number carries its unit at the end of its name: limit_A, length_h.");
  }
  if ((argument.min || argument.max) && !number) {
    return tree.refuse(at, title + " has a range and is no number");
  }
  if (argument.choices.empty() == (argument.type == Type::Choice)) {
    return tree.refuse(at, title + ": 'choices' belong to type \"choice\", which needs them");
  }
  if (argument.many && argument.type == Type::Switch) {
    return tree.refuse(at, title + " is a switch and cannot be given many times");
  }
}

}  // namespace

std::string_view name(Argument::Type type) {
  return kArgumentTypes[static_cast<std::size_t>(type)];
}

std::string expectation(const Argument& argument) {
  using Type = Argument::Type;
  switch (argument.type) {
    case Type::Text:
      return "a text";
    case Type::Number:
      return "a number" + range_text(argument);
    case Type::Whole:
      return "a whole number" + range_text(argument);
    case Type::Switch:
      return "yes or no";
    case Type::Choice: {
      const std::vector<std::string_view> words(argument.choices.begin(), argument.choices.end());
      return "one of: " + join(words);
    }
    case Type::Device:
      return "a configured name or an endpoint such as serial:/dev/ttyUSB0";
    case Type::Family:
      return "a device family; see 'weco devices list'";
    case Type::Point:
      return "a name of the vocabulary such as soc";
    case Type::File:
      break;
  }
  return "a file that can be read";
}

Outcome<Value> parse_argument(const Argument& argument, const std::string& text,
                              const Check& check) {
  using Type = Argument::Type;
  switch (argument.type) {
    case Type::Text:
      return Value::of(text);
    case Type::Number:
    case Type::Whole:
      return number_of(argument, text);
    case Type::Switch:
      return switch_of(argument, text);
    case Type::Choice:
      if (std::ranges::find(argument.choices, text) != argument.choices.end()) {
        return Value::of(text);
      }
      return wrong(argument, text);
    default:
      break;
  }
  if (text.empty()) return wrong(argument, text);
  auto value = check(argument.type, text);
  if (value || !value.error().where.empty()) return value;
  Failure failed = std::move(value).error();
  failed.where = argument.name;
  return Unexpected{std::move(failed)};
}

void read_argument(Tree& tree, const Node& at, Argument& to) {
  double least = 0;
  double most = 0;
  const Field fields[] = {
      {"name", &to.name},
      {"type",
       [&](Tree& t, const Node& n) {
         to.type = static_cast<Argument::Type>(t.word(n, kArgumentTypes));
       }},
      {"unit", &to.unit},
      {"help", &to.help},
      {"min", &least},
      {"max", &most},
      {"choices",
       [&](Tree& t, const Node& n) {
         t.each(n, [&](const Node& one) {
           if (!one.value->is(Value::Kind::Text)) return t.refuse(one, "a choice is a text");
           to.choices.push_back(one.value->text);
         });
       }},
      {"default", [&](Tree&, const Node& n) { to.preset = *n.value; }},
      {"many", &to.many},
      {"optional", &to.optional},
  };
  tree.fill(at, fields);
  if (tree.failed()) return;
  if (at.value->get("min") != nullptr) to.min = least;
  if (at.value->get("max") != nullptr) to.max = most;
  judge(tree, at, to);
}

}  // namespace weco::lua
