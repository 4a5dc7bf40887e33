// SPDX-License-Identifier: Apache-2.0
// BlueZ as others see it on the bus: its objects mirrored here, kept up to date by its signals, and
// its errors in words. What BlueZ says later than it should (the property Connected, see
// docs/adr/0020) is passed on as a change, never kept as the truth.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transports/ble/bus.hpp"

namespace weco::transports::ble {

inline constexpr const char* kBluez = "org.bluez";
inline constexpr const char* kAdapter = "org.bluez.Adapter1";
inline constexpr const char* kDevice = "org.bluez.Device1";
inline constexpr const char* kService = "org.bluez.GattService1";
inline constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
inline constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
inline constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";

/// Objects kept; a crowd of advertisers beyond it is not looked at.
inline constexpr std::size_t kObjectsMax = 4096;

/// How long everything may take. Tests shorten it.
struct Patience {
  Duration answer = Duration::s(4);      // of the Bluetooth service, for what is quick
  Duration discovery = Duration::s(30);  // until the device was heard
  Duration connect = Duration::s(30);
  Duration services = Duration::s(20);  // until they are known, and for pairing
  Duration write = Duration::s(5);      // until one packet is taken
  Duration settle = Duration::ms(300);  // between a broken link and its reason
  Duration leave = Duration::ms(2500);  // until a link that is given up is gone; BlueZ takes 2 s
};

class BluezObserver {
 public:
  virtual ~BluezObserver() = default;
  /// An object came, went or changed; `changed` holds what did, empty when it came or went.
  virtual void changed(const std::string& path, const std::string& interface,
                       const Dict& changed) = 0;
  /// The Bluetooth service has left the bus.
  virtual void bluez_gone() = 0;
};

class Bluez {
 public:
  /// The observer must outlive this.
  static Outcome<std::unique_ptr<Bluez>> open(Reactor& reactor, BluezObserver& observer,
                                              const Patience& patience);
  Bluez(const Bluez&) = delete;
  Bluez& operator=(const Bluez&) = delete;

  /// Reads all objects (again). `done` is called once, from the reactor.
  void load(std::function<void(Done)> done);
  /// nullptr when the object or its interface is not there.
  [[nodiscard]] const Dict* properties(const std::string& path, std::string_view interface) const;
  /// Paths of all objects with the interface, below `under` (empty: all), in order.
  [[nodiscard]] std::vector<std::string> with(std::string_view interface,
                                              std::string_view under = {}) const;
  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] Bus& bus() { return *bus_; }

  /// The path of the adapter of this name, or of the first that is on. NotFound (none),
  /// Disconnected (off), PermissionDenied (blocked by rfkill).
  [[nodiscard]] Outcome<std::string> adapter(const std::string& name,
                                             const std::string& rfkill_folder) const;

 private:
  Bluez(std::unique_ptr<Bus> bus, BluezObserver& observer, const Patience& patience)
      : bus_(std::move(bus)), observer_(observer), patience_(patience) {}
  Done listen();
  void heard_objects(const Signal& signal);
  void heard_properties(const Signal& signal);
  void heard_owner(const Signal& signal);
  void gone();
  void keep(const std::string& path, const Interfaces& interfaces);

  std::unique_ptr<Bus> bus_;
  BluezObserver& observer_;
  Patience patience_;
  std::map<std::string, std::map<std::string, Dict, std::less<>>> objects_;
  bool running_ = true;
};

/// "/org/bluez/hci0" -> "hci0".
std::string_view last_part(std::string_view path);
/// An error of BlueZ or of the bus as a failure: `what` was attempted at `where`.
Failure explain(const BusError& error, const std::string& what, const std::string& where);

/// The common sentences, so that every way to a failure says the same.
Failure service_gone(const std::string& where);
Failure adapter_off(const std::string& where, const std::string& adapter);
inline constexpr const char* kOneAtATime =
    "Go nearer and check that it is on; such devices take one connection at a time, so close the "
    "phone app first.";

}  // namespace weco::transports::ble
