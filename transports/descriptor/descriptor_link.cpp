// SPDX-License-Identifier: Apache-2.0
#include "transports/descriptor/descriptor_link.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weco::transports {

ErrorCode code_of_errno(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return ErrorCode::PermissionDenied;
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOTDIR:
      return ErrorCode::NotFound;
    case EBUSY:
    case EADDRINUSE:
      return ErrorCode::Busy;
    case ETIMEDOUT:
      return ErrorCode::Timeout;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENETDOWN:
    case ENETRESET:
    case ENOTCONN:
      return ErrorCode::Disconnected;
    default:
      return ErrorCode::IoError;
  }
}

std::string errno_sentence(int error) { return std::string(std::strerror(error)) + "."; }

DescriptorLink::DescriptorLink(Reactor& reactor, int fd, Kind kind, std::string name)
    : reactor_(reactor), fd_(fd), kind_(kind), name_(std::move(name)) {}

DescriptorLink::~DescriptorLink() {
  reactor_.cancel(wake_);
  reactor_.unwatch(fd_);
  ::close(fd_);
}

Done DescriptorLink::configure(const LineSettings&) {
  return failure(ErrorCode::Unsupported, "this link has no line settings", name_);
}

Done DescriptorLink::write(Bytes data) {
  if (lost_) return Unexpected<Failure>{*lost_};
  if (data.size() > kOutboxMax - outbox_.size()) {
    return failure(ErrorCode::Full, "the other side does not take what is sent", name_);
  }
  const bool waits = !outbox_.empty();
  outbox_.insert(outbox_.end(), data.begin(), data.end());
  return waits ? Done{} : flush();
}

/// Gives the kernel what it takes and comes back for the rest when it has room.
Done DescriptorLink::flush() {
  std::size_t taken = 0;
  while (taken < outbox_.size()) {
    const std::uint8_t* const from = outbox_.data() + taken;
    const std::size_t left = outbox_.size() - taken;
    const ssize_t n =
        kind_ == Kind::Socket ? ::send(fd_, from, left, MSG_NOSIGNAL) : ::write(fd_, from, left);
    if (n > 0) {
      taken += static_cast<std::size_t>(n);
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      break;
    } else {
      const Unexpected<Failure> why = lost(n < 0 ? errno : EPIPE);
      if (readable_) wake();
      return why;
    }
  }
  outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(taken));
  if (!outbox_.empty()) watch();
  return {};
}

Outcome<std::size_t> DescriptorLink::read(MutableBytes room) {
  if (lost_) return Unexpected<Failure>{*lost_};
  if (readable_) room = room.first(std::min(room.size(), room_left_));
  if (room.empty()) return std::size_t{0};
  while (true) {
    const ssize_t n = ::read(fd_, room.data(), room.size());
    if (n > 0) {
      room_left_ -= std::min(room_left_, static_cast<std::size_t>(n));
      return static_cast<std::size_t>(n);
    }
    if (n == 0) {
      if (kind_ == Kind::Socket) return lost(ECONNRESET);
      // A terminal without data reads as empty too; only the poll bits tell that it is gone.
      pollfd state{fd_, POLLIN, 0};
      const bool gone =
          ::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
      if (gone) return lost(ENODEV);
      return std::size_t{0};
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::size_t{0};
    return lost(errno);
  }
}

void DescriptorLink::on_readable(std::function<void()> action) {
  readable_ = std::move(action);
  room_left_ = kReadAtOnceMax;
  watch();
  if (lost_ && readable_) wake();
}

/// The reactor knows one entry a descriptor, so both directions are set together.
void DescriptorLink::watch() {
  reactor_.unwatch(fd_);
  if (lost_) return;
  if (readable_) {
    reactor_.watch(fd_, [this] {
      room_left_ = kReadAtOnceMax;
      const std::function<void()> action = readable_;  // it may replace itself
      if (action) action();
    });
  }
  if (!outbox_.empty()) {
    reactor_.once_writable(fd_, [this] { static_cast<void>(flush().has_value()); });
  }
}

/// A loss that was found while writing must reach the one who listens, too.
void DescriptorLink::wake() {
  if (wake_ != 0) return;
  wake_ = reactor_.at(reactor_.now(), [this] {
    wake_ = 0;
    const std::function<void()> action = readable_;
    if (action) action();
  });
}

Unexpected<Failure> DescriptorLink::lost(int error) {
  const std::string what = kind_ == Kind::Socket ? "the connection was closed by the other side"
                                                 : "the port is gone (unplugged?)";
  lost_ = Failure{Error{ErrorCode::Disconnected, error}, what, name_, {}};
  outbox_.clear();
  reactor_.unwatch(fd_);
  return {*lost_};
}

}  // namespace weco::transports
