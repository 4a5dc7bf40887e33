// SPDX-License-Identifier: Apache-2.0
// The service line of WeCo batteries is Modbus RTU with another tail: the CRC OR a key, inverted,
// plus 26 (framing WecoService). The host picks the key and tells it first, in a message without a
// tail. That message is the only thing said here that is not a read. The OR hides as many bits of
// the CRC as the key has, so a tail finds less damage than a CRC does; see the family's notes.
#pragma once

#include <array>
#include <cstdint>

#include "core/protocol/exchange.hpp"
#include "core/protocol/modbus/framing.hpp"
#include "core/protocol/modbus/server.hpp"

namespace weco::weco_service {

inline constexpr std::size_t kKeyMessageSize = 6;
inline constexpr std::size_t kKeyAnswerSize = 8;

/// 00 03, the key high byte first, 00 01.
std::array<std::uint8_t, kKeyMessageSize> key_message();
/// 01 03 03 23 00 00 and a tail made with that key.
std::array<std::uint8_t, kKeyAnswerSize> key_answer();

/// Tells the key and waits until the battery has taken it.
class KeyExchange final : public Exchange {
 public:
  explicit KeyExchange(std::uint32_t baud = 0, Duration answer_within = Duration::ms(500))
      : baud_(baud), answer_within_(answer_within), message_(key_message()) {}

  void start(Instant now) override { begin(now); }
  [[nodiscard]] Duration quiet_before() const override;
  [[nodiscard]] Bytes to_send() const override { return message_; }
  void received(Bytes data, Instant now) override { take(data, now); }
  /// At the deadline fails with Timeout when nothing came, else BadFrame.
  void advance(Instant now) override;
  void cancel() override {
    if (state_ == State::Waiting) state_ = State::Idle;
  }
  [[nodiscard]] Instant deadline() const override { return deadline_; }
  [[nodiscard]] State state() const override { return state_; }
  [[nodiscard]] Error error() const override { return error_; }

 private:
  void begin(Instant now);
  void take(Bytes data, Instant now);
  std::uint32_t baud_;
  Duration answer_within_;
  std::array<std::uint8_t, kKeyMessageSize> message_;
  std::array<std::uint8_t, kKeyAnswerSize> newest_{};  // the newest bytes, the newest last
  std::size_t seen_ = 0;
  Instant deadline_;
  State state_ = State::Idle;
  Error error_;
};

/// The battery's side: silent until it has been told the key, then a Modbus server.
class KeyedServer final : public Responder {
 public:
  explicit KeyedServer(modbus::Server& inner) : inner_(inner) {}
  Bytes respond(Bytes data, Instant now) override { return process(data, now); }

 private:
  Bytes process(Bytes data, Instant now);
  modbus::Server& inner_;
  bool keyed_ = false;
  std::array<std::uint8_t, kKeyMessageSize> head_{};  // of a message that may be the key
  std::size_t held_ = 0;
  std::array<std::uint8_t, kKeyAnswerSize> answer_{};
};

}  // namespace weco::weco_service
