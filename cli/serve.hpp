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
#include "host/link/fault_filter.hpp"
#include "host/reactor/reactor.hpp"
#include "sim/device/can_battery.hpp"
#include "sim/device/virtual_device.hpp"
#include "transports/ble/peripheral.hpp"
#include "transports/tcp/tcp.hpp"

namespace weco::cli {

/// Everything that is served; what listens lives here.
struct Served {
  std::optional<FaultPlan> damage;  // of what devices say on their way out
  std::vector<std::unique_ptr<transports::TcpListener>> listeners;
  std::vector<std::unique_ptr<transports::ble::Peripheral>> radios;
  std::vector<std::unique_ptr<sim::CanBattery>> batteries;
  std::vector<std::string> lines;                // what to tell the user
  std::function<void(const std::string&)> tell;  // what happens later; must be set
};

/// Serves `device` on the endpoint that `text` names, by the family's own protocol. BadUsage for an
/// endpoint on which nothing can be served, Unsupported when the family does not speak there.
Done serve(std::string_view text, Reactor& reactor, sim::VirtualDevice& device, Served& served);
/// What happened where nobody asks: on CAN buses.
std::vector<std::string> served_summary(const Served& served);

}  // namespace weco::cli
