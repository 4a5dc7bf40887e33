// SPDX-License-Identifier: Apache-2.0
// The sending half of ISO-TP: cuts a message into frames and keeps to what the receiver asked for.
// No I/O and no clock: the caller puts pending() on the bus, says sent() when the bus took it,
// hands in what it hears, and calls advance() at deadline().
#pragma once

#include "core/protocol/isotp/pdu.hpp"

namespace weco::isotp {

class Sender {
 public:
  enum class State : std::uint8_t { Idle, Sending, Done, Failed };

  explicit Sender(const Config& config) : config_(config) {}

  /// Begins. `message` is not copied and must stay until the message is done. BadInput for an empty
  /// one, TooLong beyond 4 GB, Busy while another one is on its way.
  Status start(Bytes message, Instant now);
  /// Forgets a message on its way.
  void cancel();

  /// The frame to put on the bus now; empty when there is none (yet).
  [[nodiscard]] Bytes pending() const { return pending_.view(); }
  /// The bus took pending().
  void sent(Instant now);
  /// A flow control of the receiver; anything else is ignored.
  void received(const Pdu& pdu, Instant now);
  void advance(Instant now);
  /// When advance() must be called at the latest: the next frame is due, or patience ends.
  [[nodiscard]] Instant deadline() const { return deadline_; }

  [[nodiscard]] State state() const { return state_; }
  /// Meaningful in State::Failed; detail is a Fault.
  [[nodiscard]] Error error() const { return error_; }
  /// Bytes of the message that are on the bus.
  [[nodiscard]] std::size_t progress() const { return done_; }

 private:
  enum class Wait : std::uint8_t { Bus, FlowControl, Separation };
  void offer(const Data& data, std::size_t carries, Instant now);
  void next_consecutive(Instant now);
  void fail_with(Fault fault);

  Config config_;
  Bytes message_;
  Data pending_;
  std::size_t done_ = 0;         // bytes of the message that are on the bus
  std::size_t carries_ = 0;      // bytes of the message in pending_
  std::uint8_t sequence_ = 0;    // of the next consecutive frame
  std::uint8_t block_left_ = 0;  // consecutive frames until the next flow control; 0: no end
  bool blocks_ = false;
  Duration separation_{};
  std::uint8_t waits_ = 0;
  State state_ = State::Idle;
  Wait wait_ = Wait::Bus;
  Error error_{};
  Instant deadline_ = Instant::never();
};

}  // namespace weco::isotp
