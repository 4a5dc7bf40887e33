// SPDX-License-Identifier: Apache-2.0
// The service line of WeCo batteries: the requests that the vendor's tool is said to send, made and
// understood again; answers are made here after the published layout, because nobody published one.
#include "core/protocol/weco_service/key.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::weco_service;
using modbus::Client;
using modbus::Framing;
using modbus::Request;
using modbus::test::Buffer;
using modbus::test::from_hex;
using modbus::test::kStart;
using Json = nlohmann::json;
using State = Exchange::State;

namespace {

Json load() {
  std::ifstream file(WECO_VECTORS "/can/weco_serial_requests.json");
  REQUIRE(file.good());
  return Json::parse(file);
}

struct Battery {
  modbus::test::Bank bank;
  modbus::Server modbus{{.framing = Framing::WecoService}, bank};
  KeyedServer server{modbus};
  Buffer ask(Bytes data) { return modbus::test::copy(server.respond(data, kStart)); }
};

Buffer key_bytes() {
  const auto message = key_message();
  return {message.begin(), message.end()};
}

}  // namespace

TEST_CASE("every request of the vendor's tool has the tail that the rule gives") {
  const Json document = load();
  REQUIRE(document["requests"].size() == 11);
  CHECK(key_bytes() == from_hex(document["set_key"]["request_hex"].get<std::string>()));
  for (const Json& one : document["requests"]) {
    INFO(one.dump());
    const Buffer wire = from_hex(one["request"].get<std::string>());
    const std::uint16_t first = one["first_register"];
    const std::uint16_t count = one["count"];
    Client client({.framing = Framing::WecoService, .echo = modbus::Echo::Absent});
    client.set_request(*Request::read_holding_registers(first, count));
    client.start(kStart);
    CHECK(modbus::test::copy(client.to_send()) == wire);

    Battery battery;
    battery.ask(key_bytes());
    for (std::size_t i = 0; i < count; ++i) {
      battery.bank.holding[first + i] = static_cast<std::uint16_t>(3000 + i);
    }
    const Buffer answer = battery.ask(wire);
    REQUIRE(answer.size() == std::size_t{2} * count + 5);
    for (std::size_t cut = 0; cut < answer.size(); ++cut) {
      client.cancel();
      client.start(kStart);
      client.received(Bytes(answer).first(cut), kStart);
      CHECK(client.state() == State::Waiting);
      client.received(Bytes(answer).subspan(cut), kStart);
      REQUIRE(client.state() == State::Done);
      CHECK(client.response().registers()[0] == 3000);
      client.start(kStart);
      client.received(Bytes(answer).first(cut), kStart);
      client.advance(client.deadline());
      CHECK(client.error().code == (cut == 0 ? ErrorCode::Timeout : ErrorCode::Truncated));
    }
  }
}

TEST_CASE("the key hides nine of sixteen bits of the checksum, and that much damage passes") {
  Battery battery;
  battery.ask(key_bytes());
  for (std::size_t i = 0; i < 38; ++i) {
    battery.bank.holding[1 + i] = static_cast<std::uint16_t>(300 * i);
  }
  const Request request = *Request::read_holding_registers(1, 38);
  const Buffer answer = battery.ask(modbus::test::framed(Framing::WecoService, 1, request.pdu()));
  // The data changes, the tail stays: believed when the checksum differs in hidden bits only.
  std::size_t believed = 0;
  std::size_t tried = 0;
  for (std::size_t byte = 3; byte < answer.size() - 2; ++byte) {
    for (unsigned value = 0; value < 256; ++value) {
      if (value == answer[byte]) continue;
      Buffer damaged = answer;
      damaged[byte] = static_cast<std::uint8_t>(value);
      ++tried;
      believed += modbus::decode_frame(Framing::WecoService, damaged).has_value() ? 1 : 0;
    }
  }
  INFO(believed << " of " << tried);
  CHECK(believed * 100 < tried * 2);  // 1 in 128 by the number of bits
  CHECK(believed > 0);                // a weakness of the protocol that the notes tell
  for (std::size_t bit = 0; bit < 16; ++bit) {
    Buffer damaged = answer;
    const std::size_t at = answer.size() - 2 + bit / 8;
    damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1U << bit % 8));
    CHECK_FALSE(modbus::decode_frame(Framing::WecoService, damaged));
  }
}

TEST_CASE("the key is told first, in any pieces, and the battery is silent until it has it") {
  const Buffer read = from_hex("0103000100261c2a");
  for (std::size_t cut = 0; cut <= kKeyMessageSize; ++cut) {
    Battery battery;
    CHECK(battery.ask(read).empty());
    const Buffer key = key_bytes();
    Buffer reply = battery.ask(Bytes(key).first(cut));
    if (cut < key.size()) {
      CHECK(reply.empty());
      reply = battery.ask(Bytes(key).subspan(cut));
    }
    const auto expected = key_answer();
    CHECK(reply == Buffer(expected.begin(), expected.end()));
    CHECK(battery.ask(read).size() == 81);
    CHECK(battery.ask(key).size() == kKeyAnswerSize);  // told again
  }
}

TEST_CASE("the answer to the key is found among noise, and without it the line is given up") {
  const auto answer = key_answer();
  for (const char* garbage : {"", "00", "0103", "010303230000", "ffffffffffffffff"}) {
    KeyExchange exchange;
    exchange.start(kStart);
    CHECK(exchange.to_send().size() == kKeyMessageSize);
    exchange.received(from_hex(garbage), kStart);
    for (const std::uint8_t byte : answer) {
      CHECK(exchange.state() == State::Waiting);
      exchange.received(Bytes(&byte, 1), kStart);
    }
    CHECK(exchange.state() == State::Done);
  }
  KeyExchange exchange(115200);
  exchange.start(kStart);
  exchange.advance(exchange.deadline() - Duration::us(1));
  CHECK(exchange.state() == State::Waiting);
  exchange.advance(exchange.deadline());
  CHECK(exchange.error().code == ErrorCode::Timeout);
  for (std::size_t bit = 0; bit < 8 * answer.size(); ++bit) {
    auto damaged = answer;
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << bit % 8));
    exchange.start(kStart);
    exchange.received(damaged, kStart);
    exchange.advance(exchange.deadline());
    CHECK(exchange.error().code == ErrorCode::BadFrame);
  }
  CHECK(exchange.quiet_before() > Duration{});
}
