// SPDX-License-Identifier: Apache-2.0
// Client, server and sniffer on one line, with everything that a real line does to them.
#include "core/protocol/pylontech/client.hpp"
#include "core/protocol/pylontech/server.hpp"
#include "core/protocol/pylontech/sniffer.hpp"
#include "tests/unit/pylontech/recordings.hpp"

using namespace weco;
using namespace weco::pylontech;
using test::bytes;
using test::Collector;
using test::module;

namespace {

Instant ms(std::int64_t n) { return Instant::from_us(n * 1000); }
std::string str(Bytes data) { return {data.begin(), data.end()}; }

constexpr std::string_view kRequest = "~20024642E00202FD33\r";
constexpr std::string_view kAnswer =
    "~20024600C06E10020F0C9A0C980C990C980C9A0C9A0C990C9B0C9C0C9A0C9B0C9B0C9B0C9B0C99050B740B550B570"
    "B530B630000BD06190F02C3500084E545\r";
constexpr std::string_view kSerial = "~20024600C0220248505443523033313731313132353930F6D2\r";

/// A bank of `modules`, the second with more than 65 Ah.
Collector bank(std::uint8_t modules) {
  Collector v;
  for (std::uint8_t m = 1; m <= modules; ++m) {
    const NodePath at = module(m);
    for (std::uint8_t i = 1; i <= 15; ++i) {
      v.number_in("cell_voltage", "3.3" + std::to_string(10 + i + m), i, at);
    }
    v.number_in("board_temperature", "28.5", 0, at);
    for (std::uint8_t i = 1; i <= 4; ++i) v.number_in("cell_temperature", "-3.5", i, at);
    v.number_in("pack_current", "-12.3", 0, at);
    v.number_in("remaining_capacity", m == 2 ? "94.905" : "42.5", 0, at);
    v.number_in("full_capacity", m == 2 ? "100.000" : "50", 0, at);
    v.number_in("cycle_count", "178", 0, at);
    v.flags_in("protections", 1ULL << symbol("protections", "charge_overcurrent"), at);
    v.flags_in("contactors", 1ULL << symbol("contactors", "discharge"), at);
    v.text_in("serial_number", "WECO00000000000" + std::to_string(m), at);
    v.text_in("model", "US5000", at);
    v.text_in("vendor", "Pylon", at);
    v.text_in("firmware_version", "1.7.3", at);
    v.number_in("charge_voltage_limit", "53.25", 0, at);
    v.number_in("discharge_voltage_limit", "47", 0, at);
    v.number_in("charge_current_limit", "25", 0, at);
    v.number_in("discharge_current_limit", "40.5", 0, at);
    v.flags_in("permissions", 0b10011, at);
    v.number_in("cell_overvoltage_limit", "3.65", 0, at);
    v.number_in("charge_temperature_min", "-11", 0, at);
    v.number_in("discharge_current_max", "100", 0, at);
  }
  return v;
}

/// Asks, carries the bytes both ways, decodes.
Result<Report> ask(Client& client, Server& server, Command command, std::uint8_t address,
                   std::uint8_t info, Collector& out) {
  client.ask(command, address, info);
  client.start(ms(0));
  client.received(server.respond(client.to_send(), ms(1)), ms(2));
  if (client.state() != Exchange::State::Done) {
    client.advance(client.deadline());
    return Unexpected{client.error()};
  }
  return decode(client.question(), client.answer(), ms(2), out);
}

}  // namespace

TEST_CASE("the length field of the document and of real frames is made alike") {
  CHECK(length_field(0) == 0x0000);
  CHECK(length_field(2) == 0xE002);
  CHECK(length_field(4) == 0xC004);
  CHECK(length_field(0x12) == 0xD012);
  CHECK(length_field(0x6E) == 0xC06E);
  CHECK(length_field(0xFFF) == 0x3FFF);
}

