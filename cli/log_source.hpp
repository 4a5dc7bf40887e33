// SPDX-License-Identifier: Apache-2.0
// Where a journal is read from, as an endpoint says: UDS on a CAN bus, Modbus where it names a
// unit, else SMP: in lines on a console, in packets over UDP.
#pragma once

#include <memory>
#include <optional>

#include "cli/console.hpp"
#include "core/protocol/smp/client.hpp"
#include "host/logbook/source.hpp"

namespace weco::cli {

/// How SMP is framed there; nullopt where Modbus or UDS is spoken.
std::optional<smp::Framing> smp_at(const Place& place);

struct OpenedJournal {
  Conversation over{};
  std::unique_ptr<logbook::Source> source{};
};
Outcome<OpenedJournal> open_journal(const Place& place, Reactor& reactor, EventSink* events);

}  // namespace weco::cli
