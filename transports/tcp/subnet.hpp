// SPDX-License-Identifier: Apache-2.0
// Looks through one subnet, which the user named, for hosts that listen on a port. Slow on purpose:
// a burst of connections looks like an attack and floods small switches and gateways.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

/// One new attempt in this time.
inline constexpr Duration kSubnetPace = Duration::ms(20);
/// Attempts that wait for their answer at once.
inline constexpr std::size_t kSubnetAtOnce = 32;
/// A host in the same house answers in milliseconds.
inline constexpr Duration kSubnetPatience = Duration::ms(800);
/// The shortest prefix that is looked through: 1022 hosts, 20 s.
inline constexpr int kSubnetPrefixMin = 22;

struct Subnet {
  std::uint32_t first = 0;  // 192.168.1.1 as 0xC0A80101
  std::uint32_t count = 0;
};

/// True for "192.168.1.0/24" and everything else with a slash: no host, but a net.
bool is_subnet(std::string_view place);
/// Hosts only: without the net's own address and that for all of them. BadUsage.
Outcome<Subnet> parse_subnet(std::string_view place);

/// One search; it ends with the last attempt or with this object.
class SubnetSearch {
 public:
  struct Found {
    std::vector<std::string> hosts;  // in order of their addresses
    std::uint32_t refused = 0;       // there, but nobody listens on the port
  };
  virtual ~SubnetSearch() = default;
  [[nodiscard]] virtual bool ended() const = 0;
  [[nodiscard]] virtual std::uint32_t asked() const = 0;
  [[nodiscard]] virtual Found found() const = 0;
  static std::unique_ptr<SubnetSearch> start(Reactor& reactor, const Subnet& subnet,
                                             std::uint16_t port, Duration patience);
};

}  // namespace weco::transports
