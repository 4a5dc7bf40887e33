// SPDX-License-Identifier: Apache-2.0
// The other side of the air: an adapter of this machine advertises and serves a byte stream over
// GATT, so that a virtual device can be found and read like a real one. One central at a time, as
// the real ones. When the service or the adapter goes, it is tried again with growing pauses.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/ble/gatt_link.hpp"

namespace weco::transports::ble {

/// What fits into a scan response beside its header (Core 5.4, C 11: 31 bytes).
inline constexpr std::size_t kAdvertisedNameMax = 29;

struct PeripheralOptions {
  std::string adapter;  // "hci0"; empty: the first that is on
  std::string name;     // as advertised, 1 to kAdvertisedNameMax bytes
  ByteService service = kByteServices.front();
  Patience patience;
  BackOff back_off;
  std::string rfkill_folder = "/sys/class/rfkill";
};

struct PeripheralEvents {
  /// A central listens: its link, which ends with the central.
  std::function<void(std::unique_ptr<ByteLink>)> accepted;
  /// Nobody can find or read the device any more, and why; once until back().
  std::function<void(const Failure&)> lost;
  std::function<void()> back;
};

class Peripheral {
 public:
  virtual ~Peripheral() = default;
  [[nodiscard]] virtual std::string adapter() const = 0;  // "hci0"
  [[nodiscard]] virtual std::string address() const = 0;  // of the adapter
};

/// Runs the reactor until the adapter advertises or cannot. Besides what stands in the way of any
/// Bluetooth: Unsupported (an adapter that cannot advertise), Busy (it advertises too much
/// already), BadUsage (the name). Events come from the reactor, afterwards.
Outcome<std::unique_ptr<Peripheral>> advertise(Reactor& reactor, PeripheralOptions options,
                                               PeripheralEvents events);

}  // namespace weco::transports::ble
