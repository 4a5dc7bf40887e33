// SPDX-License-Identifier: Apache-2.0
#include "sim/update/uds_port.hpp"

#include <utility>

namespace weco::sim {

UdsPort::UdsPort(Reactor& reactor, FrameLink& link, const uds::ServerConfig& config,
                 update::Target& target, std::function<bool()> handled)
    : reactor_(reactor),
      link_(link),
      room_(uds::kMessageMax),
      channel_(isotp::Config{}, room_),
      server_(config, target),
      handled_(std::move(handled)) {}

UdsPort::~UdsPort() { reactor_.cancel(timer_); }

bool UdsPort::take(const CanFrame& frame) {
  if (!address_.hears(frame)) return true;
  channel_.received(frame.bytes(), reactor_.now());
  pump();
  if (channel_.receiver().state() != isotp::Receiver::State::Done) {
    arm();
    return true;
  }
  const std::vector<std::uint8_t> message(channel_.receiver().message().begin(),
                                          channel_.receiver().message().end());
  channel_.receiver().reset();
  return request(message);
}

bool UdsPort::request(Bytes message) {
  const Bytes first = server_.respond(message, reactor_.now());
  std::vector<std::uint8_t> next(first.begin(), first.end());
  if (!handled_()) return false;
  while (!next.empty()) {
    answer(next);
    const Bytes more = server_.next();
    next.assign(more.begin(), more.end());
  }
  return true;
}

/// "Still at work" and the answer after it: all but the last one fit into a single frame.
void UdsPort::answer(Bytes message) {
  channel_.sender().cancel();
  message_.assign(message.begin(), message.end());  // the sender copies nothing
  static_cast<void>(channel_.start(message_, reactor_.now()).has_value());
  pump();
  arm();
}

void UdsPort::pump() {
  while (true) {
    const Bytes data = channel_.pending();
    if (data.empty()) return;
    static_cast<void>(link_.send(address_.frame(data)).has_value());  // a cut bus loses it
    channel_.sent(reactor_.now());
  }
}

void UdsPort::arm() {
  reactor_.cancel(timer_);
  timer_ = 0;
  if (channel_.deadline() == Instant::never()) return;
  timer_ = reactor_.at(channel_.deadline(), [this] {
    timer_ = 0;
    channel_.advance(reactor_.now());
    pump();
    arm();
  });
}

}  // namespace weco::sim
