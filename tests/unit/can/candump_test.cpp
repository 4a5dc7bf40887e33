// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/can/candump.hpp"

#include <string>

#include "tests/unit/can/recordings.hpp"

using namespace weco;
using candump::parse_line;
using candump::Record;
using candump::TextError;

namespace {

CanFrame read(std::string_view text) {
  Record record;
  const auto more = parse_line(text, 1, record);
  INFO(text);
  REQUIRE(more);
  REQUIRE(*more);
  return record.frame;
}

TextError error(std::string_view text) {
  Record record;
  const auto more = parse_line(text, 4, record);
  INFO(text);
  REQUIRE_FALSE(more);
  return more.error();
}

}  // namespace

TEST_CASE("both forms of candump text are read", "[TK-02]") {
  const CanFrame want = test::frame(0x351, {0x14, 0x02});
  CHECK(read("  can0  351   [2]  14 02") == want);
  CHECK(read("can0 351 [2] 14 02") == want);
  CHECK(read("\tcan0  351   [2]  14 02   '..'") == want);
  CHECK(read(" (1700000000.000001)  can0  351   [2]  14 02") == want);
  CHECK(read(" (0.1)  can0  RX - -  351   [2]  14 02") == want);
  CHECK(read("(1436509052.249713) vcan0 351#1402") == want);
  CHECK(read("(1436509052.249713) vcan0 351#14.02 R") == want);
  CanFrame empty = test::frame(0x351, {});
  CHECK(read("can0 351#") == empty);
  CHECK(read("can0 351 [0]") == empty);
}

TEST_CASE("times of a recording are exact to the microsecond") {
  Record record;
  REQUIRE(parse_line("(1436509052.249713) can0 351#", 1, record));
  CHECK(record.has_time);
  CHECK(record.frame.at == Instant::from_us(1436509052249713));
  REQUIRE(parse_line("(7) can0 351#", 1, record));
  CHECK(record.frame.at == Instant::from_us(7000000));
  REQUIRE(parse_line("(7.123456789) can0 351#", 1, record));
  CHECK(record.frame.at == Instant::from_us(7123456));
  REQUIRE(parse_line("can0 351#", 1, record));
  CHECK_FALSE(record.has_time);
}

TEST_CASE("29-bit ids, requests and controller reports are told apart") {
  CanFrame wide = read("can0 00004210#01");
  CHECK(wide.extended);
  CHECK(wide.id == 0x4210);
  CanFrame ask = read("can0 123#R4");
  CHECK(ask.remote);
  CHECK(ask.size == 4);
  CHECK(read("can0 123#R").remote);
  CHECK(read("can0  123   [3]  remote request").size == 3);
  CHECK(read("can0  123   [0]  remote request").remote);
  const CanFrame report = read("can0  20000088   [8]  00 00 08 00 00 00 00 00   ERRORFRAME");
  CHECK(report.error);
  CHECK_FALSE(report.extended);
  CHECK(report.id == 0x88);
}

TEST_CASE("comments and blank lines are skipped") {
  Record record;
  for (const char* line : {"", "   ", "# provenance: someone", "   # indented"}) {
    const auto more = parse_line(line, 1, record);
    REQUIRE(more);
    CHECK_FALSE(*more);
  }
}

TEST_CASE("an error in a recording names its line and column", "[TK-10]") {
  CHECK(error("can0 3G1#1402") == TextError{ErrorCode::BadInput, 4, 7});
  CHECK(error("can0 800#14") == TextError{ErrorCode::OutOfRange, 4, 6});
  CHECK(error("can0 351#140") == TextError{ErrorCode::BadInput, 4, 13});
  CHECK(error("can0 351#14x2") == TextError{ErrorCode::BadInput, 4, 12});
  CHECK(error("can0 351#112233445566778899") == TextError{ErrorCode::OutOfRange, 4, 26});
  CHECK(error("can0 351##1112233") == TextError{ErrorCode::Unsupported, 4, 10});
  CHECK(error("can0  351  [12]  00") == TextError{ErrorCode::Unsupported, 4, 12});
  CHECK(error("can0 351 [9] 00") == TextError{ErrorCode::OutOfRange, 4, 11});
  CHECK(error("can0 351 [2] 14") == TextError{ErrorCode::BadInput, 4, 16});
  CHECK(error("can0 351 [1] 14 02") == TextError{ErrorCode::BadInput, 4, 17});
  CHECK(error("can0 351 [2] 14 0200") == TextError{ErrorCode::BadInput, 4, 17});
  CHECK(error("can0 351#R9") == TextError{ErrorCode::OutOfRange, 4, 11});
  CHECK(error("can0") == TextError{ErrorCode::BadInput, 4, 5});
  CHECK(error("(12.x) can0 351#") == TextError{ErrorCode::BadInput, 4, 5});
  CHECK(error("(12.) can0 351#") == TextError{ErrorCode::BadInput, 4, 5});
  CHECK(error("(9999999999999) can0 351#").code == ErrorCode::OutOfRange);
  CHECK(error("can0 351#00 X") == TextError{ErrorCode::BadInput, 4, 13});
  CHECK(error("an-interface-with-a-long-name 351#00") == TextError{ErrorCode::OutOfRange, 4, 1});
  CHECK(error("can0 40000000#00") == TextError{ErrorCode::OutOfRange, 4, 6});
}

TEST_CASE("a recording goes on behind a line that cannot be read") {
  candump::Reader reader("# head\r\ncan0 351#01\r\nnonsense\n\ncan0 355#02");
  Record record;
  REQUIRE(*reader.next(record));
  CHECK(record.frame.id == 0x351);
  const auto bad = reader.next(record);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().line == 3);
  REQUIRE(*reader.next(record));
  CHECK(record.frame.id == 0x355);
  CHECK(reader.line() == 5);
  CHECK_FALSE(*reader.next(record));
}

TEST_CASE("what is written is read back, in both forms") {
  std::uint32_t seed = 11;
  for (int i = 0; i < 1000; ++i) {
    seed = seed * 1664525U + 1013904223U;
    Record record;
    CanFrame& f = record.frame;
    f.error = (seed >> 5 & 7U) == 0;
    f.extended = !f.error && (seed >> 31) != 0;
    f.id = (seed >> 3) & (f.extended || f.error ? 0x1FFFFFFFU : 0x7FFU);
    f.remote = !f.error && (seed >> 9 & 7U) == 0;
    f.size = static_cast<std::uint8_t>(seed % 9);
    for (std::size_t k = 0; !f.remote && k < f.size; ++k) {
      f.data[k] = static_cast<std::uint8_t>(seed >> (k % 4 * 8));
    }
    record.has_time = true;
    f.at = Instant::from_us(std::int64_t{seed} * 1000 + 1);
    record.interface = FixedString<16>("can1");
    for (const candump::Text& text :
         {candump::format_log(record), candump::format_console(record)}) {
      INFO(text.view());
      Record back;
      REQUIRE_FALSE(text.cut());
      REQUIRE(parse_line(text.view(), 1, back));
      CHECK(back.frame == f);
      CHECK(back.frame.at == f.at);
      CHECK(back.interface == record.interface);
    }
  }
}

TEST_CASE("a recording with any bit flipped is read or refused, and never runs on", "[TK-10]") {
  const std::string good = "(1436509052.249713) can0 351#1402D007D007C001";
  for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string text = good;
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
    candump::Reader reader(text);
    Record record;
    int steps = 0;
    for (;; ++steps) {
      const auto more = reader.next(record);
      if (more && !*more) break;
      CHECK(record.frame.size <= 8);
      REQUIRE(steps < 3);
    }
  }
}
