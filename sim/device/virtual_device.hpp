// SPDX-License-Identifier: Apache-2.0
// A device of a family that exists in memory: values from a model, answered over the family's own
// protocol by the same profile rows that read a real one. Any number of links can be served at once
// and all show the same device.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/protocol/modbus/server.hpp"
#include "core/protocol/pylontech/server.hpp"
#include "core/protocol/weco_service/key.hpp"
#include "host/profile/modbus_map.hpp"
#include "host/reactor/reactor.hpp"
#include "sim/device/served.hpp"
#include "sim/device/values.hpp"

namespace weco::sim {

struct VirtualDeviceOptions {
  std::uint8_t unit = 0;  // address; 0: the family's own
  std::uint32_t seed = 1;
  Instant base{};                           // reactor time at which the device's own time is 0
  std::uint32_t speed = 1;                  // seconds of the device in one of the reactor
  Duration turnaround = Duration::ms(5);    // devices take 5-60 ms typically
  Duration update_period = Duration::s(1);  // of the values
};

class VirtualDevice {
 public:
  /// Unsupported for a family that does not answer questions (CAN batteries talk by themselves).
  /// `profile` and `reactor` must outlive the device.
  static Outcome<std::unique_ptr<VirtualDevice>> make(Reactor& reactor, const Profile& profile,
                                                      const VirtualDeviceOptions& options);
  /// The same with values from somewhere else than the family's healthy device.
  static Outcome<std::unique_ptr<VirtualDevice>> make(Reactor& reactor, const Profile& profile,
                                                      const VirtualDeviceOptions& options,
                                                      std::unique_ptr<ValueModel> model);
  ~VirtualDevice();
  VirtualDevice(const VirtualDevice&) = delete;
  VirtualDevice& operator=(const VirtualDevice&) = delete;

  /// Answers on this link until it is gone. `carrier` is what the link carries.
  void serve(std::unique_ptr<ByteLink> link, Carrier carrier);
  /// Drops the links whose other side has hung up; returns how many remain.
  std::size_t prune();

  [[nodiscard]] const Profile& profile() const { return profile_; }
  [[nodiscard]] std::uint8_t unit() const { return options_.unit; }
  /// The values in force; a test may change them between updates.
  [[nodiscard]] Snapshot& values() { return values_; }
  [[nodiscard]] std::uint64_t answers() const;
  /// Stops the model, so that values stay as they are.
  void freeze();
  /// What the model says now, between two updates or after freeze().
  void refresh();

 private:
  class ModbusBackend;
  struct Link;
  VirtualDevice(Reactor& reactor, const Profile& profile, const VirtualDeviceOptions& options,
                std::unique_ptr<ValueModel> model);
  void tick();
  /// Settings somebody wrote, all or none.
  Status set(const std::vector<Reading>& written);

  Reactor& reactor_;
  const Profile& profile_;
  VirtualDeviceOptions options_;
  std::unique_ptr<ValueModel> model_;
  Snapshot values_;
  Snapshot kept_;  // settings that were written and that the model does not have
  std::unique_ptr<ModbusBackend> modbus_;
  std::vector<std::unique_ptr<Link>> links_;
  std::uint64_t answers_gone_ = 0;  // by links that are no more
  Reactor::TimerId timer_ = 0;
};

}  // namespace weco::sim
