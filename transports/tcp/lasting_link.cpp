// SPDX-License-Identifier: Apache-2.0
#include "transports/tcp/lasting_link.hpp"

#include <utility>

#include "host/link/lasting_link.hpp"

namespace weco::transports {

std::unique_ptr<ByteLink> lasting_tcp(Reactor& reactor, std::unique_ptr<ByteLink> connection,
                                      TcpPlace place, BackOff back_off) {
  const auto connect = [&reactor, place = std::move(place)](Connected done) {
    connect_tcp(reactor, place.host, place.port, place.timeout, std::move(done));
  };
  return lasting_link(reactor, std::move(connection), connect, back_off);
}

}  // namespace weco::transports
