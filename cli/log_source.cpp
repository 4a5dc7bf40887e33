// SPDX-License-Identifier: Apache-2.0
#include "cli/log_source.hpp"

#include <utility>

#include "host/logbook/modbus_source.hpp"
#include "host/logbook/smp_source.hpp"
#include "host/logbook/uds_source.hpp"

namespace weco::cli {

std::optional<smp::Framing> smp_at(const Place& place) {
  if (place.is_can() || modbus_at(place.endpoint)) return std::nullopt;
  const bool packets = place.endpoint.scheme == Scheme::Udp;
  return packets ? smp::Framing::Packet : smp::Framing::Console;
}

Outcome<OpenedJournal> open_journal(const Place& place, Reactor& reactor, EventSink* events) {
  auto over = open_conversation(place, reactor, events);
  if (!over) return Unexpected{std::move(over).error()};
  OpenedJournal opened{std::move(*over)};
  if (opened.over.bus != nullptr) {
    opened.source = std::make_unique<logbook::UdsSource>(reactor, *opened.over.bus);
  } else if (const auto modbus = modbus_at(place.endpoint)) {
    opened.source = std::make_unique<logbook::ModbusSource>(*opened.over.session, modbus->unit,
                                                            modbus->framing);
  } else {
    opened.source = std::make_unique<logbook::SmpSource>(*opened.over.session, *smp_at(place));
  }
  return opened;
}

}  // namespace weco::cli
