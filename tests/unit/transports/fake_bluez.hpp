// SPDX-License-Identifier: Apache-2.0
// A BlueZ of our own on a bus of our own: one adapter, one device with a byte service, and every
// way in which the real ones fail. It lives in the test's reactor.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/reactor/reactor.hpp"
#include "tests/unit/transports/scratch.hpp"
#include "transports/ble/bus.hpp"

namespace weco::test {

/// A D-Bus daemon that this process takes for the system bus.
class PrivateBus {
 public:
  /// `policy`: rules of D-Bus on top of "everything is allowed".
  explicit PrivateBus(const std::string& policy = {});
  ~PrivateBus();
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;
  void stop();
  /// Again at the same address.
  void start();

 private:
  Scratch scratch_;
  std::string address_;
  std::string config_;
  pid_t daemon_ = -1;
};

class FakeBluez {
 public:
  using Data = transports::ble::ByteBuffer;
  struct Options {
    bool adapter = true;
    bool powered = true;
    bool known = false;   // the device is there before anybody searches
    bool linked = false;  // and some program's link to it is still up
    bool heard = true;    // a search finds it
    bool pipes = true;    // AcquireNotify and AcquireWrite work
    bool byte_service = true;
    bool services = true;  // ServicesResolved comes
    bool mute = false;     // Connect is never answered
    int aborts = 0;        // Connect calls that fail by chance before one works
    bool serves = true;    // the adapter can act as a device
    std::optional<transports::ble::BusError> advertise_error;
    std::optional<transports::ble::BusError> search_error;
    std::optional<transports::ble::BusError> connect_error;
    std::optional<transports::ble::BusError> write_error;
    transports::ble::Value mtu = std::uint16_t{247};  // as the pipes report it
    std::string name = "PBOX2501";
    transports::ble::Value address = std::string("C0:FF:EE:00:12:34");
  };
  FakeBluez(Reactor& reactor, Options options);
  ~FakeBluez();
  FakeBluez(const FakeBluez&) = delete;
  FakeBluez& operator=(const FakeBluez&) = delete;

  /// What the device does with a packet; by default it says it again.
  std::function<void(const Data&)> on_packet;
  void notify(const Data& packet);
  /// The radio link breaks: pipes close, then BlueZ tells.
  void drop_link();
  void remove_device();
  void power(bool on);
  void add_device();

  // The other side of a device that is served here: what it advertises, and centrals.
  void listen();
  void stop_listening();
  /// A packet from `central`, a device's path; 0 for an option leaves it out.
  void write(const std::string& central, const Data& packet, std::uint16_t mtu = 0,
             std::uint16_t offset = 0);
  transports::ble::Dict advertised;  // empty: nothing is
  std::vector<Data> heard;           // notifications
  int written = 0;                   // writes that were taken
  std::vector<std::string> refused;  // and errors of those that were not

  int connects = 0;
  bool paired = false;
  std::vector<Data> packets;

 private:
  void called(const transports::ble::Incoming& call);
  void called_device(const transports::ble::Incoming& call);
  void called_characteristic(const transports::ble::Incoming& call);
  void add_characteristics();
  void add_adapter();
  void take_application(const transports::ble::Incoming& call);
  void take_advertisement(const transports::ble::Incoming& call);
  void call_served(const std::string& path, const char* method, transports::ble::Values args);
  void arrived(const Data& packet);
  void close_pipes();
  std::unique_ptr<transports::ble::Exported> add(
      const std::string& path, const std::vector<transports::ble::ExportedInterface>& interfaces);
  int pipe(const transports::ble::Incoming& call);

  Reactor& reactor_;
  Options options_;
  std::unique_ptr<transports::ble::Bus> bus_;
  std::unique_ptr<transports::ble::Exported> adapter_;
  std::unique_ptr<transports::ble::Exported> agents_;
  std::unique_ptr<transports::ble::Exported> device_;
  std::vector<std::unique_ptr<transports::ble::Exported>> gatt_;
  transports::ble::Exported* notifier_ = nullptr;
  std::string served_by_;  // the bus name of whoever registered
  std::string served_notify_;
  std::string served_write_;
  int notify_fd_ = -1;
  int write_fd_ = -1;
};

}  // namespace weco::test
