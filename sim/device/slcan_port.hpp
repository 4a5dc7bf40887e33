// SPDX-License-Identifier: Apache-2.0
// A virtual SLCAN adapter, seen from the bus behind it: what is sent here comes out of the
// adapter's serial port as text, and what its host sends arrives here as frames. So everything that
// lives on a CAN bus can be served where no kernel has CAN.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/protocol/can/slcan.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::sim {

/// Frames of the host that wait while nobody on the bus receives; further ones are lost.
inline constexpr std::size_t kSlcanPortFramesMax = 256;

class SlcanPort final : public FrameLink, private slcan::FrameSink {
 public:
  /// `port` is the adapter's serial port, `bits_per_second` the speed of the bus. `reactor` must
  /// outlive this.
  SlcanPort(Reactor& reactor, std::unique_ptr<ByteLink> port, std::uint32_t bits_per_second);
  ~SlcanPort() override;
  SlcanPort(const SlcanPort&) = delete;
  SlcanPort& operator=(const SlcanPort&) = delete;

  /// Full while no host has opened the adapter at the bus's speed, since then nobody acknowledges.
  Done send(const CanFrame& frame) override;
  Outcome<bool> receive(CanFrame& frame) override;
  void on_readable(std::function<void()> action) override;
  [[nodiscard]] std::string describe() const override { return port_->describe(); }

 private:
  void put(const CanFrame& frame) override;
  void pull();
  void wake();
  /// The host has opened the adapter and set it to the bus's speed.
  [[nodiscard]] bool joined() const;

  Reactor& reactor_;
  std::unique_ptr<ByteLink> port_;
  std::uint32_t bits_per_second_;
  slcan::Adapter adapter_{*this};
  std::deque<CanFrame> inbox_;
  std::optional<Failure> lost_;
  std::function<void()> readable_;
  Reactor::TimerId wake_ = 0;
};

}  // namespace weco::sim
