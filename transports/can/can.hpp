// SPDX-License-Identifier: Apache-2.0
// CAN interfaces of Linux (SocketCAN) as a frame link. Opening and listening put nothing on the
// bus; the controller acknowledges what it hears unless the interface itself was set to listen
// only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/can/interface.hpp"

namespace weco::transports {

/// Frames that the kernel keeps while nobody reads: 4,000 a second for several seconds.
inline constexpr int kCanReceiveBuffer = 1 << 22;

struct CanOptions {
  /// Lets through frames with (id & mask) == (row.id & mask) only; empty: all of them.
  struct Filter {
    std::uint32_t id = 0;
    std::uint32_t mask = 0x7FF;
    bool wide = false;
  };
  std::vector<Filter> filters;
  bool listen_only = false;  // send() refuses
};

class CanLink : public FrameLink {
 public:
  struct Counters {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
  };
  /// Unsupported (a kernel without CAN), NotFound, BadInput (no CAN interface), Disconnected
  /// (down), PermissionDenied; each with the command that helps.
  static Outcome<std::unique_ptr<CanLink>> open(const std::string& interface,
                                                const CanOptions& options, Reactor& reactor);
  [[nodiscard]] virtual Counters counters() const = 0;
};

/// What to say when a socket of the CAN family cannot be made or used.
Unexpected<Failure> can_failure(int error, const std::string& interface);

}  // namespace weco::transports
