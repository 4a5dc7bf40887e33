// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/codes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/bms/families.hpp"

namespace weco::logbook {
namespace {

/// "F013" and "13" are number 13.
std::uint32_t number_of(std::string_view code) {
  while (!code.empty() && (code.front() < '0' || code.front() > '9')) code.remove_prefix(1);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), number);
  return error == std::errc() && end == code.data() + code.size() ? number : 0;
}

std::string own_text(std::uint16_t code) {
  const auto index = static_cast<std::size_t>(code & 0xFFU);
  const int group = code & 0xFF00;
  if (group == 0x8000 && index < bms::kEvents) {
    return "battery pack: " + std::string(bms::kWecoSmart.events.rows[index].name);
  }
  if (group == 0x8100 && index < bms::kStates) {
    return "battery pack is " + std::string(bms::kStateNames[index]);
  }
  if (group == 0x8200 && index < ems::kConditions) {
    return std::string(ems::kConditionNames[index]);
  }
  return fmt::format("{:#06x}, of a newer firmware", code);
}

}  // namespace

std::string_view severity_name(std::uint8_t severity) {
  constexpr std::array<std::string_view, 4> kNames = {"note", "warning", "alarm", "fault"};
  return kNames[std::min<std::size_t>(severity, kNames.size() - 1)];
}

Texts::Texts(std::span<const FaultInfo> faults) {
  for (const FaultInfo& fault : faults) {
    if (const std::uint32_t number = number_of(fault.code); number != 0) {
      listed_.emplace_back(number, fault.code + " " + fault.name);
    }
  }
  std::sort(listed_.begin(), listed_.end());
}

std::string Texts::of(const journal::Event& event) const {
  if (event.code >= kOwnCodes) return own_text(event.code);
  const auto at = std::lower_bound(
      listed_.begin(), listed_.end(), event.code,
      [](const auto& entry, std::uint32_t number) { return entry.first < number; });
  if (at != listed_.end() && at->first == event.code) return at->second;
  if (listed_.empty()) return fmt::format("code {}", event.code);
  return fmt::format("code {}, which the family does not list", event.code);
}

}  // namespace weco::logbook
