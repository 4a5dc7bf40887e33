// SPDX-License-Identifier: Apache-2.0
// The asking side of SMP as an exchange. An answer is taken only when operation, group, command and
// sequence number are those of the question, so that a late answer to an earlier attempt is never
// mistaken for the one that is waited for. Both styles of error are understood in both versions.
#pragma once

#include "core/protocol/cbor/cbor.hpp"
#include "core/protocol/exchange.hpp"
#include "core/protocol/smp/packet.hpp"

namespace weco::smp {

struct ClientConfig {
  Framing framing = Framing::Console;
  Version version = Version::V2;
  std::uint32_t baud = 0;  // the time of the request on the line is added to the deadline
  Duration timeout = Duration::ms(2500);
};

/// How a device's error travels in Error::detail: the code, and for errors of a group (version 2)
/// the group plus one in the upper half.
constexpr std::int32_t error_detail(std::uint16_t group, std::uint16_t code) {
  return ((group + 1) << 16) | code;
}
/// In words; "unknown" for codes that are in no document.
std::string_view error_name(std::int32_t detail);
constexpr std::int32_t kErrNotSupported = 8;
constexpr std::int32_t kErrBusy = 10;
constexpr std::int32_t kErrTooOld = 12;
constexpr std::int32_t kErrTooNew = 13;

class Client final : public Exchange {
 public:
  explicit Client(const ClientConfig& config = {}) : config_(config), deframer_(config.framing) {}

  [[nodiscard]] const ClientConfig& config() const { return config_; }
  void set_version(Version version) { config_.version = version; }
  void set_timeout(Duration timeout) { config_.timeout = timeout; }
  /// The next request is numbered after this one: for several clients on one link.
  void set_sequence(std::uint8_t last) { request_.sequence = last; }
  /// Where the next request's CBOR is written.
  [[nodiscard]] cbor::Writer payload() {
    return cbor::Writer(MutableBytes(packet_).subspan(kHeaderBytes));
  }
  /// What start() will ask, with what was written to payload().
  void set_request(Operation operation, Group group, std::uint8_t command, std::size_t size);

  void start(Instant now) override { begin(now); }
  [[nodiscard]] Duration quiet_before() const override { return {}; }
  [[nodiscard]] Bytes to_send() const override { return Bytes(wire_).first(wire_size_); }
  void received(Bytes data, Instant now) override { take(data, now); }
  void advance(Instant now) override {
    if (state_ == State::Waiting && now >= deadline_) finish(State::Failed, {ErrorCode::Timeout});
  }
  void cancel() override {
    if (state_ == State::Waiting) state_ = State::Idle;
  }
  [[nodiscard]] Instant deadline() const override { return deadline_; }
  [[nodiscard]] State state() const override { return state_; }
  [[nodiscard]] Error error() const override { return error_; }

  /// The answer's CBOR in State::Done; valid until the next start().
  [[nodiscard]] cbor::Reader response() const { return cbor::Reader(answer_); }
  /// Answers that belonged to nothing that was asked.
  [[nodiscard]] std::uint32_t stale() const { return stale_; }

 private:
  void begin(Instant now);
  void take(Bytes data, Instant now);
  bool judge(Bytes packet);
  void finish(State state, Error error) {
    state_ = state;
    error_ = error;
  }

  ClientConfig config_;
  std::array<std::uint8_t, kPacketMax> packet_{};
  std::size_t packet_size_ = 0;
  std::array<std::uint8_t, kConsoleMax> wire_{};
  std::size_t wire_size_ = 0;
  Header request_;
  Deframer deframer_;
  Bytes answer_;
  State state_ = State::Idle;
  Error error_;
  Instant deadline_;
  std::uint32_t stale_ = 0;
};

}  // namespace weco::smp
