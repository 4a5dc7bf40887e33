// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/bluez.hpp"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

namespace weco::transports::ble {
namespace {

constexpr const char* kStartService =
    "Start it with 'sudo systemctl start bluetooth'; if it is missing, install the package "
    "'bluez'.";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

struct Blocked {
  bool soft = false;  // "rfkill unblock" undoes it
  bool hard = false;  // a switch or the firmware does
};

/// What the kernel's radio switches say about an adapter, or about Bluetooth when it has no own.
Blocked blocked(const std::string& folder, const std::string& adapter) {
  Blocked all;
  std::optional<Blocked> own;
  DIR* directory = ::opendir(folder.c_str());
  if (directory == nullptr) return all;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string at = folder + "/" + entry->d_name;
    if (entry->d_name[0] == '.' || first_line(at + "/type") != "bluetooth") continue;
    const Blocked one{first_line(at + "/soft") == "1", first_line(at + "/hard") == "1"};
    if (first_line(at + "/name") == adapter) own = one;
    all.soft = all.soft || one.soft;
    all.hard = all.hard || one.hard;
  }
  ::closedir(directory);
  return own.value_or(all);
}

struct Known {
  std::string_view part;  // of the error's name or message
  ErrorCode code;
  const char* what;  // nullptr: what was attempted
  const char* hint;
};
constexpr std::array kKnown = {
    Known{"ServiceUnknown", ErrorCode::NotFound, "the Bluetooth service is not running",
          kStartService},
    Known{"NameHasNoOwner", ErrorCode::NotFound, "the Bluetooth service is not running",
          kStartService},
    Known{"DBus.Error.Spawn", ErrorCode::NotFound, "the Bluetooth service is not running",
          kStartService},
    Known{"AccessDenied", ErrorCode::PermissionDenied, "this user may not use Bluetooth",
          "Join the group 'bluetooth' and log in again."},
    Known{"NotReady", ErrorCode::Disconnected, "the Bluetooth adapter is switched off",
          "Switch it on with 'bluetoothctl power on'."},
    Known{"UnknownObject", ErrorCode::Disconnected, "the device has disappeared", kOneAtATime},
    Known{"UnknownMethod", ErrorCode::Disconnected, "the device has disappeared", kOneAtATime},
    Known{"DoesNotExist", ErrorCode::Disconnected, "the device has disappeared", kOneAtATime},
    Known{"NotConnected", ErrorCode::Disconnected, "the device is not connected any more",
          kOneAtATime},
    Known{"Authentication", ErrorCode::PermissionDenied, "the device refuses to pair",
          "Put it into pairing mode, remove old pairings with 'bluetoothctl remove ADDRESS'."},
    Known{"NotAuthorized", ErrorCode::PermissionDenied, "the device answers paired partners only",
          "Add pair=yes to the endpoint."},
    Known{"nsufficient", ErrorCode::PermissionDenied, "the device answers paired partners only",
          "Add pair=yes to the endpoint."},
    Known{"InProgress", ErrorCode::Busy, "another program is using this device over Bluetooth",
          "Close the other program, or wait until it is done."},
    Known{"NotPermitted", ErrorCode::Busy, "another program is using this device over Bluetooth",
          "Close the other program, or wait until it is done."},
    Known{"Connection terminated", ErrorCode::Disconnected, "the D-Bus system bus is gone",
          "Start the service 'dbus' and then 'bluetooth'."},
    Known{kBusLost, ErrorCode::Disconnected, "the D-Bus system bus is gone",
          "Start the service 'dbus' and then 'bluetooth'."},
    Known{kNoReply, ErrorCode::Timeout, nullptr,
          "The Bluetooth service does not answer; 'sudo systemctl restart bluetooth' may help."},
    Known{"NoReply", ErrorCode::Disconnected, "the Bluetooth service has ended", kStartService},
};

}  // namespace

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Failure explain(const BusError& error, const std::string& what, const std::string& where) {
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& each) {
    return contains(error.name, each.part) || contains(error.message, each.part);
  });
  if (known == kKnown.end()) {
    return {{ErrorCode::IoError, 0}, what, where, "BlueZ says: " + error.message + "."};
  }
  return {{known->code, 0},
          known->what == nullptr ? what : known->what,
          where,
          known->hint == nullptr ? "" : known->hint};
}

Failure service_gone(const std::string& where) {
  return {{ErrorCode::Disconnected, 0}, "the Bluetooth service has ended", where, kStartService};
}

Failure adapter_off(const std::string& where, const std::string& adapter) {
  return {{ErrorCode::Disconnected, 0},
          "the Bluetooth adapter " + adapter + " is switched off",
          where,
          "Switch it on with 'bluetoothctl power on'."};
}

Outcome<std::unique_ptr<Bluez>> Bluez::open(Reactor& reactor, BluezObserver& observer,
                                            const Patience& patience) {
  auto bus = Bus::open(reactor);
  if (!bus) return Unexpected<Failure>{bus.error()};
  std::unique_ptr<Bluez> bluez(new Bluez(std::move(*bus), observer, patience));
  if (const Done listening = bluez->listen(); !listening) {
    return Unexpected<Failure>{listening.error()};
  }
  return bluez;
}

