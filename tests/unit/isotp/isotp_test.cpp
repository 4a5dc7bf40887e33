// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <numeric>
#include <vector>

#include "core/protocol/isotp/channel.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using isotp::Channel;
using isotp::Config;
using isotp::Fault;
using isotp::Pdu;

namespace {

using Octets = std::vector<std::uint8_t>;

Octets counting(std::size_t size) {
  Octets data(size);
  std::iota(data.begin(), data.end(), std::uint8_t{0});
  return data;
}
Octets octets(Bytes data) { return {data.begin(), data.end()}; }
Instant at_ms(std::int64_t ms) { return Instant::from_us(ms * 1000); }

Config mirrored(Config config) {
  std::swap(config.sends_to, config.hears);
  return config;
}

/// Two ends and a wire between them; time jumps from deadline to deadline.
struct Pair {
  explicit Pair(const Config& config, std::size_t room = 8192)
      : room_a(room), room_b(room), a(config, room_a), b(mirrored(config), room_b) {}

  /// Moves frames until nothing moves any more; false when it never comes to rest.
  bool settle() {
    for (int step = 0; step < 100000; ++step) {
      if (move(a, b) || move(b, a)) continue;
      const Instant next = std::min(a.deadline(), b.deadline());
      if (next == Instant::never()) return true;
      now = next;
      a.advance(now);
      b.advance(now);
    }
    return false;
  }
  bool move(Channel& from, Channel& to) {
    const Octets frame = octets(from.pending());
    if (frame.empty()) return false;
    from.sent(now);
    ++frames;
    log.push_back(frame);
    times.push_back(now);
    if (lose == frames) return true;
    to.received(frame, now);
    return true;
  }

  Octets room_a;
  Octets room_b;
  Channel a;
  Channel b;
  Instant now = at_ms(1000);
  std::size_t frames = 0;
  std::size_t lose = 0;  // which frame the wire eats; 0: none
  std::vector<Octets> log;
  std::vector<Instant> times;
};

Config extended() {
  Config config;
  config.sends_to = 0xF1;
  config.hears = 0x10;
  return config;
}
Config long_frames(std::uint8_t size) {
  Config config;
  config.frame_size = size;
  return config;
}

}  // namespace

TEST_CASE("a message of every length arrives whole, in every kind of frame") {
  Config blocks;
  blocks.block_size = 3;
  Config bare;
  bare.padding.reset();
  Config long_extended = long_frames(64);
  long_extended.sends_to = 1;
  long_extended.hears = 2;
  for (const Config& config :
       {Config{}, extended(), blocks, bare, long_frames(12), long_frames(64), long_extended}) {
    for (std::size_t size = 1; size < 140; ++size) {
      Pair pair(config);
      const Octets message = counting(size);
      REQUIRE(pair.a.start(message, pair.now));
      REQUIRE(pair.settle());
      INFO(size);
      REQUIRE(pair.a.sender().state() == isotp::Sender::State::Done);
      REQUIRE(pair.b.receiver().state() == isotp::Receiver::State::Done);
      REQUIRE(octets(pair.b.receiver().message()) == message);
      for (const Octets& frame : pair.log) REQUIRE(frame.size() <= config.frame_size);
    }
  }
}

TEST_CASE("the counter of a long message wraps, and 4095 bytes are the last short length") {
  for (const std::size_t size :
       {std::size_t{4094}, std::size_t{4095}, std::size_t{4096}, std::size_t{8192}}) {
    Pair pair(Config{});
    const Octets message = counting(size);
    REQUIRE(pair.a.start(message, pair.now));
    REQUIRE(pair.settle());
    REQUIRE(octets(pair.b.receiver().message()) == message);
    CHECK(pair.log[0][0] == (size <= 4095 ? 0x1F : 0x10));
    CHECK(pair.log[2][0] == 0x21);
    CHECK(pair.log[16][0] == 0x2F);
    CHECK(pair.log[17][0] == 0x20);
  }
}

TEST_CASE("both directions work at the same time") {
  Pair pair(Config{});
  const Octets there = counting(500);
  const Octets back = counting(300);
  REQUIRE(pair.a.start(there, pair.now));
  REQUIRE(pair.b.start(back, pair.now));
  REQUIRE(pair.settle());
  CHECK(octets(pair.b.receiver().message()) == there);
  CHECK(octets(pair.a.receiver().message()) == back);
}

