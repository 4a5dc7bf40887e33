// SPDX-License-Identifier: Apache-2.0
// BLUETTI's frames as they were written down by others: Modbus answers in any pieces, challenges of
// an encrypted link, schedule records and bulk answers.
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/protocol/bluetti/records.hpp"
#include "core/protocol/bluetti/watched_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::bluetti;
using modbus::Client;
using modbus::Request;
using modbus::test::Buffer;
using modbus::test::from_hex;
using modbus::test::kStart;
using Json = nlohmann::json;
using State = Exchange::State;
using Heard = Watch::Heard;

namespace {

Json load(const std::string& name) {
  std::ifstream file(std::string(WECO_VECTORS "/bluetti/") + name);
  REQUIRE(file.good());
  return Json::parse(file);
}

std::vector<Buffer> challenges() {
  std::vector<Buffer> all;
  const Json document = load("05_handshake_challenge_real.json");
  for (const Json& one : document["cases"]) {
    all.push_back(from_hex(one["challenge_hex"].get<std::string>()));
  }
  REQUIRE(all.size() == 2);
  return all;
}

Request read(std::uint16_t address, std::uint16_t count) {
  return *Request::read_holding_registers(address, count);
}

Heard hears(Bytes data) { return Watch().feed(data); }

/// Bytes of a whole answer to a read of this many registers, judged from its beginning.
std::size_t answer_size(std::size_t registers) {
  const Buffer head = {1, 3, static_cast<std::uint8_t>(2 * registers)};
  const modbus::Extent extent = modbus::rtu_response_extent(head);
  REQUIRE(extent.kind == modbus::Extent::Kind::Known);
  return extent.size;
}

}  // namespace

TEST_CASE("an answer of the app's protocol is read, and a broken one is not") {
  const Json cases = load("01_frames_unit_tests.json")["cases"];
  REQUIRE(cases.size() == 5);
  Client client({.echo = modbus::Echo::Absent});
  modbus::test::ask(client, read(10, 3), from_hex(cases[0]["response_hex"].get<std::string>()));
  REQUIRE(client.state() == State::Done);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(client.response().registers()[i] == cases[0]["decoded"][i]);
  }
  modbus::test::ask(client, read(10, 3), from_hex(cases[1]["response_hex"].get<std::string>()));
  client.advance(client.deadline());
  CHECK(client.error().code == ErrorCode::BadChecksum);
  modbus::test::ask(client, read(99, 5), from_hex(cases[2]["response_hex"].get<std::string>()));
  CHECK(client.error() == Error{ErrorCode::DeviceException, cases[2]["exception_code"]});
  for (const auto& [count, size] : cases[3]["examples"].items()) {
    CHECK(answer_size(static_cast<std::size_t>(std::stoi(count))) == size.get<std::size_t>());
  }
  const Json& trap = cases[4];
  CHECK_FALSE(
      modbus::crc_matches(modbus::Framing::Rtu, from_hex(trap["response_hex"].get<std::string>())));
  CHECK(
      modbus::crc_matches(modbus::Framing::Rtu, from_hex(trap["correct_hex"].get<std::string>())));
}

TEST_CASE("every known request is made to the byte, and its answer is as long as expected",
          "[EP-09]") {
  const Json document = load("09_requests_generated.json");
  REQUIRE(document["requests"].size() == 28);
  for (const Json& one : document["requests"]) {
    INFO(one.dump());
    const std::uint16_t address = one["addr"];
    const Request request = one["fn"] == 3 ? read(address, one["count"])
                                           : *Request::write_single_register(address, one["value"]);
    const Buffer frame = modbus::test::framed(modbus::Framing::Rtu, 1, request.pdu());
    CHECK(frame == from_hex(one["request_hex"].get<std::string>()));
    const auto parts = modbus::decode_frame(modbus::Framing::Rtu, frame);
    REQUIRE(parts);
    CHECK(Request::from_pdu(parts->pdu));
    if (!one.contains("expected_response_len")) continue;
    CHECK(answer_size(one["count"]) == one["expected_response_len"].get<std::size_t>());
  }
  CHECK(modbus::test::framed(modbus::Framing::Rtu, 41, read(6000, 32).pdu()) ==
        from_hex(document["other_slave_example"]["request_hex"].get<std::string>()));
}