TEST_CASE("requests go out byte for byte as recorded") {
  Client client;
  client.ask(Command::Analog, 2);
  client.start(ms(0));
  CHECK(str(client.to_send()) == kRequest);
  client.ask(Command::Analog, 2, kAllModules);
  client.start(ms(0));
  CHECK(str(client.to_send()) == "~20024642E002FFFD09\r");
  client.ask(Command::Maker, 2);
  client.start(ms(0));
  CHECK(str(client.to_send()) == "~200246510000FDAC\r");
}

TEST_CASE("no command that changes the battery can be asked", "[TK-10]") {
  CHECK(find_command(0x94) == nullptr);
  CHECK(find_command(0x95) == nullptr);
  for (const CommandInfo& row : kCommands) {
    CHECK(static_cast<int>(row.command) != 0x94);
    CHECK(static_cast<int>(row.command) != 0x95);
  }
}

TEST_CASE("addresses follow group and module") {
  CHECK(*module_address(0, 1) == 0x02);
  CHECK(*module_address(0, 14) == 0x0F);
  CHECK(*module_address(1, 1) == 0x12);
  CHECK(*module_address(14, 2) == 0xE3);
  CHECK_FALSE(module_address(0, 0));
  CHECK_FALSE(module_address(0, 15));
  CHECK_FALSE(module_address(15, 1));
  CHECK(module_of(0x12) == 1);
  CHECK(module_of(0x01) == 1);
  CHECK(module_of(0x03) == 2);
}

TEST_CASE("an answer is taken wherever its bytes are cut", "[TK-02]") {
  for (std::size_t cut = 0; cut <= kAnswer.size(); ++cut) {
    Client client;
    client.ask(Command::Analog, 2);
    client.start(ms(0));
    client.received(bytes(kAnswer).first(cut), ms(10));
    client.advance(ms(20));
    client.received(bytes(kAnswer).subspan(cut), ms(30));
    CHECK(client.state() == Exchange::State::Done);
    CHECK(client.deadline() == Instant::never());
  }
}

TEST_CASE("garbage, echo and other talk before the answer do not hide it", "[TK-02]") {
  Client client;
  client.ask(Command::Analog, 2);
  client.start(ms(0));
  client.received(bytes("\xFFnoise~20024"), ms(1));        // cut by what follows
  client.received(bytes(kRequest), ms(2));                 // our own words
  client.received(bytes("~20034642E00203FD31\r"), ms(3));  // another master
  client.received(bytes("~20034600A04210030F0000000000000000000000000000000500000000000000"
                        "00000E00000000F106\r"),
                  ms(4));                  // somebody else's answer
  client.received(bytes(kSerial), ms(5));  // a late answer of ours
  client.received(bytes("~200246ZZ\r"), ms(6));
  CHECK(client.state() == Exchange::State::Waiting);
  client.received(bytes(kAnswer), ms(7));
  REQUIRE(client.state() == Exchange::State::Done);
  const Observations seen = client.observations();
  CHECK(seen.answers == 1);
  CHECK(seen.echoes == 1);
  CHECK(seen.foreign_requests == 1);
  CHECK(seen.other_addresses == 1);
  CHECK(seen.misfits == 1);
  CHECK(seen.bad_frames == 1);
  CHECK(seen.cut_frames == 1);
  CHECK(seen.noise_bytes == 6);
}

TEST_CASE("a client without an answer says the most telling thing it saw", "[TK-10]") {
  const auto outcome = [](std::string_view heard) {
    Client client;
    client.ask(Command::Analog, 2);
    client.start(ms(0));
    client.received(bytes(heard), ms(1));
    client.advance(client.deadline() - Duration::us(1));
    CHECK(client.state() == Exchange::State::Waiting);
    client.advance(client.deadline());
    CHECK(client.state() == Exchange::State::Failed);
    return client.error().code;
  };
  CHECK(outcome("") == ErrorCode::Timeout);
  CHECK(outcome(kRequest) == ErrorCode::Timeout);
  CHECK(outcome(kSerial) == ErrorCode::UnexpectedReply);
  std::string wrong(kAnswer);
  wrong[20] = wrong[20] == '0' ? '1' : '0';
  CHECK(outcome(wrong) == ErrorCode::BadChecksum);
  CHECK(outcome("~20\r") == ErrorCode::BadFrame);
}

