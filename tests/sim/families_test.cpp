// SPDX-License-Identifier: Apache-2.0
// Every family that answers questions, read whole from its virtual device in virtual time: down to
// the cell, with faults as names beside raw words, lights with their meaning, and the reason where
// a device cannot be read.
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "host/device/live_device.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "sim/device/served.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

struct Site {
  sim::Timeline time;
  Catalog catalog = std::move(*Catalog::embedded());
  LoopbackLine wire{time, {}};
  std::unique_ptr<ByteLink> other;  // a second device's side of the wire
  std::unique_ptr<sim::VirtualDevice> device;
  std::unique_ptr<LiveDevice> live;

  explicit Site(std::string_view family, bool served = true) {
    const Profile& profile = **catalog.load(family);
    const bool modbus = profile.protocol.kind == ProtocolKind::Modbus;
    const Carrier carrier = modbus ? Carrier::Rtu : Carrier::Serial;
    if (served) {
      device = std::move(*sim::VirtualDevice::make(time, profile, {}));
      device->serve(wire.join(), carrier);
    } else {
      other = wire.join();
    }
    LiveDevice::Setup setup;
    setup.link = wire.join();
    setup.profile = &profile;
    setup.codes = *catalog.faults(family);
    setup.lights = *catalog.lights(family);
    setup.carrier = carrier;
    setup.unit = profile.protocol.unit;
    live = std::move(*LiveDevice::make(time, std::move(setup)));
  }

  DeviceReport read() {
    auto report = live->read(Duration::s(60));
    if (!report) FAIL(report.error().what << ", " << report.error().where);
    return std::move(*report);
  }

  /// What is reported when this bit of a word is set.
  DeviceReport with_bit(PointRef word, unsigned bit) {
    device->freeze();
    device->values().put(bits_reading(word, ValueKind::Raw, std::uint64_t{1} << bit, time.now()));
    DeviceReport report = read();
    device->values().put(bits_reading(word, ValueKind::Raw, 0, time.now()));
    return report;
  }
};

NodePath part(NodeKind kind, std::uint8_t number) { return NodePath{}.child(kind, number); }

std::size_t cells_of(const Snapshot& snapshot) {
  std::size_t cells = 0;
  for (const auto& [ref, reading] : snapshot.readings()) {
    if (ref.id == point("cell_voltage") && reading.quality != Quality::NotImplemented) {
      ++cells;
    }
  }
  return cells;
}

