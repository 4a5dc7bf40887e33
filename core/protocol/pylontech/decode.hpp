// SPDX-License-Identifier: Apache-2.0
// Answers of a Pylontech battery as readings, module by module. An answer is decoded whole or not
// at all; the sum of the cells is compared with the module's voltage, because the protocol offers
// that check for nothing.
#pragma once

#include "core/points/point.hpp"
#include "core/protocol/pylontech/command.hpp"

namespace weco::pylontech {

inline constexpr std::size_t kCellsMax = 32;
inline constexpr std::size_t kSensorsMax = 16;
inline constexpr std::size_t kModulesMax = 16;

/// A module whose cells do not add up to its voltage.
struct CellSumMismatch {
  std::uint8_t module = 0;
  std::int32_t cells_mV = 0;
  std::int32_t module_mV = 0;
};

/// What an answer holds beyond readings.
struct Report {
  Command command = Command::Analog;
  bool unread_alarm_change = false;   // flag byte, bit 0
  bool unread_switch_change = false;  // flag byte, bit 4
  std::uint8_t modules = 0;           // that the answer describes
  FixedVector<CellSumMismatch, kModulesMax> cell_sums;
};

/// What was asked, as far as it is known.
struct Question {
  Command command = Command::Analog;
  std::uint8_t info = 0;  // module address, kAllModules, or 0: not known
  NodePath base{};        // where the modules hang; module n becomes base/module[n]
};

/// Puts the readings of `answer` into `sink`. DeviceException with the return code when the battery
/// refused; BadFrame when the layout does not fit, then nothing was put.
Result<Report> decode(const Question& question, const Frame& answer, Instant at, ReadingSink& sink);

/// True when `answer` (return code 0) can be the answer to `question`: its layout fits, and where
/// it repeats the module that was asked, it repeats the right one.
bool fits(const Question& question, const Frame& answer);

/// Which command an answer belongs to when the question was not seen, from its layout alone.
/// NotFound when none fits.
Result<Command> recognise(const Frame& answer);

}  // namespace weco::pylontech
