// SPDX-License-Identifier: Apache-2.0
// What the commands that install firmware share: the image that is good, the conversation that an
// endpoint stands for, and the readings that say whether a battery may be updated and is well
// afterwards.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/target.hpp"
#include "host/image/firmware.hpp"
#include "host/session/session.hpp"
#include "host/update/updater.hpp"

namespace weco::cli {

/// VerificationDiffers unless the image is whole and signed by one of the keys in --key.
Outcome<Firmware> read_good_firmware(const Args& args);

/// An open way to update a device.
struct OpenedUpdater {
  std::unique_ptr<ByteLink> link;
  std::unique_ptr<FrameLink> bus;
  std::unique_ptr<Session> session;
  std::unique_ptr<Updater> updater;
};
/// UDS on a CAN bus, Modbus where the endpoint names a unit, else SMP: in lines on a console, in
/// packets over UDP.
Outcome<OpenedUpdater> open_updater(const Place& place, Reactor& reactor);

/// The line that an endpoint occupies: the same for every device on it.
std::string bus_of(const Endpoint& endpoint);

/// The battery's readings around an update. It opens its line at the first look.
class Telemetry {
 public:
  Telemetry(Context& context, Reactor& reactor, const Catalog& catalog, Place place,
            std::string device);
  /// Whether it may be updated now: the guard and the maintenance records. Remembers what it saw.
  Done permit();
  /// Readings are there again, no fault is new, every setting is as before.
  Done healthy();
  /// It answers and has no alarm.
  Done well();

 private:
  Outcome<DeviceReport> read();

  Context& context_;
  Reactor& reactor_;
  const Catalog& catalog_;
  Place place_;
  std::string device_;
  std::unique_ptr<LoopbackLine> wire_;  // of a simulated one
  std::unique_ptr<sim::VirtualDevice> simulated_;
  std::unique_ptr<LiveDevice> live_;
  std::optional<DeviceReport> before_;
};

}  // namespace weco::cli
