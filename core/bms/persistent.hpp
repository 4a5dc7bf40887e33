// SPDX-License-Identifier: Apache-2.0
// What must survive a power cut: locks above all, then what the pack has learned. The platform
// stores the bytes; no command writes or clears them. A record that does not check out is never
// replaced by a guess: the pack stays locked until service has looked at it.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/bms/machine.hpp"
#include "core/bms/soc.hpp"

namespace weco::bms {

struct Persistent {
  std::uint16_t type_code = 0;  // of the family; a record of another family is refused
  Latch latch = Latch::None;
  std::uint32_t latched_events = 0;
  std::uint32_t pending_s = 0;    // how long an alarm has been pending (WS-18)
  std::uint32_t operating_s = 0;  // WS-16
  SocState soc;                   // without its short-lived parts
};

inline constexpr std::size_t kPersistentSize = 96;
using PersistentBytes = std::array<std::uint8_t, kPersistentSize>;

/// Fixed layout, little-endian, closed by a CRC-32.
PersistentBytes encode(const Persistent& p);

/// BadChecksum, or BadInput for a record of another family, another version or with values that
/// cannot be; Truncated when it is too short.
Result<Persistent> decode(Bytes data, std::uint16_t type_code);

}  // namespace weco::bms