TEST_CASE("an answer in several notifications is put together by its length, wherever it is split",
          "[EP-09]") {
  // The longest that Modbus allows; a radio whose packets hold 252 bytes needs two of them.
  Buffer pdu = {3, 250};
  for (int i = 0; i < 250; ++i) pdu.push_back(static_cast<std::uint8_t>(i));
  const Buffer answer = modbus::test::framed(modbus::Framing::Rtu, 1, pdu);
  REQUIRE(answer.size() == 255);
  for (const std::size_t piece : {std::size_t{252}, std::size_t{20}, std::size_t{1}}) {
    Client inner({.response_timeout = Duration::s(5), .echo = modbus::Echo::Absent});
    WatchedClient client(inner);
    inner.set_request(read(10, 125));
    client.start(kStart);
    for (std::size_t at = 0; at < answer.size(); at += piece) {
      CHECK(client.state() == State::Waiting);
      const std::size_t size = std::min(piece, answer.size() - at);
      client.received(Bytes(answer).subspan(at, size), kStart + Duration::ms(1));
    }
    REQUIRE(client.state() == State::Done);
    CHECK(inner.response().registers().size() == 125);
  }
}

TEST_CASE("a real challenge of an encrypted link is recognised, however it arrives", "[EP-09]") {
  for (const Buffer& challenge : challenges()) {
    const auto frame = decode_handshake(challenge);
    REQUIRE(frame);
    CHECK(frame->step == HandshakeStep::Challenge);
    CHECK(frame->body.size() == 4);
    Buffer again(challenge.size());
    CHECK(encode_handshake(*frame, again) == challenge.size());
    CHECK(again == challenge);
    CHECK(hears(challenge) == Heard::Challenge);
    for (std::size_t cut = 0; cut < challenge.size(); ++cut) {
      Watch watch;
      CHECK(watch.feed(Bytes(challenge).first(cut)) == Heard::Nothing);
      CHECK(decode_handshake(Bytes(challenge).first(cut)).error().code == ErrorCode::Truncated);
      CHECK(watch.feed(Bytes(challenge).subspan(cut)) == Heard::Challenge);
    }
    for (const char* garbage : {"00", "2a", "2a2a", "2a2a01", "0103020064b9af"}) {
      CHECK(hears(modbus::test::joined({from_hex(garbage), challenge})) == Heard::Challenge);
    }
    for (std::size_t bit = 0; bit < 8 * challenge.size(); ++bit) {
      Buffer damaged = challenge;
      damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
      CHECK(hears(damaged) == Heard::Nothing);
      CHECK_FALSE(decode_handshake(damaged));
    }
  }
}

TEST_CASE("frames of the handshake are told apart, and a wrong one is refused with its reason") {
  const Json document = load("05_handshake_challenge_real.json");
  for (const Json& one : document["cases"]) {
    const Buffer answer = from_hex(one["computed_client_answer_hex"].get<std::string>());
    const auto frame = decode_handshake(answer);
    REQUIRE(frame);
    CHECK(frame->step == HandshakeStep::Answer);
    CHECK(hears(answer) == Heard::Nothing);  // it comes from us, not from the device
  }
  const auto made = [](HandshakeStep step, Buffer body) {
    Buffer frame(body.size() + kHandshakeOverhead);
    frame.resize(encode_handshake({step, body}, frame));
    return frame;
  };
  const auto error = [](Buffer frame) { return decode_handshake(frame).error(); };
  Buffer frame = made(HandshakeStep::ChallengeAccepted, {0});
  CHECK(decode_handshake(frame));
  frame[0] = 0x2B;
  CHECK(error(frame).code == ErrorCode::BadFrame);
  frame = made(HandshakeStep::Challenge, {1, 2, 3, 4});
  frame.back() ^= 1;
  CHECK(error(frame).code == ErrorCode::BadChecksum);
  frame[3] = 5;
  CHECK(error(frame).code == ErrorCode::BadFrame);
  CHECK(error(made(HandshakeStep::ChallengeAccepted, {1})) == Error{ErrorCode::DeviceException, 1});
  CHECK(error(made(HandshakeStep::KeyAccepted, {1})) == Error{ErrorCode::DeviceException, 1});
  CHECK(decode_handshake(made(HandshakeStep::DeviceKey, Buffer(kSignedKeySize, 7))));
  frame = made(HandshakeStep::OurKey, Buffer(kSignedKeySize, 7));
  frame[3] = 127;
  CHECK(error(frame).code == ErrorCode::BadFrame);
  frame = made(HandshakeStep::Challenge, {1, 2, 3, 4});
  frame.push_back(0);
  CHECK(error(frame).code == ErrorCode::BadFrame);
  frame[2] = 9;
  CHECK(error(frame).code == ErrorCode::BadFrame);
}

