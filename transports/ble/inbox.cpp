// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/inbox.hpp"

#include <algorithm>
#include <utility>

namespace weco::transports::ble {

void Inbox::arrived(ByteBuffer packet) {
  waiting_ += packet.size();
  packets_.push_back(std::move(packet));
  while (waiting_ > kInboxMax) {
    waiting_ -= packets_.front().size();
    packets_.pop_front();
  }
  wake();
}

void Inbox::clear() {
  packets_.clear();
  waiting_ = 0;
}

std::size_t Inbox::read(MutableBytes room) {
  if (packets_.empty()) return 0;
  ByteBuffer& packet = packets_.front();
  const std::size_t n = std::min(room.size(), packet.size());
  std::copy_n(packet.begin(), n, room.begin());
  packet.erase(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(n));
  waiting_ -= n;
  if (packet.empty()) packets_.pop_front();
  return n;
}

void Inbox::wake() {
  if (wake_ != 0 || !readable_) return;
  wake_ = reactor_.at(reactor_.now(), [this] {
    wake_ = 0;
    const std::function<void()> action = readable_;  // it may replace itself
    if (action) action();
    if (readable_ && !packets_.empty()) wake();
  });
}

}  // namespace weco::transports::ble
