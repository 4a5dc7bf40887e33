// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/can/slcan.hpp"

#include <string>
#include <vector>

#include "tests/unit/can/recordings.hpp"

using namespace weco;

namespace {

Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string str(Bytes data) { return {data.begin(), data.end()}; }

class Log final : public slcan::HostListener, public slcan::FrameSink {
 public:
  void on_frame(const slcan::Received& r) override { received.push_back(r); }
  void on_reply(const slcan::Reply& r) override { replies.push_back(r); }
  void put(const CanFrame& f) override { sent.push_back(f); }
  std::vector<slcan::Received> received;
  std::vector<slcan::Reply> replies;
  std::vector<CanFrame> sent;
};

std::string say(slcan::Adapter& adapter, std::string_view text) {
  return str(adapter.respond(bytes(text), {}));
}

}  // namespace

TEST_CASE("the speeds of SLCAN have their codes, others are refused") {
  CHECK(slcan::bitrate_command(500000)->view() == "S6\r");
  CHECK(slcan::bitrate_command(250000)->view() == "S5\r");
  CHECK(slcan::bitrate_command(10000)->view() == "S0\r");
  CHECK(slcan::bitrate_command(1000000)->view() == "S8\r");
  CHECK(slcan::bitrate_command(499999).error().code == ErrorCode::Unsupported);
}

TEST_CASE("frames of every form go over SLCAN and back") {
  CanFrame plain = test::frame(0x351, {0x14, 0x02, 0xD0, 0x07});
  CHECK(slcan::encode(plain)->view() == "t35141402D007\r");
  CanFrame wide = test::frame(0x1FFFFFFF, {0xAB});
  wide.extended = true;
  CHECK(slcan::encode(wide)->view() == "T1FFFFFFF1AB\r");
  CanFrame ask = test::frame(0x123, {});
  ask.remote = true;
  ask.size = 4;
  CHECK(slcan::encode(ask)->view() == "r1234\r");
  CanFrame wide_ask = ask;
  wide_ask.extended = true;
  CHECK(slcan::encode(wide_ask)->view() == "R000001234\r");
  for (const CanFrame& f : {plain, wide, ask, wide_ask}) {
    const std::string line(slcan::encode(f)->view());
    const auto back = slcan::parse(line.substr(0, line.size() - 1));
    REQUIRE(back);
    CHECK(back->frame == f);
    CHECK_FALSE(back->has_clock);
    const std::string timed(slcan::encode(f, 59999)->view());
    const auto again = slcan::parse(timed.substr(0, timed.size() - 1));
    REQUIRE(again);
    CHECK(again->frame == f);
    CHECK(again->clock_ms == 59999);
  }
}

TEST_CASE("what is no frame of SLCAN is refused with the reason", "[TK-10]") {
  for (const char* bad : {"", "t", "t35", "t351", "x3510", "t3511", "t35112", "t351112G",
                          "t3510123", "t35101", "T1234567811", "d3510"}) {
    INFO(bad);
    CHECK(slcan::parse(bad).error().code == ErrorCode::BadFrame);
  }
  CHECK(slcan::parse("t8000").error().code == ErrorCode::OutOfRange);
  CHECK(slcan::parse("t7FF0"));
  CHECK(slcan::parse("T200000000").error().code == ErrorCode::OutOfRange);
  CHECK(slcan::parse("t3519").error().code == ErrorCode::OutOfRange);
  CHECK(slcan::parse("t3510EA60").error().code == ErrorCode::OutOfRange);
  CHECK(slcan::parse("t3510EA5F")->clock_ms == 59999);
  CanFrame f = test::frame(0x800, {});
  CHECK(slcan::encode(f).error().code == ErrorCode::OutOfRange);
  f.id = 1;
  f.error = true;
  CHECK(slcan::encode(f).error().code == ErrorCode::Unsupported);
  f.error = false;
  CHECK(slcan::encode(f, 60000).error().code == ErrorCode::OutOfRange);
}

TEST_CASE("the host understands an adapter wherever its bytes are cut", "[TK-02]") {
  const std::string stream = "\rz\rt3514140200FF\rV1013\rNA123\rF84\r\at35500102\rT0000030500000\r";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    slcan::Host host;
    Log log;
    host.received(bytes(stream).first(cut), Instant::from_us(5), log);
    host.received(bytes(stream).subspan(cut), Instant::from_us(5), log);
    REQUIRE(log.received.size() == 3);
    CHECK(log.received[0].frame.id == 0x351);
    CHECK(log.received[0].frame.at == Instant::from_us(5));
    CHECK(log.received[1].clock_ms == 0x0102);
    CHECK(log.received[2].frame.extended);
    REQUIRE(log.replies.size() == 6);
    CHECK(log.replies[0].kind == slcan::Reply::Kind::Done);
    CHECK(log.replies[1].kind == slcan::Reply::Kind::Sent);
    CHECK(log.replies[2].text.view() == "1013");
    CHECK(log.replies[3].kind == slcan::Reply::Kind::Serial);
    CHECK(log.replies[4].status == 0x84);
    CHECK(log.replies[5].kind == slcan::Reply::Kind::Refused);
    CHECK(host.bad_lines() == 0);
  }
}

