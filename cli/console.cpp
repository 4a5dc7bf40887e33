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

Outcome<Conversation> open_conversation(const Place& place, Reactor& reactor, EventSink* events) {
  Conversation opened;
  if (place.is_can()) {
    auto bus = transports::open_talking_bus(place.endpoint, reactor);
    if (!bus) return Unexpected{std::move(bus).error()};
    opened.bus = recorded(std::move(*bus), events);
    return opened;
  }
  auto link = open_console(place, reactor, events);
  if (!link) return Unexpected{std::move(link).error()};
  opened.link = std::move(*link);
  opened.session = std::make_unique<Session>(reactor, *opened.link);
  return opened;
}

std::optional<ModbusPlace> modbus_at(const Endpoint& endpoint) {
  const auto unit = endpoint.unit();
  if (!unit || endpoint.scheme == Scheme::Udp) return std::nullopt;
  const bool tcp = endpoint.scheme == Scheme::Tcp && endpoint.framing() != Framing::Rtu;
  return ModbusPlace{*unit, tcp ? modbus::Framing::Tcp : modbus::Framing::Rtu};
}

}  // namespace weco::cli
