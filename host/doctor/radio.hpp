// SPDX-License-Identifier: Apache-2.0
// The doctor for a link through the air: what signal and packet size mean for whoever reads.
#pragma once

#include <string>

#include "host/doctor/finding.hpp"
#include "host/link/link.hpp"

namespace weco {

/// Receivers lose packets from about here on; their makers promise -90 to -97 dBm in the best case.
inline constexpr std::int16_t kSignalWeak_dbm = -85;
/// What every link has before both sides agree on more: 20 bytes of data a packet.
inline constexpr std::uint16_t kMtuSmallest = 23;

/// "signal -67 dBm, MTU 247".
std::string radio_text(const RadioHealth& radio);

Findings radio_findings(const RadioHealth& radio);

/// Adds the findings about a link; its health in words, empty for one of wires.
std::string judge_radio(const ByteLink& link, Findings& into);

}  // namespace weco