TEST_CASE("waiting goes on while an answer comes in, but not for ever") {
  Client client;
  client.ask(Command::Analog, 2);
  client.start(ms(0));
  CHECK(client.deadline() == ms(500));
  client.received(bytes("~"), ms(490));
  CHECK(client.deadline() == ms(640));
  for (int i = 0; i < 100; ++i) client.received(bytes("0"), ms(600 + 100 * i));
  CHECK(client.deadline() == ms(3000));
  client.advance(ms(3000));
  CHECK(client.state() == Exchange::State::Failed);
}

TEST_CASE("at 9600 baud the request's own time is waited for") {
  Client::Config config;
  config.baud = 9600;
  Client client(config);
  client.ask(Command::Analog, 2);
  client.start(ms(0));
  CHECK(client.deadline() == Instant::from_us(500000 + 20 * 10 * 1000000 / 9600));
}

TEST_CASE("a refusal carries the battery's own code") {
  for (const int code : {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x90, 0x91}) {
    Frame refusal;
    refusal.cid2 = static_cast<std::uint8_t>(code);
    std::array<std::uint8_t, 32> room{};
    Client client;
    client.ask(Command::Analog, 2);
    client.start(ms(0));
    client.received(*encode(refusal, room), ms(1));
    CHECK(client.state() == Exchange::State::Failed);
    CHECK(client.error() == Error{ErrorCode::DeviceException, code});
    Collector out;
    CHECK(decode({Command::Analog, 2, {}}, refusal, {}, out).error() ==
          Error{ErrorCode::DeviceException, code});
  }
}

TEST_CASE("client and server understand each other for every command", "[TK-09]") {
  const Collector values = bank(2);
  Server::Config config;
  config.modules = 2;
  Server server(config, values);
  Client client;
  Collector out;
  const auto group = ask(client, server, Command::Analog, 2, kAllModules, out);
  REQUIRE(group);
  CHECK(group->modules == 2);
  CHECK(group->cell_sums.empty());
  for (const Command command :
       {Command::Analog, Command::Alarms, Command::Limits, Command::Maker, Command::Management,
        Command::SerialNumber, Command::Firmware, Command::Version}) {
    for (std::uint8_t m = 1; m <= 2; ++m) {
      INFO(static_cast<int>(command) << " " << int(m));
      REQUIRE(ask(client, server, command, static_cast<std::uint8_t>(m + 1), 0, out));
    }
  }
  for (const Reading& r : values.readings) {
    const Reading* const back = out.get(r.ref);
    INFO(info(r.ref.id).name);
    REQUIRE(back != nullptr);
    if (r.kind == ValueKind::Number) {
      CHECK(compare(back->number, r.number) == 0);
    } else if (r.kind == ValueKind::Text) {
      CHECK(back->text() == r.text());
    } else {
      CHECK(back->bits == r.bits);
    }
  }
  CHECK(out.text("protocol_version", module(2)) == "2.0");
  CHECK(client.observations().answers == 17);
}

TEST_CASE("a group with a sixth status byte is split into its modules") {
  const Collector values = bank(3);
  for (const bool sixth : {false, true}) {
    Server::Config config;
    config.modules = 3;
    config.sixth_status = sixth;
    Server server(config, values);
    Client client;
    Collector out;
    const auto report = ask(client, server, Command::Alarms, 2, kAllModules, out);
    REQUIRE(report);
    CHECK(report->modules == 3);
    for (std::uint8_t m = 1; m <= 3; ++m) {
      CHECK(out.bits("protections", 0, module(m)) ==
            1ULL << symbol("protections", "charge_overcurrent"));
    }
  }
}

