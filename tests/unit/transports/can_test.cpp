// SPDX-License-Identifier: Apache-2.0
// What the kernel tells of a CAN interface, without one; the cases tagged [vcan] need vcan0 and run
// in the guest of tests/vm.
#include "transports/can/can.hpp"

#include <linux/can/netlink.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "host/reactor/poll_reactor.hpp"
#include "tests/support/catch.hpp"
#include "transports/can/isotp.hpp"

using namespace weco;
using namespace weco::transports;

namespace {

using Data = std::vector<std::uint8_t>;

template <class T>
Data raw(const T& value) {
  Data data(sizeof value);
  std::memcpy(data.data(), &value, sizeof value);
  return data;
}

void append(Data& to, const Data& more) { to.insert(to.end(), more.begin(), more.end()); }

Data attribute(unsigned type, const Data& value) {
  rtattr head{};
  head.rta_type = static_cast<std::uint16_t>(type);
  head.rta_len = static_cast<std::uint16_t>(sizeof head + value.size());
  Data all = raw(head);
  append(all, value);
  all.resize((all.size() + 3) / 4 * 4);
  return all;
}

Data word(std::uint32_t value) { return raw(value); }
Data text(const std::string& words) { return {words.begin(), words.end()}; }

Data message(std::uint16_t kind, unsigned flags, const Data& attributes) {
  ifinfomsg about{};
  about.ifi_type = kind;
  about.ifi_index = 7;
  about.ifi_flags = flags;
  nlmsghdr head{};
  head.nlmsg_type = RTM_NEWLINK;
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + sizeof about + attributes.size());
  Data all = raw(head);
  append(all, raw(about));
  append(all, attributes);
  return all;
}

/// An interface in trouble, as a driver of real hardware describes it.
Data troubled() {
  can_bittiming timing{};
  timing.bitrate = 250000;
  can_berr_counter counter{};
  counter.txerr = 136;
  counter.rxerr = 2;
  can_device_stats counted{};
  counted.bus_off = 4;
  counted.restarts = 3;
  Data inner = attribute(IFLA_CAN_STATE, word(2));
  append(inner, attribute(IFLA_CAN_BITTIMING, raw(timing)));
  append(inner, attribute(IFLA_CAN_BERR_COUNTER, raw(counter)));
  append(inner, attribute(IFLA_CAN_RESTART_MS, word(100)));
  Data info = attribute(IFLA_INFO_KIND, text("can"));
  append(info, attribute(IFLA_INFO_DATA, inner));
  append(info, attribute(IFLA_INFO_XSTATS, raw(counted)));
  Data all = attribute(IFLA_IFNAME, text("can0"));
  append(all, attribute(IFLA_MTU, word(16)));
  append(all, attribute(IFLA_LINKINFO, info));
  return message(ARPHRD_CAN, IFF_UP, all);
}

}  // namespace

TEST_CASE("the kernel's description of a CAN interface is read to the last counter") {
  const Outcome<CanInterface> found = parse_interface(troubled());
  REQUIRE(found.has_value());
  CHECK(found->name == "can0");
  CHECK(found->index == 7);
  CHECK(found->up);
  CHECK(found->is_can);
  CHECK_FALSE(found->takes_long_frames);
  const BusHealth& health = found->health;
  CHECK(health.state == BusHealth::State::Passive);
  CHECK(health.bits_per_second == 250000);
  CHECK(health.transmit_errors == 136);
  CHECK(health.receive_errors == 2);
  CHECK(health.restart_ms == 100);
  CHECK(health.bus_offs == 4);
  CHECK(health.restarts == 3);
  CHECK_FALSE(health.is_virtual);
}

TEST_CASE("a description that is cut or damaged anywhere is refused or read in part") {
  const Data whole = troubled();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_interface(Bytes(whole).first(size)).has_value());
  }
  for (std::size_t at = sizeof(nlmsghdr); at < whole.size(); ++at) {
    Data damaged = whole;
    damaged[at] = 0xFF;
    static_cast<void>(parse_interface(damaged));
  }
}

TEST_CASE("an interface that is missing, or no CAN interface, is one sentence with a command") {
  PollReactor reactor;
  for (const char* const name : {"nosuch0", "a-name-that-no-interface-can-have"}) {
    const auto link = CanLink::open(name, {}, reactor);
    REQUIRE_FALSE(link.has_value());
    CHECK(link.error().code() == ErrorCode::NotFound);
    CHECK(link.error().hint.find("ip -brief link") != std::string::npos);
  }
  const auto link = CanLink::open("lo", {}, reactor);
  REQUIRE_FALSE(link.has_value());
  CHECK(link.error().code() == ErrorCode::BadInput);
}

TEST_CASE("the command that brings an interface up has a speed unless the bus is virtual") {
  CanInterface interface;
  interface.name = "can0";
  CHECK(up_command(interface) == "sudo ip link set can0 up type can bitrate 500000");
  interface.health.is_virtual = true;
  CHECK(up_command(interface) == "sudo ip link set can0 up");
}

TEST_CASE("each refusal of the kernel is a sentence with what to do") {
  CHECK(can_failure(EAFNOSUPPORT, "can0").error.hint.find("modprobe") != std::string::npos);
  CHECK(can_failure(ENETDOWN, "can0").error.code() == ErrorCode::Disconnected);
  CHECK(can_failure(ENODEV, "can0").error.code() == ErrorCode::Disconnected);
  CHECK(can_failure(EPERM, "can0").error.code() == ErrorCode::PermissionDenied);
}

// --- with a kernel that has CAN

