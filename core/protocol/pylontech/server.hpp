// SPDX-License-Identifier: Apache-2.0
// The battery's side: a group of modules that answers the commands that read, from any source of
// readings. It refuses 94 and 95 like any command it does not know. To a frame with a bad checksum
// it stays silent: on a shared line nobody can tell whom it was meant for.
#pragma once

#include "core/protocol/exchange.hpp"
#include "core/protocol/pylontech/decode.hpp"

namespace weco::pylontech {

class Server final : public Responder {
 public:
  struct Config {
    std::uint8_t group = 0;       // 0..14, DIP switches 2-4
    std::uint8_t modules = 1;     // 1..14
    NodePath base{};              // module n is base/module[n]; 61..63 come from base itself
    bool newer_commands = false;  // 61, 62, 63
    bool sixth_status = false;    // one more byte in 44, as newer firmware sends
  };

  /// `source` must outlive the server.
  Server(const Config& config, const ReadingSource& source);

  Bytes respond(Bytes data, Instant now) override;

 private:
  [[nodiscard]] bool request();
  [[nodiscard]] ReturnCode answer(Frame& out);
  [[nodiscard]] ReturnCode per_module(Command command, Frame& out);
  [[nodiscard]] ReturnCode one_module(Command command, std::uint8_t module, ByteWriter& out);
  void analog(std::uint8_t module, ByteWriter& out);
  void alarms(std::uint8_t module, ByteWriter& out);
  void limits(std::uint8_t module, ByteWriter& out);
  void management(const NodePath& node, ByteWriter& out);
  void maker(std::uint8_t module, ByteWriter& out);
  void system_analog(ByteWriter& out);

  [[nodiscard]] NodePath node(std::uint8_t module) const;
  [[nodiscard]] const Reading* get(PointId id, const NodePath& at, std::uint8_t index = 0) const;
  [[nodiscard]] std::int64_t number(PointId id, const NodePath& at, int exponent,
                                    std::int64_t fallback, std::uint8_t index = 0) const;
  [[nodiscard]] std::uint16_t kelvin(PointId id, const NodePath& at, std::uint8_t index = 0) const;
  [[nodiscard]] std::uint64_t bits(PointId id, const NodePath& at, std::uint8_t index = 0) const;
  void text(PointId id, const NodePath& at, std::size_t size, ByteWriter& out) const;
  void version(PointId id, const NodePath& at, std::size_t parts, ByteWriter& out) const;
  [[nodiscard]] std::uint8_t count(PointId id, const NodePath& at, std::size_t most) const;

  Config config_;
  const ReadingSource& source_;
  Receiver receiver_;
  Frame request_;
  std::array<std::uint8_t, kWireMax> out_{};
};

}  // namespace weco::pylontech
