// SPDX-License-Identifier: Apache-2.0
#include "host/doctor/bus.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "host/doctor/radio.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using State = BusHealth::State;

namespace {

const Finding* find(const Findings& all, FindingId id) {
  const auto it =
      std::find_if(all.begin(), all.end(), [id](const Finding& f) { return f.id == id; });
  return it == all.end() ? nullptr : &*it;
}

bool says(const Findings& all, FindingId id, std::string_view words) {
  const Finding* each = find(all, id);
  return each != nullptr && each->symptom.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a bus that is well gets no finding", "[bus doctor]") {
  BusHealth health;
  health.state = State::Active;
  health.transmit_errors = 0;
  health.receive_errors = 95;
  CHECK(bus_findings(health, 0).empty());
  CHECK(bus_findings(health, 100).empty());
}

TEST_CASE("errors without one whole frame mean the wrong speed, among frames the termination",
          "[bus doctor]") {
  BusHealth health;
  health.bits_per_second = 500000;
  health.damaged = 12;
  CHECK(says(bus_findings(health, 0), FindingId::WrongSpeed, "500 kbit/s"));
  CHECK(find(bus_findings(health, 0), FindingId::Termination) == nullptr);
  CHECK(says(bus_findings(health, 1), FindingId::Termination, "12 frames arrived damaged"));
  CHECK(find(bus_findings(health, 1), FindingId::WrongSpeed) == nullptr);
  CHECK(info(FindingId::Termination).advice.find("40 ohm") != std::string_view::npos);
}

TEST_CASE("a high receive counter alone shows a wrong speed on a bus without a frame",
          "[bus doctor]") {
  BusHealth health;
  health.receive_errors = 96;
  CHECK(find(bus_findings(health, 0), FindingId::WrongSpeed) != nullptr);
  CHECK(bus_findings(health, 5).empty());
}

TEST_CASE("nobody acknowledges: alone on the bus, or beside others that are quiet about it",
          "[bus doctor]") {
  BusHealth health;
  health.no_acknowledge = 8;
  CHECK(says(bus_findings(health, 0), FindingId::LoneNode, "8 times"));
  CHECK(find(bus_findings(health, 3), FindingId::LoneNode) == nullptr);
  CHECK(find(bus_findings(health, 3), FindingId::NoAcknowledge) != nullptr);
  health.no_acknowledge = 0;
  health.send_timeouts = 1;
  CHECK(says(bus_findings(health, 0), FindingId::LoneNode, "once"));
}

TEST_CASE("bus-off says whether the controller comes back by itself", "[bus doctor]") {
  BusHealth health;
  health.state = State::BusOff;
  CHECK(says(bus_findings(health, 0), FindingId::BusOff, "not come back by itself"));
  health.restart_ms = 100;
  CHECK(says(bus_findings(health, 0), FindingId::BusOff, "100 ms"));
  health.state = State::Active;
  health.bus_offs = 2;
  health.restarts = 1;
  const Findings later = bus_findings(health, 10);
  CHECK(find(later, FindingId::BusOff) == nullptr);
  CHECK(says(later, FindingId::BusRestarted, "2 times and was restarted once"));
}

TEST_CASE("losses, long frames and strange lines are each said with their number", "[bus doctor]") {
  BusHealth health;
  health.lost = 2;
  health.overruns = 1;
  health.long_frames = 4;
  health.strange = 5;
  health.wire_fault = 0x70;
  const Findings found = bus_findings(health, 10);
  CHECK(says(found, FindingId::LostFrames, "3 frames"));
  CHECK(says(found, FindingId::LongFrames, "4 CAN FD"));
  CHECK(says(found, FindingId::StrangeAdapter, "5 lines"));
  CHECK(says(found, FindingId::WireFault, "CANL touches ground"));
}

TEST_CASE("a bus in one line: speed, state and counters, as far as they are known",
          "[bus doctor]") {
  BusHealth health;
  CHECK(bus_text(health).empty());
  health.bits_per_second = 250000;
  health.state = State::Passive;
  health.transmit_errors = 128;
  health.receive_errors = 0;
  CHECK(bus_text(health) ==
        "250 kbit/s, error-passive, error counters 128 (sending) and 0 (receiving)");
  CHECK(bitrate_text(1000000) == "1 Mbit/s");
  BusHealth inside;
  inside.is_virtual = true;
  CHECK(bus_text(inside) == "virtual");
}

TEST_CASE("a wrong speed comes with the other one that is in use", "[bus doctor]") {
  BusHealth health;
  health.damaged = 1;
  health.bits_per_second = 500000;
  CHECK(says(bus_findings(health, 0), FindingId::WrongSpeed, "250 kbit/s is the other"));
  health.bits_per_second = 250000;
  CHECK(says(bus_findings(health, 0), FindingId::WrongSpeed, "500 kbit/s is the usual"));
  health.bits_per_second = 125000;
  CHECK(says(bus_findings(health, 0), FindingId::WrongSpeed, "whole at 125 kbit/s."));
}

TEST_CASE("a dialect comes with what inverters make of it", "[bus doctor]") {
  using canbms::Dialect;
  CHECK(dialect_findings(Dialect::Pylontech13, {}).size() == 1);
  CHECK(dialect_findings(Dialect::Pylontech12, {}).empty());
  CHECK(dialect_findings(Dialect::Pylontech12, {.short_frames = true}).size() == 1);
  const Findings charge = dialect_findings(Dialect::Pylontech12, {.zero_charge_limit = true});
  CHECK(says(charge, FindingId::DialectConsequence, "go on charging at a limit of 0 A"));
  const Findings discharge = dialect_findings(Dialect::Pylontech12, {.zero_discharge_limit = true});
  CHECK(says(discharge, FindingId::DialectConsequence, "Multi without a grid switches off"));
  CHECK(dialect_findings(Dialect::PytesNative, {.zero_discharge_limit = true}).empty());
}

TEST_CASE("sets of frames that no battery sends together are told apart", "[bus doctor]") {
  std::vector<canbms::Seen> ids;
  const auto add = [&ids](std::uint32_t id, bool extended) {
    canbms::Seen seen;
    seen.id = id;
    seen.extended = extended;
    ids.push_back(seen);
  };
  for (const std::uint32_t id : {0x351U, 0x355U, 0x356U, 0x35EU}) add(id, false);
  CHECK(sets_on_bus(ids) == std::vector<std::string_view>{"the 0x35x family"});
  for (const std::uint32_t id : {0x4210U, 0x4220U}) add(id, true);
  CHECK(sets_on_bus(ids).size() == 1);
  add(0x4230, true);
  CHECK(sets_on_bus(ids) ==
        std::vector<std::string_view>{"the 0x35x family", "Pylontech high voltage"});
  CHECK(sets_on_bus({}).empty());
}

TEST_CASE("a radio is judged at the edge of its signal and by its packets", "[bus doctor]") {
  CHECK(radio_findings({-84, 247, 0}).empty());
  CHECK(says(radio_findings({-85, 247, 0}), FindingId::WeakSignal, "-85 dBm"));
  CHECK(radio_findings({std::nullopt, 24, 0}).empty());
  CHECK(says(radio_findings({-40, 23, 0}), FindingId::SmallPackets, "carries 20 bytes"));
  CHECK(says(radio_findings({-40, 247, 1}), FindingId::LinkDropped, "lost once"));
  CHECK(says(radio_findings({-40, 247, 2}), FindingId::LinkDropped, "lost 2 times"));
  CHECK(radio_text({-67, 247, 0}) == "signal -67 dBm, MTU 247");
  CHECK(radio_text({std::nullopt, 23, 0}) == "MTU 23");
}

TEST_CASE("every finding says what it is and what to try next", "[bus doctor]") {
  for (const FindingInfo& row : kFindings) {
    CAPTURE(row.name);
    CHECK(row.advice.size() > 20);
    CHECK((row.advice.ends_with('.') || row.advice.find(": sudo ") != std::string_view::npos));
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") ==
          std::string_view::npos);
  }
}
