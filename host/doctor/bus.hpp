// SPDX-License-Identifier: Apache-2.0
// The doctor for a CAN bus: what the controller's state, its counters and its error frames mean for
// the person with the multimeter, and what follows from the dialect that a battery speaks.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/can/health.hpp"
#include "core/protocol/canbms/decoder.hpp"
#include "host/doctor/finding.hpp"

namespace weco {

/// `frames`: how many frames of others were heard meanwhile.
Findings bus_findings(const BusHealth& health, std::uint64_t frames);

/// "500 kbit/s"; empty when the speed is not known.
std::string bitrate_text(std::uint32_t bits_per_second);

/// "500 kbit/s, error-active, error counters 0 (sending) and 0 (receiving)"; empty when nothing is
/// known.
std::string bus_text(const BusHealth& health);

/// What of a battery's frames inverters take in a way of their own.
struct Sent {
  bool short_frames = false;       // some frame of the set has less than 8 bytes
  bool zero_charge_limit = false;  // 0 A for charging
  bool zero_discharge_limit = false;
};
/// What an installer should know about inverters that hear this dialect; empty: nothing known.
Findings dialect_findings(canbms::Dialect dialect, const Sent& sent);

/// The sets of frames on the bus that no single battery sends together, in words; fewer than two:
/// nothing is wrong.
std::vector<std::string_view> sets_on_bus(std::span<const canbms::Seen> ids);

}  // namespace weco
