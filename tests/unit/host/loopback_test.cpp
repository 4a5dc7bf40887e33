// SPDX-License-Identifier: Apache-2.0
#include "host/link/loopback.hpp"

#include <array>

#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

using Data = std::vector<std::uint8_t>;
using Parity = LineSettings::Parity;

Data take(ByteLink& link) {
  std::array<std::uint8_t, 512> room{};
  const Outcome<std::size_t> got = link.read(room);
  REQUIRE(got.has_value());
  return {room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got)};
}

void put(ByteLink& link, const Data& data) { REQUIRE(link.write(data).has_value()); }

CanFrame frame(std::uint32_t id, bool extended = false) {
  CanFrame f;
  f.id = id;
  f.extended = extended;
  f.size = 1;
  return f;
}

std::vector<std::uint32_t> ids(FrameLink& link) {
  std::vector<std::uint32_t> all;
  CanFrame f;
  for (Outcome<bool> got = link.receive(f); got.has_value() && *got; got = link.receive(f)) {
    all.push_back(f.id);
  }
  return all;
}

}  // namespace

TEST_CASE("a loopback pair carries bytes both ways and calls its listeners from the reactor") {
  sim::Timeline time;
  LoopbackPair pair(time);
  int calls = 0;
  pair.b().on_readable([&] { ++calls; });
  put(pair.a(), {1, 2, 3});
  CHECK(calls == 0);
  time.leap(Duration::us(1));
  CHECK(calls == 1);
  CHECK(take(pair.b()) == Data{1, 2, 3});
  CHECK(take(pair.b()).empty());
  CHECK(take(pair.a()).empty());
  put(pair.b(), {4});
  CHECK(take(pair.a()) == Data{4});
  CHECK(time.timers() == 0);
}

TEST_CASE("bytes of a timed line arrive when their last bit has passed, not before") {
  sim::Timeline time;
  LoopbackOptions options;
  options.timed = true;
  options.piece_bytes = 1;
  LoopbackPair pair(time, options);
  put(pair.a(), {1, 2});
  const Duration character = character_time(LineSettings{});
  CHECK(character == Duration::us(1042));  // 10 bits at 9600 bit/s
  time.leap(character - Duration::us(1));
  CHECK(take(pair.b()).empty());
  time.leap(Duration::us(1));
  CHECK(take(pair.b()) == Data{1});
  put(pair.a(), {3});  // goes behind what is still on the wire
  time.leap(character);
  CHECK(take(pair.b()) == Data{2});
  time.leap(character);
  CHECK(take(pair.b()) == Data{3});
}

TEST_CASE("on a shared line everyone hears everyone, the talker only with an echo") {
  for (const bool echo : {false, true}) {
    sim::Timeline time;
    LoopbackOptions options;
    options.shared_line = true;
    options.echo = echo;
    LoopbackLine line(time, options);
    const auto a = line.join();
    const auto b = line.join();
    const auto c = line.join();
    CHECK(a->traits().shared_line);
    put(*b, {9});
    CHECK(take(*a) == Data{9});
    CHECK(take(*c) == Data{9});
    CHECK(take(*b) == (echo ? Data{9} : Data{}));
  }
}

TEST_CASE("two talkers at once garble each other") {
  sim::Timeline time;
  LoopbackOptions options;
  options.timed = true;
  options.shared_line = true;
  LoopbackLine line(time, options);
  const auto a = line.join();
  const auto b = line.join();
  const auto c = line.join();
  put(*a, {1, 2, 3, 4});
  time.leap(Duration::ms(1));
  put(*b, {5, 6});
  time.leap(Duration::s(1));
  const Data heard = take(*c);
  CHECK(heard.size() == 6);
  CHECK(heard != Data{1, 2, 3, 4, 5, 6});
  CHECK(line.collisions() == 1);
  put(*a, {7});
  time.leap(Duration::s(1));
  CHECK(take(*c) == Data{7});
}