namespace {

/// Runs the reactor until `done`, for five seconds at most.
template <class Condition>
bool wait_for(PollReactor& reactor, Condition done) {
  const Instant limit = reactor.now() + Duration::s(5);
  while (reactor.now() < limit) {
    if (reactor.run(done, reactor.now() + Duration::ms(20))) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("frames cross a real bus through the filters, and a link that only listens sends none",
          "[.vcan]") {
  PollReactor reactor;
  CanOptions filtered;
  filtered.filters.push_back({0x351, 0x7FF, false});
  auto all = CanLink::open("vcan0", {}, reactor);
  auto some = CanLink::open("vcan0", filtered, reactor);
  CanOptions silent;
  silent.listen_only = true;
  auto mute = CanLink::open("vcan0", silent, reactor);
  REQUIRE((all && some && mute));
  CanFrame frame;
  frame.size = 8;
  CHECK((*mute)->send(frame).error().code() == ErrorCode::Unsupported);
  for (const std::uint32_t id : {0x350U, 0x351U, 0x355U}) {
    frame.id = id;
    REQUIRE((*all)->send(frame).has_value());
  }
  CanFrame got;
  CHECK(wait_for(reactor, [&] { return (*some)->receive(got).value_or(false); }));
  CHECK(got.id == 0x351);
  CHECK((*some)->receive(got).value_or(true) == false);
  CHECK((*all)->health()->is_virtual);
}

TEST_CASE("4,000 frames that nobody reads yet are kept, not lost", "[.vcan]") {
  PollReactor reactor;
  auto from = CanLink::open("vcan0", {}, reactor);
  auto to = CanLink::open("vcan0", {}, reactor);
  REQUIRE((from && to));
  CanFrame frame;
  frame.size = 8;
  for (int i = 0; i < 4000; ++i) {
    frame.data[0] = static_cast<std::uint8_t>(i);
    REQUIRE((*from)->send(frame).has_value());
  }
  int count = 0;
  CanFrame got;
  while ((*to)->receive(got).value_or(false)) {
    CHECK(got.data[0] == static_cast<std::uint8_t>(count));
    ++count;
  }
  CHECK(count == 4000);
  CHECK((*to)->health()->lost == 0);
}

TEST_CASE("ISO-TP of the kernel and ours keep the same promises, with themselves and each other",
          "[.vcan]") {
  using By = IsotpOptions::By;
  PollReactor reactor;
  for (const By a : {By::Kernel, By::Us}) {
    for (const By b : {By::Kernel, By::Us}) {
      CAPTURE(static_cast<int>(a), static_cast<int>(b));
      auto tester = open_isotp("vcan0", {{0x7E0, 0x7E8, false}, {}, a}, reactor);
      auto device = open_isotp("vcan0", {{0x7E8, 0x7E0, false}, {}, b}, reactor);
      REQUIRE((tester && device));
      for (const std::size_t size : {1U, 7U, 8U, 180U, 4095U}) {
        CAPTURE(size);
        const Data message(size, static_cast<std::uint8_t>(size));
        for (const bool back : {false, true}) {
          MessageLink& from = back ? **device : **tester;
          MessageLink& to = back ? **tester : **device;
          Data got;
          REQUIRE(wait_for(reactor, [&] { return from.send(message).has_value(); }));
          to.on_readable([] {});
          CHECK(wait_for(reactor, [&] { return to.receive(got).value_or(false); }));
          CHECK(got == message);
          to.on_readable({});
        }
      }
    }
  }
}

TEST_CASE("what isotpsend sends comes back to isotprecv as it was", "[.echo]") {
  auto by = IsotpOptions::By::Kernel;
  SECTION("kernel") {}
  SECTION("ours") { by = IsotpOptions::By::Us; }
  PollReactor reactor;
  CanOptions last;
  last.filters.push_back({0x6FE, 0x7FF, false});
  auto sign = CanLink::open("vcan0", last, reactor);
  auto in = open_isotp("vcan0", {{0x7E8, 0x7E0, false}, {}, by}, reactor);
  auto out = open_isotp("vcan0", {{0x7F8, 0x7F0, false}, {}, by}, reactor);
  REQUIRE((sign && in && out));
  (*in)->on_readable([] {});
  (*out)->on_readable([] {});
  CanFrame frame;
  frame.id = 0x6FF;  // the others may begin
  REQUIRE((*sign)->send(frame).has_value());
  Data message;
  REQUIRE(wait_for(reactor, [&] { return (*in)->receive(message).value_or(false); }));
  CHECK(message.size() == 180);
  REQUIRE((*out)->send(message).has_value());
  CHECK(wait_for(reactor, [&] { return (*sign)->receive(frame).value_or(false); }));
}

TEST_CASE("a message to nobody fails within two seconds, whoever cuts it into frames", "[.vcan]") {
  PollReactor reactor;
  for (const auto by : {IsotpOptions::By::Kernel, IsotpOptions::By::Us}) {
    CAPTURE(static_cast<int>(by));
    auto alone = open_isotp("vcan0", {{0x600, 0x608, false}, {}, by}, reactor);
    REQUIRE(alone.has_value());
    REQUIRE((*alone)->send(Data(100)).has_value());
    Data message;
    std::optional<Failure> why;
    (*alone)->on_readable([] {});
    const Instant begun = reactor.now();
    CHECK(wait_for(reactor, [&] {
      const Outcome<bool> got = (*alone)->receive(message);
      if (!got) why = got.error();
      return why.has_value();
    }));
    CHECK(reactor.now() - begun < Duration::s(2));
    REQUIRE(why.has_value());
    CHECK(why->code() == ErrorCode::Timeout);
  }
}
