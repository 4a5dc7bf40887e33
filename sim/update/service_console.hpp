// SPDX-License-Identifier: Apache-2.0
// The service console of a simulated controller: it answers SMP, Modbus or UDS, tells which board
// it is, gives out its journal and takes no firmware.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/journal/journal.hpp"
#include "core/protocol/modbus_journal/journal_registers.hpp"
#include "core/protocol/smp/server.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "sim/device/served.hpp"
#include "sim/update/journal_records.hpp"
#include "sim/update/uds_port.hpp"

namespace weco::sim {

class ServiceConsole final : public smp::Files, public update::Target {
 public:
  /// The journal outlives the console.
  ServiceConsole(Reactor& reactor, const journal::Journal& journal, std::string board)
      : reactor_(reactor), journal_(journal), records_(journal), board_(std::move(board)) {}

  /// One more who asks, over SMP.
  void serve(std::unique_ptr<ByteLink> link, smp::Framing framing);
  /// Over Modbus, as this unit.
  void serve(std::unique_ptr<ByteLink> link, modbus::Framing framing, std::uint8_t unit);
  /// Over UDS, to all on this bus.
  void serve(std::unique_ptr<FrameLink> bus);
  /// Forgets those who are gone.
  void prune();

  Result<std::uint64_t> size(std::string_view name) override;
  Result<std::size_t> read(std::string_view name, std::uint64_t offset, MutableBytes into) override;

 private:
  struct Client {
    std::unique_ptr<ByteLink> link;
    std::unique_ptr<smp::Server> server{};
    std::unique_ptr<modbus_journal::JournalRegisters> registers{};
    std::unique_ptr<modbus::Server> modbus{};
    std::unique_ptr<Served> served{};
  };
  struct Bus {
    std::unique_ptr<FrameLink> link;
    std::unique_ptr<UdsPort> port;
  };
  static void answer(Bus& bus);
  update::Slot slot(std::size_t) override { return {}; }
  update::Refusal begin(std::uint32_t) override { return update::Refusal::State; }
  update::Refusal write(std::uint32_t, Bytes) override { return update::Refusal::State; }
  bool matches(std::uint32_t, Bytes) override { return false; }
  update::Refusal set_pending(bool) override { return update::Refusal::NoImage; }
  update::Refusal confirm() override { return update::Refusal::NoImage; }
  void reset() override {}
  [[nodiscard]] std::string_view board() const override { return board_; }
  [[nodiscard]] std::string_view serial_number() const override { return {}; }

  Reactor& reactor_;
  const journal::Journal& journal_;
  JournalRecords records_;
  std::string board_;
  std::vector<Client> clients_;
  std::vector<std::unique_ptr<Bus>> buses_;
};

}  // namespace weco::sim
