// SPDX-License-Identifier: Apache-2.0
// The asking side of Modbus as an exchange: one request, one answer, no I/O, no clock, no heap. It
// accepts nothing but the answer to its own question with a good checksum, finds it among garbage,
// echoes and other people's frames, and remembers what else it saw for whoever diagnoses the bus.
#pragma once

#include <array>
#include <cstdint>

#include "core/protocol/exchange.hpp"
#include "core/protocol/modbus/framing.hpp"
#include "core/protocol/modbus/pdu.hpp"
#include "core/protocol/modbus/timing.hpp"

namespace weco::modbus {

/// Whether the adapter hears its own transmissions (RS485 with the receiver left on).
enum class Echo : std::uint8_t {
  /// Learns from answers that differ from their request. Until it has, a write whose answer repeats
  /// it (5, 6, 21, 22) takes the first copy as the answer and sets answer_may_be_echo().
  Detect,
  Present,
  Absent,
};

struct ClientConfig {
  Framing framing = Framing::Rtu;
  std::uint8_t unit = 1;  // 0: broadcast on a serial line, writes only
  /// Line speed in bit/s; its transmission times are added to the deadline. 0: no serial line.
  std::uint32_t baud = 0;
  std::uint8_t bits_per_character = kBitsPerCharacter;
  /// From the end of the request to the beginning of the answer. Devices take 5-60 ms typically.
  Duration response_timeout = Duration::ms(500);
  /// What devices get for a broadcast, which has no answer (specification: 100-200 ms).
  Duration broadcast_turnaround = Duration::ms(100);
  /// Extra silence before a request; old Eastron meters want 60 ms. t3.5 is always kept on RTU.
  Duration pause_between = {};
  Echo echo = Echo::Detect;
};

/// A set of unit addresses 0..255.
class UnitSet {
 public:
  void add(std::uint8_t unit) { bits_[unit / 8] = with(unit); }
  [[nodiscard]] bool contains(std::uint8_t unit) const { return bits_[unit / 8] == with(unit); }
  [[nodiscard]] bool empty() const { return count() == 0; }
  [[nodiscard]] std::size_t count() const {
    std::size_t n = 0;
    for (unsigned unit = 0; unit < 256; ++unit) n += contains(static_cast<std::uint8_t>(unit));
    return n;
  }

 private:
  [[nodiscard]] std::uint8_t with(std::uint8_t unit) const {
    return static_cast<std::uint8_t>(bits_[unit / 8] | (1U << (unit % 8)));
  }
  std::array<std::uint8_t, 32> bits_{};
};

/// What a client saw since reset_observations(), its own answers included.
struct LineObservations {
  std::uint32_t bytes_received = 0;
  std::uint32_t answers = 0;            // accepted, exceptions included
  std::uint32_t crc_errors = 0;         // of frames that would have been the answer
  std::uint32_t noise_bytes = 0;        // belonged to no frame
  std::uint32_t wrong_unit = 0;         // answers of another unit
  std::uint32_t wrong_function = 0;     // our unit, another function or another count or address
  std::uint32_t wrong_transaction = 0;  // TCP: late answers
  std::uint32_t bad_frames = 0;         // good checksum, impossible content
  std::uint32_t foreign_requests = 0;   // requests that are not ours: a second master
  bool echo_seen = false;
  UnitSet units_answering;  // units that an answer with a good checksum came from
};

class Client final : public Exchange {
 public:
  explicit Client(const ClientConfig& config = {}) { configure(config); }

