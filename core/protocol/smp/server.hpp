// SPDX-License-Identifier: Apache-2.0
// The answering side of SMP: os and image groups over a Target, the file group over Files. Standard
// answers carry the standard keys and no other, because some clients refuse the rest. The state of
// an upload is in memory, as on real devices: after a restart it begins anew.
#pragma once

#include "core/protocol/cbor/cbor.hpp"
#include "core/protocol/exchange.hpp"
#include "core/protocol/smp/files.hpp"
#include "core/protocol/smp/packet.hpp"
#include "core/protocol/update/target.hpp"

namespace weco::smp {

struct ServerConfig {
  Framing framing = Framing::Console;
  std::uint16_t buffer_bytes = 1024;  // header and CBOR of a request
  std::uint8_t buffers = 1;
  /// Flash is written in units of so many bytes; the rest of a chunk is left for the next one.
  std::uint8_t write_unit = 1;
  /// Containers in answers without a length, as many devices send them.
  bool indefinite = true;
  /// Knows version 1 only: answers in it, whatever was asked, with plain codes.
  bool old_version = false;
  bool has_params = true;
};

class Server final : public Responder {
 public:
  Server(const ServerConfig& config, update::Target& target)
      : config_(config), target_(target), deframer_(config.framing) {}

  /// From now on these files may be read; they outlive the server.
  void give_out(Files& files) { files_ = &files; }
  Bytes respond(Bytes data, Instant) override { return process(data); }
  [[nodiscard]] std::uint32_t requests() const { return requests_; }

 private:
  struct Upload {
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
    std::array<std::uint8_t, 32> sha{};
    std::size_t sha_size = 0;
  };
  struct Chunk {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool has_offset = false;
    bool upgrade_only = false;
    Bytes data;
    Bytes sha;
  };
  Bytes process(Bytes data);
  Bytes answer(Bytes packet);
  void serve(const Header& request, Bytes payload, cbor::Writer& out);
  void serve_os(const Header& request, Bytes payload, cbor::Writer& out);
  void serve_image(const Header& request, Bytes payload, cbor::Writer& out);
  void serve_file(const Header& request, Bytes payload, cbor::Writer& out);
  void send_file(std::string_view name, std::uint64_t offset, cbor::Writer& out);
  void echo(Bytes payload, cbor::Writer& out);
  void os_info(cbor::Writer& out);
  void image_state(cbor::Writer& out);
  void change_state(Bytes payload, cbor::Writer& out);
  void upload(Bytes payload, cbor::Writer& out);
  update::Refusal begin(const Chunk& chunk, bool& known);
  void upload_answer(cbor::Writer& out);
  void refuse(cbor::Writer& out, update::Refusal refusal);
  void error(cbor::Writer& out, std::uint16_t code);
  void group_error(cbor::Writer& out, std::uint16_t group, std::uint16_t code);
  cbor::Writer& open_map(cbor::Writer& out, std::uint64_t pairs);
  void close(cbor::Writer& out) {
    if (config_.indefinite) out.end();
  }

  ServerConfig config_;
  update::Target& target_;
  Files* files_ = nullptr;
  Deframer deframer_;
  Version version_ = Version::V2;  // of the request being answered
  Upload upload_;
  std::array<std::uint8_t, 1024> reply_{};
  std::array<std::uint8_t, 2048> wire_{};
  std::uint32_t requests_ = 0;
};

}  // namespace weco::smp
