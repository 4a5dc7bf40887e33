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
    const Bytes reply = responder_.respond(Bytes(room).first(*got), reactor_.now());
    if (!reply.empty()) answer({reply.begin(), reply.end()});
  }
}

void Served::answer(std::vector<std::uint8_t> bytes) {
  ++answers_;
  reactor_.cancel(pending_);  // a master that asks again gets the newest answer only
  pending_ = reactor_.at(reactor_.now() + turnaround_, [this, bytes = std::move(bytes)] {
    pending_ = 0;
    if (!link_.write(bytes)) alive_ = false;
  });
}

}  // namespace weco::sim
