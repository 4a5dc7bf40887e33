// SPDX-License-Identifier: Apache-2.0
// What a client must and must not believe. All frames are RTU from unit 1 unless stated.
#include "core/protocol/modbus/client.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::modbus;
using test::ask;
using test::Buffer;
using test::from_hex;
using test::joined;
using test::kStart;
using test::rtu;
using State = Exchange::State;

namespace {

const Request kRead = *Request::read_holding_registers(0, 2);
const Request kWrite = *Request::write_single_register(8, 0xAAAA);

Buffer sent(const Client& client) { return test::copy(client.to_send()); }
Buffer good() { return rtu(1, "030400010002"); }
const Buffer kFirstByte{1};

/// The outcome when `data` comes and then nothing until the deadline.
ErrorCode outcome(Client& client, const Request& request, const Buffer& data) {
  ask(client, request, data);
  client.advance(client.deadline());
  return client.state() == State::Done ? ErrorCode::None : client.error().code;
}
ErrorCode outcome(const Buffer& data) {
  Client client;
  return outcome(client, kRead, data);
}

}  // namespace

TEST_CASE("an answer is taken the moment its last byte is there") {
  Client client;
  client.set_request(kRead);
  CHECK(client.state() == State::Idle);
  client.start(kStart);
  CHECK(sent(client) == from_hex("010300000002c40b"));
  const Buffer answer = good();
  for (std::size_t i = 0; i < answer.size(); ++i) {
    CHECK(client.state() == State::Waiting);
    client.received(Bytes(answer).subspan(i, 1), kStart + Duration::ms(1));
  }
  REQUIRE(client.state() == State::Done);
  CHECK(client.response().registers()[0] == 1);
  CHECK(client.response().registers()[1] == 2);
  CHECK(client.observations().bytes_received == 9);
  CHECK(client.observations().answers == 1);
  CHECK(client.observations().noise_bytes == 0);
}

TEST_CASE("silence ends the wait early; an answer that began gets its time on the wire") {
  Client slow({.baud = 9600, .response_timeout = Duration::ms(100)});
  slow.set_request(kRead);
  slow.start(kStart);
  CHECK((slow.deadline() - kStart).to_us() == 9167 + 100000 + 1146);  // of a first character
  slow.received(kFirstByte, kStart + Duration::ms(50));
  CHECK((slow.deadline() - kStart).to_us() == 9167 + 100000 + 10313);
  Client fast({.framing = Framing::Tcp, .response_timeout = Duration::ms(100)});
  fast.set_request(kRead);
  fast.start(kStart);
  CHECK(fast.deadline() - kStart == Duration::ms(100));
  Client unknown({.baud = 9600, .response_timeout = Duration::ms(100)});
  unknown.set_request(*Request::read_device_identification(DeviceIdCode::Basic));
  unknown.start(kStart);
  unknown.received(
      Bytes(good()).first(1),
      kStart + Duration::ms(50));  // the longest frame, because only the answer tells its size
  CHECK((unknown.deadline() - kStart).to_us() == 8021 + 100000 + 293334);
}

TEST_CASE("an answer just before the deadline counts, one at the deadline does not") {
  Client client;
  client.set_request(kRead);
  client.start(kStart);
  client.advance(client.deadline() - Duration::us(1));
  CHECK(client.state() == State::Waiting);
  client.received(good(), client.deadline() - Duration::us(1));
  CHECK(client.state() == State::Done);

  client.start(kStart);
  client.received(good(), client.deadline());
  CHECK(client.state() == State::Failed);
  CHECK(client.error().code == ErrorCode::Timeout);

  client.start(kStart);
  client.advance(client.deadline());
  CHECK(client.error().code == ErrorCode::Timeout);
}

TEST_CASE("the silence before a request is t3.5 on a line and the device's own pause if longer") {
  CHECK(Client({.baud = 9600}).quiet_before().to_us() == 4011);
  CHECK(Client({.baud = 9600, .pause_between = Duration::ms(60)}).quiet_before() ==
        Duration::ms(60));
  CHECK(Client({.framing = Framing::Tcp, .baud = 9600}).quiet_before() == Duration());
  CHECK(Client({.framing = Framing::RtuOverTcp, .baud = 9600}).quiet_before() == Duration());
}

TEST_CASE("no single flipped bit of an answer is ever believed") {
  const Buffer answer = good();
  for (std::size_t bit = 0; bit < 8 * answer.size(); ++bit) {
    INFO(bit);
    Buffer damaged = answer;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    CHECK(outcome(damaged) == ErrorCode::BadChecksum);
  }
  const Buffer refusal = rtu(1, "8302");
  for (std::size_t bit = 0; bit < 8 * refusal.size(); ++bit) {
    INFO(bit);
    Buffer damaged = refusal;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    const ErrorCode code = outcome(damaged);
    CHECK(code != ErrorCode::None);
    CHECK(code != ErrorCode::DeviceException);
    CHECK(code != ErrorCode::Timeout);
  }
}

