// SPDX-License-Identifier: Apache-2.0
// The answering side of UDS over a Target: message in, messages out. A block that comes twice is
// acknowledged and not written again; after a silence of S3 the session is over, and what was
// stored of an upload is still known until the device restarts.
#pragma once

#include <array>

#include "core/base/time.hpp"
#include "core/protocol/records.hpp"
#include "core/protocol/uds/uds.hpp"
#include "core/protocol/update/target.hpp"

namespace weco::uds {

struct ServerConfig {
  std::uint16_t message_bytes = kMessageMax;  // of a transfer request, service and counter included
  std::uint8_t pending = 2;  // so often "still at work" is said before an erase is answered
  Duration s3 = Duration::s(5);
};

class Server {
 public:
  Server(const ServerConfig& config, update::Target& target) : config_(config), target_(target) {}

  /// A journal that is read out in any session; it outlives the server.
  void give_out(const Records& records) { records_ = &records; }

  /// The first answer; empty when there is none. Valid until the next call.
  Bytes respond(Bytes request, Instant now);
  /// What follows it: empty when that was all.
  Bytes next();
  [[nodiscard]] std::uint32_t requests() const { return requests_; }

 private:
  struct Upload {
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
    std::array<std::uint8_t, 32> sha{};
    bool open = false;         // between 34 and 37
    std::uint8_t counter = 0;  // of the last block taken
  };
  void serve(ByteReader& in, Service service, ByteWriter& out);
  void session(ByteReader& in, ByteWriter& out);
  void read_data(ByteReader& in, ByteWriter& out);
  void put_slot(std::size_t n, ByteWriter& out);
  void routine(ByteReader& in, ByteWriter& out);
  void erase(ByteReader& in);
  void try_hash(ByteReader& in);
  void read_journal(ByteReader& in, ByteWriter& out);
  void download(ByteReader& in, ByteWriter& out);
  void transfer(ByteReader& in, ByteWriter& out);
  void transfer_exit(ByteWriter& out);
  void refuse(update::Refusal refusal);
  [[nodiscard]] bool programming();

  ServerConfig config_;
  update::Target& target_;
  const Records* records_ = nullptr;
  std::uint8_t session_ = kDefaultSession;
  Instant heard_;
  Upload upload_;
  Nrc nrc_ = Nrc::None;
  std::uint8_t pending_left_ = 0;
  std::array<std::uint8_t, 3> pending_answer_{};
  std::array<std::uint8_t, kJournalRecords * Records::kBytes + 9> answer_{};
  std::size_t answer_size_ = 0;
  std::uint32_t requests_ = 0;
};

}  // namespace weco::uds