TEST_CASE("a receiver with other settings hears something else, never the message") {
  Data sent;
  for (int i = 0; i < 64; ++i) sent.push_back(static_cast<std::uint8_t>(i * 7));
  const LineSettings nine{9600, Parity::None, 8, 1};
  for (const LineSettings other :
       {LineSettings{4800, Parity::None, 8, 1}, LineSettings{19200, Parity::None, 8, 1},
        LineSettings{115200, Parity::None, 8, 1}, LineSettings{1200, Parity::None, 8, 1}}) {
    CAPTURE(other.bits_per_second);
    CHECK(resample(sent, nine, other) != sent);
    CHECK(resample(sent, other, nine) != sent);
  }
  CHECK(resample(sent, nine, nine) == sent);
  CHECK(resample(sent, nine, nine, true) != sent);
  // A speed within the UART's tolerance of 2 % is understood.
  CHECK(resample(sent, nine, {9700, Parity::None, 8, 1}) == sent);
  // A terminal in raw mode does not see that a parity bit stands where it expects the stop bit.
  CHECK(resample(sent, {9600, Parity::Even, 8, 1}, nine) == sent);
  CHECK(resample(sent, nine, {9600, Parity::Even, 8, 1}) != sent);
  CHECK(resample(sent, {9600, Parity::Even, 8, 1}, {9600, Parity::Even, 8, 1}) == sent);
  // A second stop bit of the sender is only a pause.
  CHECK(resample(sent, {9600, Parity::None, 8, 2}, nine) == sent);
}

TEST_CASE("slower senders are heard as more, faster ones as fewer characters") {
  const Data sent(20, 0x55);
  CHECK(resample(sent, {4800, Parity::None, 8, 1}, {19200, Parity::None, 8, 1}).size() > 20);
  CHECK(resample(sent, {19200, Parity::None, 8, 1}, {4800, Parity::None, 8, 1}).size() < 20);
}

TEST_CASE("a cut line says so to both ends, after what had arrived, and works when mended") {
  sim::Timeline time;
  LoopbackPair pair(time);
  int woken = 0;
  pair.a().on_readable([&] { ++woken; });
  put(pair.b(), {1});
  pair.line().cut();
  time.leap(Duration::us(1));
  CHECK(woken == 1);
  CHECK(take(pair.a()) == Data{1});
  std::array<std::uint8_t, 4> room{};
  CHECK(pair.a().read(room).error().code() == ErrorCode::Disconnected);
  CHECK(pair.b().write(room).error().code() == ErrorCode::Disconnected);
  pair.line().mend();
  put(pair.b(), {2});
  CHECK(take(pair.a()) == Data{2});
}

TEST_CASE("ends that outlive their line hear that it is gone") {
  sim::Timeline time;
  std::unique_ptr<ByteLink> end;
  {
    LoopbackPair pair(time);
    end = pair.take_a();
  }
  std::array<std::uint8_t, 4> room{};
  CHECK(end->read(room).error().code() == ErrorCode::Disconnected);
}

TEST_CASE("what nobody reads is bounded") {
  sim::Timeline time;
  LoopbackPair pair(time);
  const Data block(kLoopbackRoomMax / 2 + 1, 1);
  for (int i = 0; i < 4; ++i) put(pair.a(), block);
  std::size_t total = 0;
  for (Data part = take(pair.b()); !part.empty(); part = take(pair.b())) total += part.size();
  CHECK(total == kLoopbackRoomMax);
}

TEST_CASE("a frame bus carries frames to all others; the lowest identifier wins a busy bus") {
  sim::Timeline time;
  LoopbackBus bus(time, {"loop:can", 500000});
  const auto a = bus.join();
  const auto b = bus.join();
  const auto c = bus.join("inverter");
  CHECK(c->describe() == "inverter");
  for (const std::uint32_t id : {0x400U, 0x356U, 0x351U}) {
    REQUIRE(a->send(frame(id)).has_value());
  }
  REQUIRE(b->send(frame(0x305)).has_value());
  REQUIRE(b->send(frame(0x351U << 18, true)).has_value());
  CHECK(ids(*c).empty());
  time.leap(Duration::ms(10));
  CHECK(ids(*c) == std::vector<std::uint32_t>{0x400, 0x305, 0x351, 0x351U << 18, 0x356});
  CHECK(ids(*a) == std::vector<std::uint32_t>{0x305, 0x351U << 18});
  CHECK(bus.frames_carried() == 5);
  bus.cut();
  CanFrame f;
  CHECK(c->receive(f).error().code() == ErrorCode::Disconnected);
  CHECK(a->send(f).error().code() == ErrorCode::Disconnected);
}

TEST_CASE("frames carry the time they arrived and listeners are called from the reactor") {
  sim::Timeline time;
  LoopbackBus bus(time, {"loop:can", 250000});
  const auto a = bus.join();
  const auto b = bus.join();
  int calls = 0;
  b->on_readable([&] { ++calls; });
  REQUIRE(a->send(frame(1)).has_value());
  time.leap(Duration::ms(1));
  CHECK(calls == 1);
  CanFrame f;
  REQUIRE(*b->receive(f));
  CHECK(f.at == Instant{} + Duration::us(260));  // 65 bits with the worst stuffing
}