TEST_CASE("an answer that is cut off anywhere is named so, and none is a timeout") {
  const Buffer answer = good();
  CHECK(outcome({}) == ErrorCode::Timeout);
  for (std::size_t size = 1; size < answer.size(); ++size) {
    INFO(size);
    CHECK(outcome(Buffer(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size))) ==
          ErrorCode::Truncated);
  }
}

TEST_CASE("garbage before an answer is skipped, however it is cut") {
  for (const char* garbage : {"00", "ff", "01", "0103", "010304", "0103ff", "aa01aa01", "0183",
                              "00ff00ff00ff00ff00ff", "0110", "0203040001", "011000000001"}) {
    const Buffer data = joined({from_hex(garbage), good()});
    for (std::size_t cut = 0; cut <= data.size(); ++cut) {
      INFO(garbage << " cut at " << cut);
      Client client;
      client.set_request(kRead);
      client.start(kStart);
      client.received(Bytes(data).first(cut), kStart + Duration::ms(1));
      client.received(Bytes(data).subspan(cut), kStart + Duration::ms(2));
      client.advance(kStart + Duration::ms(62));  // the silence after which nothing is waited for
      REQUIRE(client.state() == State::Done);
      CHECK(client.response().registers()[1] == 2);
      CHECK(client.observations().noise_bytes == std::string_view(garbage).size() / 2);
    }
  }
}

TEST_CASE("bytes that are no frame are named, not mistaken for silence") {
  CHECK(outcome(from_hex("00ff55aa")) == ErrorCode::BadFrame);
  CHECK(outcome(Buffer(2000, 0x00)) == ErrorCode::BadFrame);
  CHECK(outcome(Buffer(2000, 0x01)) != ErrorCode::None);
  CHECK(outcome(Buffer(2000, 0xFF)) == ErrorCode::BadFrame);
}

TEST_CASE("an answer behind more garbage than any buffer holds is still found") {
  Client client;
  CHECK(outcome(client, kRead, joined({Buffer(5000, 0xFF), good()})) == ErrorCode::None);
}

TEST_CASE("an exception fails the request at once with the device's code") {
  Client client;
  ask(client, kRead, rtu(1, "8313"));
  REQUIRE(client.state() == State::Failed);
  CHECK(client.error() == Error{ErrorCode::DeviceException, 0x13});
}

TEST_CASE("an answer of another unit is not ours, and is remembered") {
  Client client;
  CHECK(outcome(client, kRead, rtu(7, "030400010002")) == ErrorCode::UnexpectedReply);
  CHECK(client.observations().wrong_unit == 1);
  CHECK(client.observations().units_answering.contains(7));
  CHECK_FALSE(client.observations().units_answering.contains(1));
  CHECK(client.observations().units_answering.count() == 1);
  CHECK(outcome(client, kRead, joined({rtu(9, "030400010002"), good()})) == ErrorCode::None);
  CHECK(client.observations().units_answering.count() == 3);
}

TEST_CASE("an answer with another function, count or value is not ours") {
  Client client;
  CHECK(outcome(client, kRead, rtu(1, "040400010002")) == ErrorCode::UnexpectedReply);
  CHECK(outcome(client, kRead, rtu(1, "03020001")) == ErrorCode::UnexpectedReply);
  CHECK(outcome(client, kRead, rtu(1, "0306000100020003")) == ErrorCode::UnexpectedReply);
  CHECK(outcome(client, kRead, rtu(1, "8402")) == ErrorCode::UnexpectedReply);
  CHECK(outcome(client, kWrite, rtu(1, "060008aaab")) == ErrorCode::UnexpectedReply);
  CHECK(client.observations().wrong_function == 5);
  CHECK(outcome(client, kRead, joined({rtu(1, "03020001"), good()})) == ErrorCode::None);
}

TEST_CASE("an answer whose checksum is good but whose content is impossible is a bad frame") {
  Client client;
  CHECK(outcome(client, kRead, rtu(1, "8300")) == ErrorCode::BadFrame);
  CHECK(client.observations().bad_frames == 1);
}

TEST_CASE("a good answer after a damaged one wins") {
  Buffer damaged = good();
  damaged[4] ^= 1;
  Client client;
  CHECK(outcome(client, kRead, joined({damaged, good()})) == ErrorCode::None);
  CHECK(client.observations().crc_errors == 1);
}