TEST_CASE("a length of 4 GB is refused before a byte of it is taken", "[TK-10]") {
  Octets room(64);
  Channel channel(Config{}, room);
  const Octets huge = {0x10, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xAA, 0xBB};
  CHECK(channel.received(huge, at_ms(0)));
  CHECK(channel.receiver().state() == isotp::Receiver::State::Failed);
  CHECK(channel.receiver().error() == isotp::error_of(Fault::TooLarge));
  CHECK(octets(channel.pending()) == Octets{0x32, 0, 0, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC});
  CHECK(channel.receiver().counters().refused == 1);
  channel.sent(at_ms(0));
  CHECK(channel.pending().empty());
  CHECK(channel.deadline() == Instant::never());
}

TEST_CASE("a message that exactly fills the room is taken, one byte more is refused") {
  for (const std::size_t size : {std::size_t{100}, std::size_t{101}}) {
    Pair pair(Config{}, 100);
    const Octets message = counting(size);
    REQUIRE(pair.a.start(message, pair.now));
    REQUIRE(pair.settle());
    if (size == 100) {
      CHECK(octets(pair.b.receiver().message()) == message);
    } else {
      CHECK(pair.a.sender().error() == isotp::error_of(Fault::ReceiverFull));
      CHECK(pair.b.receiver().error() == isotp::error_of(Fault::TooLarge));
    }
  }
}

TEST_CASE("a single frame longer than the room is refused without an answer") {
  Octets room(3);
  Channel channel(Config{}, room);
  channel.received(Octets{0x04, 1, 2, 3, 4}, at_ms(0));
  CHECK(channel.receiver().state() == isotp::Receiver::State::Failed);
  CHECK(channel.pending().empty());
  channel.received(Octets{0x03, 1, 2, 3}, at_ms(0));
  CHECK(octets(channel.receiver().message()) == Octets{1, 2, 3});
}

TEST_CASE("frames keep the distance that the receiver asked for") {
  for (const Duration wanted : {Duration::us(300), Duration::ms(7), Duration::ms(127)}) {
    Config config;
    config.separation = wanted;
    Pair pair(config);
    const Octets message = counting(40);
    REQUIRE(pair.a.start(message, pair.now));
    REQUIRE(pair.settle());
    REQUIRE(pair.b.receiver().state() == isotp::Receiver::State::Done);
    for (std::size_t i = 3; i < pair.times.size(); ++i) {
      CHECK(pair.times[i] - pair.times[i - 1] == wanted);
    }
  }
}

TEST_CASE("distances are rounded up, and codes without meaning are the longest") {
  CHECK(isotp::separation_code({}) == 0);
  CHECK(isotp::separation_code(Duration::us(1)) == 0xF1);
  CHECK(isotp::separation_code(Duration::us(100)) == 0xF1);
  CHECK(isotp::separation_code(Duration::us(101)) == 0xF2);
  CHECK(isotp::separation_code(Duration::us(900)) == 0xF9);
  CHECK(isotp::separation_code(Duration::us(901)) == 1);
  CHECK(isotp::separation_code(Duration::us(1001)) == 2);
  CHECK(isotp::separation_code(Duration::ms(500)) == 127);
  for (const int code : {0x80, 0xF0, 0xFA, 0xFF}) {
    CHECK(isotp::separation_of(static_cast<std::uint8_t>(code)) == Duration::ms(127));
  }
  CHECK(isotp::separation_of(0xF9) == Duration::us(900));
  CHECK(isotp::separation_of(0x7F) == Duration::ms(127));
}

TEST_CASE("after every block the sender waits for the receiver, and a changed block size counts") {
  const Octets message = counting(100);
  isotp::Sender sender{Config{}};
  REQUIRE(sender.start(message, at_ms(0)));
  sender.sent(at_ms(0));
  Pdu go;
  go.kind = Pdu::Kind::FlowControl;
  go.block_size = 2;
  sender.received(go, at_ms(1));
  for (int frame = 0; frame < 2; ++frame) {
    REQUIRE_FALSE(sender.pending().empty());
    sender.sent(at_ms(1));
  }
  CHECK(sender.pending().empty());
  CHECK(sender.deadline() == at_ms(1001));
  go.block_size = 0;
  sender.received(go, at_ms(2));
  int rest = 0;
  for (; !sender.pending().empty(); ++rest) sender.sent(at_ms(2));
  CHECK(rest == 12);  // 100 - 6 - 2 x 7 bytes
  CHECK(sender.state() == isotp::Sender::State::Done);
}

TEST_CASE("a flow control that nobody waits for changes nothing") {
  const Octets message = counting(100);
  isotp::Sender sender{Config{}};
  Pdu stop;
  stop.kind = Pdu::Kind::FlowControl;
  stop.flow = Pdu::Flow::Overflow;
  sender.received(stop, at_ms(0));
  CHECK(sender.state() == isotp::Sender::State::Idle);
  REQUIRE(sender.start(message, at_ms(0)));
  sender.received(stop, at_ms(0));  // the first frame is not even out
  CHECK(sender.state() == isotp::Sender::State::Sending);
}