const LightNote* light(const DeviceReport& report, std::string_view name) {
  for (const LightNote& note : report.lights) {
    if (note.part == name) return &note;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("what a virtual device shows is what is read from it, value for value, in every family",
          "[TK-09]") {
  const auto catalog = Catalog::embedded();
  std::size_t families = 0;
  for (const FamilyEntry& entry : catalog->families()) {
    if ((*catalog->load(entry.family))->protocol.kind != ProtocolKind::Modbus) continue;
    INFO(entry.family);
    ++families;
    Site site(entry.family);
    site.device->freeze();
    const DeviceReport report = site.read();
    CHECK(report.family == entry.family);
    CHECK(report.assessment.level == Level::Ok);
    CHECK(report.findings.empty());
    std::size_t same = 0;
    for (const auto& [ref, reading] : report.snapshot.readings()) {
      const Reading* shown = site.device->values().get(ref);
      if (shown == nullptr) continue;  // the map has room for more than the device has
      INFO(to_text(ref));
      CHECK((reading.quality == Quality::Good || reading.quality == Quality::Assumed));
      CHECK(reading.bits == shown->bits);
      CHECK(reading.text() == shown->text());
      if (reading.kind == ValueKind::Number) {
        // The wire may be coarser than the device knows it, by at most half a step.
        const double off = to_double(reading.number) - to_double(shown->number);
        const bool wire_is_float = reading.number.exponent < -6;
        CHECK((std::abs(off) < 0.51 || wire_is_float));
        if (reading.number.exponent <= shown->number.exponent) CHECK(std::abs(off) < 1e-4);
      }
      ++same;
    }
    CHECK(same * 100 >= site.device->values().readings().size() * 95);
  }
  CHECK(families >= 9);
}

TEST_CASE("twenty cabinets are read through their EMS down to every cell",
          "[CM-01][CM-02][CM-14][CM-15]") {
  Site site("saj_cm2_ems");
  const DeviceReport report = site.read();
  CHECK(cells_of(report.snapshot) == 20 * 240);
  const NodePath last = part(NodeKind::Cabinet, 20);
  const Snapshot& s = report.snapshot;
  CHECK(s.number({point("cell_voltage"), 240, last}));
  CHECK(s.number({point("cell_temperature"), 30, last}));
  CHECK(s.bits({point("fire_protection"), 0, last}) == symbol("fire_protection", "normal"));
  CHECK(s.bits({point("liquid_cooling"), 0, last}) == symbol("liquid_cooling", "normal"));
  CHECK(s.number({point("coolant_flow"), 0, last}));
  CHECK(s.bits({point("inverter_state"), 0, last}) == symbol("inverter_state", "running"));
  CHECK(s.number({point("tou_slot_end"), 2, {}}) == Decimal{1020, 0});
  CHECK(s.number({point("tou_template"), 7, {}}) == Decimal{1, 0});
  CHECK(s.text({point("plant_name"), 0, {}}) == "Simulated plant");
  CHECK(s.number({point("energy_pv_week"), 0, {}}));
  CHECK(s.number({point("grid_power_total"), 0, part(NodeKind::Meter, 2)}));
}

TEST_CASE("fewer cabinets are fewer questions: only those that exist are asked for", "[CM-01]") {
  Site site("saj_cm2_ems");
  site.device->freeze();
  site.device->values().put(number_reading({point("cabinet_count"), 0, {}}, {3, 0}, {}));
  const DeviceReport report = site.read();
  CHECK(cells_of(report.snapshot) == 3 * 240);
  CHECK_FALSE(report.snapshot.number({point("soc"), 0, part(NodeKind::Cabinet, 4)}));
}

TEST_CASE("the lights of the EMS are told with their meaning", "[CM-04]") {
  Site site("saj_cm2_ems");
  const DeviceReport healthy = site.read();
  REQUIRE(light(healthy, "Power LED") != nullptr);
  CHECK(light(healthy, "Power LED")->means == "online and working");
  REQUIRE(light(healthy, "ERR") != nullptr);
  CHECK(light(healthy, "ERR")->means == "no error");
  site.device->freeze();
  const PointRef power{point("power_led"), 0, {}};
  const std::array<std::pair<std::string_view, std::string_view>, 3> kShown = {
      {{"slow_blinking", "initialising, getting online or updating (a flash of 1.5 s)"},
       {"fast_blinking", "failed to start (a flash of 0.5 s)"},
       {"off", "no supply"}}};
  for (const auto& [shows, means] : kShown) {
    const auto symbols = info(point("power_led")).symbols;
    const auto value = std::find(symbols.begin(), symbols.end(), shows) - symbols.begin();
    site.device->values().put(
        bits_reading(power, ValueKind::Choice, static_cast<std::uint64_t>(value), {}));
    CHECK(light(site.read(), "Power LED")->means == means);
  }
}

TEST_CASE("buzzer, panel and packs of an EP760 say what they mean", "[EP-07]") {
  Site site("ep760_open");
  CHECK(light(site.read(), "RUN") != nullptr);
  CHECK(light(site.read(), "Buzzer") == nullptr);
  site.device->freeze();
  site.device->values().put(bits_reading({point("buzzer"), 0, {}}, ValueKind::Choice,
                                         symbol("buzzer", "on"), site.time.now()));
  site.device->values().put(bits_reading({point("panel_lights"), 0, {}}, ValueKind::Flags,
                                         1U << symbol("panel_lights", "fault"), site.time.now()));
  site.device->values().put(bits_reading({point("led_pattern"), 0, part(NodeKind::Module, 2)},
                                         ValueKind::Choice, symbol("led_pattern", "slow_blinking"),
                                         site.time.now()));
  const DeviceReport report = site.read();
  CHECK(light(report, "RUN") == nullptr);
  REQUIRE(light(report, "FAULT") != nullptr);
  REQUIRE(light(report, "Buzzer") != nullptr);
  CHECK(light(report, "Buzzer")->means.find("five beeps") != std::string::npos);
  bool second = false;
  for (const LightNote& note : report.lights) {
    if (note.node != part(NodeKind::Module, 2)) continue;
    second = note.means == "shutting down (0.5 Hz); do not move the breaker";
  }
  CHECK(second);
}

TEST_CASE("each fault bit of each family is told by its code, its name and its raw word",
          "[WS-46][EP-08][CM-15]") {
  for (const std::string_view family : {"saj_h2", "bluetti_ep760", "ep760_open", "weco_smart"}) {
    Site site(family);
    std::size_t told = 0;
    const auto faults = site.catalog.faults(family);
    REQUIRE(faults);
    for (const FaultInfo& fault : *faults) {
      if (fault.word == 0) continue;
      INFO(family << " " << fault.code << " " << fault.name);
      const DeviceReport report = site.with_bit({fault.carrier, fault.word, {}}, fault.bit);
      REQUIRE(report.assessment.faults.size() == 1);
      const ActiveFault& active = report.assessment.faults.front();
      CHECK(active.code == fault.code);
      CHECK(active.name == fault.name);
      // Where the number of a bit is inferred, the list says so beside each fault.
      const bool published = family == "ep760_open" || family == "weco_smart";
      CHECK((active.note.find("inferred") == std::string::npos) == published);
      CHECK(report.snapshot.bits({fault.carrier, fault.word, {}}) == std::uint64_t{1} << fault.bit);
      ++told;
    }
    CHECK(told > 40);
    // A bit that nobody has named is an alarm all the same.
    const DeviceReport odd =
        site.with_bit({point("fault_word"), 1, {}}, family == std::string_view("saj_h2") ? 30 : 8);
    CHECK_FALSE(odd.assessment.faults.empty());
  }
}

TEST_CASE("an encrypted link is named when the device asks for it, before or after the question",
          "[EP-09]") {
  std::ifstream file(WECO_VECTORS "/bluetti/05_handshake_challenge_real.json");
  REQUIRE(file.good());
  const nlohmann::json document = nlohmann::json::parse(file);
  for (const nlohmann::json& one : document["cases"]) {
    const std::string hex = one["challenge_hex"];
    std::vector<std::uint8_t> challenge;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
      challenge.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    for (const Duration when : {Duration::ms(0), Duration::ms(50)}) {
      Site site("bluetti_ep760", false);
      std::size_t heard = 0;
      site.other->on_readable([&] {
        std::array<std::uint8_t, 256> room{};
        while (const auto got = site.other->read(room)) {
          if (*got == 0) break;
          heard += *got;
        }
      });
      site.time.at(site.time.now() + when, [&] { REQUIRE(site.other->write(challenge)); });
      site.time.run([] { return false; }, site.time.now() + Duration::ms(10));
      const auto report = site.live->read(Duration::s(60));
      REQUIRE_FALSE(report);
      CHECK(report.error().code() == ErrorCode::EncryptedLink);
      CHECK(heard <= 8);  // nothing was answered to the challenge; one question at most was asked
    }
  }
}

TEST_CASE("a WeCo battery on its service line is told the key once a look, and then only read",
          "[TK-09]") {
  Site site("weco_service");
  const DeviceReport report = site.read();
  CHECK(report.snapshot.number({point("cell_voltage"), 16, part(NodeKind::Module, 1)}));
  CHECK(report.snapshot.number({point("pack_voltage"), 0, part(NodeKind::Module, 3)}));
  CHECK_FALSE(report.snapshot.number({point("pack_voltage"), 0, part(NodeKind::Module, 4)}));
  CHECK(compare(*report.snapshot.number({point("pack_current"), 0, {}}), {0, 0}) > 0);
  CHECK(site.live->read(Duration::s(60)));
}

TEST_CASE("no family but our own open maps lets any value be written", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  for (const FamilyEntry& entry : catalog->families()) {
    const Profile& profile = **catalog->load(entry.family);
    if (profile.protocol.kind != ProtocolKind::Modbus || entry.status == "open") continue;
    const ModbusMap map(profile);
    for (const PointRef& ref : map.points()) {
      INFO(entry.family << " " << to_text(ref));
      CHECK_FALSE(map.writable(ref));
    }
  }
}

TEST_CASE(
    "a device that is asked faster than it answers loses requests and keeps nothing of them") {
  struct Acknowledge final : Responder {
    Bytes respond(Bytes received, Instant) override { return received.empty() ? Bytes() : done; }
    std::array<std::uint8_t, 1> done{6};
  };
  sim::Timeline time;
  LoopbackLine wire(time, {});
  const auto link = wire.join();
  const auto asker = wire.join();
  Acknowledge responder;
  const Duration turnaround = Duration::ms(5);
  sim::Served served(time, *link, responder, turnaround);
  const auto ask = [&] {
    REQUIRE(asker->write(std::array<std::uint8_t, 1>{1}).has_value());
    time.leap(Duration::us(1));
  };
  for (std::size_t n = 0; n < 2 * sim::kAnswersWaitingMax; ++n) ask();
  CHECK(served.answers() == sim::kAnswersWaitingMax);
  time.leap(turnaround * 2);  // one or two have left
  ask();
  CHECK(served.answers() == sim::kAnswersWaitingMax + 1);
  CHECK(served.alive());
}
