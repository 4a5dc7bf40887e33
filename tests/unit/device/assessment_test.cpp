// SPDX-License-Identifier: Apache-2.0
#include "host/assessment/assessment.hpp"

#include "tests/support/catch.hpp"

using namespace weco;

namespace {

const NodePath kTower = NodePath{}.child(NodeKind::Tower, 1);
const NodePath kModule = kTower.child(NodeKind::Module, 3);

void put_choice(Snapshot& s, PointId id, const NodePath& node, std::uint64_t value) {
  s.put(bits_reading({id, 0, node}, ValueKind::Choice, value, {}));
}

std::vector<FaultInfo> codes() {
  FaultInfo alarm;
  alarm.code = "F013";
  alarm.name = "grid over-voltage";
  alarm.severity = Severity::Alarm;
  alarm.actions = {"Measure the grid voltage."};
  alarm.word = 1;
  alarm.bit = 12;
  FaultInfo note = alarm;
  note.code = "F014";
  note.severity = Severity::Info;
  note.bit = 13;
  FaultInfo warning = alarm;
  warning.code = "F015";
  warning.severity = Severity::Warning;
  warning.bit = 14;
  return {alarm, note, warning};
}

Assessment with_word(std::uint64_t bits) {
  Snapshot s;
  s.put(bits_reading({point("fault_word"), 1, {}}, ValueKind::Raw, bits, {}));
  return assess(s, codes(), {});
}

}  // namespace

TEST_CASE("the limit names the module and the value behind it", "[WS-11][WS-15]") {
  Snapshot s;
  s.put(number_reading({point("charge_current_limit"), 0, kTower}, {200, -1}, {}));
  put_choice(s, point("charge_limit_reason"), kTower,
             symbol("charge_limit_reason", "temperature_low"));
  s.put(number_reading({point("charge_limit_module"), 0, kTower}, {3, 0}, {}));
  s.put(number_reading({point("cell_temperature_min"), 0, kModule}, {40, -1}, {}));
  const Assessment a = assess(s, {}, {});
  REQUIRE(a.limits.size() == 1);
  CHECK(a.limits[0].because == "module 3 at 4.0 °C");
  CHECK(a.limits[0].current == Decimal{200, -1});
  CHECK(a.level == Level::Ok);
}

TEST_CASE("a limit without a reason is shown without one") {
  Snapshot s;
  s.put(number_reading({point("charge_current_limit"), 0, {}}, {370, 0}, {}));
  s.put(number_reading({point("discharge_current_limit"), 0, {}}, {370, 0}, {}));
  put_choice(s, point("discharge_limit_reason"), {}, symbol("discharge_limit_reason", "none"));
  const Assessment a = assess(s, {}, {});
  REQUIRE(a.limits.size() == 2);
  CHECK(a.limits[0].because.empty());
  CHECK(a.limits[1].because.empty());
}

TEST_CASE("a reason whose reading is missing is said in words") {
  Snapshot s;
  s.put(number_reading({point("charge_current_limit"), 0, kTower}, {0, 0}, {}));
  put_choice(s, point("charge_limit_reason"), kTower,
             symbol("charge_limit_reason", "temperature_low"));
  s.put(number_reading({point("charge_limit_module"), 0, kTower}, {2, 0}, {}));
  CHECK(assess(s, {}, {}).limits[0].because == "module 2: temperature low");
}

TEST_CASE("a known fault bit gets its name, its steps and its severity", "[WS-46]") {
  const Assessment a = with_word(1U << 12);
  REQUIRE(a.faults.size() == 1);
  CHECK(a.faults[0].code == "F013");
  CHECK(a.faults[0].actions.size() == 1);
  CHECK(a.faults[0].raw == "fault_word[1] bit 12");
  CHECK(a.level == Level::Alarm);
  CHECK(with_word(1U << 13).level == Level::Ok);
  CHECK(with_word(1U << 14).level == Level::Warning);
}

TEST_CASE("an unknown fault bit is shown as unknown and still is an alarm", "[WS-46]") {
  const Assessment a = with_word(1ULL << 63);
  REQUIRE(a.faults.size() == 1);
  CHECK(a.faults[0].code.empty());
  CHECK(a.faults[0].name == "unknown");
  CHECK(a.faults[0].raw == "fault_word[1] bit 63");
  CHECK(a.level == Level::Alarm);
}

TEST_CASE("the worst comes first and decides the exit code") {
  Snapshot s;
  s.put(bits_reading({point("warnings"), 0, {}}, ValueKind::Flags,
                     1U << symbol("warnings", "temperature_high"), {}));
  CHECK(assess(s, {}, {}).level == Level::Warning);
  s.put(bits_reading({point("alarms"), 0, kModule}, ValueKind::Flags,
                     1U << symbol("alarms", "cell_overvoltage"), {}));
  const Assessment a = assess(s, {}, {});
  CHECK(a.level == Level::Alarm);
  REQUIRE(a.faults.size() == 2);
  CHECK(a.faults[0].name == "cell overvoltage");
  CHECK(a.faults[1].name == "temperature high");
}

TEST_CASE("no flag set means well") {
  Snapshot s;
  for (const PointId id : {point("warnings"), point("alarms"), point("protections")}) {
    s.put(bits_reading({id, 0, {}}, ValueKind::Flags, 0, {}));
  }
  CHECK(assess(s, {}, {}).level == Level::Ok);
}

TEST_CASE("a locked battery is an alarm that says not to restart it", "[WS-17][WS-18]") {
  Snapshot s;
  put_choice(s, point("lock"), kModule, symbol("lock", "permanent"));
  const Assessment a = assess(s, {}, {});
  CHECK(a.level == Level::Alarm);
  REQUIRE(a.faults.size() == 1);
  CHECK(a.faults[0].actions[0].find("never be restarted") != std::string::npos);
  put_choice(s, point("lock"), kModule, symbol("lock", "none"));
  CHECK(assess(s, {}, {}).faults.empty());
}

TEST_CASE("findings of the line count, notes do not") {
  const Snapshot s;
  CHECK(assess(s, {}, {{FindingId::Echo, "x"}}).level == Level::Ok);
  CHECK(assess(s, {}, {{FindingId::StaleFrame, "x"}}).level == Level::Warning);
}

TEST_CASE("raw alarm words are evidence: their meaning is in the flags made of them") {
  Snapshot s;
  s.put(bits_reading({point("alarm_word"), 1, {}}, ValueKind::Raw, 0xAAAAAAAA, {}));
  s.put(bits_reading({point("warning_word"), 1, {}}, ValueKind::Raw, 0xAAAAAAAA, {}));
  CHECK(assess(s, {}, {}).level == Level::Ok);
}

TEST_CASE("a value the device does not have raises nothing") {
  Snapshot s;
  Reading r = bits_reading({point("alarms"), 0, {}}, ValueKind::Flags, 0xFFFF, {});
  r.quality = Quality::NotImplemented;
  s.put(r);
  CHECK(assess(s, {}, {}).faults.empty());
}
