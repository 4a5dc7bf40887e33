// SPDX-License-Identifier: Apache-2.0
// Packets that have arrived and wait for whoever reads the link, bounded: the reading half of a
// byte link over GATT, for the central and for the peripheral.
#pragma once

#include <deque>
#include <functional>

#include "core/base/bytes.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/ble/value.hpp"

namespace weco::transports::ble {

/// Bytes that wait while nobody reads; beyond it the oldest packets go.
inline constexpr std::size_t kInboxMax = 1U << 16;

class Inbox {
 public:
  explicit Inbox(Reactor& reactor) : reactor_(reactor) {}
  ~Inbox() { reactor_.cancel(wake_); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  void arrived(ByteBuffer packet);
  void clear();
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  /// Never more than one packet, so that the other side's borders are kept; 0: nothing waits.
  std::size_t read(MutableBytes room);
  /// Called from the reactor after arrived() and wake(), and again while packets wait.
  void on_readable(std::function<void()> action) { readable_ = std::move(action); }
  void wake();

 private:
  Reactor& reactor_;
  std::deque<ByteBuffer> packets_;
  std::size_t waiting_ = 0;
  std::function<void()> readable_;
  Reactor::TimerId wake_ = 0;
};

}  // namespace weco::transports::ble
