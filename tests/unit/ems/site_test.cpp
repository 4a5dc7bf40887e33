// SPDX-License-Identifier: Apache-2.0
#include "core/ems/site.hpp"

#include <string>

#include "core/ems/troubleshooting.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::WattHours;

namespace {
Plant plant() {
  return {"owner@example.org",   "CM2100J2345E01234", "Hof Süd", "Am Bach 1, 12345 Dorf", "AB12",
          PlantType::Commercial, WattHours(215000)};
}
WiredSettings wired(Ipv4 address, int prefix, Ipv4 gateway, Ipv4 name_server = 0x08080808) {
  return {false, address, static_cast<std::uint8_t>(prefix), gateway, name_server};
}
}  // namespace

TEST_CASE("a plant is created only when every field is there and can be stored", "[CM-08]") {
  CHECK(check_plant(plant()) == PlantField::None);
  const struct {
    std::string_view Plant::*field;
    PlantField named;
    bool code;  // letters and digits only
  } texts[] = {{&Plant::owner, PlantField::Owner, false},
               {&Plant::cabinet_serial, PlantField::CabinetSerial, true},
               {&Plant::name, PlantField::Name, false},
               {&Plant::address, PlantField::Address, false},
               {&Plant::installer_code, PlantField::InstallerCode, true}};
  const std::string longest(40, 'a');
  const std::string too_long(41, 'a');
  for (const auto& t : texts) {
    const auto with = [&t](std::string_view text) {
      Plant p = plant();
      p.*t.field = text;
      return check_plant(p);
    };
    CHECK(with("") == t.named);
    CHECK(with(longest) == PlantField::None);
    CHECK(with(too_long) == t.named);
    for (const char* bad : {"a\nb", "a\x1b[2J", "a\x7f", "\x1f"}) CHECK(with(bad) == t.named);
    CHECK(with("a b") == (t.code ? t.named : PlantField::None));
    CHECK(with("aZ09") == PlantField::None);
    for (const char* edge : {"/", ":", "@", "[", "`", "{", "\xC3\xBC"}) {
      CHECK(with(edge) == (t.code ? t.named : PlantField::None));
    }
  }
}

TEST_CASE("a plant has a type and a capacity that twenty cabinets can have", "[CM-01][CM-08]") {
  Plant p = plant();
  p.type = PlantType::Unset;
  CHECK(check_plant(p) == PlantField::Type);
  p.type = static_cast<PlantType>(4);
  CHECK(check_plant(p) == PlantField::Type);
  for (const PlantType type :
       {PlantType::Residential, PlantType::Commercial, PlantType::Industrial}) {
    p.type = type;
    CHECK(check_plant(p) == PlantField::None);
  }
  const auto with = [&p](std::int64_t wh) {
    p.capacity = WattHours(wh);
    return check_plant(p);
  };
  CHECK(with(0) == PlantField::Capacity);
  CHECK(with(1) == PlantField::None);
  CHECK(with(4300000) == PlantField::None);
  CHECK(with(4300001) == PlantField::Capacity);
}

TEST_CASE("an access point's name follows the mobile standard", "[CM-09]") {
  const std::string longest(63, 'a');
  for (const std::string& good :
       {std::string("internet"), std::string("iot.1nce.net"), std::string("a"),
        std::string("web-vodafone.de"), longest, std::string("ran.x"), std::string("gprs")}) {
    INFO(good);
    CHECK(valid_apn(good));
  }
  for (const std::string& bad :
       {std::string(), longest + "a", std::string("a b"), std::string("a..b"), std::string(".a"),
        std::string("a."), std::string("-a"), std::string("a-"), std::string("a.-b"),
        std::string("a_b"), std::string("*"), std::string("rac1"), std::string("lac"),
        std::string("SGSN.x"), std::string("rnc00"), std::string("x.gprs"), std::string("x.GPRS"),
        std::string("a\n")}) {
    INFO(bad);
    CHECK_FALSE(valid_apn(bad));
  }
}

TEST_CASE("an automatic address needs no further setting", "[CM-09]") {
  CHECK(check_wired({}) == WiredField::None);
  CHECK(check_wired({true, 0, 99, 0, 0}) == WiredField::None);
}

