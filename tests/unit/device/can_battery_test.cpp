// SPDX-License-Identifier: Apache-2.0
#include "sim/device/can_battery.hpp"

#include <vector>

#include "host/device/can_listener.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/slcan_port.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"
#include "transports/slcan/slcan_link.hpp"

using namespace weco;

namespace {

constexpr canbms::Encoder::Config kVictron{.dialect = canbms::Dialect::SmaVictron};

/// A virtual device of a family, its bus, and somebody who listens there.
struct Site {
  explicit Site(const char* family) : catalog(*Catalog::embedded()), profile(load(family)) {
    auto made = sim::VirtualDevice::make(time, *profile, {});
    REQUIRE(made.has_value());
    device = std::move(*made);
    device->freeze();
  }
  const Profile* load(const char* family) {
    auto loaded = catalog.load(family);
    REQUIRE(loaded.has_value());
    return *loaded;
  }
  Outcome<std::unique_ptr<sim::CanBattery>> battery(const canbms::Encoder::Config& config) {
    return sim::CanBattery::make(time, bus.join("battery"), device->values(), config);
  }
  std::vector<CanFrame> heard() {
    std::vector<CanFrame> all;
    CanFrame frame;
    while (listener->receive(frame).value_or(false)) all.push_back(frame);
    return all;
  }

  sim::Timeline time;
  LoopbackBus bus{time};
  std::unique_ptr<FrameLink> listener = bus.join("listener");
  Catalog catalog;
  const Profile* profile;
  std::unique_ptr<sim::VirtualDevice> device;
};

}  // namespace

TEST_CASE("a virtual tower on CAN reads as the tower that it is, once a second", "[WS-21]") {
  Site site("weco_smart");
  const auto battery = site.battery(kVictron);
  REQUIRE(battery.has_value());
  site.time.leap(sim::kCanListenFirst - Duration::ms(1));
  CHECK(site.heard().empty());
  site.time.leap(Duration::ms(2500));
  CanListener listener;
  int limits = 0;
  for (const CanFrame& frame : site.heard()) {
    listener.feed(frame);
    limits += frame.id == 0x351 ? 1 : 0;
  }
  CHECK(limits == 3);
  DeviceReport report;
  listener.report(site.time.now(), true, report);
  const Snapshot& read = report.snapshot;
  CHECK(read.number({point("charge_voltage_limit"), 0, {}}) == Decimal{4700, -1});
  CHECK(read.number({point("charge_current_limit"), 0, {}}) == Decimal{189, -1});
  CHECK(read.number({point("pack_voltage"), 0, {}}) == Decimal{4602, -1});
  CHECK((*battery)->refused() == 0);
}

TEST_CASE("a device that is no battery is not put on CAN") {
  Site site("eastron_sdm630");
  const auto battery = site.battery(kVictron);
  REQUIRE_FALSE(battery.has_value());
  CHECK(battery.error().code() == ErrorCode::Unsupported);
  site.time.leap(Duration::s(2));
  CHECK(site.heard().empty());
}

TEST_CASE("a battery that waits for an inverter talks while it hears one, and no longer") {
  Site site("weco_smart");
  canbms::Encoder::Config waits = kVictron;
  waits.keep_alive = canbms::Encoder::KeepAlive::Required;
  const auto battery = site.battery(waits);
  REQUIRE(battery.has_value());
  site.time.leap(Duration::s(3));
  CHECK(site.heard().empty());
  CanFrame alive;
  alive.id = 0x305;
  alive.size = 8;
  for (int round = 0; round < 2; ++round) {
    REQUIRE(site.listener->send(alive).has_value());
    site.time.leap(Duration::s(20));
    CHECK_FALSE(site.heard().empty());
    site.time.leap(Duration::s(20));
    CHECK(site.heard().empty());
  }
  CHECK((*battery)->heard() == 2);
  CHECK(site.time.timers() == 0);
}

