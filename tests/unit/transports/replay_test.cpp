// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>

#include "host/evidence/recorder.hpp"
#include "host/evidence/recording_link.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/sim/bench.hpp"
#include "tests/unit/transports/scratch.hpp"
#include "transports/open.hpp"
#include "transports/replay/replay_link.hpp"

using namespace weco;
using namespace weco::transports;
using weco::test::Scratch;

namespace {

using From = RecordedItem::From;

const char kConsole[] =
    "# provenance: a public page\n"
    "  can0  351   [8]  14 02 74 0E 74 0E CC 01\n"
    "\n"
    "  can0  355   [4]  1A 00 64 00\r\n";
const char kLog[] =
    "(1700000000.000000) can0 351#14027402\n"
    "(1700000000.250000) can0 355#1A006400\n"
    "(1700000001.000000) can0 18FF50E5#01\n";
const char kSniff[] =
    "{\"provenance\": \"a public capture\"}\n"
    "{\"t_us\": 1388166, \"frame\": \"~20024642E002FFFD09\", \"ok\": true, \"dir\": \"req\"}\n"
    "{\"t_us\": 1388489, \"frame\": \"~2002460000\", \"ok\": true, \"dir\": \"resp\"}\n"
    "{\"t_us\": 3420976, \"frame\": \"~20024642E002FFFD09\", \"ok\": true, \"dir\": \"req\"}\n"
    "{\"t_us\": 3421341, \"frame\": \"~2002460001\", \"ok\": true, \"dir\": \"resp\"}\n";

Failure refusal(const std::string& text) {
  const Outcome<Recording> parsed = parse_recording(text, "site.log");
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

std::string text_of(ByteLink& link) {
  std::array<std::uint8_t, 512> room{};
  const Outcome<std::size_t> got = link.read(room);
  if (!got) return std::string("!") + std::string(info(got.error().code()).name);
  return {room.begin(), room.begin() + static_cast<std::ptrdiff_t>(*got)};
}

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("candump's console output and log file are read with times and provenance") {
  const Recording console = *parse_recording(kConsole, "a");
  CHECK(console.form == RecordingForm::Candump);
  CHECK_FALSE(console.timed);
  REQUIRE(console.items.size() == 2);
  CHECK(console.provenance.front() == "# provenance: a public page");
  CHECK(console.items[0].frame->id == 0x351);
  CHECK(console.items[1].line == 4);
  CHECK(console.items[1].link == "can0");
  CHECK(console.has_frames());
  CHECK_FALSE(console.has_bytes());

  const Recording log = *parse_recording(kLog, "b");
  CHECK(log.timed);
  REQUIRE(log.items.size() == 3);
  CHECK(log.items[0].at == Duration{});
  CHECK(log.items[1].at == Duration::ms(250));
  CHECK(log.items[2].at == Duration::s(1));
  CHECK(log.items[2].frame->extended);
}

TEST_CASE("a sniffed conversation keeps who asked and who answered, with the frame's end") {
  const Recording sniff = *parse_recording(kSniff, "c");
  CHECK(sniff.form == RecordingForm::PylontechSniff);
  REQUIRE(sniff.items.size() == 4);
  CHECK(sniff.provenance.size() == 1);
  CHECK(sniff.items[0].from == From::Asker);
  CHECK(sniff.items[1].from == From::Device);
  CHECK(sniff.items[1].at == Duration::us(323));
  CHECK(sniff.items[0].data.back() == '\r');
  const Recording plain = *parse_recording("# from a friend\n~2002\n~2003\n", "d");
  CHECK(plain.form == RecordingForm::TextFrames);
  REQUIRE(plain.items.size() == 2);
  CHECK(plain.items[0].from == From::Unknown);
  CHECK(plain.items[0].data == std::vector<std::uint8_t>{'~', '2', '0', '0', '2', '\r'});
}

TEST_CASE("a recording with an error names file, line and column") {
  CHECK(refusal("(1.0) can0 351#14\n(2.0) can0 351#1G\n").where.rfind("site.log:2:", 0) == 0);
  CHECK(refusal("~20\nhello\n").where == "site.log:2:1");
  Failure f = refusal("{\"provenance\":\"x\"}\n{\"t_us\":1,\"frame\":\"20\"}\n");
  CHECK(f.where == "site.log:2:11");
  f = refusal("{\"provenance\":\"x\"}\n{\"t_us\":1,,}\n");
  CHECK(f.where == "site.log:2:11");
  CHECK(f.code() == ErrorCode::BadInput);
  CHECK(refusal("{\"t_us\":\"1\",\"frame\":\"~20\"}\n").what == "\"t_us\" must be a whole number");
  CHECK(refusal("{\"t_us\":1,\"frame\":\"~20\",\"dir\":\"up\"}\n").where == "site.log:1:25");
  CHECK(refusal("{\"weco_evidence\":2}\n").code() == ErrorCode::Unsupported);
  CHECK(refusal("{\"weco_evidence\":1}\n{\"n\":1,\"t_us\":1,\"kind\":\"rx\",\"hex\":\"0\"}\n")
            .where == "site.log:2:29");
  CHECK(refusal("").what == "the recording is empty");
  CHECK(refusal("# only a comment\n").what == "the recording is empty");
  CHECK(refusal("{\"provenance\":\"x\"}\n").what == "the recording holds no traffic");
  const Outcome<Recording> missing = load_recording("/nowhere/site.log");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code() == ErrorCode::NotFound);
}

TEST_CASE("arbitrary bytes never crash the reader") {
  std::uint64_t state = 1;
  const std::string alphabet = "{}[]\":,~#()0123456789abcdefcan_t_usframe \n\r\t\xff\\";
  for (int run = 0; run < 3000; ++run) {
    std::string text = run % 3 == 0 ? kSniff : run % 3 == 1 ? kLog : "";
    for (int i = 0; i < 20; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      const char c = alphabet[(state >> 33) % alphabet.size()];
      text.insert((state >> 13) % (text.size() + 1), 1, c);
    }
    const Outcome<Recording> parsed = parse_recording(text, "x");
    CHECK((parsed.has_value() ? !parsed->items.empty() : !parsed.error().what.empty()));
  }
}

TEST_CASE("frames play at once or as recorded, then the recording is at its end") {
  for (const bool recorded : {false, true}) {
    sim::Timeline time;
    ReplayOptions options;
    if (recorded) options.speed = ReplayOptions::Speed::Recorded;
    const auto link = replay_frames(*parse_recording(kLog, "b"), time, options);
    REQUIRE(link.has_value());
    std::vector<std::int64_t> at_ms;
    bool ended = false;
    (*link)->on_readable([&] {
      CanFrame frame;
      while (!ended) {
        const Outcome<bool> got = (*link)->receive(frame);
        ended = !got.has_value();
        if (!ended && !*got) return;
        if (!ended) at_ms.push_back((frame.at - Instant{}).to_ms());
      }
    });
    CHECK(time.run([&] { return ended; }, Instant::never()));
    CHECK(at_ms == (recorded ? std::vector<std::int64_t>{0, 250, 1000}
                             : std::vector<std::int64_t>{0, 0, 0}));
    CanFrame frame;
    CHECK((*link)->receive(frame).error().what == "the recording is at its end");
    CHECK(time.timers() == 0);
  }
}

TEST_CASE("a listener hears each message by itself, in order, whoever sent it") {
  sim::Timeline time;
  const auto link = replay_bytes(*parse_recording(kSniff, "c"), time);
  REQUIRE(link.has_value());
  CHECK(text_of(**link) == "~20024642E002FFFD09\r");
  CHECK(text_of(**link) == "~2002460000\r");
  CHECK(text_of(**link) == "~20024642E002FFFD09\r");
  CHECK(text_of(**link) == "~2002460001\r");
  CHECK(text_of(**link) == "!disconnected");
}

TEST_CASE("an asker gets the recorded answers to its request, in turn, and nothing else") {
  for (const bool recorded : {false, true}) {
    sim::Timeline time;
    ReplayOptions options;
    options.role = ReplayOptions::Role::Answer;
    if (recorded) options.speed = ReplayOptions::Speed::Recorded;
    const auto link = replay_bytes(*parse_recording(kSniff, "c"), time, options);
    REQUIRE(link.has_value());
    const std::string request = "~20024642E002FFFD09\r";
    for (const char* const answer : {"~2002460000\r", "~2002460001\r", "~2002460000\r"}) {
      REQUIRE((*link)->write(bytes_of(request)).has_value());
      time.leap(Duration::us(300));
      if (recorded) {
        CHECK(text_of(**link).empty());
        time.leap(Duration::us(100));
      }
      CHECK(text_of(**link) == answer);
    }
    REQUIRE((*link)->write(bytes_of("~2003\r")).has_value());
    time.leap(Duration::s(10));
    CHECK(text_of(**link).empty());
  }
}

TEST_CASE("a session that was recorded replays to the same values") {
  Scratch scratch;
  const std::string path = scratch.path("evidence.ndjson");
  modbus::ClientConfig config;
  config.unit = test::kUnit;
  {
    sim::Timeline time;
    LoopbackPair pair(time);
    test::ServedDevice device(time, pair.b());
    auto recorder = NdjsonRecorder::open(path, time, "weco test");
    REQUIRE(recorder.has_value());
    RecordingByteLink link(pair.a(), **recorder);
    Session session(time, link);
    for (std::uint16_t n = 0; n < 5; ++n) {
      test::Question question(config, static_cast<std::uint16_t>(n * 10));
      REQUIRE(session.wait(question.client).has_value());
      time.leap(Duration::ms(100));
    }
  }
  sim::Timeline time;
  CHECK_FALSE(*carries_frames(*parse_endpoint("replay:" + path)));
  auto link = open_byte_link(*parse_endpoint("replay:" + path + "?speed=recorded"), time);
  REQUIRE(link.has_value());
  Session session(time, **link);
  for (std::uint16_t n = 0; n < 5; ++n) {
    test::Question question(config, static_cast<std::uint16_t>(n * 10));
    REQUIRE(session.wait(question.client).has_value());
    CHECK(question.right());
  }
  test::Question unknown(config, 77);
  CHECK(session.wait(unknown.client).error().code == ErrorCode::Timeout);
}

TEST_CASE("CAN evidence replays as frames; the wrong kind of link is refused") {
  const std::string text =
      "{\"weco_evidence\":1,\"program\":\"weco\",\"utc\":\"x\",\"t_us\":5}\n"
      "{\"n\":1,\"t_us\":9,\"utc\":\"x\",\"kind\":\"can_rx\",\"link\":\"can:can0\",\"frame\":"
      "\"351#1402\"}\n"
      "{\"n\":2,\"t_us\":9,\"utc\":\"x\",\"kind\":\"error\",\"text\":\"y\"}\n"
      "{\"n\":3,\"t_us\":1009,\"utc\":\"x\",\"kind\":\"can_tx\",\"frame\":\"305#R8\"}\n"
      "{\"weco_evidence\":1,\"program\":\"weco\",\"utc\":\"x\",\"t_us\":1}\n"
      "{\"n\":1,\"t_us\":2,\"utc\":\"x\",\"kind\":\"can_rx\",\"frame\":\"355#\"}\n";
  Recording recording = *parse_recording(text, "e");
  CHECK(recording.form == RecordingForm::Evidence);
  REQUIRE(recording.items.size() == 3);
  CHECK(recording.items[0].from == From::Device);
  CHECK(recording.items[0].link == "can:can0");
  CHECK(recording.items[1].from == From::Asker);
  CHECK(recording.items[1].frame->remote);
  CHECK(recording.items[1].at == Duration::ms(1));
  CHECK(recording.items[2].at == Duration::ms(1));  // another run, another clock
  sim::Timeline time;
  CHECK(replay_bytes(recording, time).error().code() == ErrorCode::NotFound);
  CHECK(replay_frames(recording, time).has_value());
  CHECK(replay_frames(*parse_recording(kSniff, "c"), time).error().code() == ErrorCode::NotFound);
}

TEST_CASE("a recording whose last line was cut off is read up to it, and says so") {
  const std::string whole =
      "{\"weco_evidence\":1,\"program\":\"weco\",\"utc\":\"x\",\"t_us\":1}\n"
      "{\"n\":1,\"t_us\":2,\"utc\":\"x\",\"kind\":\"can_rx\",\"frame\":\"355#1A006400\"}\n";
  CHECK_FALSE(parse_recording(whole, "e")->torn);
  const auto torn = parse_recording(whole + "{\"n\":2,\"t_us\":3,\"utc\":\"x\",\"ki", "e");
  REQUIRE(torn);
  CHECK(torn->torn);
  CHECK(torn->items.size() == 1);
  // A damaged line in the middle is no torn end: it is refused with its place.
  const auto damaged = parse_recording(whole + "{\"n\":2,\"ki\n" + whole, "e");
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().where.find("e:3") == 0);
}
