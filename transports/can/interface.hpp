// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of a CAN interface (rtnetlink): up or down, speed, error state, counters.
// Asking needs no rights.
#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/protocol/can/health.hpp"
#include "host/failure/failure.hpp"

namespace weco::transports {

struct CanInterface {
  std::string name;
  int index = 0;
  bool is_can = false;  // false: Ethernet, Wi-Fi, ...
  bool up = false;
  bool takes_long_frames = false;  // CAN FD is switched on
  BusHealth health;
};

/// One answer of the kernel, without a socket. BadInput when it is none about an interface.
Outcome<CanInterface> parse_interface(Bytes message);
/// NotFound when there is no such interface, BadInput when it is no CAN interface.
Outcome<CanInterface> ask_interface(const std::string& name);
/// The command that brings the interface up.
std::string up_command(const CanInterface& interface);

}  // namespace weco::transports
