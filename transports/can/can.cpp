// SPDX-License-Identifier: Apache-2.0
#include "transports/can/can.hpp"

#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

CanFrame from_kernel(const canfd_frame& raw) {
  CanFrame frame;
  frame.error = (raw.can_id & CAN_ERR_FLAG) != 0;
  frame.extended = !frame.error && (raw.can_id & CAN_EFF_FLAG) != 0;
  frame.remote = !frame.error && (raw.can_id & CAN_RTR_FLAG) != 0;
  const bool wide = frame.error || frame.extended;
  frame.id = raw.can_id & (wide ? CAN_EFF_MASK : CAN_SFF_MASK);
  frame.size = std::min<std::uint8_t>(raw.len, CanFrame::kDataMax);
  if (!frame.remote) std::copy_n(std::begin(raw.data), frame.size, frame.data.begin());
  return frame;
}

can_frame to_kernel(const CanFrame& frame) {
  can_frame raw{};
  raw.can_id = frame.id | (frame.extended ? CAN_EFF_FLAG : 0U) | (frame.remote ? CAN_RTR_FLAG : 0U);
  raw.len = frame.size;
  std::copy(frame.data.begin(), frame.data.end(), std::begin(raw.data));
  return raw;
}

class Link final : public CanLink {
 public:
  Link(Reactor& reactor, int fd, std::string interface, bool listen_only)
      : reactor_(reactor), fd_(fd), interface_(std::move(interface)), listen_only_(listen_only) {}
  ~Link() override {
    reactor_.cancel(wake_);
    reactor_.unwatch(fd_);
    ::close(fd_);
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  Done set_up(const CanInterface& interface, const CanOptions& options);

  Done send(const CanFrame& frame) override {
    if (lost_) return Unexpected<Failure>{*lost_};
    if (listen_only_) {
      return failure(ErrorCode::Unsupported, "this CAN link only listens", describe(),
                     "Only a keep-alive that is asked for (keepalive=yes) sends.");
    }
    if (frame.error || frame.size > CanFrame::kDataMax) {
      return failure(ErrorCode::Unsupported, "this frame cannot be sent", describe());
    }
    const can_frame raw = to_kernel(frame);
    while (::send(fd_, &raw, sizeof raw, MSG_NOSIGNAL) < 0) {
      if (errno == EINTR) continue;
      if (errno == ENOBUFS || errno == EAGAIN || errno == EWOULDBLOCK) {
        return failure(Error{ErrorCode::Full, errno}, "the CAN bus does not take frames",
                       describe(),
                       "Nobody acknowledges: check the wiring, the speed and that "
                       "another device is on.");
      }
      return lose(errno);
    }
    ++counters_.sent;
    return {};
  }
  Outcome<bool> receive(CanFrame& frame) override;
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    reactor_.unwatch(fd_);
    if (!readable_) return;
    if (lost_) return wake();
    reactor_.watch(fd_, [this] {
      const std::function<void()> again = readable_;  // it may replace itself
      if (again) again();
    });
  }
  [[nodiscard]] std::string describe() const override { return "can:" + interface_; }
  [[nodiscard]] Counters counters() const override { return counters_; }
  [[nodiscard]] std::optional<BusHealth> health() const override {
    BusHealth health = seen_;
    if (const auto interface = ask_interface(interface_)) health.merge(interface->health);
    return health;
  }

 private:
  void wake() {
    if (wake_ != 0) return;
    wake_ = reactor_.at(reactor_.now(), [this] {
      wake_ = 0;
      const std::function<void()> action = readable_;
      if (action) action();
    });
  }
  Unexpected<Failure> lose(int error) {
    lost_ = can_failure(error, interface_).error;
    reactor_.unwatch(fd_);
    if (readable_) wake();
    return {*lost_};
  }
  void take_drops(msghdr& message);

  Reactor& reactor_;
  int fd_;
  std::string interface_;
  bool listen_only_;
  BusHealth seen_;  // what only this socket knows
  Counters counters_;
  std::function<void()> readable_;
  std::optional<Failure> lost_;
  Reactor::TimerId wake_ = 0;
};

