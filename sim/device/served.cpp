// SPDX-License-Identifier: Apache-2.0
#include "sim/device/served.hpp"

#include <array>
#include <utility>

namespace weco::sim {

Served::Served(Reactor& reactor, ByteLink& link, Responder& responder, Duration turnaround)
    : reactor_(reactor), link_(link), responder_(responder), turnaround_(turnaround) {
  link_.on_readable([this] { readable(); });
}

Served::~Served() {
  link_.on_readable({});
  reactor_.cancel(pending_);
}

void Served::readable() {
  std::array<std::uint8_t, 512> room{};
  for (;;) {
    const auto got = link_.read(room);
    if (!got) {
      alive_ = false;
      link_.on_readable({});
      return;
    }
    if (*got == 0) return;
    Bytes data = Bytes(room).first(*got);
    for (;;) {  // several requests in one lump may need several calls
      const Bytes reply = responder_.respond(data, reactor_.now());
      if (reply.empty()) break;
      answer({reply.begin(), reply.end()});
      data = {};
    }
  }
}

void Served::answer(std::vector<std::uint8_t> bytes) {
  if (outbox_.size() >= kAnswersWaitingMax) return;
  ++answers_;
  outbox_.push_back(std::move(bytes));
  if (outbox_.size() == 1) schedule();
}

void Served::schedule() {
  pending_ = reactor_.at(reactor_.now() + turnaround_, [this] {
    pending_ = 0;
    if (!link_.write(outbox_.front())) alive_ = false;
    outbox_.pop_front();
    if (!outbox_.empty() && alive_) schedule();
  });
}

}  // namespace weco::sim
