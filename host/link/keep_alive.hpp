// SPDX-License-Identifier: Apache-2.0
// The inverter's sign of life on a battery's CAN bus: 0x305 with eight zero bytes each second. Some
// batteries stay silent without it. Sent only where the user asks for it, because it makes us look
// like an inverter.
#pragma once

#include <memory>
#include <utility>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

inline constexpr std::uint32_t kKeepAliveId = 0x305;
inline constexpr Duration kKeepAlivePeriod = Duration::s(1);

class KeepAliveLink final : public FrameLink {
 public:
  KeepAliveLink(std::unique_ptr<FrameLink> inner, Reactor& reactor)
      : inner_(std::move(inner)), reactor_(reactor) {
    beat();
  }
  ~KeepAliveLink() override { reactor_.cancel(timer_); }
  KeepAliveLink(const KeepAliveLink&) = delete;
  KeepAliveLink& operator=(const KeepAliveLink&) = delete;

  Done send(const CanFrame& frame) override { return inner_->send(frame); }
  Outcome<bool> receive(CanFrame& frame) override { return inner_->receive(frame); }
  void on_readable(std::function<void()> action) override {
    inner_->on_readable(std::move(action));
  }
  [[nodiscard]] std::string describe() const override { return inner_->describe(); }
  [[nodiscard]] std::optional<BusHealth> health() const override { return inner_->health(); }

 private:
  void beat() {
    CanFrame frame;
    frame.id = kKeepAliveId;
    frame.size = CanFrame::kDataMax;
    // A bus that takes nothing is found out by whoever listens.
    static_cast<void>(inner_->send(frame).has_value());
    timer_ = reactor_.at(reactor_.now() + kKeepAlivePeriod, [this] { beat(); });
  }

  std::unique_ptr<FrameLink> inner_;
  Reactor& reactor_;
  Reactor::TimerId timer_ = 0;
};

}  // namespace weco
