// SPDX-License-Identifier: Apache-2.0
// Links that break and come back, in virtual time.
#include "host/link/lasting_link.hpp"

#include <array>
#include <vector>

#include "host/link/loopback.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

using Data = std::vector<std::uint8_t>;
constexpr BackOff kPauses{Duration::s(1), Duration::s(4)};

/// A line that can be plugged out and in, and what was tried to open it.
struct Port {
  sim::Timeline time;
  LoopbackLine line{time, {.name = "loop:port", .timed = true}};
  std::unique_ptr<ByteLink> far = line.join();
  bool plugged = true;
  int tries = 0;
  std::unique_ptr<ByteLink> link = lasting_link(
      time, line.join(),
      [this](auto done) {
        ++tries;
        if (!plugged) return done(failure(ErrorCode::NotFound, "there is no such port", "here"));
        line.mend();
        done(line.join());
      },
      kPauses);

  void unplug() {
    plugged = false;
    line.cut();
  }
  Data heard() {
    Data all(64);
    const auto got = far->read(all);
    all.resize(got.value_or(0));
    return all;
  }
};

ErrorCode code_of(ByteLink& link) {
  std::array<std::uint8_t, 8> room{};
  const auto got = link.read(room);
  return got ? ErrorCode::None : got.error().code();
}

}  // namespace

TEST_CASE("a link that breaks comes back with the settings it had, however long it takes") {
  Port port;
  const LineSettings slow{1200, LineSettings::Parity::Even, 8, 1};
  REQUIRE(port.link->configure(slow).has_value());
  int told = 0;
  port.link->on_readable([&] { ++told; });
  port.unplug();
  CHECK(code_of(*port.link) == ErrorCode::Disconnected);
  CHECK(port.link->traits().bits_per_second == 1200);
  CHECK(port.link->configure(slow).error().code() == ErrorCode::Disconnected);
  port.time.leap(Duration::s(20));
  CHECK(port.tries == 6);  // after 1, 2, 4, 4, 4 and 4 s
  CHECK(code_of(*port.link) == ErrorCode::NotFound);
  CHECK(port.link->write(Data{1}).error().code() == ErrorCode::NotFound);
  port.plugged = true;
  port.time.leap(Duration::s(4));
  CHECK(code_of(*port.link) == ErrorCode::None);
  CHECK(port.link->traits().bits_per_second == 1200);
  REQUIRE(port.far->configure(slow).has_value());
  REQUIRE(port.link->write(Data{1, 2}).has_value());
  port.time.leap(Duration::s(1));
  CHECK(port.heard() == Data{1, 2});
  told = 0;
  REQUIRE(port.far->write(Data{3}).has_value());
  port.time.leap(Duration::s(1));
  CHECK(told > 0);  // whoever listened before listens again
  CHECK(port.tries == 7);
}

TEST_CASE("a link that is given up while it is away leaves nothing behind") {
  Port port;
  port.unplug();
  CHECK(code_of(*port.link) == ErrorCode::Disconnected);
  port.link.reset();
  port.time.leap(Duration::s(10));
  CHECK(port.tries == 0);
  CHECK(port.time.timers() == 0);
}

TEST_CASE("a CAN bus that breaks comes back, and says why it is away meanwhile") {
  sim::Timeline time;
  LoopbackBus bus(time);
  const auto far = bus.join("far");
  const auto link = lasting_link(
      time, bus.join("near"),
      [&](auto done) {
        bus.mend();
        done(bus.join("near"));
      },
      kPauses);
  CanFrame frame;
  frame.id = 0x351;
  REQUIRE(far->send(frame).has_value());
  time.leap(Duration::ms(1));
  CHECK(link->receive(frame).value_or(false));
  bus.cut();
  CHECK(link->receive(frame).error().code() == ErrorCode::Disconnected);
  CHECK(link->send(frame).error().code() == ErrorCode::Disconnected);
  time.leap(Duration::s(2));
  REQUIRE(far->send(frame).has_value());
  time.leap(Duration::ms(1));
  CHECK(link->receive(frame).value_or(false));
}
