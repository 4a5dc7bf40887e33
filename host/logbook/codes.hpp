// SPDX-License-Identifier: Apache-2.0
// The numbers of a journal's events, in words. Below kOwnCodes they are the product's: those that
// it shows, listed in its family's faults.lua. From there on they are our core's, the same for
// every family; they are part of stored evidence and never change.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/bms/diagnosis.hpp"
#include "core/bms/machine.hpp"
#include "core/ems/faults.hpp"
#include "core/journal/record.hpp"
#include "host/profile/profile.hpp"

namespace weco::logbook {

inline constexpr std::uint16_t kOwnCodes = 0x8000;

constexpr std::uint16_t code_of(bms::EventId event) {
  return static_cast<std::uint16_t>(0x8000 + static_cast<int>(event));
}
constexpr std::uint16_t code_of(bms::State state) {
  return static_cast<std::uint16_t>(0x8100 + static_cast<int>(state));
}
constexpr std::uint16_t code_of(ems::Condition condition) {
  return static_cast<std::uint16_t>(0x8200 + static_cast<int>(condition));
}

/// "note", "warning", "alarm" or "fault"; what no severity stands for is a fault.
std::string_view severity_name(std::uint8_t severity);

class Texts {
 public:
  /// Of a family; none when it is not known.
  explicit Texts(std::span<const FaultInfo> faults = {});
  /// What an event says: "F013 grid lost", "battery pack: cell_over_voltage". A number that nobody
  /// lists says so. May hold text of a family's file, not yet safe for a terminal.
  [[nodiscard]] std::string of(const journal::Event& event) const;

 private:
  std::vector<std::pair<std::uint32_t, std::string>> listed_;  // sorted
};

}  // namespace weco::logbook
