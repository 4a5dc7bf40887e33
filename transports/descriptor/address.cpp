// SPDX-License-Identifier: Apache-2.0
#include "transports/descriptor/address.hpp"

#include <netinet/in.h>

#include <cerrno>
#include <cstdlib>

#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {

std::string endpoint_text(std::string_view scheme, const std::string& host, std::uint16_t port) {
  const bool bracket = host.find(':') != std::string::npos;
  return std::string(scheme) + ":" + (bracket ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

std::string peer_text(std::string_view scheme, const sockaddr_storage& address, socklen_t size) {
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "0";
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  return endpoint_text(scheme, host, static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

Outcome<Addresses> resolve(const std::string& host, std::uint16_t port, int kind, int flags,
                           const std::string& where) {
  addrinfo wanted{};
  wanted.ai_socktype = kind;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list);
  if (error == 0) return Addresses(list);
  if (error == EAI_AGAIN) {
    return failure(ErrorCode::NotFound, "the name cannot be resolved now", where,
                   "Check the network, or give the numeric address.");
  }
  return failure(ErrorCode::NotFound, "there is no host of this name", where,
                 "Check the spelling, or give the numeric address.");
}

Unexpected<Failure> cannot_connect(int error, const std::string& where) {
  switch (error) {
    case ECONNREFUSED:
      return failure(Error{ErrorCode::Disconnected, error}, "nobody listens on this port", where,
                     "Check the port number and that the device's server is on.");
    case ETIMEDOUT:
      return failure(Error{ErrorCode::Timeout, error}, "the host does not answer", where,
                     "Check the address, the cable and that both are in one network.");
    case EHOSTUNREACH:
    case ENETUNREACH:
      return failure(Error{ErrorCode::Timeout, error}, "there is no way to the host", where,
                     "Check the address and that this machine is in the device's network.");
    default:
      return failure(Error{code_of_errno(error), error}, "the connection failed", where,
                     errno_sentence(error));
  }
}

Unexpected<Failure> cannot_listen(int error, const std::string& where) {
  switch (error) {
    case EADDRINUSE:
      return failure(Error{ErrorCode::Busy, error}, "another program listens on this port", where,
                     "Close it or take another port.");
    case EACCES:
      return failure(Error{ErrorCode::PermissionDenied, error},
                     "this user may not listen on this port", where,
                     "Take a port from 1024 up, for example 1502.");
    case EADDRNOTAVAIL:
      return failure(Error{ErrorCode::NotFound, error}, "this machine does not have this address",
                     where, "Take 127.0.0.1, or 0.0.0.0 for every address of this machine.");
    default:
      return failure(Error{code_of_errno(error), error}, "the port cannot be opened", where,
                     errno_sentence(error));
  }
}

}  // namespace weco::transports