TEST_CASE("a server in group 1 answers there and nowhere else") {
  const Collector values = bank(1);
  Server::Config config;
  config.group = 1;
  Server server(config, values);
  Client client;
  Collector out;
  CHECK(ask(client, server, Command::Analog, 0x02, 0, out).error().code == ErrorCode::Timeout);
  CHECK(ask(client, server, Command::Analog, 0x12, 0, out));
  CHECK(ask(client, server, Command::Analog, 0x13, 0, out).error().code == ErrorCode::Timeout);
  CHECK(ask(client, server, Command::Analog, 0x12, 0x13, out).error() ==
        Error{ErrorCode::DeviceException, 0x90});
}

TEST_CASE("a server refuses what it does not have and ignores what is broken", "[TK-10]") {
  const Collector values = bank(1);
  Server server({}, values);
  Frame request;
  std::array<std::uint8_t, 64> room{};
  const auto code = [&](int cid2) {
    request.cid2 = static_cast<std::uint8_t>(cid2);
    Frame answer;
    const std::string text = str(server.respond(*encode(request, room), {}));
    REQUIRE(text.size() > 2);
    REQUIRE(parse(std::string_view(text).substr(1, text.size() - 2), answer));
    CHECK(answer.info.empty());
    return static_cast<int>(answer.cid2);
  };
  CHECK(code(0x94) == 0x04);
  CHECK(code(0x95) == 0x04);
  CHECK(code(0x61) == 0x04);
  CHECK(code(0x42) == 0x05);  // names no module
  std::string wrong(kRequest);
  wrong[13] = '3';
  CHECK(server.respond(bytes(wrong), {}).empty());
  CHECK(server.respond(bytes(kAnswer), {}).empty());
  CHECK(server.respond(bytes(kRequest.substr(0, 8)), {}).empty());
  CHECK_FALSE(server.respond(bytes(kRequest), {}).empty());
}

TEST_CASE("the newer commands are served on request and marked as assumed") {
  Collector values;
  values.number_in("pack_voltage", "53.2");
  values.number_in("pack_current", "-12.34");
  values.number_in("soc", "63");
  values.number_in("soh", "99");
  values.number_in("cycle_count", "12");
  values.number_in("cell_voltage_max", "3.331");
  values.number_in("cell_voltage_min", "3.312");
  values.text_in("cell_voltage_max_position", "2.7");
  values.number_in("pack_temperature", "24.5");
  values.number_in("cell_temperature_max", "26.1");
  values.number_in("cell_temperature_min", "23.0");
  values.number_in("board_temperature", "30.0");
  values.number_in("charge_voltage_limit", "56");
  values.number_in("discharge_current_limit", "120");
  Server::Config config;
  config.newer_commands = true;
  Server server(config, values);
  Client client;
  Collector out;
  for (const Command command :
       {Command::SystemAnalog, Command::SystemAlarms, Command::SystemManagement}) {
    REQUIRE(ask(client, server, command, 2, 0, out));
  }
  for (const Reading& r : values.readings) {
    INFO(info(r.ref.id).name);
    const Reading* const back = out.get(r.ref);
    REQUIRE(back != nullptr);
    CHECK(back->quality == Quality::Assumed);
    if (r.kind == ValueKind::Number) CHECK(compare(back->number, r.number) == 0);
  }
  CHECK(out.text("cell_voltage_max_position") == "2.7");
}

TEST_CASE("cells that do not add up to the module's voltage are a finding, not a silence") {
  Collector values = bank(2);
  values.number_in("pack_voltage", "50.0", 0, module(2));
  Server::Config config;
  config.modules = 2;
  Server server(config, values);
  Client client;
  Collector out;
  const auto report = ask(client, server, Command::Analog, 2, kAllModules, out);
  REQUIRE(report);
  REQUIRE(report->cell_sums.size() == 1);
  CHECK(report->cell_sums[0].module == 2);
  CHECK(report->cell_sums[0].module_mV == 50000);
  CHECK(report->cell_sums[0].cells_mV == 49800);
  CHECK(out.number("pack_voltage", 0, module(2)) == "50.000");
}