TEST_CASE("frames of another master are counted and not believed") {
  Client client;
  const Buffer foreign = joined({rtu(5, "0300100004"), rtu(5, "03080001000200030004")});
  CHECK(outcome(client, kRead, joined({foreign, good()})) == ErrorCode::None);
  CHECK(client.observations().foreign_requests == 1);
  CHECK(client.observations().wrong_unit == 1);
  CHECK(client.observations().units_answering.contains(5));
  CHECK(outcome(client, kRead, rtu(1, "0300100004")) == ErrorCode::Timeout);
  CHECK(client.observations().foreign_requests == 2);
  CHECK_FALSE(client.echo_seen());
}

TEST_CASE("an unfinished frame of somebody else does not hide our answer") {
  Client client;
  ask(client, kRead, joined({from_hex("05030800010002"), good()}));
  REQUIRE(client.state() == State::Done);
  CHECK(client.response().registers()[0] == 1);
}

TEST_CASE("our own echo is dropped, and reported") {
  Client client;
  client.set_request(kRead);
  client.start(kStart);
  const Buffer data = joined({sent(client), good()});
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    INFO(cut);
    client.start(kStart);
    client.received(Bytes(data).first(cut), kStart + Duration::ms(1));
    client.received(Bytes(data).subspan(cut), kStart + Duration::ms(2));
    REQUIRE(client.state() == State::Done);
    CHECK(client.response().registers()[1] == 2);
  }
  CHECK(client.echo_seen());
  CHECK(client.observations().foreign_requests == 0);
  client.start(kStart);
  client.received(sent(client), kStart + Duration::ms(1));
  client.advance(client.deadline());
  CHECK(client.error().code == ErrorCode::Timeout);
}

TEST_CASE("where an echo is known, it is never taken for the answer to a write") {
  const Buffer copy = rtu(1, "060008aaaa");
  Client told({.echo = Echo::Present});
  CHECK(outcome(told, kWrite, copy) == ErrorCode::Timeout);
  CHECK(outcome(told, kWrite, joined({copy, copy})) == ErrorCode::None);
  CHECK_FALSE(told.answer_may_be_echo());
  CHECK(outcome(told, kRead, good()) == ErrorCode::None);
  CHECK(outcome(told, kWrite, copy) == ErrorCode::Timeout);  // what was configured stays

  Client learned;
  CHECK(outcome(learned, kRead, joined({rtu(1, "0300000002"), good()})) == ErrorCode::None);
  CHECK(outcome(learned, kWrite, copy) == ErrorCode::Timeout);
  CHECK(outcome(learned, kWrite, joined({copy, copy})) == ErrorCode::None);
  learned.set_unit(2);  // another device behind the same adapter
  CHECK(outcome(learned, kWrite, rtu(2, "060008aaaa")) == ErrorCode::Timeout);
  learned.set_unit(1);
  // The adapter was changed: an answer without an echo teaches it.
  CHECK(outcome(learned, kRead, good()) == ErrorCode::None);
  CHECK(outcome(learned, kWrite, copy) == ErrorCode::None);
  CHECK_FALSE(learned.answer_may_be_echo());
}

TEST_CASE("a write's answer is marked doubtful while nobody knows whether the line echoes") {
  const Buffer copy = rtu(1, "060008aaaa");
  Client client;
  CHECK(outcome(client, kWrite, copy) == ErrorCode::None);
  CHECK(client.answer_may_be_echo());
  CHECK_FALSE(client.echo_seen());
  client.received(copy, kStart + Duration::ms(3));  // the second copy is the real answer
  CHECK(client.echo_seen());
  CHECK_FALSE(client.answer_may_be_echo());
  CHECK(outcome(client, kWrite, copy) == ErrorCode::Timeout);

  Client without({.echo = Echo::Absent});
  CHECK(outcome(without, kWrite, copy) == ErrorCode::None);
  CHECK_FALSE(without.answer_may_be_echo());
}

TEST_CASE("a broadcast is done after its pause and takes no answer") {
  Client client({.unit = 0, .baud = 9600, .broadcast_turnaround = Duration::ms(100)});
  client.set_request(kWrite);
  client.start(kStart);
  CHECK((client.deadline() - kStart).to_us() == 9167 + 100000);
  client.received(rtu(0, "060008aaaa"), kStart + Duration::ms(5));
  client.received(rtu(1, "060008aaaa"), kStart + Duration::ms(50));
  CHECK(client.state() == State::Waiting);
  client.advance(client.deadline() - Duration::us(1));
  CHECK(client.state() == State::Waiting);
  client.advance(client.deadline());
  CHECK(client.state() == State::Done);
  CHECK(client.echo_seen());

  client.set_request(kRead);
  client.start(kStart);
  CHECK(client.state() == State::Failed);
  CHECK(client.error().code == ErrorCode::BadUsage);
  CHECK(client.to_send().empty());
}

