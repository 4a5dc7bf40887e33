// SPDX-License-Identifier: Apache-2.0
// A TCP connection that comes back (host/link/lasting_link.hpp): gateways close what was quiet for
// a while, and restart.
#pragma once

#include <memory>
#include <string>

#include "host/link/back_off.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/tcp/tcp.hpp"

namespace weco::transports {

struct TcpPlace {
  std::string host;
  std::uint16_t port = 0;
  Duration timeout = kConnectTimeout;  // of each try
};

/// Takes a connection to that place.
std::unique_ptr<ByteLink> lasting_tcp(Reactor& reactor, std::unique_ptr<ByteLink> connection,
                                      TcpPlace place, BackOff back_off = {});

}  // namespace weco::transports
