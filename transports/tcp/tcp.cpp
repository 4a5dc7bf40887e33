// SPDX-License-Identifier: Apache-2.0
#include "transports/tcp/tcp.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

constexpr int kBacklog = 16;
// A dead peer is noticed after 10 + 3 x 5 s instead of the two hours of the system's default.
constexpr int kKeepAliveIdle_s = 10;
constexpr int kKeepAliveInterval_s = 5;
constexpr int kKeepAliveProbes = 3;

struct AddressDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressDeleter>;

std::string endpoint_text(const std::string& host, std::uint16_t port) {
  const bool bracket = host.find(':') != std::string::npos;
  return "tcp:" + (bracket ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);  // an unknown option costs only comfort
}

void set_up_connection(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);  // requests are small and waited for
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdle_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
}

Outcome<Addresses> resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &list);
  if (error == 0) return Addresses(list);
  const std::string where = endpoint_text(host, port);
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
                     "Check the port number and that the device's Modbus TCP server is on.");
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

class TcpLink final : public DescriptorLink {
 public:
  TcpLink(Reactor& reactor, int fd, std::string name, std::shared_ptr<std::size_t> count = {})
      : DescriptorLink(reactor, fd, Kind::Socket, std::move(name)), count_(std::move(count)) {
    if (count_) ++*count_;
  }
  ~TcpLink() override {
    if (count_) --*count_;
  }

 private:
  std::shared_ptr<std::size_t> count_;  // of the listener; it may be gone before the link
};

/// One attempt over all addresses of a name. It owns itself through the reactor's actions.
class Connecting : public std::enable_shared_from_this<Connecting> {
 public:
  Connecting(Reactor& reactor, std::string where, Connected done)
      : reactor_(reactor), where_(std::move(where)), done_(std::move(done)) {}

  void begin(Outcome<Addresses> addresses, Duration timeout) {
    timer_ = reactor_.at(reactor_.now() + timeout, [self = shared_from_this()] {
      self->timer_ = 0;
      self->end(cannot_connect(ETIMEDOUT, self->where_));
    });
    if (!addresses) {
      reactor_.at(reactor_.now(), [self = shared_from_this(), why = addresses.error()] {
        self->end(Unexpected<Failure>{why});
      });
      return;
    }
    addresses_ = std::move(*addresses);
    next_ = addresses_.get();
    reactor_.at(reactor_.now(), [self = shared_from_this()] { self->try_next(ENXIO); });
  }

 private:
  void try_next(int error) {
    while (next_ != nullptr) {
      const addrinfo& address = *std::exchange(next_, next_->ai_next);
      fd_ = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (fd_ < 0) {
        error = errno;
        continue;
      }
      if (::connect(fd_, address.ai_addr, address.ai_addrlen) == 0) return succeed();
      if (errno == EINPROGRESS) {
        reactor_.once_writable(fd_, [self = shared_from_this()] { self->decided(); });
        return;
      }
      error = errno;
      close();
    }
    end(cannot_connect(error, where_));
  }
  void decided() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == 0) return succeed();
    close();
    try_next(error);
  }
  void succeed() {
    set_up_connection(fd_);
    reactor_.unwatch(fd_);
    end(std::unique_ptr<ByteLink>(
        std::make_unique<TcpLink>(reactor_, std::exchange(fd_, -1), where_)));
  }
  void close() {
    reactor_.unwatch(fd_);
    ::close(std::exchange(fd_, -1));
  }
  void end(Outcome<std::unique_ptr<ByteLink>> outcome) {
    if (!done_) return;
    const auto self = shared_from_this();
    reactor_.cancel(std::exchange(timer_, 0));
    if (fd_ >= 0) close();
    const Connected done = std::exchange(done_, {});
    done(std::move(outcome));
  }

  Reactor& reactor_;
  std::string where_;
  Connected done_;
  Addresses addresses_;
  const addrinfo* next_ = nullptr;
  int fd_ = -1;
  Reactor::TimerId timer_ = 0;
};

std::string peer_text(const sockaddr_storage& address, socklen_t size) {
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "0";
  ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port,
                sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  return endpoint_text(host, static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
}

Outcome<int> listening_socket(const addrinfo& address, const std::string& where) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return cannot_connect(errno, where);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  ::close(fd);
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

}  // namespace

void connect_tcp(Reactor& reactor, const std::string& host, std::uint16_t port, Duration timeout,
                 Connected done) {
  std::make_shared<Connecting>(reactor, endpoint_text(host, port), std::move(done))
      ->begin(resolve(host, port, 0), timeout);
}

Outcome<std::unique_ptr<ByteLink>> open_tcp(Reactor& reactor, const std::string& host,
                                            std::uint16_t port, Duration timeout) {
  // Shared with the attempt, which goes on when an interrupt ends this call first.
  const auto result = std::make_shared<std::optional<Outcome<std::unique_ptr<ByteLink>>>>();
  connect_tcp(reactor, host, port, timeout, [result](Outcome<std::unique_ptr<ByteLink>> outcome) {
    *result = std::move(outcome);
  });
  const Instant until = reactor.now() + timeout + Duration::ms(100);
  const bool decided = reactor.run([&] { return result->has_value(); }, until);
  if (decided) return std::move(**result);
  if (reactor.interrupted()) {
    return failure(ErrorCode::Interrupted, "connecting", endpoint_text(host, port));
  }
  return cannot_connect(ETIMEDOUT, endpoint_text(host, port));
}

TcpListener::TcpListener(Reactor& reactor, int fd, std::uint16_t port, Accepted accepted)
    : reactor_(reactor),
      fd_(fd),
      port_(port),
      accepted_(std::move(accepted)),
      connections_(std::make_shared<std::size_t>(0)) {
  reactor_.watch(fd_, [this] { accept_all(); });
}

TcpListener::~TcpListener() {
  reactor_.unwatch(fd_);
  ::close(fd_);
}

Outcome<std::unique_ptr<TcpListener>> TcpListener::listen(Reactor& reactor, const std::string& host,
                                                          std::uint16_t port, Accepted accepted) {
  const std::string where = endpoint_text(host, port);
  const Outcome<Addresses> addresses = resolve(host, port, AI_PASSIVE);
  if (!addresses) return Unexpected<Failure>{addresses.error()};
  const Outcome<int> fd = listening_socket(**addresses, where);
  if (!fd) return Unexpected<Failure>{fd.error()};
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &size);
  const in_port_t actual = bound.ss_family == AF_INET6
                               ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                               : reinterpret_cast<const sockaddr_in&>(bound).sin_port;
  return std::unique_ptr<TcpListener>(
      new TcpListener(reactor, *fd, ntohs(actual), std::move(accepted)));
}

void TcpListener::accept_all() {
  for (int n = 0; n < kBacklog; ++n) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;  // none waits, or it gave up meanwhile
    if (*connections_ >= kConnectionsMax) {
      ::close(fd);
      continue;
    }
    set_up_connection(fd);
    accepted_(std::make_unique<TcpLink>(reactor_, fd, peer_text(peer, size), connections_));
  }
}

}  // namespace weco::transports