TEST_CASE("a receiver may ask to wait, but not for ever") {
  const Octets message = counting(100);
  Config config;
  config.waits_max = 3;
  isotp::Sender sender(config);
  REQUIRE(sender.start(message, at_ms(0)));
  sender.sent(at_ms(0));
  Pdu wait;
  wait.kind = Pdu::Kind::FlowControl;
  wait.flow = Pdu::Flow::Wait;
  for (int n = 1; n <= 3; ++n) {
    sender.received(wait, at_ms(900 * n));
    CHECK(sender.deadline() == at_ms(900 * n + 1000));
  }
  sender.received(wait, at_ms(3000));
  CHECK(sender.error() == isotp::error_of(Fault::TooManyWaits));
}

TEST_CASE("a flow status that does not exist ends the message") {
  const Octets message = counting(100);
  Octets room(10);
  Channel channel(Config{}, room);
  REQUIRE(channel.start(message, at_ms(0)));
  channel.sent(at_ms(0));
  channel.received(Octets{0x33, 0, 0}, at_ms(0));
  CHECK(channel.sender().error() == isotp::error_of(Fault::WrongFlowStatus));
}

TEST_CASE("each wait ends at its time-out and not a microsecond before, with its name") {
  const Octets message = counting(100);
  const Duration tick = Duration::us(1);
  isotp::Sender sender{Config{}};
  REQUIRE(sender.start(message, at_ms(0)));
  sender.advance(at_ms(1000) - tick);
  CHECK(sender.state() == isotp::Sender::State::Sending);
  sender.advance(at_ms(1000));
  CHECK(sender.error() == isotp::error_of(Fault::NoTransmission));
  CHECK(isotp::info(Fault::NoTransmission).name == "N_TIMEOUT_A");

  REQUIRE(sender.start(message, at_ms(0)));
  sender.sent(at_ms(5));
  sender.advance(at_ms(1005) - tick);
  CHECK(sender.state() == isotp::Sender::State::Sending);
  sender.advance(at_ms(1005));
  CHECK(sender.error() == isotp::error_of(Fault::NoFlowControl));

  Octets room(100);
  Channel channel(Config{}, room);
  channel.received(Octets{0x10, 100, 1, 2, 3, 4, 5, 6}, at_ms(0));
  CHECK(channel.deadline() == at_ms(1000));  // our flow control must get out
  channel.sent(at_ms(3));
  channel.advance(at_ms(1003) - tick);
  CHECK(channel.receiver().state() == isotp::Receiver::State::Receiving);
  channel.advance(at_ms(1003));
  CHECK(channel.receiver().error() == isotp::error_of(Fault::NoConsecutive));
  channel.received(Octets{0x10, 100, 1, 2, 3, 4, 5, 6}, at_ms(2000));
  channel.advance(at_ms(3000));
  CHECK(channel.receiver().error() == isotp::error_of(Fault::NoTransmission));
  CHECK(channel.pending().empty());
}

TEST_CASE("whichever frame the wire loses, both ends come to rest and nothing false is delivered") {
  Config config;
  config.block_size = 4;
  const Octets message = counting(120);
  Pair whole(config);
  REQUIRE(whole.a.start(message, whole.now));
  REQUIRE(whole.settle());
  for (std::size_t lost = 1; lost <= whole.frames; ++lost) {
    INFO(lost);
    Pair pair(config);
    pair.lose = lost;
    REQUIRE(pair.a.start(message, pair.now));
    REQUIRE(pair.settle());
    CHECK(pair.a.deadline() == Instant::never());
    CHECK(pair.b.receiver().state() != isotp::Receiver::State::Receiving);
    CHECK(pair.b.receiver().state() != isotp::Receiver::State::Done);
    CHECK(pair.now - at_ms(1000) <= Duration::s(3));
  }
}

TEST_CASE("a frame that comes twice or is missing ends the message, a new one begins afresh") {
  Octets room(100);
  Channel channel(Config{}, room);
  const Octets begin = {0x10, 20, 1, 2, 3, 4, 5, 6};
  const Octets one = {0x21, 7, 8, 9, 10, 11, 12, 13};
  const Octets two = {0x22, 14, 15, 16, 17, 18, 19, 20};
  for (const auto& wrong : {one, Octets{0x23, 0, 0, 0, 0, 0, 0, 0}}) {
    channel.received(begin, at_ms(0));
    channel.received(one, at_ms(0));
    channel.received(wrong, at_ms(0));
    CHECK(channel.receiver().error() == isotp::error_of(Fault::WrongSequence));
    channel.received(two, at_ms(0));
    CHECK(channel.receiver().state() == isotp::Receiver::State::Failed);
  }
  channel.received(begin, at_ms(1));
  channel.received(one, at_ms(1));
  channel.received(begin, at_ms(2));  // in the middle
  channel.received(one, at_ms(2));
  channel.received(two, at_ms(2));
  REQUIRE(channel.receiver().state() == isotp::Receiver::State::Done);
  CHECK(channel.receiver().message().size() == 20);
  CHECK(channel.receiver().counters().abandoned == 3);
  CHECK(channel.receiver().counters().stray == 2);
}

