// SPDX-License-Identifier: Apache-2.0
// Several of the same: up to 4 WeCo inverters on the PARA lines (WS-03) and up to 20 CM2 cabinets
// behind one EMS (CM-01). Who leads, who carries how much, what happens when the leader is gone,
// and which plans are refused with which reason. How the vendors elect is not published; here the
// lowest serial number leads, and a leader that is well keeps leading.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/fixed.hpp"
#include "core/base/time.hpp"
#include "core/ems/ratings.hpp"

namespace weco::ems {

inline constexpr std::size_t kInvertersMax = 4;
inline constexpr std::size_t kCabinetsMax = 20;
inline constexpr std::size_t kSwitchFrom = 12;  // cabinets from which the EMS-Switch is needed
inline constexpr Duration kHeartbeatTimeout = Duration::s(1);  // ours; not published

enum class PlanRefusal : std::uint8_t {
  None,
  Nothing,          // no inverter or cabinet at all
  TooMany,          // more than the product allows
  MixedModels,      // inverters of different models: nothing published allows it
  NotParallel,      // a product that does not run in parallel
  EmsMissing,       // no EMS, or it is not in the primary cabinet
  EmsTwice,         // a second full EMS
  SwitchMissing,    // 12 cabinets or more and no EMS-Switch unit
  SwitchNotNeeded,  // fewer than 12 cabinets and an EMS-Switch unit
  SwitchTwice,
  SwitchMisplaced,  // the EMS-Switch belongs in a standard cabinet, not in the primary one
};
std::string_view name(PlanRefusal refusal);

PlanRefusal check_inverters(std::span<const Ratings* const> inverters);

/// One entry a cabinet; the first is the primary one. The manual says "12 or more" in its product
/// description and "more than 12" in its wiring chapter; at exactly 12 the switch is asked for.
enum class CabinetUnit : std::uint8_t { None, Ems, EmsSwitch };
PlanRefusal check_cabinets(std::span<const CabinetUnit> cabinets);

struct Member {
  std::uint32_t serial = 0;  // unique; decides who leads
  Instant heartbeat{};       // last sign of life
  bool healthy = false;
  bool claims = false;  // says that it leads
};
inline constexpr std::int32_t kNobody = -1;
struct ParallelState {
  std::int32_t master = kNobody;
};
struct ParallelOutputs {
  std::int32_t master = kNobody;
  bool changed = false;
  std::uint32_t lost = 0;  // bit i: member i is silent or unwell
  std::uint32_t able = 0;  // bit i: member i may be given power
};
/// At most kInvertersMax members (more are ignored).
ParallelOutputs elect(std::span<const Member> members, ParallelState& state, Instant now);

/// What one member can take (total positive) or give.
using Capabilities = FixedVector<Watts, kCabinetsMax>;
struct Share {
  FixedVector<Watts, kCabinetsMax> parts{};
  Watts left_over{};  // what all together cannot carry
};
/// Splits `total` in proportion to what each can carry; the parts and the rest add up exactly and
/// no part exceeds its capability. Capabilities are not negative.
Share share_power(Watts total, const Capabilities& capabilities);

}  // namespace weco::ems
