// SPDX-License-Identifier: Apache-2.0
// What the commands that install firmware share: the image that is good, the conversation that an
// endpoint stands for, and the readings that say whether a battery may be updated and is well
// afterwards.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cli/console.hpp"
#include "cli/context.hpp"
#include "host/image/firmware.hpp"
#include "host/update/updater.hpp"

namespace weco::cli {

/// VerificationDiffers unless the image is whole and signed by one of the keys in these files.
Outcome<Firmware> read_good_firmware(const std::string& image, std::span<const std::string> keys);

/// An open way to update a device.
struct OpenedUpdater {
  Conversation over;
  std::unique_ptr<Updater> updater;
};
/// UDS on a CAN bus, Modbus where the endpoint names a unit, else SMP: in lines on a console, in
/// packets over UDP.
Outcome<OpenedUpdater> open_updater(const Place& place, Reactor& reactor, EventSink* events);

/// The line that an endpoint occupies: the same for every device on it.
std::string bus_of(const Endpoint& endpoint);

/// A whole look at a battery, waited for.
using Look = std::function<Outcome<DeviceReport>()>;
/// At the battery of a place, whose line is opened at the first look and stays open.
Look look_at(Place place, Reactor& reactor, const Catalog& catalog, EventSink* events);

/// The battery's readings around an update.
class Telemetry {
 public:
  Telemetry(const Context& context, Reactor& reactor, Look look, std::string device);
  /// Whether it may be updated now: the guard and the maintenance records. Remembers what it saw.
  Done permit();
  /// Readings are there again, no fault is new, every setting is as before.
  Done healthy();
  /// It answers and has no alarm.
  Done well();

 private:
  const Context& context_;
  Reactor& reactor_;
  Look look_;
  std::string device_;
  std::optional<DeviceReport> before_;
};

}  // namespace weco::cli
