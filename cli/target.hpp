// SPDX-License-Identifier: Apache-2.0
// From what the user typed to something open: the composition root's way to links. Commands ask
// here; nothing below cli/ knows a concrete transport.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "host/device/live_device.hpp"
#include "host/doctor/finding.hpp"
#include "host/evidence/event.hpp"
#include "host/link/endpoint.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/virtual_device.hpp"

namespace weco::cli {

/// A target with its endpoint understood.
struct Place {
  Target target;
  Endpoint endpoint;
  [[nodiscard]] bool is_can() const {
    return endpoint.scheme == Scheme::Can || endpoint.scheme == Scheme::Slcan;
  }
};
Outcome<Place> resolve_place(Context& context, std::string_view text);
/// What was named to be scanned, or every serial port present and every configured device.
Outcome<std::vector<Place>> places_to_scan(Context& context, std::vector<std::string> named);

/// A byte link with what may be spoken on it. A simulated device lives as long as its link.
struct OpenedLine {
  std::unique_ptr<LoopbackLine> wire;             // sim: endpoints only
  std::unique_ptr<sim::VirtualDevice> simulated;  // likewise
  std::unique_ptr<ByteLink> link;
  std::vector<Carrier> carriers;
};
/// The same link, whose traffic goes to `events` as well; nullptr: nothing does.
std::unique_ptr<ByteLink> recorded(std::unique_ptr<ByteLink> link, EventSink* events);
std::unique_ptr<FrameLink> recorded(std::unique_ptr<FrameLink> link, EventSink* events);
Outcome<OpenedLine> open_line(const Place& place, Reactor& reactor, const Catalog& catalog,
                              EventSink* events);
/// The same from a link that is open already.
OpenedLine make_line(std::unique_ptr<ByteLink> link, const Place& place, EventSink* events);
/// A device of a known family that answers questions.
struct OpenedDevice {
  std::unique_ptr<LoopbackLine> wire;
  std::unique_ptr<sim::VirtualDevice> simulated;
  std::unique_ptr<LiveDevice> device;
};
Outcome<OpenedDevice> open_live(const Place& place, std::string_view family, Reactor& reactor,
                                const Catalog& catalog, EventSink* events = nullptr);
/// The same on a line that is open already.
struct LiveSetup {
  std::string_view family;
  std::optional<LineSettings> line;  // that a scan found it at; empty: as told, else the family's
  EventSink* events = nullptr;
};
Outcome<OpenedDevice> make_live(OpenedLine line, const Place& place, const LiveSetup& known,
                                Reactor& reactor, const Catalog& catalog);
Outcome<std::unique_ptr<FrameLink>> open_bus(const Place& place, Reactor& reactor,
                                             EventSink* events);

/// The recorder that --record asks for; nullptr without it.
Outcome<std::unique_ptr<EventSink>> open_record(const Args& args, Reactor& reactor);

/// The silence after which nobody answers there: over the air a request takes a connection event or
/// two there and back, and more where the air is busy, so it is never less than 1.5 s.
Duration patience(const Endpoint& endpoint, Duration otherwise);
/// The carrier of `carriers` that the family speaks; Unsupported when there is none.
Outcome<Carrier> choose_carrier(const Profile& profile, const std::vector<Carrier>& carriers);

/// The exit code that a level stands for.
ExitCode exit_code(Level level);

}  // namespace weco::cli