TEST_CASE("where another battery talks, the virtual one keeps silent and says so") {
  Site site("weco_smart");
  auto battery = site.battery(kVictron);
  REQUIRE(battery.has_value());
  ErrorCode told{};
  (*battery)->on_lost([&told](const Failure& why) { told = why.code(); });
  CanFrame other;
  other.id = 0x351;
  other.size = 8;
  REQUIRE(site.listener->send(other).has_value());
  site.time.leap(Duration::s(10));
  CHECK(told == ErrorCode::Busy);
  CHECK((*battery)->sent() == 0);
  CHECK(site.heard().empty());
}

TEST_CASE("a bus that is cut is told once, and the battery is silent from then on") {
  Site site("weco_smart");
  auto battery = site.battery(kVictron);
  REQUIRE(battery.has_value());
  int told = 0;
  (*battery)->on_lost([&told](const Failure& why) {
    CHECK(why.code() == ErrorCode::Disconnected);
    ++told;
  });
  site.time.leap(Duration::s(2));
  site.bus.cut();
  site.time.leap(Duration::s(5));
  CHECK(told == 1);
  const std::uint64_t sent = (*battery)->sent();
  site.bus.mend();
  site.time.leap(Duration::s(5));
  CHECK((*battery)->sent() == sent);
}

TEST_CASE("a virtual battery behind an SLCAN adapter is heard at the bus's speed and at no other",
          "[WS-21]") {
  Site site("weco_smart");
  LoopbackOptions wire;
  wire.shared_line = true;  // hosts come and go
  LoopbackLine port(site.time, wire);
  auto bus = std::make_unique<sim::SlcanPort>(site.time, port.join(), 500000);
  auto battery = sim::CanBattery::make(site.time, std::move(bus), site.device->values(), kVictron);
  REQUIRE(battery.has_value());
  site.time.leap(Duration::s(3));
  CHECK((*battery)->sent() == 0);  // nobody has opened the adapter
  CHECK((*battery)->refused() > 0);

  struct Case {
    std::uint32_t bits_per_second;
    bool listen_only;
    bool heard;
    std::uint64_t alive;  // signs of life that the battery has got
  };
  for (const Case& c : {Case{250000, false, false, 0}, Case{500000, true, true, 0},
                        Case{500000, false, true, 1}, Case{1000000, false, false, 1}}) {
    INFO(c.bits_per_second);
    auto link =
        transports::SlcanLink::open(port.join(), site.time, {c.bits_per_second, c.listen_only});
    REQUIRE(link.has_value());
    CHECK((*link)->confirmed());
    CanFrame frame;
    frame.id = 0x305;
    frame.size = 8;
    REQUIRE((*link)->send(frame).has_value());
    site.time.leap(Duration::s(2));
    int frames = 0;
    while ((*link)->receive(frame).value_or(false)) frames += frame.id == 0x351 ? 1 : 0;
    CHECK(frames == (c.heard ? 2 : 0));
    CHECK((*link)->counters().refused == (c.listen_only ? 1 : 0));
    CHECK((*battery)->heard() == c.alive);
  }
}

TEST_CASE("another battery behind the same SLCAN adapter silences the virtual one") {
  Site site("weco_smart");
  LoopbackPair port(site.time);
  auto bus = std::make_unique<sim::SlcanPort>(site.time, port.take_b(), 500000);
  auto battery = sim::CanBattery::make(site.time, std::move(bus), site.device->values(), kVictron);
  REQUIRE(battery.has_value());
  ErrorCode told{};
  (*battery)->on_lost([&told](const Failure& why) { told = why.code(); });
  auto link = transports::SlcanLink::open(port.take_a(), site.time, {});
  REQUIRE(link.has_value());
  CanFrame other;
  other.id = 0x355;
  other.size = 8;
  REQUIRE((*link)->send(other).has_value());
  site.time.leap(Duration::s(5));
  CHECK(told == ErrorCode::Busy);
  CHECK_FALSE((*link)->receive(other).value_or(true));
}