Done Link::set_up(const CanInterface& interface, const CanOptions& options) {
  const auto set = [this](int level, int name, const void* value, std::size_t size) {
    return ::setsockopt(fd_, level, name, value, static_cast<socklen_t>(size)) == 0;
  };
  const int on = 1;
  const can_err_mask_t errors = CAN_ERR_MASK;
  // Without these there is less to say, but the bus is heard all the same.
  static_cast<void>(set(SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof errors));
  static_cast<void>(set(SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on));
  static_cast<void>(set(SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on));
  // As much as the system lets an ordinary user have; more where the program may.
  const int room = kCanReceiveBuffer;
  if (!set(SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room)) {
    static_cast<void>(set(SOL_SOCKET, SO_RCVBUF, &room, sizeof room));
  }
  std::vector<can_filter> filters;
  for (const CanOptions::Filter& row : options.filters) {
    const std::uint32_t wide = row.wide ? CAN_EFF_FLAG : 0U;
    filters.push_back({row.id | wide, row.mask | CAN_EFF_FLAG | CAN_RTR_FLAG});
  }
  if (!filters.empty() &&
      !set(SOL_CAN_RAW, CAN_RAW_FILTER, filters.data(), filters.size() * sizeof(can_filter))) {
    return can_failure(errno, interface_);
  }
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = interface.index;
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return can_failure(errno, interface_);
  }
  return {};
}

Outcome<bool> Link::receive(CanFrame& frame) {
  if (lost_) return Unexpected<Failure>{*lost_};
  while (true) {
    canfd_frame raw{};
    iovec place{&raw, sizeof raw};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint32_t))> control{};
    msghdr message{};
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(fd_, &message, 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
      return lose(errno);
    }
    take_drops(message);
    // A CAN FD frame that is short enough reads like any other; nothing here speaks in long ones.
    if (n == CANFD_MTU && raw.len > CanFrame::kDataMax) {
      ++seen_.long_frames;
      continue;
    }
    if (n != CAN_MTU && n != CANFD_MTU) continue;
    frame = from_kernel(raw);
    frame.at = reactor_.now();
    if (!frame.error) ++counters_.received;
    return true;
  }
}

/// The kernel says with each frame how many before it found no room.
void Link::take_drops(msghdr& message) {
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr;
       each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_RXQ_OVFL) continue;
    std::uint32_t drops = 0;
    std::memcpy(&drops, CMSG_DATA(each), sizeof drops);
    seen_.lost = drops;
  }
}

}  // namespace

Unexpected<Failure> can_failure(int error, const std::string& interface) {
  const std::string where = "can:" + interface;
  switch (error) {
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
      return failure(Error{ErrorCode::Unsupported, error}, "this kernel has no CAN", where,
                     "Load it: sudo modprobe can-raw");
    case ENODEV:
    case ENXIO:
      return failure(Error{ErrorCode::Disconnected, error},
                     "the CAN interface is gone (unplugged?)", where);
    case ENETDOWN:
      return failure(Error{ErrorCode::Disconnected, error}, "the CAN interface is down", where,
                     "Bring it up: sudo ip link set " + interface + " up");
    case EPERM:
    case EACCES:
      return failure(Error{ErrorCode::PermissionDenied, error},
                     "this user may not use the CAN interface", where,
                     "A container or a sandbox forbids it; start weco outside of it.");
    default:
      return failure(Error{code_of_errno(error), error}, "the CAN interface cannot be used", where,
                     errno_sentence(error));
  }
}

Outcome<std::unique_ptr<CanLink>> CanLink::open(const std::string& interface,
                                                const CanOptions& options, Reactor& reactor) {
  const Outcome<CanInterface> found = ask_interface(interface);
  if (!found) return Unexpected<Failure>{found.error()};
  if (!found->up) {
    return failure(ErrorCode::Disconnected, "the CAN interface is down", "can:" + interface,
                   "Bring it up: " + up_command(*found));
  }
  const int fd = ::socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
  if (fd < 0) return can_failure(errno, interface);
  auto link = std::make_unique<Link>(reactor, fd, interface, options.listen_only);
  if (const Done done = link->set_up(*found, options); !done) {
    return Unexpected<Failure>{done.error()};
  }
  return std::unique_ptr<CanLink>(std::move(link));
}

}  // namespace weco::transports
