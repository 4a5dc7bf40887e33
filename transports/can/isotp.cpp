// SPDX-License-Identifier: Apache-2.0
#include "transports/can/isotp.hpp"

#include <linux/can.h>
#include <linux/can/isotp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

/// The errors that the kernel's ISO-TP leaves on the socket, by the name of the standard.
struct Told {
  int error;
  isotp::Fault fault;
};
constexpr Told kTold[] = {
    {ECOMM, isotp::Fault::NoFlowControl},  {ETIMEDOUT, isotp::Fault::NoConsecutive},
    {EILSEQ, isotp::Fault::WrongSequence}, {EMSGSIZE, isotp::Fault::ReceiverFull},
    {EBADMSG, isotp::Fault::NewMessage},
};

class KernelLink final : public MessageLink {
 public:
  KernelLink(Reactor& reactor, int fd, std::string interface)
      : reactor_(reactor), fd_(fd), interface_(std::move(interface)), room_(kIsotpMessageMax + 1) {}
  ~KernelLink() override {
    reactor_.unwatch(fd_);
    ::close(fd_);
  }
  KernelLink(const KernelLink&) = delete;
  KernelLink& operator=(const KernelLink&) = delete;

  Done set_up(const CanInterface& interface, const IsotpOptions& options);

  Done send(Bytes message) override {
    if (message.empty() || message.size() > kIsotpMessageMax) {
      return failure(message.empty() ? ErrorCode::BadInput : ErrorCode::TooLong,
                     message.empty() ? "an empty message cannot be sent"
                                     : "the message is longer than ISO-TP carries here",
                     describe());
    }
    while (::write(fd_, message.data(), message.size()) < 0) {
      const int error = errno;
      if (error == EINTR) continue;
      if (error == EAGAIN || error == EWOULDBLOCK) {
        return failure(ErrorCode::Busy, "the message before is still on its way", describe());
      }
      // An error of the message before waits on the socket and comes first; it is for receive().
      if (const auto fault = fault_of(error)) {
        earlier_ = isotp_failure(isotp::error_of(*fault), describe());
        continue;
      }
      return can_failure(error, interface_);
    }
    return {};
  }
  Outcome<bool> receive(std::vector<std::uint8_t>& message) override {
    if (earlier_) return Unexpected<Failure>{*std::exchange(earlier_, std::nullopt)};
    while (true) {
      const ssize_t n = ::read(fd_, room_.data(), room_.size());
      if (n > 0) {
        message.assign(room_.begin(), room_.begin() + n);
        return true;
      }
      if (n < 0 && errno == EINTR) continue;
      if (n == 0 || errno == EAGAIN || errno == EWOULDBLOCK) return false;
      if (const auto fault = fault_of(errno)) {
        return Unexpected<Failure>{isotp_failure(isotp::error_of(*fault), describe())};
      }
      return can_failure(errno, interface_);
    }
  }
  void on_readable(std::function<void()> action) override {
    readable_ = std::move(action);
    reactor_.unwatch(fd_);
    if (!readable_) return;
    reactor_.watch(fd_, [this] {
      const std::function<void()> again = readable_;  // it may replace itself
      if (again) again();
    });
  }
  [[nodiscard]] std::string describe() const override { return "can:" + interface_; }

 private:
  static std::optional<isotp::Fault> fault_of(int error) {
    for (const Told& row : kTold) {
      if (row.error == error) return row.fault;
    }
    return std::nullopt;
  }

  Reactor& reactor_;
  int fd_;
  std::string interface_;
  std::vector<std::uint8_t> room_;
  std::function<void()> readable_;
  std::optional<Failure> earlier_;
};

can_isotp_options kernel_options(const isotp::Config& config) {
  can_isotp_options raw{};
  raw.frame_txtime = CAN_ISOTP_DEFAULT_FRAME_TXTIME;
  raw.rxpad_content = CAN_ISOTP_DEFAULT_PAD_CONTENT;
  if (config.sends_to && config.hears) {
    raw.flags |= CAN_ISOTP_EXTEND_ADDR | CAN_ISOTP_RX_EXT_ADDR;
    raw.ext_address = *config.sends_to;
    raw.rx_ext_address = *config.hears;
  }
  if (config.padding) {
    raw.flags |= CAN_ISOTP_TX_PADDING;
    raw.txpad_content = *config.padding;
  }
  return raw;
}

Done KernelLink::set_up(const CanInterface& interface, const IsotpOptions& options) {
  const auto set = [this](int name, const auto& value) {
    return ::setsockopt(fd_, SOL_CAN_ISOTP, name, &value, sizeof value) == 0;
  };
  const isotp::Config& config = options.config;
  const can_isotp_options raw = kernel_options(config);
  can_isotp_fc_options flow{};
  flow.bs = config.block_size;
  flow.stmin = isotp::separation_code(config.separation);
  flow.wftmax = config.waits_max;
  bool fine = set(CAN_ISOTP_OPTS, raw) && set(CAN_ISOTP_RECV_FC, flow);
  if (fine && config.frame_size > isotp::kClassicMax) {
    can_isotp_ll_options layer{};
    layer.mtu = CANFD_MTU;
    layer.tx_dl = config.frame_size;
    fine = set(CAN_ISOTP_LL_OPTS, layer);
  }
  if (!fine) return can_failure(errno, interface_);
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = interface.index;
  const std::uint32_t wide = options.address.wide ? CAN_EFF_FLAG : 0U;
  address.can_addr.tp.tx_id = options.address.tx_id | wide;
  address.can_addr.tp.rx_id = options.address.rx_id | wide;
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return can_failure(errno, interface_);
  }
  return {};
}

Outcome<std::unique_ptr<MessageLink>> ours(const std::string& interface,
                                           const IsotpOptions& options, Reactor& reactor) {
  if (options.config.frame_size > isotp::kClassicMax) {
    return failure(ErrorCode::Unsupported, "long CAN FD frames need the kernel's ISO-TP",
                   "can:" + interface, "Load it: sudo modprobe can-isotp");
  }
  CanOptions raw;
  raw.filters.push_back(
      {options.address.rx_id, options.address.wide ? 0x1FFFFFFFU : 0x7FFU, options.address.wide});
  auto frames = CanLink::open(interface, raw, reactor);
  if (!frames) return Unexpected<Failure>{frames.error()};
  return std::unique_ptr<MessageLink>(
      std::make_unique<IsotpLink>(std::move(*frames), options.address, options.config, reactor));
}

}  // namespace

Outcome<std::unique_ptr<MessageLink>> open_isotp(const std::string& interface,
                                                 const IsotpOptions& options, Reactor& reactor) {
  if (options.by == IsotpOptions::By::Us) return ours(interface, options, reactor);
  const Outcome<CanInterface> found = ask_interface(interface);
  if (!found) return Unexpected<Failure>{found.error()};
  if (!found->up) {
    return failure(ErrorCode::Disconnected, "the CAN interface is down", "can:" + interface,
                   "Bring it up: " + up_command(*found));
  }
  const int fd = ::socket(PF_CAN, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_ISOTP);
  if (fd < 0) {
    if (options.by == IsotpOptions::By::Best) return ours(interface, options, reactor);
    return failure(Error{ErrorCode::Unsupported, errno}, "this kernel has no ISO-TP",
                   "can:" + interface, "Load it: sudo modprobe can-isotp");
  }
  auto link = std::make_unique<KernelLink>(reactor, fd, interface);
  if (const Done done = link->set_up(*found, options); !done) {
    return Unexpected<Failure>{done.error()};
  }
  return std::unique_ptr<MessageLink>(std::move(link));
}

}  // namespace weco::transports
