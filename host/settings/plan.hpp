// SPDX-License-Identifier: Apache-2.0
// What would change on a device, before anything does: each setting as it is and as it would be.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "host/device/report.hpp"
#include "host/guard/guard.hpp"

namespace weco::settings {

struct Change {
  PointRef point;
  Reading before;
  Reading after;  // as the device can hold it, which may be rounder than what was asked for
};

struct Plan {
  std::string endpoint;
  std::string family;
  std::string serial;  // empty: the device does not tell
  std::uint8_t unit = 0;
  std::vector<Change> changes;  // in the order in which they were asked for, without idle ones
};

/// `now` is a whole look at the device. Fails as the guard does, with NotFound for what the device
/// does not tell (it could not be put back), and with BadUsage for a point named twice.
Outcome<Plan> make_plan(const Profile& profile, const DeviceReport& now,
                        std::span<const Reading> wanted, std::span<const PointId> granted);

/// The same value, whatever the resolution of the wire.
bool same_setting(const Reading& a, const Reading& b);

}  // namespace weco::settings