  /// Not while an exchange waits. Forgets what was learned about the echo, keeps observations.
  void configure(const ClientConfig& config);
  [[nodiscard]] const ClientConfig& config() const { return config_; }
  /// Another device on the same line: keeps what was learned about the echo.
  void set_unit(std::uint8_t unit) {
    WECO_ASSERT(state_ != State::Waiting);
    config_.unit = unit;
  }
  /// What start() will ask. Not while an exchange waits; must not be empty.
  void set_request(const Request& request);
  [[nodiscard]] const Request& request() const { return request_; }
  /// Fails at once with BadUsage when a read is to be broadcast (nobody may answer).
  void start(Instant now) override { begin(now); }
  [[nodiscard]] Duration quiet_before() const override { return silence_needed(); }
  [[nodiscard]] Bytes to_send() const override { return Bytes(sent_.data(), sent_size_); }
  void received(Bytes data, Instant now) override { take(data, now); }
  /// At the deadline fails with, in this order of preference: UnexpectedReply, BadFrame (good
  /// checksum), BadChecksum, Truncated, BadFrame (bytes that are no frame), Timeout (silence, or
  /// nothing but our echo and other masters' requests). A broadcast is Done instead.
  void advance(Instant now) override { pass_time(now); }
  void cancel() override {
    if (state_ == State::Waiting) state_ = State::Idle;
  }
  [[nodiscard]] Instant deadline() const override { return deadline_; }
  [[nodiscard]] State state() const override { return state_; }
  [[nodiscard]] Error error() const override { return error_; }

  /// In State::Done and not for a broadcast; valid until the next start().
  [[nodiscard]] Response response() const;
  [[nodiscard]] bool is_broadcast() const {
    return has_crc(config_.framing) && config_.unit == kBroadcastUnit;
  }

  [[nodiscard]] const LineObservations& observations() const { return seen_; }
  void reset_observations() { seen_ = {}; }
  /// The adapter repeats what is sent.
  [[nodiscard]] bool echo_seen() const { return seen_.echo_seen; }
  /// The accepted answer could be our own echo: read back before believing the write.
  [[nodiscard]] bool answer_may_be_echo() const { return may_be_echo_; }

 private:
  enum class EchoState : std::uint8_t { Unknown, Yes, No };
  enum class Step : std::uint8_t { Consumed, Wait };
  // What went wrong so far; a later one is preferred as the reason of failure.
  enum class Trouble : std::uint8_t { None, Noise, Cut, Checksum, BadFrame, Unexpected };

  // The overrides above are all inline: this library is built without type information, which a
  // vtable made here would deny to users built with it.
  void begin(Instant now);
  [[nodiscard]] Duration silence_needed() const;
  void take(Bytes data, Instant now);
  void pass_time(Instant now);
  void scan(bool last_call);
  Step step_rtu();
  Step step_tcp();
  bool take_echo(Bytes data, bool& could_grow);
  [[nodiscard]] Extent own_extent(Bytes data) const;
  bool take_own_rtu(std::size_t at);
  bool look_beyond();
  bool take_foreign(Bytes data, bool& could_grow);
  void note_dropped_head(Bytes data);
  void drop_noise(std::size_t n);
  void accept(Bytes pdu);
  void trouble(Trouble t) {
    if (t > trouble_) trouble_ = t;
  }
  void finish(State state, Error error);
  [[nodiscard]] Error final_error() const;
  [[nodiscard]] std::uint8_t function_byte() const { return request_.pdu()[0]; }

  ClientConfig config_;
  Request request_;
  std::array<std::uint8_t, kFrameMax> sent_{};
  std::size_t sent_size_ = 0;
  std::size_t expected_size_ = 0;  // of the normal answer's frame; 0: not known beforehand
  std::uint16_t transaction_ = 0;
  State state_ = State::Idle;
  Error error_;
  Instant deadline_;  // of the first byte, then of the whole answer
  Instant whole_deadline_;
  Instant last_byte_;
  ReceiveBuffer<3 * kFrameMax> buffer_;
  std::array<std::uint8_t, kPduMax> answer_{};
  std::size_t answer_size_ = 0;
  Trouble trouble_ = Trouble::None;
  std::uint32_t noise_ = 0;  // bytes of this exchange that belonged to no frame
  bool echo_dropped_ = false;
  bool may_be_echo_ = false;
  EchoState echo_ = EchoState::Unknown;
  LineObservations seen_;
};

}  // namespace weco::modbus
