// SPDX-License-Identifier: Apache-2.0
#include "cli/log_source.hpp"

#include <utility>

#include "cli/console.hpp"
#include "host/logbook/modbus_source.hpp"
#include "host/logbook/smp_source.hpp"
#include "host/logbook/uds_source.hpp"
#include "transports/open.hpp"

namespace weco::cli {

std::optional<smp::Framing> smp_at(const Place& place) {
  if (place.is_can() || modbus_at(place.endpoint)) return std::nullopt;
  const bool packets = place.endpoint.scheme == Scheme::Udp;
  return packets ? smp::Framing::Packet : smp::Framing::Console;
}

Outcome<OpenedJournal> open_journal(const Place& place, Reactor& reactor, EventSink* events) {
  OpenedJournal opened;
  if (place.is_can()) {
    auto bus = open_talking_bus(place, reactor, events);
    if (!bus) return Unexpected{std::move(bus).error()};
    opened.bus = std::move(*bus);
    opened.source = std::make_unique<logbook::UdsSource>(reactor, *opened.bus);
    return opened;
  }
  auto link = open_console(place, reactor, events);
  if (!link) return Unexpected{std::move(link).error()};
  opened.link = std::move(*link);
  opened.session = std::make_unique<Session>(reactor, *opened.link);
  if (const auto modbus = modbus_at(place.endpoint)) {
    opened.source =
        std::make_unique<logbook::ModbusSource>(*opened.session, modbus->unit, modbus->framing);
    return opened;
  }
  opened.source = std::make_unique<logbook::SmpSource>(*opened.session, *smp_at(place));
  return opened;
}

}  // namespace weco::cli
