// SPDX-License-Identifier: Apache-2.0
// The commands that read. 94 (set management) and 95 (turn off) exist in the protocol and are left
// out on purpose: nothing here can send them.
#pragma once

#include <array>
#include <string_view>

#include "core/base/result.hpp"
#include "core/protocol/pylontech/frame.hpp"

namespace weco::pylontech {

enum class Command : std::uint8_t {
  Analog = 0x42,
  Alarms = 0x44,
  Limits = 0x47,
  Version = 0x4F,
  Maker = 0x51,
  SystemAnalog = 0x61,
  SystemAlarms = 0x62,
  SystemManagement = 0x63,
  Management = 0x92,
  SerialNumber = 0x93,
  Firmware = 0x96,
};

struct CommandInfo {
  Command command;
  std::string_view name;
  bool names_module;      // INFO of the request is the module's address, or kAllModules
  bool single_source;     // known from one implementation only
  std::string_view what;  // for listings
};

inline constexpr std::array kCommands = {
    CommandInfo{Command::Analog, "analog", true, false,
                "cell voltages, temperatures, current, voltage, capacity, cycles"},
    CommandInfo{Command::Alarms, "alarms", true, false, "alarm state of each cell, status words"},
    CommandInfo{Command::Limits, "limits", false, false, "protection settings"},
    CommandInfo{Command::Version, "version", false, false, "version of the protocol"},
    CommandInfo{Command::Maker, "maker", false, false, "model, software version, maker"},
    CommandInfo{Command::SystemAnalog, "system_analog", false, true,
                "totals and extremes of the whole battery (newer firmware)"},
    CommandInfo{Command::SystemAlarms, "system_alarms", false, true,
                "alarm and protection words of the whole battery (newer firmware)"},
    CommandInfo{Command::SystemManagement, "system_management", false, true,
                "limits of the whole battery (newer firmware)"},
    CommandInfo{Command::Management, "management", true, false, "limits in force, permissions"},
    CommandInfo{Command::SerialNumber, "serial_number", true, false, "serial number of a module"},
    CommandInfo{Command::Firmware, "firmware", true, false, "firmware of a module"},
};

constexpr const CommandInfo* find_command(std::uint8_t cid2) {
  for (const CommandInfo& row : kCommands) {
    if (static_cast<std::uint8_t>(row.command) == cid2) return &row;
  }
  return nullptr;
}

/// INFO that asks all modules of a group at once.
inline constexpr std::uint8_t kAllModules = 0xFF;

/// Address of module 1..14 of group 0..14 (DIP switches 2-4): 2 is the first module of group 0,
/// each group adds 0x10. OutOfRange beyond.
constexpr Result<std::uint8_t> module_address(std::uint8_t group, std::uint8_t module) {
  if (module < 1 || module > 14 || group > 14) return fail(ErrorCode::OutOfRange);
  return static_cast<std::uint8_t>(group * 16 + module + 1);
}
/// The inverse; 1 is used by some systems for the whole group and counts as the first module.
constexpr std::uint8_t module_of(std::uint8_t address) {
  const auto low = static_cast<std::uint8_t>(address & 0x0FU);
  return low < 2 ? std::uint8_t{1} : static_cast<std::uint8_t>(low - 1);
}

/// CID2 of an answer.
enum class ReturnCode : std::uint8_t {
  Ok = 0x00,
  BadVersion = 0x01,
  BadChecksum = 0x02,
  BadLengthChecksum = 0x03,
  BadCommand = 0x04,
  BadFormat = 0x05,
  BadData = 0x06,
  BadAddress = 0x90,
  Communication = 0x91,
};

/// Requests and answers look alike: a CID2 of a command is a request, everything else a return
/// code. Commands of the protocol lie in 40..6F and 92..9F.
constexpr bool is_request(const Frame& frame) {
  return (frame.cid2 >= 0x40 && frame.cid2 <= 0x6F) || (frame.cid2 >= 0x92 && frame.cid2 <= 0x9F);
}

}  // namespace weco::pylontech
