// SPDX-License-Identifier: Apache-2.0
// What one look at a device gave, whatever the way it was read: what status and scan show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/assessment/assessment.hpp"
#include "host/doctor/finding.hpp"
#include "host/link/link.hpp"
#include "host/profile/profile.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco {

/// Where sources disagree and a side was taken.
struct AssumptionNote {
  std::string name;  // stable, for scripts
  std::string sentence;
  friend bool operator==(const AssumptionNote&, const AssumptionNote&) = default;
};

/// What a light or the buzzer of a part shows now, and what that means.
struct LightNote {
  NodePath node;
  std::string part;
  std::string shows;  // symbol of the vocabulary
  std::string means;
};

/// A frame that no rule explains, shown as it came.
struct RawFrame {
  std::uint32_t id = 0;
  bool extended = false;
  std::string hex;
  std::uint32_t count = 0;
};

/// "9600 8N1".
std::string in_words(const LineSettings& line);

struct DeviceReport {
  std::string endpoint;
  std::vector<std::string> also_at;  // other endpoints that reach the same device
  std::string family;                // empty: not recognised
  std::string title;
  std::string status;                // vendor, community, open: who answers for the map
  std::string dialect;               // of a CAN battery; empty elsewhere
  std::string bus;                   // how a CAN bus is doing, in words; empty elsewhere
  std::string radio;                 // signal and packet size, in words; empty on wires
  std::optional<LineSettings> line;  // settings of the serial line it is on
  std::uint8_t unit = 0;             // address on the line; 0: none
  NodeKind node = NodeKind::None;
  Snapshot snapshot;
  Findings findings;
  std::vector<AssumptionNote> assumptions;
  std::vector<LightNote> lights;
  std::vector<RawFrame> raw;
  Assessment assessment;
};

/// Writes into the report which family it is and who answers for its map.
void name_family(const Profile& profile, DeviceReport& into);

/// What the family's list says about the lights as they are.
std::vector<LightNote> lights_of(std::span<const LightInfo> lights, const Snapshot& snapshot);

/// The notes of all rows that are assumed and have a reading here, each once.
std::vector<AssumptionNote> assumptions_of(const Profile& profile, const Snapshot& snapshot);

}  // namespace weco
