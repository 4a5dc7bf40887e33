// SPDX-License-Identifier: Apache-2.0
// SLCAN against a simulated adapter on a simulated serial line with a simulated bus behind it.
#include "core/protocol/can/slcan.hpp"

#include <array>

#include "host/link/loopback.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"
#include "transports/slcan/slcan_link.hpp"

using namespace weco;
using namespace weco::transports;

namespace {

class Adapter final : slcan::FrameSink {
 public:
  Adapter(Reactor& reactor, ByteLink& host) : reactor_(reactor), host_(host), chip(*this) {
    host_.on_readable([this] { pull(); });
  }
  void put(const CanFrame& frame) override { sent.push_back(frame); }
  void hear(const CanFrame& frame) {
    const slcan::Line line = chip.from_bus(frame, reactor_.now());
    say({reinterpret_cast<const std::uint8_t*>(line.view().data()), line.view().size()});
  }
  bool mute = false;  // firmwares that never confirm
  std::vector<CanFrame> sent;

 private:
  void pull() {
    std::array<std::uint8_t, 256> room{};
    for (auto got = host_.read(room); got.has_value() && *got > 0; got = host_.read(room)) {
      const Bytes answer = chip.respond(Bytes(room).first(*got), reactor_.now());
      if (!mute) say(answer);
    }
  }
  void say(Bytes data) {
    if (!data.empty()) static_cast<void>(host_.write(data).has_value());
  }
  Reactor& reactor_;
  ByteLink& host_;

 public:
  slcan::Adapter chip;
};

CanFrame frame(std::uint32_t id) {
  CanFrame f;
  f.id = id;
  f.size = 2;
  f.data = {0x14, 0x02};
  return f;
}

struct Bench {
  sim::Timeline time;
  LoopbackPair pair{time};
  Adapter adapter{time, pair.b()};
};

}  // namespace

TEST_CASE("an SLCAN adapter is opened with the bus speed and carries frames both ways") {
  Bench bench;
  auto link = SlcanLink::open(bench.pair.take_a(), bench.time, {250000, false});
  REQUIRE(link.has_value());
  CHECK((*link)->confirmed());
  CHECK(bench.adapter.chip.is_open());
  CHECK(bench.adapter.chip.bits_per_second() == 250000);
  CHECK((*link)->describe() == "slcan:a");

  int calls = 0;
  (*link)->on_readable([&] { ++calls; });
  bench.time.leap(Duration::ms(5));
  bench.adapter.hear(frame(0x351));
  bench.adapter.hear(frame(0x355));
  bench.time.leap(Duration::ms(5));
  CHECK(calls >= 1);
  CanFrame got;
  REQUIRE(*(*link)->receive(got));
  CHECK(got == frame(0x351));
  CHECK(got.at > Instant{});
  REQUIRE(*(*link)->receive(got));
  CHECK(got == frame(0x355));
  CHECK_FALSE(*(*link)->receive(got));

  REQUIRE((*link)->send(frame(0x305)).has_value());
  bench.time.leap(Duration::ms(5));
  REQUIRE(bench.adapter.sent.size() == 1);
  CHECK(bench.adapter.sent[0] == frame(0x305));
  CHECK((*link)->counters().refused == 0);
  *link = nullptr;
  bench.time.leap(Duration::ms(5));
  CHECK_FALSE(bench.adapter.chip.is_open());
}

TEST_CASE("an adapter that never confirms still works, within a bounded time") {
  Bench bench;
  bench.adapter.mute = true;
  const auto link = SlcanLink::open(bench.pair.take_a(), bench.time, {500000, true});
  REQUIRE(link.has_value());
  CHECK_FALSE((*link)->confirmed());
  CHECK(bench.adapter.chip.is_open());
  CHECK(bench.adapter.chip.listens_only());
  CHECK(bench.time.now() <= Instant{} + kSlcanAnswerMax * 3);
}

TEST_CASE("a bus speed that SLCAN does not know is refused before anything is sent") {
  Bench bench;
  const auto link = SlcanLink::open(bench.pair.take_a(), bench.time, {300000, false});
  REQUIRE_FALSE(link.has_value());
  CHECK(link.error().code() == ErrorCode::Unsupported);
  CHECK(bench.adapter.chip.bits_per_second() == 0);
}

TEST_CASE("a refused frame is counted and an unplugged adapter is reported") {
  Bench bench;
  const auto link = SlcanLink::open(bench.pair.take_a(), bench.time, {500000, true});
  REQUIRE(link.has_value());
  REQUIRE((*link)->send(frame(1)).has_value());
  bench.time.leap(Duration::ms(5));
  CHECK((*link)->counters().refused >= 1);
  CHECK(bench.adapter.sent.empty());
  bench.pair.line().cut();
  bench.time.leap(Duration::ms(5));
  CanFrame got;
  CHECK((*link)->receive(got).error().code() == ErrorCode::Disconnected);
  CHECK((*link)->send(frame(1)).error().code() == ErrorCode::Disconnected);
}

TEST_CASE("frames that nobody receives are bounded and the newest stay") {
  Bench bench;
  const auto link = SlcanLink::open(bench.pair.take_a(), bench.time, {500000, false});
  REQUIRE(link.has_value());
  for (std::uint32_t i = 0; i < kSlcanFramesMax + 10; ++i) {
    bench.adapter.hear(frame(i % 0x700));
    bench.time.leap(Duration::us(1));
  }
  CHECK((*link)->counters().dropped == 10);
  CanFrame got;
  REQUIRE(*(*link)->receive(got));
  CHECK(got.id == 10);
}
