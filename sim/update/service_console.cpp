// SPDX-License-Identifier: Apache-2.0
#include "sim/update/service_console.hpp"

#include <algorithm>
#include <array>

namespace weco::sim {
namespace {

constexpr std::size_t kNumberBytes = 4;
constexpr Duration kTurnaround = Duration::ms(2);

}  // namespace

void ServiceConsole::serve(std::unique_ptr<ByteLink> link, smp::Framing framing) {
  Client client{.link = std::move(link)};
  client.server = std::make_unique<smp::Server>(smp::ServerConfig{.framing = framing}, *this);
  client.server->give_out(*this);
  client.served = std::make_unique<Served>(reactor_, *client.link, *client.server, kTurnaround);
  clients_.push_back(std::move(client));
}

void ServiceConsole::serve(std::unique_ptr<ByteLink> link, modbus::Framing framing,
                           std::uint8_t unit) {
  Client client{.link = std::move(link)};
  client.registers = std::make_unique<modbus_journal::JournalRegisters>(unit, records_);
  const modbus::ServerConfig config{.framing = framing, .answer_for_absent_units = false};
  client.modbus = std::make_unique<modbus::Server>(config, *client.registers);
  client.served = std::make_unique<Served>(reactor_, *client.link, *client.modbus, kTurnaround);
  clients_.push_back(std::move(client));
}

void ServiceConsole::serve(std::unique_ptr<FrameLink> link) {
  auto bus = std::make_unique<Bus>();
  bus->link = std::move(link);
  bus->port = std::make_unique<UdsPort>(reactor_, *bus->link, uds::ServerConfig{}, *this,
                                        [] { return true; });
  bus->port->give_out(records_);
  bus->link->on_readable([at = bus.get()] { answer(*at); });
  buses_.push_back(std::move(bus));
}

void ServiceConsole::answer(Bus& bus) {
  CanFrame frame;
  while (true) {
    const auto got = bus.link->receive(frame);
    if (!got || !*got) return;
    static_cast<void>(bus.port->take(frame));
  }
}

void ServiceConsole::prune() {
  std::erase_if(clients_, [](const Client& client) { return !client.served->alive(); });
}

Result<std::uint64_t> ServiceConsole::size(std::string_view name) {
  if (name == smp::kJournalFile) return journal::file_size(journal_);
  if (name == smp::kJournalOldestFile) return std::uint64_t{kNumberBytes};
  return fail(ErrorCode::NotFound);
}

Result<std::size_t> ServiceConsole::read(std::string_view name, std::uint64_t offset,
                                         MutableBytes into) {
  if (name == smp::kJournalFile) return journal::read_file(journal_, offset, into);
  if (name != smp::kJournalOldestFile) return fail(ErrorCode::NotFound);
  std::array<std::uint8_t, kNumberBytes> number{};
  ByteWriter out(number);
  out.u32(journal_.oldest_sequence(), Endian::Little);
  const Bytes rest = Bytes(number).subspan(std::min<std::size_t>(offset, kNumberBytes));
  const std::size_t size = std::min(rest.size(), into.size());
  std::copy_n(rest.begin(), size, into.begin());
  return size;
}

}  // namespace weco::sim