TEST_CASE("garbage between frames costs its own line and nothing more", "[TK-10]") {
  slcan::Host host;
  Log log;
  host.received(bytes("\x80\xFFgarbage\rt3510\rt351"), {}, log);
  host.received(bytes("\at3520\r"), {}, log);
  std::string long_line(100, '1');
  long_line += "\rt3530\r";
  host.received(bytes("t351"), {}, log);
  host.received(bytes(long_line), {}, log);
  REQUIRE(log.received.size() == 3);
  CHECK(log.received[2].frame.id == 0x353);
  CHECK(host.bad_lines() == 3);
}

TEST_CASE("each flipped bit of a frame's text is another frame or a bad line, never both") {
  const std::string good = "t3514140200FF\r";
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string text = good;
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
    slcan::Host host;
    Log log;
    text += "\rt3520\r";
    host.received(bytes(text), {}, log);
    CHECK(log.received.size() + host.bad_lines() >= 1);
    CHECK(log.received.back().frame.id == 0x352);
  }
}

TEST_CASE("an adapter refuses what real ones refuse", "[TK-09]") {
  Log log;
  slcan::Adapter adapter(log);
  CHECK(say(adapter, "O\r") == "\a");  // no speed yet
  CHECK(say(adapter, "t3510\r") == "\a");
  CHECK(say(adapter, "C\r") == "\a");
  CHECK(say(adapter, "S9\r") == "\a");
  CHECK(say(adapter, "S6\r") == "\r");
  CHECK(adapter.bits_per_second() == 500000);
  CHECK(say(adapter, "F\r") == "\a");
  CHECK(say(adapter, "O\r") == "\r");
  CHECK(adapter.is_open());
  CHECK(say(adapter, "S5\r") == "\a");
  CHECK(say(adapter, "O\r") == "\a");
  CHECK(say(adapter, "t3510\r") == "z\r");
  CHECK(say(adapter, "T000003050\r") == "Z\r");
  CHECK(say(adapter, "t3519\r") == "\a");
  CHECK(log.sent.size() == 2);
  adapter.set_status(0x24);
  CHECK(say(adapter, "F\r") == "F24\r");
  CHECK(say(adapter, "F\r") == "F00\r");
  CHECK(say(adapter, "V\r") == "V1013\r");
  CHECK(say(adapter, "\r\r") == "");
  std::string long_line(60, 't');
  long_line += '\r';
  CHECK(say(adapter, long_line) == "\a");
  CHECK(say(adapter, "C\r") == "\r");
}

TEST_CASE("a listening adapter hands frames over and sends none", "[TK-09]") {
  Log log;
  slcan::Adapter adapter(log);
  CHECK(say(adapter, "S6\rL\r") == "\r\r");
  CHECK(adapter.listens_only());
  CHECK(say(adapter, "t3510\r") == "\a");
  CHECK(log.sent.empty());
  CHECK(adapter.from_bus(test::frame(0x351, {1}), {}).view() == "t351101\r");
  CHECK(say(adapter, "C\rZ1\rS6\rO\r") == "\r\r\r\r");
  const auto line = adapter.from_bus(test::frame(0x351, {1}), Instant::from_us(60001000));
  CHECK(line.view() == "t3511010001\r");
  CHECK(say(adapter, "C\r") == "\r");
  CHECK(adapter.from_bus(test::frame(0x351, {1}), {}).empty());
}

TEST_CASE("host and adapter understand each other, frame by frame", "[TK-02]") {
  Log log;
  slcan::Adapter adapter(log);
  slcan::Host host;
  host.received(adapter.respond(bytes("S6\rO\r"), {}), {}, log);
  std::uint32_t seed = 7;
  for (int i = 0; i < 500; ++i) {
    CanFrame f;
    seed = seed * 1664525U + 1013904223U;
    f.extended = (seed >> 31) != 0;
    f.id = (seed >> 2) & (f.extended ? 0x1FFFFFFFU : 0x7FFU);
    f.remote = (seed >> 8 & 7U) == 0;
    f.size = static_cast<std::uint8_t>(seed % 9);
    for (std::size_t k = 0; !f.remote && k < f.size; ++k) {
      f.data[k] = static_cast<std::uint8_t>(seed >> (k % 4 * 8));
    }
    const auto line = adapter.from_bus(f, {});
    host.received(bytes(line.view()), {}, log);
    REQUIRE(log.received.back().frame == f);
    const Bytes answer = adapter.respond(bytes(slcan::encode(f)->view()), {});
    host.received(answer, {}, log);
    REQUIRE(log.sent.back() == f);
    REQUIRE(log.replies.back().kind == slcan::Reply::Kind::Sent);
  }
  CHECK(host.bad_lines() == 0);
}
