// SPDX-License-Identifier: Apache-2.0
#include "cli/site_memory.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/console.hpp"

namespace weco::cli {
namespace {

/// Of a controller: 4096 records. A tower of four modules keeps about 30 of them a day.
constexpr journal::Geometry kFlash = {4096, 64, 100000};

}  // namespace

SiteMemory::SiteMemory() : flash_(kFlash) {}

Outcome<std::unique_ptr<SiteMemory>> SiteMemory::open(const Args& args, const sim::Site& site,
                                                      Reactor& reactor, Served& served) {
  std::unique_ptr<SiteMemory> memory(new SiteMemory());
  if (args.given("journal")) {
    Done kept = memory->flash_.keep_in(std::string(args.text("journal")));
    if (!kept) return Unexpected{std::move(kept).error()};
  }
  auto journal = sim::SiteJournal::make(memory->flash_.flash(), site);
  if (!journal) return Unexpected{std::move(journal).error()};
  memory->journal_ = std::make_unique<sim::SiteJournal>(std::move(*journal));
  memory->console_ = std::make_unique<sim::ServiceConsole>(reactor, memory->journal_->journal(),
                                                           std::string(name(site.config().family)));
  for (const std::string& where : args.list("console")) {
    if (Done done = memory->listen(where, reactor, served); !done) {
      return Unexpected{std::move(done).error()};
    }
  }
  return memory;
}

Done SiteMemory::listen(const std::string& where, Reactor& reactor, Served& served) {
  const auto endpoint = parse_endpoint(where);
  if (!endpoint) return Unexpected{endpoint.error()};
  if (endpoint->scheme == Scheme::Can || endpoint->scheme == Scheme::Slcan) {
    auto bus = bus_at(*endpoint, reactor, served);
    if (!bus) return Unexpected{std::move(bus).error()};
    console_->serve(std::move(*bus));
    served.lines.push_back(fmt::format("The service console answers on {}.", where));
    return {};
  }
  if (!carries_bytes(endpoint->scheme)) {
    return failure(ErrorCode::BadUsage, "a service console is not served there", where,
                   "Give pty:PATH, tcp:HOST:PORT, udp:HOST:PORT, can:INTERFACE or slcan:PATH.");
  }
  const bool packets = endpoint->scheme == Scheme::Udp;
  const auto framing = packets ? smp::Framing::Packet : smp::Framing::Console;
  const auto place =
      listen_at(*endpoint, reactor, served,
                [this, framing, modbus = modbus_at(*endpoint)](std::unique_ptr<ByteLink> link) {
                  if (modbus)
                    return console_->serve(std::move(link), modbus->framing, modbus->unit);
                  console_->serve(std::move(link), framing);
                });
  if (!place) return Unexpected{place.error()};
  served.lines.push_back(fmt::format("The service console is {}.", *place));
  return {};
}

}  // namespace weco::cli
