// SPDX-License-Identifier: Apache-2.0
#include "transports/udp/udp.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "transports/descriptor/address.hpp"
#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

constexpr std::string_view kScheme = "udp";
/// Datagrams taken from the kernel before others get their turn.
constexpr int kPerTurn = 64;

/// Datagrams that have arrived and wait to be read, bounded. What came before a loss stays
/// readable.
class Inbox {
 public:
  /// A loss that lasts is told by every read, another one once: the other side may come back.
  Inbox(Reactor& reactor, bool lasting) : reactor_(reactor), lasting_(lasting) {}
  ~Inbox() { reactor_.cancel(wake_); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  void arrived(Bytes datagram) {
    if (datagram.empty() || waiting_.size() >= kDatagramsWaitingMax) return;
    waiting_.emplace_back(datagram.begin(), datagram.end());
    wake();
  }
  void lose(Failure why) {
    if (!lost_) lost_ = std::move(why);
    wake();
  }
  [[nodiscard]] const std::optional<Failure>& lost() const { return lost_; }
  Outcome<std::size_t> read(MutableBytes room) {
    if (waiting_.empty()) {
      if (!lost_) return std::size_t{0};
      const Unexpected<Failure> why{*lost_};
      if (!lasting_) lost_.reset();
      return why;
    }
    std::vector<std::uint8_t>& first = waiting_.front();
    const std::size_t n = std::min(room.size(), first.size());
    std::copy_n(first.begin(), n, room.begin());
    first.erase(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(n));
    if (first.empty()) waiting_.pop_front();
    wake();
    return n;
  }
  void on_readable(std::function<void()> action) {
    readable_ = std::move(action);
    wake();
  }

 private:
  void wake() {
    if (wake_ != 0 || !readable_ || (waiting_.empty() && !lost_)) return;
    wake_ = reactor_.at(reactor_.now(), [this] {
      wake_ = 0;
      const std::function<void()> action = readable_;  // it may replace itself
      if (action) action();
    });
  }

  Reactor& reactor_;
  bool lasting_;
  std::deque<std::vector<std::uint8_t>> waiting_;
  std::optional<Failure> lost_;
  std::function<void()> readable_;
  Reactor::TimerId wake_ = 0;
};

Done check_size(Bytes data, const std::string& where) {
  if (data.size() <= kDatagramMax) return {};
  return failure(ErrorCode::OutOfRange, "the message is too long for one datagram", where);
}

class Client final : public ByteLink {
 public:
  Client(Reactor& reactor, int fd, std::string name)
      : reactor_(reactor), fd_(fd), name_(std::move(name)), inbox_(reactor, false) {
    reactor_.watch(fd_, [this] { pull(); });
  }
  ~Client() override {
    reactor_.unwatch(fd_);
    ::close(fd_);
  }

  Done write(Bytes data) override {
    if (Done fits = check_size(data, name_); !fits) return fits;
    ssize_t n = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    // The first refusal may be that of an older datagram; the device may be back.
    if (n < 0 && errno == ECONNREFUSED) n = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    if (n >= 0) return {};
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
      return failure(ErrorCode::Full, "the network does not take what is sent", name_);
    }
    return cannot_connect(errno, name_);
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    pull();
    return inbox_.read(room);
  }
  void on_readable(std::function<void()> action) override { inbox_.on_readable(std::move(action)); }
  Done configure(const LineSettings&) override {
    return failure(ErrorCode::Unsupported, "this link has no line settings", name_);
  }
  [[nodiscard]] LinkTraits traits() const override { return {0, false, kDatagramMax}; }
  [[nodiscard]] std::string describe() const override { return name_; }

 private:
  void pull() {
    std::array<std::uint8_t, kDatagramMax + 1> room{};
    for (int turn = 0; turn < kPerTurn; ++turn) {
      const ssize_t n = ::recv(fd_, room.data(), room.size(), MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (n < 0 && errno != EINTR) return inbox_.lose(cannot_connect(errno, name_).error);
      if (n < 0 || static_cast<std::size_t>(n) > kDatagramMax) continue;
      inbox_.arrived(Bytes(room).first(static_cast<std::size_t>(n)));
    }
  }

  Reactor& reactor_;
  int fd_;
  std::string name_;
  Inbox inbox_;
};

struct Peer {
  sockaddr_storage address{};
  socklen_t size = 0;
  [[nodiscard]] bool same(const Peer& other) const {
    return size == other.size && std::memcmp(&address, &other.address, size) == 0;
  }
};

/// What the server and a client's link share; either may be gone first.
struct Shared {
  Shared(Reactor& reactor, int descriptor, const Peer& from)
      : fd(descriptor), peer(from), inbox(reactor, true) {}
  int fd;  // the server's, not to be used once the inbox has a loss
  Peer peer;
  Inbox inbox;
};

class ServedLink final : public ByteLink {
 public:
  explicit ServedLink(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)),
        name_(peer_text(kScheme, shared_->peer.address, shared_->peer.size)) {}
  ~ServedLink() override { shared_->inbox.on_readable({}); }

