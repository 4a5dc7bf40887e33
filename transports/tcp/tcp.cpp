// SPDX-License-Identifier: Apache-2.0
#include "transports/tcp/tcp.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "transports/descriptor/address.hpp"
#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

constexpr int kBacklog = 16;
// A dead peer is noticed after 10 + 3 x 5 s instead of the two hours of the system's default.
constexpr int kKeepAliveIdle_s = 10;
constexpr int kKeepAliveInterval_s = 5;
constexpr int kKeepAliveProbes = 3;

constexpr std::string_view kScheme = "tcp";

std::string where_of(const std::string& host, std::uint16_t port) {
  return endpoint_text(kScheme, host, port);
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

class TcpLink final : public DescriptorLink {
 public:
  TcpLink(Reactor& reactor, int fd, std::string name)
      : DescriptorLink(reactor, fd, Kind::Socket, std::move(name)) {}
};

}  // namespace

/// Connections that a listener serves. Whoever sends requests that never end gets no answer, so
/// the last answer tells a client from somebody who only takes up a place.
class TcpListener::Crowd {
 public:
  class Member;
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  /// Closes the connection that has been without an answer longest; false when none was for `idle`.
  bool give_up_one(Instant now, Duration idle);

 private:
  std::vector<Member*> members_;
};

class TcpListener::Crowd::Member final : public DescriptorLink {
 public:
  Member(Reactor& reactor, int fd, std::string name, std::shared_ptr<Crowd> crowd)
      : DescriptorLink(reactor, fd, Kind::Socket, std::move(name)),
        crowd_(std::move(crowd)),
        answered_(reactor.now()) {
    crowd_->members_.push_back(this);
  }
  ~Member() override { leave(); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  Done write(Bytes data) override {
    answered_ = reactor().now();
    return DescriptorLink::write(data);
  }
  [[nodiscard]] Instant answered() const { return answered_; }
  /// Its owner notices as if the other side had closed it.
  void give_up() {
    leave();
    ::shutdown(fd(), SHUT_RDWR);
  }

 private:
  void leave() { std::erase(crowd_->members_, this); }
  std::shared_ptr<Crowd> crowd_;  // the listener may be gone before the link
  Instant answered_;
};

bool TcpListener::Crowd::give_up_one(Instant now, Duration idle) {
  const auto longest = std::min_element(
      members_.begin(), members_.end(),
      [](const Member* a, const Member* b) { return a->answered() < b->answered(); });
  if (longest == members_.end() || now - (*longest)->answered() < idle) return false;
  (*longest)->give_up();
  return true;
}

namespace {

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

Outcome<int> listening_socket(const addrinfo& address, const std::string& where) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return cannot_connect(errno, where);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  ::close(fd);
  return cannot_listen(error, where);
}

}  // namespace

void connect_tcp(Reactor& reactor, const std::string& host, std::uint16_t port, Duration timeout,
                 Connected done) {
  const std::string where = where_of(host, port);
  std::make_shared<Connecting>(reactor, where, std::move(done))
      ->begin(resolve(host, port, SOCK_STREAM, 0, where), timeout);
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
    return failure(ErrorCode::Interrupted, "connecting", where_of(host, port));
  }
  return cannot_connect(ETIMEDOUT, where_of(host, port));
}

TcpListener::TcpListener(Reactor& reactor, int fd, std::uint16_t port, Accepted accepted,
                         Duration idle)
    : reactor_(reactor),
      fd_(fd),
      port_(port),
      accepted_(std::move(accepted)),
      idle_(idle),
      crowd_(std::make_shared<Crowd>()) {
  reactor_.watch(fd_, [this] { accept_all(); });
}

TcpListener::~TcpListener() {
  reactor_.unwatch(fd_);
  ::close(fd_);
}

Outcome<std::unique_ptr<TcpListener>> TcpListener::listen(Reactor& reactor, const std::string& host,
                                                          std::uint16_t port, Accepted accepted,
                                                          Duration idle) {
  const std::string where = where_of(host, port);
  const Outcome<Addresses> addresses = resolve(host, port, SOCK_STREAM, AI_PASSIVE, where);
  if (!addresses) return Unexpected<Failure>{addresses.error()};
  const Outcome<int> fd = listening_socket(**addresses, where);
  if (!fd) return Unexpected<Failure>{fd.error()};
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return std::unique_ptr<TcpListener>(
      new TcpListener(reactor, *fd, port_of(bound), std::move(accepted), idle));
}

std::size_t TcpListener::connections() const { return crowd_->size(); }

void TcpListener::accept_all() {
  for (int n = 0; n < kBacklog; ++n) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd =
        ::accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;  // none waits, or it gave up meanwhile
    if (crowd_->size() >= kConnectionsMax && !crowd_->give_up_one(reactor_.now(), idle_)) {
      ::close(fd);
      continue;
    }
    set_up_connection(fd);
    accepted_(
        std::make_unique<Crowd::Member>(reactor_, fd, peer_text(kScheme, peer, size), crowd_));
  }
}

}  // namespace weco::transports