TEST_CASE("a device that wants encryption or has lost its controller ends the exchange by name",
          "[EP-09]") {
  const Buffer answer = from_hex("010306006400c8012cd10e");
  const auto outcome = [&](const Buffer& before, const Buffer& after) {
    Client inner({.echo = modbus::Echo::Absent});
    WatchedClient client(inner);
    inner.set_request(read(10, 3));
    client.start(kStart);
    if (!before.empty()) client.unsolicited(before, kStart);
    if (client.state() == State::Waiting) client.received(after, kStart + Duration::ms(1));
    return client.state() == State::Failed ? client.error().code : ErrorCode::None;
  };
  const Buffer challenge = challenges().front();
  const std::string_view lost = "AT+NAME?\r";
  const Buffer modem(lost.begin(), lost.end());
  CHECK(outcome({}, answer) == ErrorCode::None);
  CHECK(outcome(challenge, answer) == ErrorCode::EncryptedLink);
  CHECK(outcome({}, challenge) == ErrorCode::EncryptedLink);
  CHECK(outcome(modem, answer) == ErrorCode::Disconnected);
  CHECK(outcome({}, modem) == ErrorCode::Disconnected);
  CHECK(outcome(from_hex("4154"), answer) == ErrorCode::None);
}

TEST_CASE("a schedule record is unpacked bit by bit and packed again to the same registers",
          "[EP-05]") {
  const Json cases = load("10_tou_record_codec.json")["cases"];
  REQUIRE(cases.size() == 8);
  for (const Json& one : cases) {
    INFO(one.dump());
    Buffer wire;
    for (const Json& word : one["regs"]) {
      const Buffer part = from_hex(word.get<std::string>());
      wire.insert(wire.end(), part.begin(), part.end());
    }
    wire.resize(kScheduleRecordSize);
    ScheduleRecord expected;
    expected.second_of_day = one.value("seconds_of_day", 0U);
    expected.weekdays = static_cast<std::uint8_t>(one.value("week_mask", 0));
    expected.days_of_month = one.value("day_of_month_mask", 0U);
    expected.months = static_cast<std::uint16_t>(one.value("month_mask", 0));
    expected.register_kind = static_cast<std::uint8_t>(one.value("reg_type", 0));
    expected.target = static_cast<std::uint8_t>(one.value("target_id", 0));
    expected.time_kind = static_cast<std::uint8_t>(one.value("time_type", 0));
    expected.address = static_cast<std::uint16_t>(one.value("target_reg", 0));
    expected.value = static_cast<std::uint16_t>(one.value("target_value", 0));
    const auto record = decode_schedule(wire);
    REQUIRE(record);
    CHECK(*record == expected);
    Buffer again(kScheduleRecordSize);
    REQUIRE(encode_schedule(expected, again));
    CHECK(again == wire);
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
      CHECK(decode_schedule(Bytes(wire).first(cut)).error().code == ErrorCode::Truncated);
      CHECK(encode_schedule(expected, MutableBytes(again).first(cut)).error().code ==
            ErrorCode::Truncated);
    }
  }
  Buffer room(kScheduleRecordSize);
  CHECK_FALSE(encode_schedule({.second_of_day = 1U << 17}, room));
  CHECK_FALSE(encode_schedule({.weekdays = 128}, room));
  CHECK_FALSE(encode_schedule({.days_of_month = 1U << 31}, room));
  CHECK_FALSE(encode_schedule({.months = 4096}, room));
  CHECK_FALSE(encode_schedule({.register_kind = 4}, room));
  CHECK_FALSE(encode_schedule({.time_kind = 8}, room));
}

TEST_CASE("a bulk answer is taken apart item by item, and a cut one is an error") {
  const Json items = load("11_tlv_format.json")["items"];
  REQUIRE(items.size() == 3);
  Buffer all;
  for (const Json& one : items) {
    const Buffer wire = from_hex(one["hex"].get<std::string>());
    const Buffer value = from_hex(one["value"].get<std::string>());
    Bytes rest(wire);
    const auto item = take_bulk_item(rest);
    REQUIRE(item);
    CHECK(rest.empty());
    CHECK(item->unit == one["slave"]);
    CHECK(item->address == one["reg"]);
    CHECK(Buffer(item->value.begin(), item->value.end()) == value);
    Buffer again(wire.size());
    CHECK(encode_bulk_item(*item, again) == wire.size());
    CHECK(again == wire);
    for (std::size_t cut = 0; cut < wire.size(); ++cut) {
      rest = Bytes(wire).first(cut);
      CHECK(take_bulk_item(rest).error().code == ErrorCode::Truncated);
      CHECK(rest.size() == cut);
    }
    all.insert(all.end(), wire.begin(), wire.end());
  }
  Bytes rest(all);
  for (int n = 0; n < 3; ++n) REQUIRE(take_bulk_item(rest));
  CHECK(rest.empty());
}
