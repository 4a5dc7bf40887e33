// SPDX-License-Identifier: Apache-2.0
// The CAN side of a virtual device: ISO-TP around its UDS server.
#pragma once

#include <functional>
#include <vector>

#include "core/protocol/isotp/channel.hpp"
#include "core/protocol/uds/server.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::sim {

class UdsPort {
 public:
  /// `handled` is called after each request, before its answer goes out; false: the device is off.
  UdsPort(Reactor& reactor, FrameLink& link, const uds::ServerConfig& config,
          update::Target& target, std::function<bool()> handled);
  ~UdsPort();
  UdsPort(const UdsPort&) = delete;
  UdsPort& operator=(const UdsPort&) = delete;
  /// A journal to read; it outlives the port.
  void give_out(const Records& records) { server_.give_out(records); }
  /// A frame for the device. False when it went off over it.
  bool take(const CanFrame& frame);
  [[nodiscard]] std::uint32_t requests() const { return server_.requests(); }

 private:
  bool request(Bytes message);
  void answer(Bytes message);
  void pump();
  void arm();

  Reactor& reactor_;
  FrameLink& link_;
  isotp::Address address_{0x7E8, 0x7E0, false};
  std::vector<std::uint8_t> room_;
  isotp::Channel channel_;
  uds::Server server_;
  std::function<bool()> handled_;
  std::vector<std::uint8_t> message_;
  Reactor::TimerId timer_ = 0;
};

}  // namespace weco::sim
