// SPDX-License-Identifier: Apache-2.0
// Listening for advertisements: what is around, how well it is heard.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "host/reactor/reactor.hpp"
#include "transports/ble/bluez.hpp"
#include "transports/ble/recognise.hpp"

namespace weco::transports::ble {

/// Devices told about; more than anybody can connect to.
inline constexpr std::size_t kAdvertisedMax = 1024;

struct DiscoveryOptions {
  std::string adapter;  // "hci0"; empty: the first that is on
  /// Some devices are reported only when a search begins again, about every 10 s.
  Duration length = Duration::s(12);
  Patience patience;
  std::string rfkill_folder = "/sys/class/rfkill";
};

/// Those heard, strongest first.
using Heard = std::function<void(Outcome<std::vector<Advertised>>)>;

class Discovery {
 public:
  virtual ~Discovery() = default;
};
/// `done` is called once, from the reactor; destroying what is returned gives the search up.
std::unique_ptr<Discovery> discover(Reactor& reactor, DiscoveryOptions options, Heard done);

}  // namespace weco::transports::ble