Done Bluez::listen() {
  const std::string from = "type='signal',sender='org.bluez',interface='";
  Done done = bus_->subscribe(from + kObjectManager + "'",
                              [this](const Signal& signal) { heard_objects(signal); });
  if (!done) return done;
  done = bus_->subscribe(from + kProperties + "'",
                         [this](const Signal& signal) { heard_properties(signal); });
  if (!done) return done;
  bus_->on_lost([this] { gone(); });
  return bus_->subscribe(
      "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
      [this](const Signal& signal) { heard_owner(signal); });
}

void Bluez::load(std::function<void(Done)> done) {
  const Call call{kBluez, "/", kObjectManager, "GetManagedObjects", {}, patience_.answer};
  bus_->call(call, [this, done = std::move(done)](const Reply& reply) {
    if (!reply) {
      return done(Unexpected<Failure>{explain(reply.error(), "asking the Bluetooth service", "")});
    }
    const ObjectList* list = reply->empty() ? nullptr : reply->front().get<ObjectList>();
    if (list == nullptr) {
      return done(failure(ErrorCode::BadFrame, "the Bluetooth service answers in another way"));
    }
    running_ = true;
    objects_.clear();
    for (const Object& object : *list) keep(object.path, object.interfaces);
    done({});
  });
}

void Bluez::keep(const std::string& path, const Interfaces& interfaces) {
  if (objects_.size() >= kObjectsMax && objects_.find(path) == objects_.end()) return;
  for (const Interface& interface : interfaces)
    objects_[path][interface.name] = interface.properties;
}

void Bluez::heard_objects(const Signal& signal) {
  if (signal.args.size() != 2) return;
  const auto* path = signal.args[0].get<ObjectPath>();
  if (path == nullptr) return;
  if (const auto* added = signal.args[1].get<Interfaces>()) {
    keep(path->text, *added);
    for (const Interface& each : *added) observer_.changed(path->text, each.name, {});
  } else if (const auto* removed = signal.args[1].get<Texts>()) {
    const auto object = objects_.find(path->text);
    if (object == objects_.end()) return;
    for (const std::string& name : *removed) object->second.erase(name);
    if (object->second.empty()) objects_.erase(object);
    for (const std::string& name : *removed) observer_.changed(path->text, name, {});
  }
}

void Bluez::heard_properties(const Signal& signal) {
  if (signal.args.size() < 2) return;
  const auto* interface = signal.args[0].get<std::string>();
  const auto* changed = signal.args[1].get<Dict>();
  const auto object = objects_.find(signal.path);
  if (interface == nullptr || changed == nullptr || object == objects_.end()) return;
  const auto kept = object->second.find(*interface);
  if (kept == object->second.end()) return;
  for (const Entry& entry : *changed) assign(kept->second, entry.key, entry.value);
  observer_.changed(signal.path, *interface, *changed);
}

void Bluez::heard_owner(const Signal& signal) {
  const auto* owner = signal.args.size() == 3 ? signal.args[2].get<std::string>() : nullptr;
  if (owner != nullptr && owner->empty()) gone();
}

void Bluez::gone() {
  running_ = false;
  objects_.clear();
  observer_.bluez_gone();
}

const Dict* Bluez::properties(const std::string& path, std::string_view interface) const {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return nullptr;
  const auto found = object->second.find(interface);
  return found == object->second.end() ? nullptr : &found->second;
}

std::vector<std::string> Bluez::with(std::string_view interface, std::string_view under) const {
  std::vector<std::string> paths;
  for (const auto& [path, interfaces] : objects_) {
    if (interfaces.find(interface) == interfaces.end()) continue;
    if (under.empty() ||
        (path.starts_with(under) && path.size() > under.size() && path[under.size()] == '/')) {
      paths.push_back(path);
    }
  }
  return paths;
}

Outcome<std::string> Bluez::adapter(const std::string& name,
                                    const std::string& rfkill_folder) const {
  const std::vector<std::string> adapters = with(kAdapter);
  if (adapters.empty()) {
    return failure(ErrorCode::NotFound, "this machine has no Bluetooth adapter", name,
                   "Plug one in; 'bluetoothctl list' shows what the system knows.");
  }
  std::string all;
  std::string chosen;
  for (const std::string& path : adapters) {
    const std::string each(last_part(path));
    all += (all.empty() ? "" : ", ") + each;
    const bool wanted = name.empty() ? flag(*properties(path, kAdapter), "Powered") : each == name;
    if (chosen.empty() && wanted) chosen = path;
  }
  if (chosen.empty() && !name.empty()) {
    return failure(ErrorCode::NotFound, "there is no Bluetooth adapter of this name", name,
                   "Present: " + all + ".");
  }
  if (chosen.empty()) chosen = adapters.front();
  if (flag(*properties(chosen, kAdapter), "Powered")) return chosen;
  const std::string off(last_part(chosen));
  const Blocked state = blocked(rfkill_folder, off);
  if (state.hard) {
    return failure(ErrorCode::PermissionDenied,
                   "the Bluetooth adapter " + off + " is blocked by a switch of the machine", off,
                   "Use its radio switch or flight-mode key.");
  }
  if (state.soft || text(*properties(chosen, kAdapter), "PowerState") == "off-blocked") {
    return failure(ErrorCode::PermissionDenied, "the Bluetooth adapter " + off + " is blocked", off,
                   "Unblock it with 'rfkill unblock bluetooth'.");
  }
  return Unexpected<Failure>{adapter_off(off, off)};
}

}  // namespace weco::transports::ble
