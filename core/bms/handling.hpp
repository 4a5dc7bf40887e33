// SPDX-License-Identifier: Apache-2.0
// A pack that was dropped, hit or tilted may be damaged where nobody can see it and is not used
// (EP-19, and WeCo's transport rules). No sensor reports it: a person does, once, and what is
// reported is never taken back. The platform keeps the report and applies it in every tick.
// Sources: EP760 manual, safety instructions for the battery pack; WeCo SMART manual, unpacking.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/bms/pack.hpp"

namespace weco::bms {

enum class Mishap : std::uint8_t {
  Dropped = 1,
  Hit = 2,
  Tilted = 4,
  Deformed = 8,       // damage that can be seen
  SmellOrSmoke = 16,  // or fire
};

/// What was ever reported about a pack; only grows.
struct HandlingReport {
  std::uint8_t mishaps = 0;  // Mishap, one bit each
  [[nodiscard]] constexpr HandlingReport and_also(Mishap mishap) const {
    return {static_cast<std::uint8_t>(mishaps | static_cast<std::uint8_t>(mishap))};
  }
};

enum class HandlingVerdict : std::uint8_t {
  Usable,
  SetAside,  // not used; moved to a safe open place by a professional
  Evacuate,  // people first
};
HandlingVerdict judge_handling(const HandlingReport& report);
/// What to do, for people; empty for Usable.
std::string_view advice(HandlingVerdict verdict);

/// Takes the pack's permission: it may not join the bus and leaves it when it is on it. Called
/// last, after the tower's order is in `inputs` (apply() in tower.hpp), which it never widens.
void forbid_use(const HandlingReport& report, PackInputs& inputs);

}  // namespace weco::bms
