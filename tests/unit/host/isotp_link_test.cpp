// SPDX-License-Identifier: Apache-2.0
#include "host/link/isotp_link.hpp"

#include "host/link/keep_alive.hpp"
#include "host/link/loopback.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

using Data = std::vector<std::uint8_t>;

Data counted(std::size_t size) {
  Data data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i * 7);
  return data;
}

struct Two {
  sim::Timeline time;
  LoopbackBus bus{time};
  IsotpLink tester{bus.join("tester"), {0x7E0, 0x7E8, false}, {}, time};
  IsotpLink device{bus.join("device"), {0x7E8, 0x7E0, false}, {}, time};
};

Data take(MessageLink& link) {
  Data message;
  const Outcome<bool> got = link.receive(message);
  REQUIRE(got.has_value());
  return *got ? message : Data{};
}

}  // namespace

TEST_CASE("messages of any length cross a bus of short frames, both ways") {
  for (const std::size_t size : {1U, 7U, 8U, 62U, 180U, 4095U}) {
    CAPTURE(size);
    Two two;
    int calls = 0;
    two.device.on_readable([&calls] { ++calls; });
    REQUIRE(two.tester.send(counted(size)).has_value());
    two.time.leap(Duration::s(2));
    CHECK(calls == 1);
    CHECK(take(two.device) == counted(size));
    CHECK(take(two.device).empty());
    REQUIRE(two.device.send(counted(size)).has_value());
    two.time.leap(Duration::s(2));
    CHECK(take(two.tester) == counted(size));
  }
}

TEST_CASE("an empty or oversized message, or a second one meanwhile, is refused at once") {
  Two two;
  CHECK(two.tester.send(Data{}).error().code() == ErrorCode::BadInput);
  CHECK(two.tester.send(counted(kIsotpMessageMax + 1)).error().code() == ErrorCode::TooLong);
  REQUIRE(two.tester.send(counted(100)).has_value());
  CHECK(two.tester.send(counted(1)).error().code() == ErrorCode::Busy);
  two.time.leap(Duration::s(2));
  CHECK(take(two.device) == counted(100));
  CHECK(two.tester.send(counted(1)).has_value());
}

TEST_CASE("nobody at the other end: one failure within a second, and the link lives on") {
  sim::Timeline time;
  LoopbackBus bus(time);
  IsotpLink alone(bus.join(), {}, {}, time);
  REQUIRE(alone.send(counted(100)).has_value());
  time.leap(Duration::ms(1100));
  Data message;
  const Outcome<bool> got = alone.receive(message);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code() == ErrorCode::Timeout);
  CHECK(take(alone).empty());
  CHECK(alone.send(counted(3)).has_value());
}

TEST_CASE("a bus that is cut in the middle of a message is Disconnected, and stays so") {
  Two two;
  REQUIRE(two.tester.send(counted(500)).has_value());
  two.bus.cut();
  two.time.leap(Duration::s(3));
  for (int i = 0; i < 2; ++i) {
    Data message;
    const Outcome<bool> got = two.tester.receive(message);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error().code() == ErrorCode::Disconnected);
  }
}

TEST_CASE("the keep-alive goes out each second while its link lives, and no longer") {
  sim::Timeline time;
  LoopbackBus bus(time);
  const std::unique_ptr<FrameLink> battery = bus.join("battery");
  const auto beats = [&battery] {
    int count = 0;
    CanFrame frame;
    for (Outcome<bool> got = battery->receive(frame); got && *got; got = battery->receive(frame)) {
      CHECK(frame.id == kKeepAliveId);
      CHECK(frame.bytes().size() == 8);
      ++count;
    }
    return count;
  };
  {
    const KeepAliveLink inverter(bus.join("inverter"), time);
    time.leap(Duration::ms(1));
    CHECK(beats() == 1);
    time.leap(Duration::ms(3000));
    CHECK(beats() == 3);
  }
  time.leap(Duration::s(5));
  CHECK(beats() == 0);
  CHECK(time.timers() == 0);
}
