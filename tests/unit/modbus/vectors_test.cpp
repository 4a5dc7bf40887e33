// SPDX-License-Identifier: Apache-2.0
// Frames that vendors printed and that were made after the specification, each whole, cut at every
// length, split at every position, with every bit flipped and with garbage in front.
#include <bit>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/modbus/support.hpp"

using namespace weco;
using namespace weco::modbus;
using test::Buffer;
using test::from_hex;
using test::kStart;
using Json = nlohmann::json;
using State = Exchange::State;

namespace {

Json load(const std::string& name) {
  std::ifstream file(std::string(WECO_VECTORS "/") + name);
  REQUIRE(file.good());
  return Json::parse(file);
}

struct Exchanged {
  Buffer request;
  Buffer response;
  int exception = 0;
  Json source;
};

/// The request that a printed exception (without its request) refused.
Buffer refused_request(int function) {
  const std::vector<std::uint16_t> value{0};
  const auto pdu = function == 16 ? Request::write_multiple_registers(0, value)
                                  : Request::read_holding_registers(0, 1);
  return test::copy(pdu->pdu());
}

/// All exchanges of the two documents, as RTU frames.
std::vector<Exchanged> exchanges() {
  std::vector<Exchanged> all;
  for (const char* name :
       {"meter/01_eastron_sdm630_vendor_examples.json", "saj/01_protocol_examples.json"}) {
    const Json document = load(name);
    for (const Json& entry : document["cases"]) {
      if (!entry.contains("fn")) continue;
      Exchanged one{{}, {}, entry.value("exception", 0), entry};
      one.response = from_hex(entry.value("response_hex", entry.value("request_hex", "")));
      one.request = one.exception == 0
                        ? from_hex(entry["request_hex"].get<std::string>())
                        : test::framed(Framing::Rtu, one.response[0],
                                       refused_request(entry["fn"].get<int>() & 127));
      all.push_back(one);
    }
  }
  return all;
}

Request request_of(const Buffer& frame) {
  const auto parts = decode_frame(Framing::Rtu, frame);
  REQUIRE(parts);
  const auto request = Request::from_pdu(parts->pdu);
  REQUIRE(request);
  return *request;
}

void start(Client& client, const Exchanged& one) {
  client.configure({.unit = one.request[0], .echo = Echo::Absent});
  client.set_request(request_of(one.request));
  client.start(kStart);
}

void check_right(const Client& client, const Exchanged& one) {
  if (one.exception != 0) {
    CHECK(client.error() == Error{ErrorCode::DeviceException, one.exception});
    return;
  }
  REQUIRE(client.state() == State::Done);
  CHECK(test::copy(client.response().pdu()) ==
        Buffer(one.response.begin() + 1, one.response.end() - 2));
}

float as_float(RegisterView registers) {
  return std::bit_cast<float>((static_cast<std::uint32_t>(registers[0]) << 16) | registers[1]);
}

struct TcpExchange {
  Buffer request;
  Buffer response;
  Json source;
};
std::vector<TcpExchange> tcp_exchanges() {
  std::vector<TcpExchange> all;
  const Json document = load("modbus/01_file_records_and_identification.json");
  for (const Json& entry : document["cases"]) {
    all.push_back({from_hex(entry["request_hex"].get<std::string>()),
                   from_hex(entry["response_hex"].get<std::string>()), entry});
  }
  return all;
}

}  // namespace

TEST_CASE("every printed frame is understood and encoded again to the same bytes",
          "[CM-03][WS-09]") {
  const auto all = exchanges();
  REQUIRE(all.size() == 9);
  for (const Exchanged& one : all) {
    INFO(one.source.dump());
    Client client;
    start(client, one);
    CHECK(test::copy(client.to_send()) == one.request);
    client.received(one.response, kStart + Duration::ms(1));
    check_right(client, one);
    const auto frame = decode_frame(Framing::Rtu, one.response);
    REQUIRE(frame);
    CHECK(test::framed(Framing::Rtu, frame->unit, frame->pdu) == one.response);
  }
}

TEST_CASE("a meter's printed values come out as printed", "[CM-03][WS-09]") {
  int seen = 0;
  for (const Exchanged& one : exchanges()) {
    const bool read = one.exception == 0 && one.source["fn"] != 16;
    if (!read || !one.source.contains("value_f32")) continue;
    Client client;
    start(client, one);
    client.received(one.response, kStart);
    REQUIRE(client.state() == State::Done);
    // The document prints one decimal of what the frame carries exactly.
    CHECK(std::lround(as_float(client.response().registers()) * 1000.0F) ==
          std::lround(one.source["value_f32"].get<float>() * 1000.0F));
    ++seen;
  }
  CHECK(seen == 2);
}

TEST_CASE("an inverter document's printed values come out as printed", "[CM-03]") {
  Client client;
  const Exchanged one = exchanges()[4];
  REQUIRE(one.source["values"].size() == 2);
  start(client, one);
  client.received(one.response, kStart);
  REQUIRE(client.state() == State::Done);
  CHECK(client.response().registers()[0] == one.source["values"][0]);
  CHECK(client.response().registers()[1] == one.source["values"][1]);
}

TEST_CASE("a printed answer split anywhere is the same answer, cut anywhere it is an error") {
  for (const Exchanged& one : exchanges()) {
    for (std::size_t cut = 0; cut < one.response.size(); ++cut) {
      INFO(one.source.dump() << " cut at " << cut);
      Client client;
      start(client, one);
      client.received(Bytes(one.response).first(cut), kStart + Duration::ms(1));
      CHECK(client.state() == State::Waiting);
      client.received(Bytes(one.response).subspan(cut), kStart + Duration::ms(2));
      check_right(client, one);
      start(client, one);
      client.received(Bytes(one.response).first(cut), kStart + Duration::ms(1));
      client.advance(client.deadline());
      REQUIRE(client.state() == State::Failed);
      CHECK(client.error().code == (cut == 0 ? ErrorCode::Timeout : ErrorCode::Truncated));
    }
  }
}

