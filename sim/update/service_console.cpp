// SPDX-License-Identifier: Apache-2.0
#include "sim/update/service_console.hpp"

#include <algorithm>
#include <array>

#include "core/journal/file.hpp"

namespace weco::sim {
namespace {

constexpr std::size_t kNumberBytes = 4;
constexpr Duration kTurnaround = Duration::ms(2);

}  // namespace

void ServiceConsole::serve(std::unique_ptr<ByteLink> link, smp::Framing framing) {
  Client client;
  client.link = std::move(link);
  client.server = std::make_unique<smp::Server>(smp::ServerConfig{.framing = framing}, *this);
  client.server->give_out(*this);
  client.served = std::make_unique<Served>(reactor_, *client.link, *client.server, kTurnaround);
  clients_.push_back(std::move(client));
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
