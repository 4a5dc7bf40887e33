// SPDX-License-Identifier: Apache-2.0
// A connection to D-Bus that lives in our reactor: calls with a deadline, signals, and objects that
// others may call. Nothing throws here and no callback runs inside the library, so a callback may
// wait, call, or destroy the bus. sdbus-c++ stays in bus.cpp and sdbus.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "host/failure/failure.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/ble/value.hpp"

namespace weco::transports::ble {

/// An error as D-Bus tells it: "org.bluez.Error.NotReady" and words for people.
struct BusError {
  std::string name;
  std::string message;
};
/// Names of our own, for what D-Bus has none.
inline constexpr const char* kNoReply = "weco.NoReply";        // the deadline passed
inline constexpr const char* kBusLost = "weco.BusLost";        // the bus is gone
inline constexpr const char* kUnreadable = "weco.Unreadable";  // a reply of an unknown shape

using Reply = Result<Values, BusError>;

struct Call {
  std::string service;
  std::string path;
  std::string interface;
  std::string method;
  Values args;
  Duration deadline = Duration::s(5);
};

struct Signal {
  std::string sender;
  std::string path;
  std::string interface;
  std::string member;
  Values args;
};

/// A call that another program makes to one of our objects. `reply` is called once, now or later.
struct Incoming {
  std::string sender;
  std::string path;
  std::string interface;
  std::string member;
  Values args;
  std::function<void(Reply)> reply;
};

struct ExportedMethod {
  std::string name;
  std::string in;  // D-Bus signatures
  std::string out;
};
struct ExportedInterface {
  std::string name;
  std::vector<ExportedMethod> methods;
  Dict properties;
};

/// An object that others see; gone when this is destroyed. Outlives nothing of the bus.
class Exported {
 public:
  virtual ~Exported() = default;
  /// Changes a property and, unless `quiet`, tells everybody (PropertiesChanged).
  virtual void set(const std::string& interface, const std::string& key, Value value,
                   bool quiet = false) = 0;
  /// InterfacesAdded and InterfacesRemoved of an object below an object manager.
  virtual void announce(bool added) = 0;
};

class Bus {
 public:
  using CallId = std::uint64_t;  // 0 is no call
  /// The system bus. NotFound (no bus), PermissionDenied, IoError.
  static Outcome<std::unique_ptr<Bus>> open(Reactor& reactor);
  virtual ~Bus() = default;

  /// `done` is called once, from the reactor, within the deadline; not after cancel().
  virtual CallId call(const Call& call, std::function<void(Reply)> done) = 0;
  virtual void cancel(CallId id) = 0;
  /// Signals that fit a D-Bus match rule, as long as the bus lives.
  virtual Done subscribe(const std::string& rule, std::function<void(const Signal&)> action) = 0;
  /// Called once when the connection is gone.
  virtual void on_lost(std::function<void()> action) = 0;

  virtual Done own(const std::string& name) = 0;
  virtual Outcome<std::unique_ptr<Exported>> add_object(
      const std::string& path, const std::vector<ExportedInterface>& interfaces,
      std::function<void(Incoming)> called) = 0;
  /// Answers GetManagedObjects for everything below `path`.
  virtual Done add_object_manager(const std::string& path) = 0;
};

}  // namespace weco::transports::ble
