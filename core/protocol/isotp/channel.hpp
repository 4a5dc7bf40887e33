// SPDX-License-Identifier: Apache-2.0
// Both halves of ISO-TP between two ends, one message each way at a time. Whoever owns the channel
// moves frames:
//
//   channel.start(request, now);
//   while (!(data = channel.pending()).empty()) { send(data); channel.sent(now); }
//   on a frame: channel.received(data, now), then look at receiver().state() and sender().state()
//   at channel.deadline(): channel.advance(now)
#pragma once

#include "core/protocol/isotp/receiver.hpp"
#include "core/protocol/isotp/sender.hpp"

namespace weco::isotp {

class Channel {
 public:
  /// `room` bounds what is received and must outlive the channel.
  Channel(const Config& config, MutableBytes room)
      : config_(config), sender_(config), receiver_(config, room) {}

  /// See Sender::start.
  Status start(Bytes message, Instant now) { return sender_.start(message, now); }
  /// A data field heard from the other end. Returns false when it is no ISO-TP.
  bool received(Bytes data, Instant now);
  /// The next frame for the bus, flow control first: the other end waits for it.
  [[nodiscard]] Bytes pending() const {
    return receiver_.pending().empty() ? sender_.pending() : receiver_.pending();
  }
  /// The bus took pending().
  void sent(Instant now);
  void advance(Instant now);
  [[nodiscard]] Instant deadline() const;

  [[nodiscard]] Sender& sender() { return sender_; }
  [[nodiscard]] const Sender& sender() const { return sender_; }
  [[nodiscard]] Receiver& receiver() { return receiver_; }
  [[nodiscard]] const Receiver& receiver() const { return receiver_; }
  /// Frames that were no ISO-TP, or for another extended address.
  [[nodiscard]] std::uint32_t strange() const { return strange_; }

 private:
  Config config_;
  Sender sender_;
  Receiver receiver_;
  std::uint32_t strange_ = 0;
};

}  // namespace weco::isotp
