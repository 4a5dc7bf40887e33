// SPDX-License-Identifier: Apache-2.0
// What a snapshot means to an installer: how the device is, which rule limits the current now,
// which faults are there and what to do about them. Only facts of the snapshot; nothing is invented
// where a reading is missing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/doctor/finding.hpp"
#include "host/profile/profile.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco {

/// One direction's current limit with the rule behind it.
struct LimitInForce {
  bool charge = true;
  NodePath node;        // whose limit it is
  Decimal current;      // ampere
  std::string reason;   // symbol of the vocabulary; empty: the device gives none
  std::uint8_t module;  // that causes it; 0: none in particular
  std::string because;  // "module 3 at 4.0 °C", or the reason in words; empty: unknown
};

/// One fault, alarm or warning that is present.
struct ActiveFault {
  NodePath node;
  std::string code;  // the family's code; empty: a flag of the vocabulary
  std::string name;
  Level level = Level::Warning;
  std::vector<std::string> actions;
  std::string raw;     // where it stands: "fault_word[1] bit 12", "alarms"
  std::string note{};  // what the family's list adds: a number that is inferred, a reserved one
};

struct Assessment {
  Level level = Level::Ok;
  std::vector<LimitInForce> limits;
  std::vector<ActiveFault> faults;  // worst first
};

/// `codes` are the family's own; findings of level Warning or Alarm count too.
Assessment assess(const Snapshot& snapshot, std::span<const FaultInfo> codes,
                  const Findings& findings);

/// Whether readings of this point say that something is wrong, or that nothing is. A device without
/// any of them has said neither.
bool tells_faults(PointId id);
/// Whether they say what was, too: those, fault records and what has been counted up to now.
bool tells_past(PointId id);

}  // namespace weco
