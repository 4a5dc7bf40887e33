// SPDX-License-Identifier: Apache-2.0
#include "host/guard/guard.hpp"

#include <algorithm>
#include <string>

#include "core/points/vocabulary.hpp"
#include "host/profile/modbus_map.hpp"

namespace weco {

namespace {

/// What the warranty and the law want untouched, whatever a profile says.
constexpr PointId kHistory[] = {
    point("serial_number"),       point("manufacture_date"),     point("operating_time"),
    point("cycle_count"),         point("energy_charged_total"), point("energy_discharged_total"),
    point("charge_throughput"),   point("deep_discharge_count"), point("lock"),
    point("fault_count"),         point("hours_since_full"),     point("energy_pv_total"),
    point("energy_import_total"), point("energy_export_total"),
};

/// Whether the map can say it; "not there" is nothing that can be set.
bool fits(const ModbusMap& map, const Reading& value) {
  if (value.quality == Quality::NotImplemented) return false;
  std::array<std::uint8_t, kTextMax> room{};  // text is the longest value there is
  return map.encode(value.ref, value, room).has_value();
}

std::optional<GuardRule> judge_map(const Profile& profile, const Reading& value) {
  if (profile.status == ProfileStatus::Community) return GuardRule::UnpublishedMap;
  if (profile.protocol.kind != ProtocolKind::Modbus) return GuardRule::NotInProfile;
  const ModbusMap map(profile);
  if (!map.where(value.ref)) return GuardRule::NotInProfile;
  if (!map.writable(value.ref)) return GuardRule::NotWritable;
  if (!fits(map, value)) return GuardRule::OutOfRange;
  return std::nullopt;
}

/// Any part of the device is enough: what is set concerns them all.
std::optional<GuardRule> judge_state(const Snapshot& now) {
  constexpr auto symbol = [](std::span<const std::string_view> all, std::string_view name) {
    return static_cast<std::uint64_t>(std::find(all.begin(), all.end(), name) - all.begin());
  };
  constexpr std::uint64_t kPermanent = symbol(symbols::locks, "permanent");
  constexpr std::uint64_t kUpdating = symbol(symbols::bms_states, "updating");
  static_assert(kPermanent < std::size(symbols::locks));
  static_assert(kUpdating < std::size(symbols::bms_states));
  for (const auto& [ref, reading] : now.readings()) {
    if (reading.quality == Quality::NotImplemented) continue;
    if (ref.id == point("lock") && reading.bits == kPermanent) return GuardRule::LockedForGood;
    if (ref.id == point("bms_state") && reading.bits == kUpdating) return GuardRule::Updating;
  }
  return std::nullopt;
}

}  // namespace

std::optional<GuardRule> judge(const Profile& profile, const Reading& value,
                               const WriteGrounds& grounds) {
  const PointId id = value.ref.id;
  if (std::find(std::begin(kHistory), std::end(kHistory), id) != std::end(kHistory)) {
    return GuardRule::HistoryIsKept;
  }
  if (info(id).access == Access::Read) return GuardRule::ReadOnlyPoint;
  if (const auto rule = judge_map(profile, value)) return rule;
  if (info(id).access == Access::Command) return GuardRule::CommandOnly;
  if (std::find(grounds.granted.begin(), grounds.granted.end(), id) == grounds.granted.end()) {
    return GuardRule::NotGranted;
  }
  return judge_state(grounds.now);
}

Outcome<Permit> permit(const Profile& profile, const Reading& value, const WriteGrounds& grounds) {
  const auto refused = judge(profile, value, grounds);
  if (!refused) return Permit(value);
  const GuardRuleInfo& rule = info(*refused);
  return failure(ErrorCode::RefusedByGuard,
                 to_text(value.ref) + " was not written: " + std::string(rule.reason),
                 profile.family, std::string(rule.instead));
}

}  // namespace weco
