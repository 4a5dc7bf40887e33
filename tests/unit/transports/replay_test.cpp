// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "host/evidence/pcapng.hpp"
#include "host/evidence/recorder.hpp"
#include "host/evidence/recording_link.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/sim/bench.hpp"
#include "tests/unit/transports/scratch.hpp"
#include "transports/open.hpp"
#include "transports/replay/recorded_answers.hpp"
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

namespace {

/// A recording of these messages, "?" before those of the asker.
Recording conversation(const std::vector<std::string>& messages) {
  Recording recording;
  recording.path = "talk";
  for (const std::string& each : messages) {
    RecordedItem item;
    item.from = each.front() == '?' ? From::Asker : From::Device;
    item.data = {each.begin() + (each.front() == '?' ? 1 : 0), each.end()};
    recording.items.push_back(std::move(item));
  }
  return recording;
}

std::string answer(RecordedAnswers& device, const std::string& request, Instant now = {}) {
  const Bytes reply = device.respond(bytes_of(request), now);
  return {reply.begin(), reply.end()};
}

}  // namespace

TEST_CASE("a recorded device answers what was asked then, in turn, in pieces and in lumps") {
  auto device = RecordedAnswers::make(
      conversation({"?ask", "one", "?ask", "tw", "o", "?name", "me", "?dead", "?ask"}));
  REQUIRE(device.has_value());
  CHECK((*device)->known() == 3);
  CHECK(answer(**device, "ask") == "one");
  CHECK(answer(**device, "as").empty());
  CHECK(answer(**device, "k") == "two");
  CHECK(answer(**device, "asknamea") == "me");  // the third time it was silent
  CHECK(answer(**device, "sk") == "one");
  CHECK(answer(**device, "dead").empty());
  CHECK((*device)->unrecorded().empty());
}

TEST_CASE("what was not recorded gets no answer, is counted, and harms nothing that follows") {
  auto device = RecordedAnswers::make(conversation({"?ask", "one"}));
  REQUIRE(device.has_value());
  CHECK(answer(**device, "other").empty());
  CHECK(answer(**device, "other").empty());
  CHECK(answer(**device, "ask") == "one");
  // The beginning of a request that never goes on does not spoil the next one.
  CHECK(answer(**device, "as").empty());
  CHECK(answer(**device, "ask", Instant{} + kRequestPause + Duration::ms(1)) == "one");
  REQUIRE((*device)->unrecorded().size() == 2);
  CHECK((*device)->unrecorded().begin()->second == 1);
  CHECK(std::prev((*device)->unrecorded().end())->second == 2);
  for (std::size_t i = 0; i < 2 * kUnrecordedMax; ++i) {
    static_cast<void>(answer(**device, "no" + std::to_string(i)));
  }
  CHECK((*device)->unrecorded().size() == kUnrecordedMax);
  CHECK(RecordedAnswers::make(conversation({"heard"})).error().code() == ErrorCode::NotFound);
}

TEST_CASE("a recorded Modbus/TCP device answers with the number of whoever asks") {
  const std::string request{'\x12', '\x34', 0, 0, 0, 2, 1, 3};
  const std::string reply{'\x12', '\x34', 0, 0, 0, 3, 1, 3, 7};
  auto device = RecordedAnswers::make(conversation({"?" + request, reply}));
  REQUIRE(device.has_value());
  std::string other = request;
  other[0] = 0x55;
  std::string expected = reply;
  expected[0] = 0x55;
  CHECK(answer(**device, other) == expected);
  CHECK(answer(**device, request) == reply);
}

