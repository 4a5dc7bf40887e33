// SPDX-License-Identifier: Apache-2.0
// The service console of a device: a byte link that carries SMP, or Modbus where several hang on
// one line.
#pragma once

#include <memory>
#include <optional>

#include "cli/target.hpp"
#include "core/protocol/modbus/framing.hpp"

namespace weco::cli {

/// At 115200 bit/s on a serial port, unless the endpoint says otherwise. `events`: gets the
/// traffic.
Outcome<std::unique_ptr<ByteLink>> open_console(const Place& place, Reactor& reactor,
                                                EventSink* events);
/// A CAN bus on which questions are asked.
Outcome<std::unique_ptr<FrameLink>> open_talking_bus(const Place& place, Reactor& reactor,
                                                     EventSink* events);

struct ModbusPlace {
  std::uint8_t unit = 1;
  modbus::Framing framing = modbus::Framing::Rtu;
};
/// SMP has no address: whoever names a unit means Modbus.
std::optional<ModbusPlace> modbus_at(const Endpoint& endpoint);

}  // namespace weco::cli
