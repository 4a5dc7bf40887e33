// SPDX-License-Identifier: Apache-2.0
#include "host/settings/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "host/profile/modbus_map.hpp"

namespace weco::settings {
namespace {

constexpr std::size_t kWireMax = 256;

/// What the device will say once it was told `value`.
Reading as_held(const ModbusMap& map, const Reading& value) {
  std::array<std::uint8_t, kWireMax> room{};
  const auto place = map.where(value.ref);
  const auto size = map.encode(value.ref, value, room);
  if (!place || !size) return value;
  Snapshot held;
  map.decode(*place, Bytes(room).first(*size), value.at, held);
  const Reading* reading = held.get(value.ref);
  return reading == nullptr ? value : *reading;
}

Unexpected<Failure> not_told(const PointRef& point, const DeviceReport& now) {
  return failure(ErrorCode::NotFound,
                 to_text(point) + " is not told by the device, so it could not be put back",
                 now.endpoint, "See 'weco status' for what it tells.");
}

}  // namespace

bool same_setting(const Reading& a, const Reading& b) {
  const bool unset = a.quality == Quality::NotImplemented;
  if (a.kind != b.kind || unset != (b.quality == Quality::NotImplemented)) return false;
  if (unset) return true;
  if (a.kind == ValueKind::Number) return compare(a.number, b.number) == 0;
  return a.kind == ValueKind::Text ? a.text() == b.text() : a.bits == b.bits;
}

Outcome<Plan> make_plan(const Profile& profile, const DeviceReport& now,
                        std::span<const Reading> wanted, std::span<const PointId> granted) {
  Plan plan{
      now.endpoint, profile.family, now.snapshot.identity(point("serial_number")), now.unit, {}};
  for (const Reading& value : wanted) {
    const auto allowed = permit(profile, value, {granted, now.snapshot});
    if (!allowed) return Unexpected{allowed.error()};
    const Reading* before = now.snapshot.get(value.ref);
    if (before == nullptr) return not_told(value.ref, now);
    const bool twice = std::any_of(plan.changes.begin(), plan.changes.end(),
                                   [&](const Change& each) { return each.point == value.ref; });
    if (twice) {
      return failure(ErrorCode::BadUsage, to_text(value.ref) + " is to be set twice", now.endpoint,
                     "Give each setting once.");
    }
    const Reading after = as_held(ModbusMap(profile), value);
    if (!same_setting(*before, after)) plan.changes.push_back({value.ref, *before, after});
  }
  return plan;
}

}  // namespace weco::settings