TEST_CASE("a printed answer with any bit flipped is never believed") {
  for (const Exchanged& one : exchanges()) {
    for (std::size_t bit = 0; bit < 8 * one.response.size(); ++bit) {
      INFO(one.source.dump() << " bit " << bit);
      Buffer damaged = one.response;
      damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1U << (bit % 8)));
      Client client;
      start(client, one);
      client.received(damaged, kStart + Duration::ms(1));
      client.advance(client.deadline());
      REQUIRE(client.state() == State::Failed);
      CHECK(client.error().code != ErrorCode::DeviceException);
      CHECK(client.error().code != ErrorCode::Timeout);
      CHECK(decode_frame(Framing::Rtu, damaged).error().code == ErrorCode::BadChecksum);
    }
  }
}

TEST_CASE("a printed answer behind garbage is found") {
  for (const Exchanged& one : exchanges()) {
    for (const char* garbage : {"00", "ffff", "0a", "0103", "aa5500ff1004"}) {
      INFO(one.source.dump() << " behind " << garbage);
      Client client;
      start(client, one);
      client.received(test::joined({from_hex(garbage), one.response}), kStart + Duration::ms(1));
      client.advance(kStart + Duration::ms(70));
      check_right(client, one);
    }
  }
}

TEST_CASE("every register of the meter's list can be asked for and answered",
          "[CM-03][CM-10][WS-09]") {
  const Json list = load("meter/02_eastron_sdm630_input_registers.json");
  REQUIRE(list["registers"].size() > 50);
  test::Bank meter;
  float value = 0.5F;
  for (const Json& row : list["registers"]) {
    const auto raw = std::bit_cast<std::uint32_t>(value += 1.25F);
    const auto address = row["addr"].get<std::uint16_t>();
    CHECK(from_hex(row["hex"].get<std::string>()) ==
          Buffer{static_cast<std::uint8_t>(address >> 8), static_cast<std::uint8_t>(address)});
    meter.input[address] = static_cast<std::uint16_t>(raw >> 16);
    meter.input[address + 1U] = static_cast<std::uint16_t>(raw);
    Server server({}, meter);
    Client client;
    client.set_request(*Request::read_input_registers(address, row["len"].get<std::size_t>()));
    client.start(kStart);
    client.received(server.respond(client.to_send(), kStart), kStart);
    REQUIRE(client.state() == State::Done);
    CHECK(as_float(client.response().registers()) == value);
  }
}

TEST_CASE("file records and identification travel over TCP, and a late answer is not taken") {
  const auto all = tcp_exchanges();
  REQUIRE(all.size() == 3);
  for (const TcpExchange& one : all) {
    INFO(one.source.dump());
    const auto asked = decode_frame(Framing::Tcp, one.request);
    REQUIRE(asked);
    Client client({.framing = Framing::Tcp, .unit = 17});
    client.set_request(*Request::from_pdu(asked->pdu));
    for (std::size_t n = 0; n < asked->transaction; ++n) {
      client.cancel();
      client.start(kStart);
    }
    CHECK(test::copy(client.to_send()) == one.request);
    for (std::size_t i = 0; i < one.response.size(); ++i) {
      CHECK(client.state() == State::Waiting);
      client.received(Bytes(one.response).subspan(i, 1), kStart + Duration::ms(1));
    }
    REQUIRE(client.state() == State::Done);
    CHECK(client.response().function() == client.request().function());
    client.start(kStart);
    client.received(one.response, kStart + Duration::ms(1));
    CHECK(client.state() == State::Waiting);
    CHECK(client.observations().wrong_transaction == 1);
  }
}

TEST_CASE("file records and identification hold the values written down with them") {
  const auto all = tcp_exchanges();
  const auto answer = [&](std::size_t i) {
    const auto asked = Request::from_pdu(Bytes(all[i].request).subspan(7));
    const auto response = decode_response(*asked, Bytes(all[i].response).subspan(7));
    REQUIRE(response);
    return *response;
  };
  const Response files = answer(0);
  const Json& records = all[0].source["records"];
  REQUIRE(files.file_record_count() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    REQUIRE(files.file_record(i).size() == records[i].size());
    CHECK(files.file_record(i)[0] == records[i][0]);
    CHECK(files.file_record(i)[1] == records[i][1]);
  }
  CHECK(answer(1).pdu().size() == 15);
  const DeviceIdPage page = answer(2).device_id();
  const Json& objects = all[2].source["objects"];
  REQUIRE(page.size() == objects.size());
  for (std::size_t i = 0; i < page.size(); ++i) {
    CHECK(page[i].id == i);
    CHECK(std::string(page[i].value.begin(), page[i].value.end()) == objects[i].get<std::string>());
  }
  CHECK_FALSE(page.more_follows());
}

TEST_CASE("file records and identification cut at any length are an error") {
  for (const TcpExchange& one : tcp_exchanges()) {
    const auto asked = Request::from_pdu(Bytes(one.request).subspan(7));
    const Bytes pdu = Bytes(one.response).subspan(7);
    for (std::size_t cut = 0; cut < pdu.size(); ++cut) {
      INFO(one.source.dump() << " cut at " << cut);
      CHECK_FALSE(decode_response(*asked, pdu.first(cut)));
    }
  }
}
