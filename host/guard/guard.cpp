// SPDX-License-Identifier: Apache-2.0
#include "host/guard/guard.hpp"

#include <algorithm>
#include <string>

#include "core/points/vocabulary.hpp"
#include "host/profile/modbus_map.hpp"
#include "host/snapshot/snapshot.hpp"

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

bool fits(const ModbusMap& map, const IntendedWrite& write) {
  std::array<std::uint8_t, kTextMax> room{};  // text is the longest value there is
  return map.encode(write.point, write.value, room).has_value();
}

}  // namespace

GuardRule judge(const Profile& profile, const IntendedWrite& write) {
  if (std::find(std::begin(kHistory), std::end(kHistory), write.point.id) != std::end(kHistory)) {
    return GuardRule::HistoryIsKept;
  }
  if (info(write.point.id).access == Access::Read) return GuardRule::ReadOnlyPoint;
  if (profile.status == ProfileStatus::Community) return GuardRule::UnpublishedMap;
  if (profile.protocol.kind != ProtocolKind::Modbus) return GuardRule::NotInProfile;
  const ModbusMap map(profile);
  if (!map.where(write.point)) return GuardRule::NotInProfile;
  if (!map.writable(write.point)) return GuardRule::NotWritable;
  if (!fits(map, write)) return GuardRule::OutOfRange;
  return GuardRule::NoProcedure;
}

Unexpected<Failure> refuse(const Profile& profile, const IntendedWrite& write) {
  const GuardRuleInfo& rule = info(judge(profile, write));
  return failure(ErrorCode::RefusedByGuard,
                 to_text(write.point) + " was not written: " + std::string(rule.reason),
                 profile.family, std::string(rule.instead));
}

}  // namespace weco
