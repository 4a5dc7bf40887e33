// SPDX-License-Identifier: Apache-2.0
#include "cli/console.hpp"

#include <utility>

#include "transports/open.hpp"

namespace weco::cli {
namespace {

constexpr std::uint32_t kConsoleBaud = 115200;  // what such consoles are set to

}  // namespace

Outcome<std::unique_ptr<ByteLink>> open_console(const Place& place, Reactor& reactor,
                                                EventSink* events) {
  auto link = transports::open_byte_link(place.endpoint, reactor);
  if (!link) return link;
  if (place.endpoint.scheme != Scheme::Serial) return recorded(std::move(*link), events);
  LineSettings settings = place.endpoint.line_settings();
  if (!place.endpoint.option("baud")) settings.bits_per_second = kConsoleBaud;
  if (Done done = (*link)->configure(settings); !done) return Unexpected{std::move(done).error()};
  return recorded(std::move(*link), events);
}

Outcome<std::unique_ptr<FrameLink>> open_talking_bus(const Place& place, Reactor& reactor,
                                                     EventSink* events) {
  auto bus = transports::open_talking_bus(place.endpoint, reactor);
  if (!bus) return bus;
  return recorded(std::move(*bus), events);
}

std::optional<ModbusPlace> modbus_at(const Endpoint& endpoint) {
  const auto unit = endpoint.unit();
  if (!unit || endpoint.scheme == Scheme::Udp) return std::nullopt;
  const bool tcp = endpoint.scheme == Scheme::Tcp && endpoint.framing() != Framing::Rtu;
  return ModbusPlace{*unit, tcp ? modbus::Framing::Tcp : modbus::Framing::Rtu};
}

}  // namespace weco::cli
