// SPDX-License-Identifier: Apache-2.0
#include "transports/can/interface.hpp"

#include <linux/can/netlink.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

constexpr unsigned kLongFrameMtu = 72;  // sizeof(canfd_frame)

/// A structure of the kernel out of bytes that may be shorter: an older kernel knows fewer fields.
template <class T>
T as(Bytes data) {
  T value{};
  std::memcpy(&value, data.data(), std::min(sizeof value, data.size()));
  return value;
}

std::string_view text_of(Bytes data) {
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  return text.substr(0, text.find('\0'));
}

/// Calls `take(type, payload)` for each attribute; a cut one ends the walk.
template <class Take>
void walk(Bytes data, Take take) {
  while (data.size() >= sizeof(rtattr)) {
    const auto head = as<rtattr>(data);
    if (head.rta_len < sizeof(rtattr) || head.rta_len > data.size()) return;
    take(head.rta_type & NLA_TYPE_MASK, data.subspan(sizeof head, head.rta_len - sizeof head));
    data = data.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), data.size()));
  }
}

BusHealth::State state_of(std::uint32_t state) {
  constexpr std::array kStates = {BusHealth::State::Active,  BusHealth::State::Warning,
                                  BusHealth::State::Passive, BusHealth::State::BusOff,
                                  BusHealth::State::Stopped, BusHealth::State::Sleeping};
  return state < kStates.size() ? kStates[state] : BusHealth::State::Unknown;
}

void take_can(std::uint32_t type, Bytes value, BusHealth& health) {
  switch (type) {
    case IFLA_CAN_STATE:
      health.state = state_of(as<std::uint32_t>(value));
      break;
    case IFLA_CAN_BITTIMING:
      health.bits_per_second = as<can_bittiming>(value).bitrate;
      break;
    case IFLA_CAN_DATA_BITTIMING:
      health.data_bits_per_second = as<can_bittiming>(value).bitrate;
      break;
    case IFLA_CAN_CTRLMODE:
      health.listen_only = (as<can_ctrlmode>(value).flags & CAN_CTRLMODE_LISTENONLY) != 0;
      break;
    case IFLA_CAN_RESTART_MS:
      health.restart_ms = as<std::uint32_t>(value);
      break;
    case IFLA_CAN_BERR_COUNTER: {
      const auto counter = as<can_berr_counter>(value);
      health.transmit_errors = counter.txerr;
      health.receive_errors = counter.rxerr;
      break;
    }
    default:
      break;
  }
}

void take_statistics(Bytes value, BusHealth& health) {
  const auto counted = as<can_device_stats>(value);
  health.bus_errors = counted.bus_error;
  health.bus_offs = counted.bus_off;
  health.restarts = counted.restarts;
  health.arbitration_lost = counted.arbitration_lost;
}

void take_link_info(Bytes info, BusHealth& health) {
  std::string_view kind;
  walk(info, [&](std::uint32_t type, Bytes value) {
    if (type == IFLA_INFO_KIND) kind = text_of(value);
    if (type == IFLA_INFO_XSTATS && kind == "can") take_statistics(value, health);
    if (type != IFLA_INFO_DATA || kind != "can") return;
    walk(value, [&](std::uint32_t inner, Bytes each) { take_can(inner, each, health); });
  });
  health.is_virtual = kind == "vcan" || kind == "vxcan";
}

Unexpected<Failure> not_there(const std::string& name) {
  return failure(ErrorCode::NotFound, "there is no CAN interface '" + name + "'", "can:" + name,
                 "Plug the adapter in and see: ip -brief link show type can");
}

class Netlink {
 public:
  Netlink() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {}
  ~Netlink() {
    if (fd_ >= 0) ::close(fd_);
  }
  Netlink(const Netlink&) = delete;
  Netlink& operator=(const Netlink&) = delete;

  /// The kernel answers while it is being asked, so nothing waits here. errno on failure.
  Result<Bytes, int> ask(const std::string& name) {
    struct Request {
      nlmsghdr head;
      ifinfomsg about;
      rtattr attribute;
      std::array<char, IFNAMSIZ> name;
    } request{};
    request.head.nlmsg_len = sizeof request;
    request.head.nlmsg_type = RTM_GETLINK;
    request.head.nlmsg_flags = NLM_F_REQUEST;
    request.about.ifi_family = AF_UNSPEC;
    request.attribute.rta_type = IFLA_IFNAME;
    request.attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(IFNAMSIZ));
    name.copy(request.name.data(), IFNAMSIZ - 1);
    if (fd_ < 0 || ::send(fd_, &request, sizeof request, 0) < 0) return Unexpected<int>{errno};
    const ssize_t got = ::recv(fd_, room_.data(), room_.size(), 0);
    if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return Unexpected<int>{got < 0 ? errno : EIO};
    const Bytes answer = Bytes(room_).first(static_cast<std::size_t>(got));
    if (as<nlmsghdr>(answer).nlmsg_type == NLMSG_ERROR) {
      return Unexpected<int>{-as<nlmsgerr>(answer.subspan(sizeof(nlmsghdr))).error};
    }
    return answer;
  }

 private:
  int fd_;
  std::array<std::uint8_t, 16384> room_{};
};

}  // namespace

Outcome<CanInterface> parse_interface(Bytes message) {
  const auto head = message.size() >= sizeof(nlmsghdr) ? as<nlmsghdr>(message) : nlmsghdr{};
  constexpr std::size_t kFixed = sizeof(nlmsghdr) + sizeof(ifinfomsg);
  if (head.nlmsg_type != RTM_NEWLINK || head.nlmsg_len > message.size() ||
      head.nlmsg_len < kFixed) {
    return failure(ErrorCode::BadInput, "the kernel's answer is no description of an interface");
  }
  const auto about = as<ifinfomsg>(message.subspan(sizeof(nlmsghdr)));
  CanInterface found;
  found.index = about.ifi_index;
  found.is_can = about.ifi_type == ARPHRD_CAN;
  found.up = (about.ifi_flags & IFF_UP) != 0;
  walk(message.first(head.nlmsg_len).subspan(kFixed), [&](std::uint32_t type, Bytes value) {
    if (type == IFLA_IFNAME) found.name = text_of(value);
    if (type == IFLA_MTU) found.takes_long_frames = as<std::uint32_t>(value) >= kLongFrameMtu;
    if (type == IFLA_LINKINFO && found.is_can) take_link_info(value, found.health);
  });
  return found;
}

Outcome<CanInterface> ask_interface(const std::string& name) {
  if (name.size() >= IFNAMSIZ) return not_there(name);
  Netlink netlink;
  const Result<Bytes, int> answer = netlink.ask(name);
  if (!answer) {
    if (answer.error() == ENODEV) return not_there(name);
    return failure(Error{code_of_errno(answer.error()), answer.error()},
                   "the kernel does not tell about the CAN interface", "can:" + name,
                   errno_sentence(answer.error()));
  }
  Outcome<CanInterface> found = parse_interface(*answer);
  if (found && !found->is_can) {
    return failure(ErrorCode::BadInput, "'" + name + "' is no CAN interface", "can:" + name,
                   "See which ones are: ip -brief link show type can");
  }
  return found;
}

std::string up_command(const CanInterface& interface) {
  const std::string base = "sudo ip link set " + interface.name + " up";
  return interface.health.is_virtual ? base : base + " type can bitrate 500000";
}

}  // namespace weco::transports
