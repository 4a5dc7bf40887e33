// SPDX-License-Identifier: Apache-2.0
// The receiving half of ISO-TP: puts frames together in a room that the caller owns. A message that
// announces more than the room is refused before a byte of it is taken, be it 4 GB.
#pragma once

#include "core/protocol/isotp/pdu.hpp"

namespace weco::isotp {

class Receiver {
 public:
  enum class State : std::uint8_t { Idle, Receiving, Done, Failed };

  /// `room` must outlive the receiver.
  Receiver(const Config& config, MutableBytes room) : config_(config), room_(room) {}

  /// A frame of the sender; flow controls are ignored. Look at state() after each frame: a message
  /// stays only until the next one begins.
  void received(const Pdu& pdu, Instant now);
  /// The flow control to put on the bus now; empty when there is none.
  [[nodiscard]] Bytes pending() const { return pending_.view(); }
  void sent(Instant now);
  void advance(Instant now);
  [[nodiscard]] Instant deadline() const { return deadline_; }

  [[nodiscard]] State state() const { return state_; }
  /// The whole message, in State::Done.
  [[nodiscard]] Bytes message() const { return Bytes(room_).first(have_); }
  /// Meaningful in State::Failed; detail is a Fault.
  [[nodiscard]] Error error() const { return error_; }
  /// Back to Idle, to tell the next message from this one.
  void reset();

  struct Counters {
    std::uint32_t messages = 0;
    std::uint32_t abandoned = 0;  // began and never ended
    std::uint32_t refused = 0;    // did not fit
    std::uint32_t stray = 0;      // parts of nothing that we receive
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// How many bytes of a message under way are here, and of how many.
  [[nodiscard]] std::size_t have() const { return have_; }
  [[nodiscard]] std::size_t length() const { return length_; }

 private:
  void begin(const Pdu& pdu, Instant now);
  void part(const Pdu& pdu, Instant now);
  void keep(Bytes bytes);
  void finish();
  void ask(Pdu::Flow flow, Instant now);
  void fail_with(Fault fault);

  Config config_;
  MutableBytes room_;
  Data pending_;
  std::size_t have_ = 0;
  std::size_t length_ = 0;
  std::size_t part_size_ = 0;  // of every consecutive frame but the last
  std::uint8_t sequence_ = 0;
  std::uint8_t block_left_ = 0;
  State state_ = State::Idle;
  Error error_{};
  Counters counters_{};
  Instant deadline_ = Instant::never();
};

}  // namespace weco::isotp
