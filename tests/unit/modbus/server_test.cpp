// SPDX-License-Identifier: Apache-2.0
// A server alone, and a client against it: every function on every framing.
#include "core/protocol/modbus/server.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::modbus;
using test::Bank;
using test::Buffer;
using test::from_hex;
using test::joined;
using test::kStart;
using test::rtu;
using State = Exchange::State;

namespace {

constexpr Framing kFramings[] = {Framing::Rtu, Framing::Tcp, Framing::RtuOverTcp};

/// Answers `data` at kStart, as RTU from a server of its own.
Buffer answer(Bank& bank, const Buffer& data) {
  Server server({}, bank);
  return test::copy(server.respond(data, kStart));
}

/// The PDU with which a TCP server answers `pdu_hex`.
Buffer answer_pdu_of(Bank& bank, std::string_view pdu_hex) {
  Buffer out(kPduMax);
  out.resize(answer_pdu(bank, 1, from_hex(pdu_hex), out));
  return out;
}

void fill(Bank& bank) {
  for (std::size_t i = 0; i < 4000; ++i) {
    bank.coils[i] = i % 3 == 0;
    bank.discrete[i] = i % 5 == 0;
    bank.holding[i] = static_cast<std::uint16_t>(1000 + i);
    bank.input[i] = static_cast<std::uint16_t>(60000 - i);
  }
  for (std::uint16_t i = 0; i < 50; ++i) bank.files[{4, i}] = static_cast<std::uint16_t>(7 * i);
  bank.objects = {{0, "Weco"}, {1, "BMS"}, {2, "1.2.3"}};
}

std::vector<Request> one_of_each() {
  static const Buffer packed = from_hex("a501");
  const std::vector<std::uint16_t> data{1, 0xFFFF, 0x8000};
  const std::vector<FileWrite> files{{5, 7, data}};
  const std::vector<FileRange> ranges{{4, 1, 2}, {4, 9, 3}};
  return {*Request::read_coils(1, 2000),
          *Request::read_discrete_inputs(2, 3),
          *Request::read_holding_registers(3, 125),
          *Request::read_input_registers(4, 5),
          *Request::write_single_coil(5, true),
          *Request::write_single_register(6, 7),
          *Request::write_multiple_coils(7, BitView(packed, 9)),
          *Request::write_multiple_registers(8, data),
          *Request::read_file_records(ranges),
          *Request::write_file_records(files),
          *Request::mask_write_register(9, 0x00F2, 0x0025),
          *Request::read_write_registers(8, 2, 8, data),
          *Request::read_device_identification(DeviceIdCode::Basic)};
}

/// Lets `client` ask what it was given and the server answer, both in pieces cut at `cut`.
void exchange(Client& client, Server& server, std::size_t cut) {
  client.start(kStart);
  const Buffer asked = test::copy(client.to_send());
  const std::size_t first = std::min(cut, asked.size());
  Buffer replied = test::copy(server.respond(Bytes(asked).first(first), kStart));
  const Buffer rest = test::copy(server.respond(Bytes(asked).subspan(first), kStart));
  replied.insert(replied.end(), rest.begin(), rest.end());
  const std::size_t second = std::min(cut, replied.size());
  client.received(Bytes(replied).first(second), kStart + Duration::ms(1));
  client.received(Bytes(replied).subspan(second), kStart + Duration::ms(2));
}

}  // namespace

TEST_CASE("every function is answered on every framing, wherever the bytes are split") {
  for (const Framing framing : kFramings) {
    Bank bank;
    fill(bank);
    Server server({.framing = framing}, bank);
    Client client({.framing = framing});
    for (const Request& request : one_of_each()) {
      client.set_request(request);
      for (std::size_t cut = 0; cut < 24; ++cut) {
        INFO("function " << static_cast<int>(request.function()) << " cut at " << cut);
        exchange(client, server, cut);
        REQUIRE(client.state() == State::Done);
        CHECK(client.response().function() == request.function());
      }
    }
    CHECK(server.counters().requests == 13 * 24);
    CHECK(server.counters().exceptions == 0);
    CHECK(server.counters().noise_bytes == 0);
  }
}