TEST_CASE("a part that is too short is no part") {
  Octets room(100);
  Channel channel(Config{}, room);
  channel.received(Octets{0x10, 20, 1, 2, 3, 4, 5, 6}, at_ms(0));
  channel.received(Octets{0x21, 7, 8, 9}, at_ms(0));
  CHECK(channel.receiver().have() == 6);
  channel.received(Octets{0x21, 7, 8, 9, 10, 11, 12, 13}, at_ms(0));
  channel.received(Octets{0x22, 14, 15, 16, 17, 18, 19, 20}, at_ms(0));
  CHECK(channel.receiver().state() == isotp::Receiver::State::Done);
}

TEST_CASE("frames that are no ISO-TP are counted and change nothing", "[TK-10]") {
  Octets room(100);
  Channel channel(Config{}, room);
  const std::vector<Octets> strange = {
      {},                                        // empty
      {0x00},                                    // no length
      {0x08, 1, 2, 3, 4, 5, 6, 7},               // more than a frame holds
      {0x05, 1, 2},                              // cut
      {0x10},                                    // cut
      {0x10, 7, 1, 2, 3, 4, 5, 6},               // would fit into one frame
      {0x10, 20, 1, 2, 3, 4, 5},                 // a first frame is always full
      {0x10, 0, 0, 0, 0x0F, 0xFF, 1, 2},         // long form for a short length
      {0x20},                                    // nothing in it
      {0x30, 0},                                 // cut
      {0x40, 0, 0, 0, 0, 0, 0, 0},               // no such kind
      {0x01, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0},   // CAN FD with the classic form
      {0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},   // CAN FD without a length
      {0x00, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},  // CAN FD, more than is there
  };
  for (const Octets& frame : strange) CHECK_FALSE(channel.received(frame, at_ms(0)));
  CHECK_FALSE(channel.received(Octets(65), at_ms(0)));
  CHECK(channel.strange() == strange.size() + 1);
  CHECK(channel.receiver().state() == isotp::Receiver::State::Idle);
  CHECK(channel.pending().empty());
}

TEST_CASE("with extended addresses only the own one is heard") {
  Octets room(100);
  Channel channel(extended(), room);
  CHECK_FALSE(channel.received(Octets{0x11, 0x02, 1, 2}, at_ms(0)));
  CHECK(channel.received(Octets{0x10, 0x02, 1, 2}, at_ms(0)));
  CHECK(octets(channel.receiver().message()) == Octets{1, 2});
  CHECK(channel.received(Octets{0x10, 0x10, 7, 1, 2, 3, 4, 5}, at_ms(0)));  // 7 need two frames
  CHECK(octets(channel.pending()) == Octets{0xF1, 0x30, 0, 0, 0xCC, 0xCC, 0xCC, 0xCC});
}

TEST_CASE("a message can be given up, and only one is sent at a time") {
  const Octets message = counting(50);
  isotp::Sender sender{Config{}};
  CHECK(sender.start({}, at_ms(0)).error().code == ErrorCode::BadInput);
  REQUIRE(sender.start(message, at_ms(0)));
  CHECK(sender.start(message, at_ms(0)).error().code == ErrorCode::Busy);
  sender.cancel();
  CHECK(sender.pending().empty());
  CHECK(sender.deadline() == Instant::never());
  CHECK(sender.start(message, at_ms(0)));
}

TEST_CASE("a channel hears its own identifier and no other, no error and no remote frame") {
  const isotp::Address address{0x7E0, 0x7E8, false};
  CanFrame frame = address.frame(Octets{1, 2, 3});
  CHECK(frame.id == 0x7E0);
  CHECK(frame.size == 3);
  CHECK_FALSE(address.hears(frame));
  frame.id = 0x7E8;
  CHECK(address.hears(frame));
  for (bool CanFrame::*flag : {&CanFrame::extended, &CanFrame::remote, &CanFrame::error}) {
    CanFrame other = frame;
    other.*flag = true;
    CHECK_FALSE(address.hears(other));
  }
}

TEST_CASE("every fault has its row") {
  for (std::size_t i = 0; i < std::size(isotp::kFaults); ++i) {
    CHECK(static_cast<std::size_t>(isotp::kFaults[i].fault) == i);
    CHECK_FALSE(isotp::kFaults[i].sentence.empty());
  }
}