TEST_CASE("a fixed address is a host of a network, and its gateway another one of the same",
          "[CM-09]") {
  const Ipv4 base = 0xC0A80100;  // 192.168.1.0
  const Ipv4 gateway = base | 1;
  CHECK(check_wired(wired(base | 20, 24, gateway)) == WiredField::None);
  CHECK(check_wired(wired(base | 20, 0, gateway)) == WiredField::Prefix);
  CHECK(check_wired(wired(base | 20, 1, gateway)) == WiredField::None);
  CHECK(check_wired(wired(base | 2, 30, gateway)) == WiredField::None);
  CHECK(check_wired(wired(base | 2, 31, gateway)) == WiredField::Prefix);
  for (const Ipv4 no_host : {Ipv4{0}, base, base | 255, Ipv4{0x7F000001}, Ipv4{0x00000001},
                             Ipv4{0xE0000001}, Ipv4{0xFFFFFFFE}}) {
    INFO(no_host);
    CHECK(check_wired(wired(no_host, 24, gateway)) == WiredField::Address);
  }
  CHECK(check_wired(wired(0x01000001, 8, 0x01000002)) == WiredField::None);
  CHECK(check_wired(wired(0xDF000001, 8, 0xDF000002)) == WiredField::None);
  for (const Ipv4 wrong :
       {Ipv4{0}, base, base | 255, base | 20, Ipv4{0xC0A80201}, Ipv4{0xC1A80101}}) {
    INFO(wrong);
    CHECK(check_wired(wired(base | 20, 24, wrong)) == WiredField::Gateway);
  }
}

TEST_CASE("the name server is a host, of any network", "[CM-09]") {
  const auto with = [](Ipv4 name_server) {
    return check_wired(wired(0x0A000002, 8, 0x0A000001, name_server));
  };
  CHECK(with(0x01010101) == WiredField::None);
  CHECK(with(0x0A000001) == WiredField::None);
  CHECK(with(0xDFFFFFFF) == WiredField::None);
  for (const Ipv4 wrong : {Ipv4{0}, Ipv4{0x00FFFFFF}, Ipv4{0x7F000001}, Ipv4{0xE0000000}}) {
    CHECK(with(wrong) == WiredField::NameServer);
  }
}

TEST_CASE("every complaint is asked through in the manual's order and ends with service",
          "[EP-18][EP-15][EP-20]") {
  const struct {
    Complaint complaint;
    std::initializer_list<Fact> facts;
  } paths[] = {
      {Complaint::NoBluetooth,
       {Fact::ControllerLights, Fact::AppMayUseBluetooth, Fact::BluetoothOn,
        Fact::AppMayUseLocation}},
      {Complaint::NoRemoteAccess,
       {Fact::ControllerLights, Fact::WifiConfigured, Fact::WifiPassword, Fact::WifiBand}},
      {Complaint::NoBackupOutput, {Fact::AcSwitchOn, Fact::PacksUsable}},
      {Complaint::DoesNotStart, {Fact::StartTimeOver}},
      {Complaint::NoSolarCharging, {Fact::PvSwitchOn, Fact::PvCablesSound, Fact::NoPvMessage}},
      {Complaint::NoGridCharging, {Fact::GridChargingOn, Fact::ScheduleSet}},
      {Complaint::WrongStateOfCharge, {Fact::TwoFullCycles}}};
  std::size_t rows = 1;  // the one of the breaker
  for (const auto& path : paths) {
    Answers answers;
    for (const Fact fact : path.facts) {
      const Advice ask = next_advice(path.complaint, answers);
      CHECK(ask.kind == AdviceKind::Ask);
      REQUIRE(ask.row != nullptr);
      CHECK(ask.row->fact == fact);
      CHECK(ask.row->question.back() == '?');
      answers.set(fact, false);
      const Advice act = next_advice(path.complaint, answers);
      CHECK(act.kind == AdviceKind::Do);
      CHECK(act.row == ask.row);
      CHECK(act.row->remedy.back() == '.');
      answers.set(fact, true);
      ++rows;
    }
    const Advice end = next_advice(path.complaint, answers);
    CHECK(end.kind == AdviceKind::CallService);
    CHECK(end.row == nullptr);
  }
  CHECK(rows == kTroubles.size());
}

TEST_CASE("a breaker that keeps tripping is left open, whatever is answered", "[EP-18][EP-20]") {
  Answers everything_well;
  for (std::size_t i = 0; i < kFacts; ++i) everything_well.set(static_cast<Fact>(i), true);
  for (const Answers& answers : {Answers{}, everything_well}) {
    const Advice advice = next_advice(Complaint::BreakerTrips, answers);
    CHECK(advice.kind == AdviceKind::CallService);
    REQUIRE(advice.row != nullptr);
    CHECK(advice.row->remedy == "Leave the breaker open; never reset it.");
  }
  CHECK(everything_well.known == 0xFFFF);
  CHECK(next_advice(Complaint::NoBluetooth, everything_well).kind == AdviceKind::CallService);
}
