// SPDX-License-Identifier: Apache-2.0
// UDP, both ends: a link to one host, and a port on which a simulated device answers everybody. A
// datagram is a message: one write() is one, and a read() never gives parts of two. Nothing tells
// whether the other side is there until it answers; the kernel hears of it when its port is closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

/// The largest message that is sent: what one Ethernet frame carries over IPv6. Longer ones that
/// arrive are dropped whole.
inline constexpr std::size_t kDatagramMax = 1452;
/// Datagrams that wait while nobody reads; further ones are lost, as on the wire.
inline constexpr std::size_t kDatagramsWaitingMax = 64;
/// Clients that a port remembers at once; a new one takes the place of the one heard longest ago.
inline constexpr std::size_t kUdpClientsMax = 32;

/// A link to one host: what others send is not seen. NotFound (name), Timeout (no way there). That
/// nobody listens there is told once by read(); the link goes on, since the device may come back.
Outcome<std::unique_ptr<ByteLink>> open_udp(Reactor& reactor, const std::string& host,
                                            std::uint16_t port);

class UdpServer {
 public:
  /// Called with a link to each new client. It ends with Disconnected when the client was forgotten
  /// or the server is gone.
  using Accepted = std::function<void(std::unique_ptr<ByteLink>)>;
  virtual ~UdpServer() = default;
  /// Answers at one numeric address or name; port 0 takes a free one. Busy, PermissionDenied,
  /// NotFound as TcpListener.
  static Outcome<std::unique_ptr<UdpServer>> listen(Reactor& reactor, const std::string& host,
                                                    std::uint16_t port, Accepted accepted);
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::size_t clients() const = 0;
};

}  // namespace weco::transports
