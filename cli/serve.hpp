// SPDX-License-Identifier: Apache-2.0
// Where --serve puts a virtual device: endpoints of this machine that other programs open.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "host/link/endpoint.hpp"
#include "host/link/fault_filter.hpp"
#include "host/reactor/reactor.hpp"
#include "sim/device/can_battery.hpp"
#include "sim/device/virtual_device.hpp"
#include "transports/ble/peripheral.hpp"
#include "transports/tcp/tcp.hpp"
#include "transports/udp/udp.hpp"

namespace weco::cli {

/// Everything that is served; what listens lives here.
struct Served {
  std::optional<FaultPlan> damage;  // of what devices say on their way out
  std::vector<std::unique_ptr<transports::TcpListener>> listeners;
  std::vector<std::unique_ptr<transports::UdpServer>> ports;
  std::vector<std::unique_ptr<transports::ble::Peripheral>> radios;
  std::vector<std::unique_ptr<sim::CanBattery>> batteries;
  std::vector<std::string> lines;                // what to tell the user
  std::function<void(const std::string&)> tell;  // what happens later; must be set
};

/// Serves `device` on the endpoint that `text` names, by the family's own protocol. BadUsage for an
/// endpoint on which nothing can be served, Unsupported when the family does not speak there.
Done serve(std::string_view text, Reactor& reactor, sim::VirtualDevice& device, Served& served);
/// Whether listen_at() can be asked.
constexpr bool carries_bytes(Scheme scheme) {
  return scheme == Scheme::Pty || scheme == Scheme::Tcp || scheme == Scheme::Udp;
}
/// The bus of a can endpoint, or what is behind the adapter that an slcan endpoint makes for others
/// to open as a port.
Outcome<std::unique_ptr<FrameLink>> bus_at(const Endpoint& endpoint, Reactor& reactor,
                                           Served& served);
/// Hands a link to every client of a pty, tcp or udp endpoint to `accepted`; tells where that is.
Outcome<std::string> listen_at(const Endpoint& endpoint, Reactor& reactor, Served& served,
                               std::function<void(std::unique_ptr<ByteLink>)> accepted);
/// What happened where nobody asks: on CAN buses.
std::vector<std::string> served_summary(const Served& served);

}  // namespace weco::cli