  Done write(Bytes data) override {
    if (shared_->inbox.lost()) return Unexpected<Failure>{*shared_->inbox.lost()};
    if (Done fits = check_size(data, name_); !fits) return fits;
    // A client that does not take its answer asks again; the server does not care.
    static_cast<void>(::sendto(shared_->fd, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&shared_->peer.address),
                               shared_->peer.size));
    return {};
  }
  Outcome<std::size_t> read(MutableBytes room) override { return shared_->inbox.read(room); }
  void on_readable(std::function<void()> action) override {
    shared_->inbox.on_readable(std::move(action));
  }
  Done configure(const LineSettings&) override {
    return failure(ErrorCode::Unsupported, "this link has no line settings", name_);
  }
  [[nodiscard]] LinkTraits traits() const override { return {0, false, kDatagramMax}; }
  [[nodiscard]] std::string describe() const override { return name_; }

 private:
  std::shared_ptr<Shared> shared_;
  std::string name_;
};

class Server final : public UdpServer {
 public:
  Server(Reactor& reactor, int fd, std::uint16_t port, Accepted accepted)
      : reactor_(reactor), fd_(fd), port_(port), accepted_(std::move(accepted)) {
    reactor_.watch(fd_, [this] { pull(); });
  }
  ~Server() override {
    reactor_.unwatch(fd_);
    while (!clients_.empty()) forget();
    ::close(fd_);
  }
  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::size_t clients() const override { return clients_.size(); }

 private:
  void pull() {
    std::array<std::uint8_t, kDatagramMax + 1> room{};
    for (int turn = 0; turn < kPerTurn; ++turn) {
      Peer from;
      from.size = sizeof from.address;
      const ssize_t n = ::recvfrom(fd_, room.data(), room.size(), MSG_DONTWAIT,
                                   reinterpret_cast<sockaddr*>(&from.address), &from.size);
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      // Errors here are those of clients that are gone: nothing of this port's.
      if (n <= 0 || static_cast<std::size_t>(n) > kDatagramMax) continue;
      client(from).arrived(Bytes(room).first(static_cast<std::size_t>(n)));
    }
  }
  /// The newest stands at the end.
  Inbox& client(const Peer& from) {
    const auto known = std::find_if(clients_.begin(), clients_.end(),
                                    [&](const auto& each) { return each->peer.same(from); });
    if (known != clients_.end()) {
      clients_.splice(clients_.end(), clients_, known);
      return clients_.back()->inbox;
    }
    if (clients_.size() == kUdpClientsMax) forget();
    clients_.push_back(std::make_shared<Shared>(reactor_, fd_, from));
    accepted_(std::make_unique<ServedLink>(clients_.back()));
    return clients_.back()->inbox;
  }
  void forget() {
    Shared& oldest = *clients_.front();
    oldest.inbox.lose({Error{ErrorCode::Disconnected},
                       "the client was not heard for too long",
                       peer_text(kScheme, oldest.peer.address, oldest.peer.size),
                       {}});
    clients_.pop_front();
  }

  Reactor& reactor_;
  int fd_;
  std::uint16_t port_;
  Accepted accepted_;
  std::list<std::shared_ptr<Shared>> clients_;
};

}  // namespace

Outcome<std::unique_ptr<ByteLink>> open_udp(Reactor& reactor, const std::string& host,
                                            std::uint16_t port) {
  const std::string where = endpoint_text(kScheme, host, port);
  const Outcome<Addresses> addresses = resolve(host, port, SOCK_DGRAM, 0, where);
  if (!addresses) return Unexpected<Failure>{addresses.error()};
  int error = 0;
  for (const addrinfo* each = addresses->get(); each != nullptr; each = each->ai_next) {
    const int fd = ::socket(each->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && ::connect(fd, each->ai_addr, each->ai_addrlen) == 0) {
      return std::unique_ptr<ByteLink>(std::make_unique<Client>(reactor, fd, where));
    }
    error = errno;
    if (fd >= 0) ::close(fd);
  }
  return cannot_connect(error, where);
}

Outcome<std::unique_ptr<UdpServer>> UdpServer::listen(Reactor& reactor, const std::string& host,
                                                      std::uint16_t port, Accepted accepted) {
  const std::string where = endpoint_text(kScheme, host, port);
  const Outcome<Addresses> addresses = resolve(host, port, SOCK_DGRAM, AI_PASSIVE, where);
  if (!addresses) return Unexpected<Failure>{addresses.error()};
  const addrinfo& first = **addresses;
  const int fd = ::socket(first.ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::bind(fd, first.ai_addr, first.ai_addrlen) != 0) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    return cannot_listen(error, where);
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return std::unique_ptr<UdpServer>(
      std::make_unique<Server>(reactor, fd, port_of(bound), std::move(accepted)));
}

}  // namespace weco::transports
