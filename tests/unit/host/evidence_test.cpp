// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "host/evidence/recorder.hpp"
#include "host/evidence/recording_link.hpp"
#include "host/link/loopback.hpp"
#include "host/text/utc.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

class TemporaryFolder {
 public:
  TemporaryFolder() { REQUIRE(::mkdtemp(name_.data()) != nullptr); }
  ~TemporaryFolder() {
    ::unlink(file().c_str());
    ::rmdir(name_.data());
  }
  [[nodiscard]] std::string file() const { return std::string(name_.data()) + "/evidence.ndjson"; }

 private:
  std::array<char, 32> name_{"/tmp/weco_evidence_XXXXXX"};
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("evidence begins with its version and numbers every event") {
  TemporaryFolder folder;
  sim::Timeline time(Instant::from_us(7), 1795176000);
  {
    auto recorder = NdjsonRecorder::open(folder.file(), time, "weco 0.1.0");
    REQUIRE(recorder.has_value());
    const std::array<std::uint8_t, 2> data{0x01, 0xAB};
    (*recorder)->record({EventKind::Tx, "serial:/dev/ttyUSB0", data, {}, {}});
    time.leap(Duration::ms(1500));
    CanFrame frame;
    frame.id = 0x351;
    frame.size = 2;
    frame.data = {0x14, 0x02};
    (*recorder)->record({EventKind::CanRx, "can:can0", {}, frame, {}});
    (*recorder)->record({EventKind::Info, {}, {}, {}, "seed 5"});
    CHECK((*recorder)->recorded() == 3);
    CHECK((*recorder)->status().has_value());
  }
  const std::vector<std::string> lines = lines_of(folder.file());
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] ==
        R"({"weco_evidence":1,"program":"weco 0.1.0","utc":"2026-11-20T12:00:00Z","t_us":7})");
  CHECK(
      lines[1] ==
      R"({"n":1,"t_us":7,"utc":"2026-11-20T12:00:00Z","kind":"tx","link":"serial:/dev/ttyUSB0","hex":"01ab"})");
  CHECK(
      lines[2] ==
      R"({"n":2,"t_us":1500007,"utc":"2026-11-20T12:00:01Z","kind":"can_rx","link":"can:can0","frame":"351#1402"})");
  CHECK(lines[3] ==
        R"({"n":3,"t_us":1500007,"utc":"2026-11-20T12:00:01Z","kind":"info","text":"seed 5"})");
}

TEST_CASE("a second run is appended, never written over the first") {
  TemporaryFolder folder;
  sim::Timeline time;
  for (int run = 0; run < 2; ++run) {
    auto recorder = NdjsonRecorder::open(folder.file(), time, "weco");
    REQUIRE(recorder.has_value());
    (*recorder)->record({EventKind::Info, {}, {}, {}, "x"});
  }
  const std::vector<std::string> lines = lines_of(folder.file());
  REQUIRE(lines.size() == 4);
  CHECK(lines[2].rfind(R"({"weco_evidence":1)", 0) == 0);
  CHECK(lines[3].rfind(R"({"n":1,)", 0) == 0);
}

TEST_CASE("a device's text cannot break a line of evidence") {
  TemporaryFolder folder;
  sim::Timeline time;
  {
    auto recorder = NdjsonRecorder::open(folder.file(), time, "weco");
    REQUIRE(recorder.has_value());
    const std::string evil("a\"b\\c\n\x1b[31m\x7f\xff\xc3(\xc3\xa9\xed\xa0\x80", 20);
    (*recorder)->record({EventKind::Info, {}, {}, {}, evil});
  }
  const std::vector<std::string> lines = lines_of(folder.file());
  REQUIRE(lines.size() == 2);
  const std::string text = lines[1].substr(lines[1].find("\"text\":"));
  CHECK(text ==
        "\"text\":\"a\\\"b\\\\c\\u000a\\u001b[31m\\u007f\\ufffd\\ufffd(\xc3\xa9"
        "\\ufffd\\ufffd\\ufffd\"}");
}

TEST_CASE("evidence that cannot be written says why") {
  sim::Timeline time;
  const auto nowhere = NdjsonRecorder::open("/nowhere/at/all.ndjson", time, "weco");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().code() == ErrorCode::NotFound);
  CHECK(nowhere.error().where == "/nowhere/at/all.ndjson");
  const auto full = NdjsonRecorder::open("/dev/full", time, "weco");
  REQUIRE_FALSE(full.has_value());
  CHECK(full.error().code() == ErrorCode::Full);
}

TEST_CASE("calendar dates are right at leap days and before 1970") {
  CHECK(utc_text(0) == "1970-01-01T00:00:00Z");
  CHECK(utc_text(-1) == "1969-12-31T23:59:59Z");
  CHECK(utc_text(951782400) == "2000-02-29T00:00:00Z");
  CHECK(utc_text(1709164799) == "2024-02-28T23:59:59Z");
  CHECK(utc_text(1709164800) == "2024-02-29T00:00:00Z");
  CHECK(utc_text(4102444800) == "2100-01-01T00:00:00Z");
  CHECK(utc_text(4107542399) == "2100-02-28T23:59:59Z");
  CHECK(utc_text(4107542400) == "2100-03-01T00:00:00Z");
  CHECK(utc_text(1795168800) == "2026-11-20T10:00:00Z");
}

TEST_CASE("a recording link records what passes, both ways, and a loss once") {
  sim::Timeline time;
  MemorySink sink;
  LoopbackPair pair(time);
  RecordingByteLink link(pair.a(), sink);
  const std::array<std::uint8_t, 3> data{1, 2, 3};
  REQUIRE(link.write(data).has_value());
  REQUIRE(pair.b().write(data).has_value());
  std::array<std::uint8_t, 2> room{};
  CHECK(*link.read(room) == 2);
  CHECK(*link.read(room) == 1);
  CHECK(*link.read(room) == 0);
  pair.line().cut();
  CHECK_FALSE(link.read(room).has_value());
  CHECK_FALSE(link.read(room).has_value());
  REQUIRE(sink.events().size() == 4);
  CHECK(sink.events()[0].kind == EventKind::Tx);
  CHECK(sink.events()[0].data == std::vector<std::uint8_t>{1, 2, 3});
  CHECK(sink.events()[1].data == std::vector<std::uint8_t>{1, 2});
  CHECK(sink.events()[2].data == std::vector<std::uint8_t>{3});
  CHECK(sink.events()[3].kind == EventKind::Error);
  CHECK(sink.events()[3].link == "loop:a");
}

TEST_CASE("a recording frame link records frames both ways") {
  sim::Timeline time;
  MemorySink sink;
  LoopbackBus bus(time);
  const auto other = bus.join();
  RecordingFrameLink link(bus.join(), sink);
  CanFrame frame;
  frame.id = 0x305;
  REQUIRE(link.send(frame).has_value());
  REQUIRE(other->send(frame).has_value());
  CHECK(*link.receive(frame));
  CHECK_FALSE(*link.receive(frame));
  CHECK(sink.count(EventKind::CanTx) == 1);
  CHECK(sink.count(EventKind::CanRx) == 1);
  CHECK(frame_text(frame) == "305#");
}
