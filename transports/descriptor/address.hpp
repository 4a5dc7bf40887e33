// SPDX-License-Identifier: Apache-2.0
// Addresses of the network, for TCP and UDP: names to addresses, addresses to text, and what the
// system's refusals mean to somebody who stands before a device.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"

namespace weco::transports {

struct AddressDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressDeleter>;

/// "tcp:[::1]:502" and "udp:192.0.2.5:1337".
std::string endpoint_text(std::string_view scheme, const std::string& host, std::uint16_t port);
/// The same of an address that the kernel told.
std::string peer_text(std::string_view scheme, const sockaddr_storage& address, socklen_t size);
std::uint16_t port_of(const sockaddr_storage& address);
/// Every address of the name. `kind` is SOCK_STREAM or SOCK_DGRAM, `flags` those of getaddrinfo.
Outcome<Addresses> resolve(const std::string& host, std::uint16_t port, int kind, int flags,
                           const std::string& where);
/// Why a host cannot be reached.
Unexpected<Failure> cannot_connect(int error, const std::string& where);
/// Why a port of this machine cannot be taken.
Unexpected<Failure> cannot_listen(int error, const std::string& where);

}  // namespace weco::transports
