// SPDX-License-Identifier: Apache-2.0
// A device that is being talked to: link, session and reader in one place, read as often as wanted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/device/reader.hpp"
#include "host/device/report.hpp"
#include "host/evidence/event.hpp"
#include "host/guard/guard.hpp"

namespace weco {

class LiveDevice {
 public:
  struct Setup {
    std::unique_ptr<ByteLink> link;
    const Profile* profile = nullptr;  // outlives the device
    std::span<const FaultInfo> codes;  // of the family; outlive the device
    std::span<const LightInfo> lights;
    Carrier carrier = Carrier::Rtu;
    std::uint8_t unit = 1;
    std::optional<LineSettings> line;  // settings in force; empty: not a serial line
    EventSink* events = nullptr;
  };
  /// Unsupported when the family does not speak over the carrier.
  static Outcome<std::unique_ptr<LiveDevice>> make(Reactor& reactor, Setup setup);

  /// One whole look at the device. Timeout when nothing answered within `patience`, Interrupted
  /// when the user said stop; other errors as the device or the link gave them.
  Outcome<DeviceReport> read(Duration patience);
  using Answer = std::function<void(Outcome<DeviceReport>)>;
  /// The same without waiting: `done` is called once, from the reactor. `wanted` empty: everything,
  /// else at least those that the device has. One look at a time (an assertion).
  void start(std::vector<PointRef> wanted, Duration patience, Answer done);
  using Written = std::function<void(Outcome<Reading>)>;
  /// Writes what the guard has permitted, then reads it back: `done` is called once, from the
  /// reactor, with what the device holds now. Unsupported when its protocol writes nothing. One
  /// thing at a time, as above.
  void write(const Permit& permit, Duration patience, Written done);
  [[nodiscard]] bool busy() const { return look_ != nullptr || writing_; }
  [[nodiscard]] const Setup& setup() const { return setup_; }
  ~LiveDevice();

 private:
  struct Look;
  void finish(Status status, bool late);
  void read_back(PointRef ref, Duration patience, Written done);
  [[nodiscard]] std::string advice() const;
  DeviceReport take_report(DeviceReport report);
  LiveDevice(Reactor& reactor, Setup setup, std::unique_ptr<DeviceReader> reader);

  Reactor& reactor_;
  Setup setup_;
  std::unique_ptr<DeviceReader> reader_;
  Session session_;
  std::unique_ptr<Look> look_;
  bool writing_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // gone: the session tells nobody
};

}  // namespace weco
