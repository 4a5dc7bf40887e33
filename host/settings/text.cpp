// SPDX-License-Identifier: Apache-2.0
#include "host/settings/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "core/points/vocabulary.hpp"
#include "host/failure/nearest.hpp"
#include "host/settings/plan.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::settings {
namespace {

constexpr std::string_view kNoMembers = "none";

std::string symbol_text(std::span<const std::string_view> symbols, std::uint64_t value) {
  return value < symbols.size() ? std::string(symbols[value]) : std::to_string(value);
}

/// The number of a symbol; a plain number stands for itself.
std::optional<std::uint64_t> symbol_value(std::span<const std::string_view> symbols,
                                          std::string_view text) {
  const auto at = std::find(symbols.begin(), symbols.end(), text);
  if (at != symbols.end()) return static_cast<std::uint64_t>(at - symbols.begin());
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

Unexpected<Failure> no_value(const PointRef& point, std::string_view text) {
  const auto symbols = info(point.id).symbols;
  std::string hint = "Give a number.";
  if (info(point.id).kind == ValueKind::Text) hint = fmt::format("At most {} bytes.", kTextMax);
  if (!symbols.empty()) {
    const std::string_view close = nearest(text, {symbols.begin(), symbols.end()});
    hint = close.empty() ? fmt::format("Give one of: {}.", fmt::join(symbols, ", "))
                         : fmt::format("Did you mean '{}'?", close);
  }
  return failure(ErrorCode::BadInput, fmt::format("'{}' is no value for {}", text, to_text(point)),
                 {}, std::move(hint));
}

std::optional<std::uint64_t> set_value(std::span<const std::string_view> symbols,
                                       std::string_view text) {
  std::uint64_t bits = 0;
  if (text.empty() || text == kNoMembers) return bits;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    std::string_view member = text.substr(at, end - at);
    while (member.starts_with(' ')) member.remove_prefix(1);
    const auto bit = symbol_value(symbols, member);
    if (!bit || *bit > 63) return std::nullopt;
    bits |= std::uint64_t{1} << *bit;
    at = end + 1;
  }
  return bits;
}

}  // namespace

std::string setting_text(const Reading& reading) {
  if (reading.quality == Quality::NotImplemented) return "unset";
  const auto symbols = info(reading.ref.id).symbols;
  switch (reading.kind) {
    case ValueKind::Number:
      return std::string(to_text(reading.number).view());
    case ValueKind::Choice:
      return symbol_text(symbols, reading.bits);
    case ValueKind::Raw:
      return std::to_string(reading.bits);
    case ValueKind::Text: {
      std::string_view text = reading.text();
      while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
      return std::string(text);
    }
    case ValueKind::Flags:
      break;
  }
  std::vector<std::string> members;
  for (std::uint64_t bit = 0; bit < 64; ++bit) {
    if ((reading.bits >> bit & 1U) != 0) members.push_back(symbol_text(symbols, bit));
  }
  return members.empty() ? std::string(kNoMembers) : fmt::format("{}", fmt::join(members, ","));
}

std::string setting_with_unit(const Reading& reading) {
  const std::string_view unit = info(info(reading.ref.id).unit).symbol;
  if (unit.empty() || reading.quality == Quality::NotImplemented) return setting_text(reading);
  return setting_text(reading) + " " + std::string(unit);
}

std::string change_text(const Change& change) {
  return fmt::format("{}: {} -> {}", to_text(change.point), setting_with_unit(change.before),
                     setting_with_unit(change.after));
}

Outcome<Reading> setting_from_text(const PointRef& point, std::string_view text) {
  const PointInfo& row = info(point.id);
  std::optional<std::uint64_t> bits;
  switch (row.kind) {
    case ValueKind::Number: {
      const auto number = parse_decimal(text);
      if (!number) return no_value(point, text);
      return number_reading(point, *number, {});
    }
    case ValueKind::Text:
      if (text.size() > kTextMax) return no_value(point, text);
      return text_reading(point, text, {});
    case ValueKind::Flags:
      bits = set_value(row.symbols, text);
      break;
    case ValueKind::Choice:
      bits = symbol_value(row.symbols, text);
      if (bits && *bits >= row.symbols.size()) bits.reset();
      break;
    case ValueKind::Raw:
      bits = symbol_value({}, text);
      break;
  }
  if (!bits) return no_value(point, text);
  return bits_reading(point, row.kind, *bits, {});
}

}  // namespace weco::settings