namespace {

/// Every kind of link in one file, as weco records them.
std::string record_everything(const std::string& path) {
  sim::Timeline time;
  auto recorder = PcapngRecorder::open(path, time, "weco test");
  REQUIRE(recorder.has_value());
  const std::array<std::uint8_t, 3> question{1, 2, 3};
  const std::array<std::uint8_t, 5> reply{9, 8, 7, 6, 5};
  for (const char* const link :
       {"tcp:192.0.2.7:502", "udp:[::1]:1502", "ble:00:AA:01:01:00:01", "serial:/dev/ttyUSB0"}) {
    (*recorder)->record({EventKind::Decision, link, {}, {}, "read \x1b[31monly"});
    (*recorder)->record({EventKind::Tx, link, question, {}, {}});
    time.leap(Duration::ms(20));
    (*recorder)->record({EventKind::Rx, link, reply, {}, {}});
  }
  CanFrame frame;
  frame.id = 0x18FF50E5;
  frame.extended = true;
  frame.size = 2;
  frame.data = {0x14, 0x02};
  (*recorder)->record({EventKind::CanRx, "can:can0", {}, frame, {}});
  CHECK((*recorder)->status().has_value());
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("what is recorded as pcapng is read back with its bytes, ways and times") {
  Scratch scratch;
  const std::string path = scratch.path("evidence.pcapng");
  const std::string file = record_everything(path);
  CHECK(file.find("\x1b[31m") == std::string::npos);
  const auto recording = load_recording(path);
  REQUIRE(recording.has_value());
  CHECK(recording->form == RecordingForm::Pcapng);
  CHECK_FALSE(recording->torn);
  REQUIRE(recording->items.size() == 9);
  for (std::size_t i = 0; i < 8; ++i) {
    CAPTURE(i);
    const RecordedItem& item = recording->items[i];
    CHECK(item.from == (i % 2 == 0 ? From::Asker : From::Device));
    CHECK(item.data.size() == (i % 2 == 0 ? 3 : 5));
    CHECK(item.data.front() == (i % 2 == 0 ? 1 : 9));
    CHECK(item.at == Duration::ms(static_cast<std::int64_t>(20 * ((i + 1) / 2))));
  }
  CHECK(recording->items[0].link == "tcp:192.0.2.7:502");
  REQUIRE(recording->items[8].frame.has_value());
  CHECK(recording->items[8].frame->id == 0x18FF50E5);
  CHECK(recording->items[8].frame->extended);
  CHECK(recording->items[8].frame->data[1] == 0x02);
  // A second run goes on in the same file, one of another form is left alone.
  CHECK(record_everything(path).size() == 2 * file.size());
  CHECK(load_recording(path)->items.size() == 18);
  const std::string other = scratch.path("notes.pcapng");
  std::ofstream(other) << "notes of mine";
  sim::Timeline time;
  CHECK(PcapngRecorder::open(other, time, "weco").error().code() == ErrorCode::BadInput);
}

TEST_CASE("what is said behind the last packet of a pcapng is kept, too") {
  Scratch scratch;
  const std::string path = scratch.path("evidence.pcapng");
  sim::Timeline time;
  {
    auto recorder = PcapngRecorder::open(path, time, "weco test");
    REQUIRE(recorder.has_value());
    const std::array<std::uint8_t, 3> question{1, 2, 3};
    (*recorder)->record({EventKind::Tx, "serial:/dev/ttyUSB0", question, {}, {}});
    (*recorder)->record({EventKind::Write, "serial:/dev/ttyUSB0", {}, {}, "soc_min: read back"});
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  CHECK(bytes.find("write: soc_min: read back") != std::string::npos);
  const auto recording = load_recording(path);
  REQUIRE(recording.has_value());
  CHECK(recording->items.size() == 1);
  CHECK_FALSE(recording->torn);
}

TEST_CASE("a pcapng that is cut anywhere is read up to there, and damaged ones crash nothing") {
  Scratch scratch;
  const std::string file = record_everything(scratch.path("evidence.pcapng"));
  for (std::size_t size = 12; size < file.size(); ++size) {
    const auto part = parse_recording(std::string_view(file).substr(0, size), "part");
    if (part) CHECK(part->items.size() <= 9);
  }
  const auto half = parse_recording(std::string_view(file).substr(0, file.size() - 1), "part");
  REQUIRE(half.has_value());
  CHECK(half->torn);
  CHECK(half->items.size() == 8);
  for (std::size_t at = 0; at < file.size(); ++at) {
    std::string damaged = file;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xFF);
    static_cast<void>(parse_recording(damaged, "damaged").has_value());
  }
}

// Run by tests/peers with the name of a file, which tshark opens then.
TEST_CASE("every kind of link is recorded for others to open", "[.pcapng]") {
  const char* const path = std::getenv("WECO_PCAPNG");  // NOLINT: one thread
  REQUIRE(path != nullptr);
  sim::Timeline time;
  auto recorder = PcapngRecorder::open(path, time, "weco test");
  REQUIRE(recorder.has_value());
  const std::array<std::uint8_t, 12> question{0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 2};
  const std::array<std::uint8_t, 13> answer{0, 1, 0, 0, 0, 7, 1, 4, 4, 0, 1, 0, 2};
  for (const char* const link : {"tcp:192.0.2.7:502", "tcp:[::1]:502", "udp:192.0.2.7:502"}) {
    (*recorder)->record({EventKind::Tx, link, question, {}, {}});
    time.leap(Duration::ms(20));
    (*recorder)->record({EventKind::Rx, link, answer, {}, {}});
  }
  for (const std::size_t size : {std::size_t{1}, std::size_t{20}, std::size_t{244}}) {
    const std::vector<std::uint8_t> packet(size, 0x55);
    (*recorder)->record({EventKind::Tx, "ble:C0:FF:EE:00:12:34", packet, {}, {}});
    (*recorder)->record({EventKind::Rx, "ble:C0:FF:EE:00:12:34", packet, {}, {}});
  }
  CanFrame frame;
  for (const std::uint8_t size : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{8}}) {
    frame.size = size;
    for (const bool extended : {false, true}) {
      frame.extended = extended;
      frame.id = extended ? 0x1FFFFFFF : 0x7FF;
      for (const bool remote : {false, true}) {
        frame.remote = remote;
        (*recorder)->record({EventKind::CanRx, "can:can0", {}, frame, {}});
      }
    }
  }
  CHECK((*recorder)->status().has_value());
}
