// SPDX-License-Identifier: Apache-2.0
// One question to a Pylontech battery and its answer. Answers do not say what they answer, so the
// client accepts only a frame from the asked address whose layout fits, and counts everything else
// it hears for the bus doctor.
#pragma once

#include "core/protocol/exchange.hpp"
#include "core/protocol/pylontech/decode.hpp"

namespace weco::pylontech {

/// What was on the line beside the answers, since the client was made.
struct Observations {
  std::uint32_t answers = 0;
  std::uint32_t refusals = 0;          // answers with a return code
  std::uint32_t bad_checksums = 0;     // also LENGTH's own check
  std::uint32_t bad_frames = 0;        // no digits, too short, wrong LENGTH
  std::uint32_t echoes = 0;            // our own request came back
  std::uint32_t foreign_requests = 0;  // another master asks: an inverter is connected
  std::uint32_t other_addresses = 0;   // answers of somebody else
  std::uint32_t misfits = 0;           // answers to another question: late, or two with one address
  std::uint32_t noise_bytes = 0;       // between frames
  std::uint32_t cut_frames = 0;
};

class Client final : public Exchange {
 public:
  struct Config {
    Duration response_timeout = Duration::ms(500);  // from the request's end to the first byte
    Duration pause_timeout = Duration::ms(150);     // silence inside an answer that ends the wait
    Duration total_timeout = Duration::s(3);        // however much is on the line
    std::uint32_t baud = 0;                         // adds the request's time on the wire; 0: none
  };

  Client() = default;
  explicit Client(const Config& config) : config_(config) {}

  /// What the next start() asks: `address` is whom (the group's first module for all),
  /// `info` which module, kAllModules, or 0 for the same as `address`.
  void ask(Command command, std::uint8_t address, std::uint8_t info = 0);

  void start(Instant now) override;
  [[nodiscard]] Duration quiet_before() const override { return Duration::ms(20); }
  [[nodiscard]] Bytes to_send() const override { return Bytes(request_).first(request_size_); }
  void received(Bytes data, Instant now) override;
  void advance(Instant now) override;
  void cancel() override {
    if (state_ == State::Waiting) state_ = State::Idle;
  }
  [[nodiscard]] Instant deadline() const override { return deadline_; }
  [[nodiscard]] State state() const override { return state_; }
  [[nodiscard]] Error error() const override { return error_; }

  /// The answer, in State::Done.
  [[nodiscard]] const Frame& answer() const { return frame_; }
  /// For decode(): modules hang below `base`.
  [[nodiscard]] Question question(NodePath base = {}) const;
  [[nodiscard]] Observations observations() const;

 private:
  void frame(Instant now);
  void finish(State state, Error error = {});

  Config config_{};
  Command command_ = Command::Analog;
  std::uint8_t address_ = 2;
  std::uint8_t info_ = 2;
  std::array<std::uint8_t, 24> request_{};
  std::size_t request_size_ = 0;
  Receiver receiver_;
  Frame frame_;
  State state_ = State::Idle;
  Error error_{};
  ErrorCode seen_ = ErrorCode::Timeout;  // the most telling thing of this exchange
  Instant deadline_ = Instant::never();
  Instant last_ = Instant::never();  // deadline_ never moves beyond
  Observations observations_{};
};

}  // namespace weco::pylontech
