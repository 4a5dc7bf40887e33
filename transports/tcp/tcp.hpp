// SPDX-License-Identifier: Apache-2.0
// TCP, both ends: connections with a deadline that never block the loop, and a listener for
// simulated devices. Names are resolved by the system's resolver, which may take its time; numeric
// addresses never do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

inline constexpr Duration kConnectTimeout = Duration::s(3);
/// Connections that a listener serves at once. A further one is closed at once, unless one of them
/// has had no answer for kUnansweredMax: then that one goes.
inline constexpr std::size_t kConnectionsMax = 64;
inline constexpr Duration kUnansweredMax = Duration::s(10);

using Connected = std::function<void(Outcome<std::unique_ptr<ByteLink>>)>;

/// Tries every address of `host` in turn, within `timeout` in all; `done` is called once, from the
/// reactor. NotFound (name), Timeout, Disconnected (refused: nobody listens), IoError. The
/// attempt lives until `done`; the reactor must outlive it.
void connect_tcp(Reactor& reactor, const std::string& host, std::uint16_t port, Duration timeout,
                 Connected done);
/// The same, running the reactor until it is decided. Interrupted when that was.
Outcome<std::unique_ptr<ByteLink>> open_tcp(Reactor& reactor, const std::string& host,
                                            std::uint16_t port, Duration timeout = kConnectTimeout);

class TcpListener {
 public:
  using Accepted = std::function<void(std::unique_ptr<ByteLink>)>;
  /// Listens on one numeric address or name; port 0 takes a free one. Busy, PermissionDenied (ports
  /// below 1024), NotFound (no such address here).
  static Outcome<std::unique_ptr<TcpListener>> listen(Reactor& reactor, const std::string& host,
                                                      std::uint16_t port, Accepted accepted,
                                                      Duration idle = kUnansweredMax);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Links handed out that still exist and were not given up.
  [[nodiscard]] std::size_t connections() const;

 private:
  class Crowd;
  TcpListener(Reactor& reactor, int fd, std::uint16_t port, Accepted accepted, Duration idle);
  void accept_all();

  Reactor& reactor_;
  int fd_;
  std::uint16_t port_;
  Accepted accepted_;
  Duration idle_;
  std::shared_ptr<Crowd> crowd_;
};

}  // namespace weco::transports
