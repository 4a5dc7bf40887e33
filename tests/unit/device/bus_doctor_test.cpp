// SPDX-License-Identifier: Apache-2.0
#include "host/doctor/bus.hpp"

#include <algorithm>
#include <string>

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

TEST_CASE("a dialect comes with what inverters make of it", "[bus doctor]") {
  CHECK(dialect_findings(canbms::Dialect::Pylontech13, false).size() == 1);
  CHECK(dialect_findings(canbms::Dialect::Pylontech12, false).empty());
  CHECK(dialect_findings(canbms::Dialect::Pylontech12, true).size() == 1);
}
