// SPDX-License-Identifier: Apache-2.0
// Puts a protocol server on a link: what arrives goes to the responder, what it answers goes out
// after the device's turnaround time. The one place where a virtual device meets a wire, whatever
// the wire is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/protocol/exchange.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::sim {

/// Answers that wait for their turn. Requests beyond it get none, as a device that is asked faster
/// than it answers loses them.
inline constexpr std::size_t kAnswersWaitingMax = 64;

class Served {
 public:
  /// Link, responder and reactor must outlive this.
  Served(Reactor& reactor, ByteLink& link, Responder& responder, Duration turnaround);
  ~Served();
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  /// False once the link is gone (the other side hung up).
  [[nodiscard]] bool alive() const { return alive_; }
  [[nodiscard]] std::uint64_t answers() const { return answers_; }

 private:
  void readable();
  void answer(std::vector<std::uint8_t> bytes);
  void schedule();

  Reactor& reactor_;
  ByteLink& link_;
  Responder& responder_;
  Duration turnaround_;
  std::deque<std::vector<std::uint8_t>> outbox_;
  Reactor::TimerId pending_ = 0;
  bool alive_ = true;
  std::uint64_t answers_ = 0;
};

}  // namespace weco::sim
