// SPDX-License-Identifier: Apache-2.0
// The service console of a device: a byte link that carries SMP, or Modbus where several hang on
// one line.
#pragma once

#include <memory>
#include <optional>

#include "cli/target.hpp"
#include "core/protocol/modbus/framing.hpp"

namespace weco::cli {

/// At 115200 bit/s on a serial port, unless the endpoint says otherwise.
Outcome<std::unique_ptr<ByteLink>> open_console(const Place& place, Reactor& reactor);

struct ModbusPlace {
  std::uint8_t unit = 1;
  modbus::Framing framing = modbus::Framing::Rtu;
};
/// SMP has no address: whoever names a unit means Modbus.
std::optional<ModbusPlace> modbus_at(const Endpoint& endpoint);

}  // namespace weco::cli
