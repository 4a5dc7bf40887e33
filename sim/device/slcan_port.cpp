// SPDX-License-Identifier: Apache-2.0
#include "sim/device/slcan_port.hpp"

#include <array>
#include <utility>

namespace weco::sim {

SlcanPort::SlcanPort(Reactor& reactor, std::unique_ptr<ByteLink> port,
                     std::uint32_t bits_per_second)
    : reactor_(reactor), port_(std::move(port)), bits_per_second_(bits_per_second) {
  port_->on_readable([this] { pull(); });
}

SlcanPort::~SlcanPort() {
  port_->on_readable({});
  reactor_.cancel(wake_);
}

bool SlcanPort::joined() const {
  return adapter_.is_open() && adapter_.bits_per_second() == bits_per_second_;
}

Done SlcanPort::send(const CanFrame& frame) {
  if (lost_) return Unexpected{*lost_};
  if (!joined()) return failure(ErrorCode::Full, "nobody on the bus acknowledges", describe());
  const slcan::Line line = adapter_.from_bus(frame, reactor_.now());
  const std::string_view text = line.view();
  return port_->write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Outcome<bool> SlcanPort::receive(CanFrame& frame) {
  if (!inbox_.empty()) {
    frame = inbox_.front();
    inbox_.pop_front();
    return true;
  }
  if (lost_) return Unexpected{*lost_};
  return false;
}

void SlcanPort::on_readable(std::function<void()> action) {
  readable_ = std::move(action);
  wake();
}

void SlcanPort::put(const CanFrame& frame) {
  if (joined() && inbox_.size() < kSlcanPortFramesMax) inbox_.push_back(frame);
}

void SlcanPort::pull() {
  std::array<std::uint8_t, 512> room{};
  while (!lost_) {
    const Outcome<std::size_t> got = port_->read(room);
    if (!got) {
      lost_ = got.error();
      port_->on_readable({});
    } else if (*got == 0) {
      break;
    } else {
      const Bytes reply = adapter_.respond(Bytes(room).first(*got), reactor_.now());
      // A host that does not read its answers has only itself to blame.
      if (!reply.empty()) static_cast<void>(port_->write(reply).has_value());
    }
  }
  wake();
}

void SlcanPort::wake() {
  if (wake_ != 0 || !readable_ || (inbox_.empty() && !lost_)) return;
  wake_ = reactor_.at(reactor_.now(), [this] {
    wake_ = 0;
    const std::function<void()> action = readable_;  // it may replace itself
    if (action) action();
  });
}

}  // namespace weco::sim