TEST_CASE("what is read is what the device has, what is written is in the device") {
  Bank bank;
  fill(bank);
  Server server({}, bank);
  Client client;
  const auto all = one_of_each();
  const auto run = [&](std::size_t i) {
    client.set_request(all[i]);
    exchange(client, server, 3);
    REQUIRE(client.state() == State::Done);
    return client.response();
  };
  const BitView coils = run(0).bits();
  for (std::size_t i = 0; i < 2000; ++i) REQUIRE(coils[i] == ((i + 1) % 3 == 0));
  const BitView inputs = run(1).bits();
  CHECK((!inputs[0] && !inputs[1] && !inputs[2]));
  const RegisterView holding = run(2).registers();
  for (std::size_t i = 0; i < 125; ++i) REQUIRE(holding[i] == 1003 + i);
  CHECK(run(3).registers()[4] == 60000 - 8);
  run(4);
  CHECK(bank.coils[5]);
  run(5);
  CHECK(bank.holding[6] == 7);
  run(6);
  CHECK((bank.coils[7] && !bank.coils[8] && bank.coils[9] && bank.coils[15]));
  run(7);
  CHECK((bank.holding[8] == 1 && bank.holding[9] == 0xFFFF && bank.holding[10] == 0x8000));
  const Response files = run(8);
  CHECK(files.file_record(0)[1] == 14);
  CHECK(files.file_record(1)[2] == 77);
  run(9);
  CHECK(bank.files[{5, 9}] == 0x8000);
  bank.holding[9] = 0x0012;
  run(10);
  CHECK(bank.holding[9] == 0x0017);  // the specification's example
  const RegisterView read_back = run(11).registers();
  CHECK((read_back[0] == 1 && read_back[1] == 0xFFFF));  // written first, then read
}

TEST_CASE("the largest requests and answers pass, one more is exception 3") {
  Bank bank;
  fill(bank);
  CHECK(answer_pdu_of(bank, "01000007d0").size() == 252);
  CHECK(answer_pdu_of(bank, "01000007d1") == from_hex("8103"));
  CHECK(answer_pdu_of(bank, "030000007d").size() == 252);
  CHECK(answer_pdu_of(bank, "030000007e") == from_hex("8303"));
  CHECK(answer_pdu_of(bank, "0300000000") == from_hex("8303"));
  CHECK(answer_pdu_of(bank, "040000007e") == from_hex("8403"));
  CHECK(answer_pdu_of(bank, "03ffff0001").size() == 4);
  CHECK(answer_pdu_of(bank, "03ffff0002") == from_hex("8302"));
  CHECK(answer_pdu_of(bank, "14070600040000002f").size() == 98);
}

TEST_CASE("a backend's refusal becomes the exception it means, and nothing is changed") {
  Bank bank;
  fill(bank);
  bank.limit = 100;
  CHECK(answer_pdu_of(bank, "0300630001").size() == 4);
  CHECK(answer_pdu_of(bank, "0300640001") == from_hex("8302"));
  CHECK(answer_pdu_of(bank, "0600640001") == from_hex("8602"));
  CHECK(answer_pdu_of(bank, "1600640001ffff") == from_hex("9602"));
  CHECK(answer_pdu_of(bank, "140706000900000001").size() == 2);
  CHECK(bank.writes == 0);
  const std::pair<ErrorCode, int> expected[] = {
      {ErrorCode::NotFound, 2}, {ErrorCode::OutOfRange, 3},  {ErrorCode::BadInput, 3},
      {ErrorCode::Busy, 6},     {ErrorCode::Unsupported, 1}, {ErrorCode::IoError, 4}};
  for (const auto& [code, exception] : expected) {
    bank.failure = {code, 99};
    CHECK(answer_pdu_of(bank, "0300000001") == Buffer{0x83, static_cast<std::uint8_t>(exception)});
  }
  CHECK(exception_for({ErrorCode::DeviceException, 0x13}) == 0x13);
  CHECK(exception_for({ErrorCode::DeviceException, 0}) == 4);
  CHECK(exception_for({ErrorCode::DeviceException, 256}) == 4);
}