TEST_CASE("over TCP an answer must carry our transaction and unit") {
  Client client({.framing = Framing::Tcp});
  const auto reply = [](std::uint16_t transaction, std::uint8_t unit) {
    return test::framed(Framing::Tcp, unit, from_hex("030400010002"), transaction);
  };
  CHECK(outcome(client, kRead, reply(1, 1)) == ErrorCode::None);
  CHECK(outcome(client, kRead, reply(1, 1)) == ErrorCode::UnexpectedReply);  // late: now it is 2
  CHECK(client.observations().wrong_transaction == 1);
  CHECK(outcome(client, kRead, joined({reply(2, 1), reply(3, 1)})) == ErrorCode::None);
  CHECK(outcome(client, kRead, reply(4, 9)) == ErrorCode::UnexpectedReply);
  CHECK(client.observations().units_answering.contains(9));
  CHECK(outcome(client, kRead, reply(5, 1)) == ErrorCode::None);
}

TEST_CASE("over TCP a damaged header is passed over and a cut answer is named") {
  Client client({.framing = Framing::Tcp});
  const Buffer first = test::framed(Framing::Tcp, 1, from_hex("030400010002"), 1);
  CHECK(outcome(client, kRead, joined({from_hex("ffffffff"), first})) == ErrorCode::None);
  for (std::size_t size = 1; size < first.size(); ++size) {
    INFO(size);
    Client other({.framing = Framing::Tcp});
    const ErrorCode code = outcome(
        other, kRead, Buffer(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(size)));
    CHECK(code == (size < 2 ? ErrorCode::BadFrame : ErrorCode::Truncated));
  }
  Client third({.framing = Framing::Tcp});
  CHECK(outcome(third, kRead, from_hex("0001ffff0000")) == ErrorCode::BadFrame);
}

TEST_CASE("over TCP an unfinished foreign frame does not hide our answer") {
  Client client({.framing = Framing::Tcp});
  const Buffer cut = from_hex("00770000002001");  // announces 32 bytes, brings one
  CHECK(outcome(client, kRead,
                joined({cut, test::framed(Framing::Tcp, 1, from_hex("030400010002"), 1)})) ==
        ErrorCode::None);
  CHECK(client.observations().noise_bytes == cut.size());
}

TEST_CASE("over TCP both bytes of the transaction count") {
  Client client({.framing = Framing::Tcp});
  client.set_request(kRead);
  for (int i = 0; i < 0x1233; ++i) {
    client.start(kStart);
    client.cancel();
  }
  const auto reply = [](std::uint16_t transaction) {
    return test::framed(Framing::Tcp, 1, from_hex("030400010002"), transaction);
  };
  CHECK(outcome(client, kRead, joined({reply(0x0034), reply(0x1200), reply(0x1234)})) ==
        ErrorCode::None);
  CHECK(client.observations().wrong_transaction == 2);
  CHECK(outcome(client, kRead, joined({from_hex("00770000002001"), reply(0x1235)})) ==
        ErrorCode::None);
}

TEST_CASE("an identification, whose size only the answer tells, is judged like any answer") {
  const Request ask_id = *Request::read_device_identification(DeviceIdCode::Basic);
  const Buffer whole = rtu(1, "2b0e01810000020002414201024344");
  Client client;
  CHECK(outcome(client, ask_id, whole) == ErrorCode::None);
  for (std::size_t size = 2; size < whole.size(); ++size) {
    INFO(size);
    CHECK(outcome(client, ask_id,
                  Buffer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))) ==
          ErrorCode::Truncated);
  }
  Buffer damaged = whole;
  damaged[12] ^= 0x40;
  CHECK(outcome(client, ask_id, damaged) == ErrorCode::BadChecksum);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    INFO(bit);
    damaged = whole;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    CHECK(outcome(client, ask_id, damaged) != ErrorCode::None);
  }
}

TEST_CASE("a cancelled exchange takes no late answer") {
  Client client;
  client.set_request(kRead);
  client.start(kStart);
  client.cancel();
  client.received(good(), kStart + Duration::ms(1));
  CHECK(client.state() == State::Idle);
  client.start(kStart + Duration::ms(5));
  client.received(good(), kStart + Duration::ms(6));
  CHECK(client.state() == State::Done);
}

TEST_CASE("bytes after the answer change nothing about it") {
  Client client;
  ask(client, kRead, joined({good(), rtu(1, "0304ffffffff"), from_hex("55")}));
  REQUIRE(client.state() == State::Done);
  CHECK(client.response().registers()[0] == 1);
  client.received(Buffer(3000, 0x42), kStart + Duration::ms(2));
  CHECK(client.response().registers()[0] == 1);
  client.reset_observations();
  CHECK(client.observations().bytes_received == 0);
}
