// SPDX-License-Identifier: Apache-2.0
// Reports of what is heard without asking: a CAN bus, a recording. For `weco status` and scripts.
#pragma once

#include "cli/target.hpp"
#include "host/device/can_listener.hpp"
#include "transports/replay/recording.hpp"

namespace weco::cli {

/// After the first complete set of frames: time for the ids that come once a second to come too.
inline constexpr Duration kCanSettle = Duration::ms(1200);

/// What the listener made of a bus, or why nothing came: the controller may know.
Outcome<DeviceReport> heard_on_bus(Instant now, const FrameLink& link, CanListener& listener,
                                   const Catalog& catalog);
/// What a recording tells, read as the place's family or as whatever explains it.
DeviceReport report_of(const transports::Recording& recording, const Place& place,
                       const Catalog& catalog);

}  // namespace weco::cli