TEST_CASE("a function that a device does not have is exception 1") {
  Bank bank;
  bank.unsupported = Function::WriteSingleRegister;
  CHECK(answer_pdu_of(bank, "0600000001") == from_hex("8601"));
  CHECK(answer_pdu_of(bank, "080000a537") == from_hex("8801"));
  CHECK(answer(bank, rtu(1, "080000a537")) == rtu(1, "8801"));
  CHECK(answer(bank, rtu(1, "2b0d00")) == rtu(1, "ab01"));
  class Nothing final : public Registers {
    bool serves(std::uint8_t) const override { return true; }
  } nothing;
  for (const Request& request : one_of_each()) {
    Buffer out(kPduMax);
    REQUIRE(answer_pdu(nothing, 1, request.pdu(), out) == 2);
    CHECK(out[1] == 1);
  }
}

TEST_CASE("a wrong checksum, an absent unit and garbage get silence on a line") {
  Bank bank;
  Buffer damaged = rtu(1, "0600000001");
  for (std::size_t bit = 0; bit < 8 * damaged.size(); ++bit) {
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
    CHECK(answer(bank, damaged).empty());
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
  }
  CHECK(bank.writes == 0);
  CHECK(answer(bank, rtu(2, "0600000001")).empty());
  CHECK(answer(bank, Buffer(3000, 0xFF)).empty());
  CHECK(answer(bank, Buffer(3000, 0x01)).empty());
  CHECK(bank.writes == 0);
}

TEST_CASE("a request behind garbage, or behind another unit's traffic, is answered") {
  Bank bank;
  const Buffer request = rtu(1, "0300000001");
  const Buffer expected = rtu(1, "03020000");
  CHECK(answer(bank, joined({from_hex("ff00ff"), request})) == expected);
  CHECK(answer(bank, joined({rtu(7, "0300000001"), rtu(7, "03021234"), request})) == expected);
  CHECK(answer(bank, joined({rtu(7, "0600010001"), rtu(7, "0600010001"), request})) == expected);
  CHECK(answer(bank, joined({rtu(7, "2b0e0100"), rtu(7, "2b0e010100000100024142"), request})) ==
        expected);
  CHECK(answer(bank, joined({rtu(1, "03020000"), request})) == expected);  // our answer's echo
}

TEST_CASE("a server that hears itself carries a write out once, and a repeated write again") {
  Bank bank;
  Server server({.hears_itself = true}, bank);
  const Buffer write = rtu(1, "0600050007");
  for (std::size_t cut = 0; cut <= write.size(); ++cut) {
    bank.writes = 0;
    CHECK(test::copy(server.respond(write, kStart)) == write);
    CHECK(server.respond(Bytes(write).first(cut), kStart).empty());  // its echo
    CHECK(server.respond(Bytes(write).subspan(cut), kStart).empty());
    CHECK(bank.writes == 1);
    CHECK(test::copy(server.respond(write, kStart)) == write);
    const Buffer echo_and_next = joined({write, write});
    CHECK(test::copy(server.respond(echo_and_next, kStart)) == write);
    CHECK(bank.writes == 3);
    CHECK(server.respond(write, kStart).empty());
  }
  CHECK(test::copy(server.respond(write, kStart)) == write);
  const Buffer read = rtu(1, "0300050001");
  CHECK(test::copy(server.respond(read, kStart)) == rtu(1, "03020007"));  // the echo never came
}

TEST_CASE("a broadcast is carried out by every unit and never answered") {
  Bank bank;
  CHECK(answer(bank, rtu(0, "0600050007")).empty());
  CHECK(bank.holding[5] == 7);
  CHECK(bank.last_unit_written == 0);
  CHECK(answer(bank, rtu(0, "0300050001")).empty());
  CHECK(answer(bank, rtu(0, "17000000010000000102ffff")).empty());
  CHECK(bank.writes == 1);
}