TEST_CASE("state bytes of cells become warnings and stay as words") {
  Frame answer;
  const std::uint8_t body[] = {0x01, 0x02, 3, 0, 1, 2, 1, 0xF0, 0, 1, 2, 0x02, 0, 0x20, 0x04, 0};
  for (const std::uint8_t b : body) REQUIRE(answer.info.push_back(b));
  Collector out;
  const auto report = decode({Command::Alarms, 2, {}}, answer, {}, out);
  REQUIRE(report);
  CHECK(report->unread_alarm_change);
  const NodePath m = module(1);
  const auto bit = [](std::string_view name) {
    std::uint64_t n = 0;
    for (const std::string_view symbol : symbols::battery_events) {
      if (symbol == name) return 1ULL << n;
      ++n;
    }
    return 0ULL;
  };
  CHECK(out.bits("warnings", 0, m) ==
        (bit("cell_undervoltage") | bit("cell_overvoltage") | bit("general") |
         bit("pack_undervoltage") | bit("discharge_overcurrent")));
  CHECK(out.bits("protections", 0, m) == bit("cell_undervoltage"));
  CHECK(out.bits("warning_word", 1, m) == 0x020100);
  CHECK(out.bits("heater", 0, m) == 1);
  CHECK(out.bits("cell_faults", 1, m) == 0x0004);
}

TEST_CASE("a sniffer hears refusals, writes and unknown commands and invents nothing") {
  Sniffer sniffer;
  Collector out;
  Frame f;
  std::array<std::uint8_t, 64> room{};
  const auto hear = [&](int code, std::initializer_list<int> info_bytes) {
    f.cid2 = static_cast<std::uint8_t>(code);
    f.info.clear();
    for (const int b : info_bytes) REQUIRE(f.info.push_back(static_cast<std::uint8_t>(b)));
    sniffer.feed(*encode(f, room), {}, out);
  };
  hear(0x95, {0x02});
  hear(0x04, {});
  hear(0x45, {});               // a command that we do not know
  hear(0x00, {1, 2, 3, 4});     // looks like 62, must not be taken for it
  hear(0x00, {1, 2, 3, 4, 5});  // nothing asked, fits nothing
  sniffer.feed(bytes("~2002\r"), {}, out);
  CHECK(out.readings.empty());
  const SnifferCounters c = sniffer.counters();
  CHECK(c.requests == 2);
  CHECK(c.writes_seen == 1);
  CHECK(c.refusals == 1);
  CHECK(c.not_understood == 2);
  CHECK(c.bad_frames == 1);
  sniffer.feed(bytes(kSerial), {}, out);
  CHECK(sniffer.counters().guessed == 1);
  CHECK(out.text("serial_number", module(1)) == "HPTCR03171112590");
}

TEST_CASE("a sniffer that hears a flipped bit never reports a value of that frame", "[TK-10]") {
  for (std::size_t bit = 0; bit < 8 * kAnswer.size(); ++bit) {
    std::string text(kAnswer);
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
    Sniffer sniffer;
    Collector out;
    sniffer.feed(bytes(kRequest), {}, out);
    sniffer.feed(bytes(text), {}, out);
    CHECK(out.readings.empty());
    sniffer.feed(bytes(kRequest), {}, out);
    sniffer.feed(bytes(kAnswer), {}, out);
    CHECK(out.number("pack_voltage", 0, module(1)) == "48.390");
  }
}

TEST_CASE("a frame longer than the protocol allows is dropped, the next one is read", "[TK-10]") {
  Sniffer sniffer;
  Collector out;
  std::string text = "~";
  text.append(kCharsMax + 5, '0');
  text += "\r";
  text.append(kAnswer);
  sniffer.feed(bytes(text), {}, out);
  CHECK(sniffer.counters().cut_frames == 1);
  CHECK(out.number("pack_voltage", 0, module(1)) == "48.390");
}
