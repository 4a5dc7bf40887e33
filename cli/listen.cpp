// SPDX-License-Identifier: Apache-2.0
#include "cli/listen.hpp"

#include <string>

#include "host/device/line_listener.hpp"

namespace weco::cli {
namespace {

/// A battery on CAN is the bus itself, not a node of it.
void name_can_battery(const Catalog& catalog, DeviceReport& report) {
  if (const Profile* profile = catalog.find("canbms")) name_family(*profile, report);
  report.node = NodeKind::None;
}

Unexpected<Failure> nothing_heard(Instant now, const FrameLink& link, const CanListener& listener) {
  DeviceReport silent;
  listener.report(now, true, silent);
  const Finding* why = silent.findings.empty() ? nullptr : &silent.findings.front();
  if (why == nullptr || why->id == FindingId::SilentLine) {
    return failure(
        ErrorCode::Timeout, "no CAN frame came", link.describe(),
        "A battery may wait for an inverter's 0x305; check the speed (500 or 250 kbit/s), "
        "the wiring and the termination.");
  }
  std::string symptom = why->symptom;
  if (symptom.ends_with('.')) symptom.pop_back();
  return failure(ErrorCode::Timeout, "no CAN frame came: " + symptom, link.describe(),
                 std::string(info(why->id).advice));
}

}  // namespace

Outcome<DeviceReport> heard_on_bus(Instant now, const FrameLink& link, CanListener& listener,
                                   const Catalog& catalog) {
  listener.bus(link.health());
  if (listener.frames() == 0) return nothing_heard(now, link, listener);
  DeviceReport report;
  report.endpoint = link.describe();
  name_can_battery(catalog, report);
  listener.report(now, true, report);
  return report;
}

DeviceReport report_of(const transports::Recording& recording, const Place& place,
                       const Catalog& catalog) {
  DeviceReport report;
  report.endpoint = format(place.endpoint);
  if (recording.has_frames()) {
    CanListener listener;
    Instant last{};
    for (const transports::RecordedItem& item : recording.items) {
      if (!item.frame) continue;
      CanFrame frame = *item.frame;
      last = frame.at = Instant{} + item.at;
      listener.feed(frame);
    }
    name_can_battery(catalog, report);
    listener.report(last, recording.timed, report);
    return report;
  }
  LineListener listener(catalog, place.target.family);
  for (const transports::RecordedItem& item : recording.items) {
    listener.feed(item.data, Instant{} + item.at);
  }
  listener.report(report);
  return report;
}

}  // namespace weco::cli