TEST_CASE("several units are served on one line, each under its own address") {
  Bank bank;
  bank.also_served = 9;
  CHECK(answer(bank, rtu(9, "0600050007")) == rtu(9, "0600050007"));
  CHECK(bank.last_unit_written == 9);
  CHECK(answer(bank, rtu(1, "0600050008")) == rtu(1, "0600050008"));
  CHECK(bank.last_unit_written == 1);
  CHECK(answer(bank, rtu(8, "0600050009")).empty());
}

TEST_CASE("over TCP an absent unit is exception 0BH, or silence where the gateway is so") {
  Bank bank;
  const Buffer request = test::framed(Framing::Tcp, 5, from_hex("0300000001"), 77);
  Server polite({.framing = Framing::Tcp}, bank);
  CHECK(test::copy(polite.respond(request, kStart)) ==
        test::framed(Framing::Tcp, 5, from_hex("830b"), 77));
  Server silent({.framing = Framing::Tcp, .answer_for_absent_units = false}, bank);
  CHECK(silent.respond(request, kStart).empty());
  Server gateway({.framing = Framing::RtuOverTcp}, bank);
  CHECK(gateway.respond(rtu(5, "0300000001"), kStart).empty());
}

TEST_CASE("over TCP a server passes over a header that cannot be") {
  Bank bank;
  Server server({.framing = Framing::Tcp}, bank);
  const Buffer request = test::framed(Framing::Tcp, 1, from_hex("0300000001"), 77);
  CHECK(test::copy(server.respond(joined({from_hex("ffffffff"), request}), kStart)) ==
        test::framed(Framing::Tcp, 1, from_hex("03020000"), 77));
  CHECK(server.counters().noise_bytes == 4);
}

TEST_CASE("requests that arrive in one lump are all answered, in order") {
  Bank bank;
  for (std::size_t i = 0; i < 130; ++i) bank.holding[i] = static_cast<std::uint16_t>(i);
  Server server({.framing = Framing::Tcp}, bank);
  Buffer lump;
  for (std::uint16_t i = 1; i <= 7; ++i) {
    lump = joined({lump, test::framed(Framing::Tcp, 1, from_hex("030000007d"), i)});
  }
  Buffer all;
  for (Bytes out = server.respond(lump, kStart); !out.empty(); out = server.respond({}, kStart)) {
    all = joined({all, test::copy(out)});
  }
  CHECK(all.size() == 7 * 259);
  CHECK(all[6 * 259 + 1] == 7);
  CHECK(server.counters().requests == 7);
}

TEST_CASE("a flood is answered in part and never overruns") {
  Bank bank;
  Server server({}, bank);
  Buffer flood;
  for (int i = 0; i < 500; ++i) flood = joined({flood, rtu(1, "030000007d")});
  std::size_t answered = 0;
  Bytes out = server.respond(flood, kStart);
  for (; !out.empty(); out = server.respond({}, kStart)) answered += out.size() / 255;
  CHECK(answered == server.counters().requests);
  CHECK(answered >= 65);
  CHECK(test::copy(server.respond(rtu(1, "0300000001"), kStart + Duration::s(5))) ==
        rtu(1, "03020000"));
}

TEST_CASE("a request that was broken off does not swallow the one after the silence") {
  Bank bank;
  const Buffer cut = from_hex("0110000000647fc8");  // claims 200 bytes more than come
  const Buffer request = rtu(1, "0300000001");
  for (const std::int64_t silence_ms : {20, 100, 1000, 60000}) {
    INFO(silence_ms);
    Server server({.baud = 9600}, bank);
    CHECK(server.respond(cut, kStart).empty());
    CHECK(test::copy(server.respond(request, kStart + Duration::ms(silence_ms))) ==
          rtu(1, "03020000"));
  }
  CHECK(bank.writes == 0);
}

TEST_CASE("a request that comes slowly is still one request") {
  Bank bank;
  Server server({.baud = 9600}, bank);
  const Buffer request = rtu(1, "1000000002040001fffe");
  Instant now = kStart;
  Buffer out;
  for (const std::uint8_t byte : request) {
    out = test::copy(server.respond(Bytes(&byte, 1), now));
    now = now + Duration::ms(999);
  }
  CHECK(out == rtu(1, "1000000002"));
  CHECK(bank.writes == 1);
}

