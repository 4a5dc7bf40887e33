// SPDX-License-Identifier: Apache-2.0
// The service console of a device: a byte link that carries SMP, or Modbus where several hang on
// one line.
#pragma once

#include <memory>
#include <optional>

#include "cli/target.hpp"
#include "core/protocol/modbus/framing.hpp"
#include "host/session/session.hpp"

namespace weco::cli {

/// What a device's firmware and its memory are talked about over: a CAN bus (UDS), or a line with a
/// session on it (SMP, or Modbus where the endpoint names a unit).
struct Conversation {
  std::unique_ptr<ByteLink> link{};
  std::unique_ptr<FrameLink> bus{};
  std::unique_ptr<Session> session{};  // not on a bus
};
Outcome<Conversation> open_conversation(const Place& place, Reactor& reactor, EventSink* events);

/// At 115200 bit/s on a serial port, unless the endpoint says otherwise. `events`: gets the
/// traffic.
Outcome<std::unique_ptr<ByteLink>> open_console(const Place& place, Reactor& reactor,
                                                EventSink* events);

struct ModbusPlace {
  std::uint8_t unit = 1;
  modbus::Framing framing = modbus::Framing::Rtu;
};
/// SMP has no address: whoever names a unit means Modbus.
std::optional<ModbusPlace> modbus_at(const Endpoint& endpoint);

}  // namespace weco::cli