TEST_CASE("a frame inside a write's data is data, not a request") {
  Bank bank;
  const Buffer inner = rtu(1, "060005dead");
  Buffer pdu = from_hex("100010000408");
  pdu.insert(pdu.end(), inner.begin(), inner.end());
  const Buffer outer = test::framed(Framing::Rtu, 1, pdu);
  for (std::size_t cut = 0; cut <= outer.size(); ++cut) {
    Server server({}, bank);
    const Buffer none = test::copy(server.respond(Bytes(outer).first(cut), kStart));
    const Buffer out = test::copy(server.respond(Bytes(outer).subspan(cut), kStart));
    CHECK(joined({none, out}) == rtu(1, "1000100004"));
    CHECK(bank.holding[5] == 0);
  }
}

TEST_CASE("a long identification comes in pages that a client walks to the end") {
  Bank bank;
  for (const int id : {0, 1, 2, 3, 4, 5, 6, 0x80, 0x9A, 0xFF}) {
    bank.objects[static_cast<std::uint8_t>(id)] = std::string(90, static_cast<char>('a' + id % 26));
  }
  Server server({}, bank);
  Client client;
  client.set_request(*Request::read_device_identification(DeviceIdCode::Extended));
  std::map<std::uint8_t, std::string> read;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    REQUIRE(pages < 10);
    exchange(client, server, 5);
    REQUIRE(client.state() == State::Done);
    const DeviceIdPage page = client.response().device_id();
    CHECK(page.conformity() == 0x83);
    for (std::size_t i = 0; i < page.size(); ++i) {
      read[page[i].id] = std::string(page[i].value.begin(), page[i].value.end());
    }
    more = page.more_follows();
    if (more) client.set_request(*next_device_id_request(page));
  }
  CHECK(read == bank.objects);
  CHECK(pages == 5);
}

TEST_CASE("an identification says how far it goes and refuses single objects it has not") {
  Bank bank;
  bank.objects = {{0, "W"}, {1, "B"}, {2, "1"}};
  CHECK(answer_pdu_of(bank, "2b0e0100")[3] == 0x81);
  CHECK(answer_pdu_of(bank, "2b0e0401") == from_hex("2b0e0481000001010142"));
  CHECK(answer_pdu_of(bank, "2b0e0405") == from_hex("ab02"));
  bank.objects[4] = "P";
  CHECK(answer_pdu_of(bank, "2b0e0100")[3] == 0x82);
  CHECK(answer_pdu_of(bank, "2b0e0100")[6] == 3);
  CHECK(answer_pdu_of(bank, "2b0e0200")[6] == 4);
  CHECK(answer_pdu_of(bank, "2b0e0209")[6] == 4);  // not there: from the beginning
  bank.objects[1] = std::string(244, 'x');
  CHECK(answer_pdu_of(bank, "2b0e0101").size() == 253);
  bank.objects[1] = std::string(245, 'x');
  CHECK(answer_pdu_of(bank, "2b0e0101") == from_hex("ab04"));
}

TEST_CASE("a page of an identification is filled to the last byte") {
  Bank bank;
  bank.objects = {{0, std::string(120, 'a')}, {1, std::string(122, 'b')}};
  CHECK(answer_pdu_of(bank, "2b0e0100").size() == 253);
  CHECK(answer_pdu_of(bank, "2b0e0100")[4] == 0);
  bank.objects[1] += 'b';
  const Buffer first = answer_pdu_of(bank, "2b0e0100");
  CHECK(first.size() == 7 + 2 + 120);
  CHECK(first[4] == 0xFF);
  CHECK(first[5] == 1);
  bank.objects[0x80] = "private";
  CHECK(answer_pdu_of(bank, "2b0e0180")[7] == 0);  // not in this stream: from the beginning
}

TEST_CASE("a server forgets half a request when its connection is reset") {
  Bank bank;
  Server server({.framing = Framing::Tcp}, bank);
  const Buffer request = test::framed(Framing::Tcp, 1, from_hex("0300000001"));
  CHECK(server.respond(Bytes(request).first(7), kStart).empty());
  server.reset();
  CHECK(server.respond(request, kStart).size() == 11);
}
