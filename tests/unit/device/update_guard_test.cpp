// SPDX-License-Identifier: Apache-2.0
// Each rule that keeps a battery from being updated: the reading that it refuses and the one beside
// it that it lets pass.
#include "host/guard/update_guard.hpp"

#include "core/points/vocabulary.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

const NodePath kModule = NodePath{}.child(NodeKind::Module, 2);

/// A battery at rest, half full, mains there.
Snapshot at_rest() {
  Snapshot s;
  s.put(number_reading({point("pack_current"), 0, {}}, {0, -1}, {}));
  s.put(number_reading({point("soc"), 0, {}}, {50, 0}, {}));
  s.put(bits_reading({point("grid_state"), 0, {}}, ValueKind::Choice,
                     symbol("grid_state", "normal"), {}));
  s.put(bits_reading({point("lock"), 0, {}}, ValueKind::Choice, symbol("lock", "none"), {}));
  return s;
}

std::optional<UpdateRule> rule(const Snapshot& snapshot, const Assessment& assessment = {},
                               const Findings& findings = {}) {
  const auto refusal = judge_update(snapshot, assessment, findings);
  if (!refusal) return std::nullopt;
  const auto failed = refuse(*refusal, "tower");
  CHECK(failed.error.code() == ErrorCode::RefusedByGuard);
  CHECK_FALSE(failed.error.hint.empty());
  const std::string seen = refusal->seen.empty() ? "" : " (" + refusal->seen + ")";
  CHECK(failed.error.what ==
        "the update was not begun: " + std::string(info(refusal->rule).reason) + seen);
  return refusal->rule;
}

Snapshot with(PointId id, Decimal value, const NodePath& node = {}) {
  Snapshot s = at_rest();
  s.put(number_reading({id, 0, node}, value, {}));
  return s;
}

}  // namespace

TEST_CASE("a battery at rest, well and half full may be updated", "[WS-34]") {
  CHECK_FALSE(rule(at_rest()));
}

TEST_CASE("no update while current flows, whichever way and in whichever module", "[WS-34]") {
  CHECK_FALSE(rule(with(point("pack_current"), {5, -1})));
  CHECK(rule(with(point("pack_current"), {6, -1})) == UpdateRule::CurrentFlows);
  CHECK_FALSE(rule(with(point("pack_current"), {-5, -1})));
  CHECK(rule(with(point("pack_current"), {-6, -1})) == UpdateRule::CurrentFlows);
  CHECK(rule(with(point("pack_current"), {12, 0}, kModule)) == UpdateRule::CurrentFlows);
}

TEST_CASE("no update of a battery that is nearly empty or nearly full", "[WS-34]") {
  CHECK(rule(with(point("soc"), {199, -1})) == UpdateRule::SocOutside);
  CHECK_FALSE(rule(with(point("soc"), {20, 0})));
  CHECK_FALSE(rule(with(point("soc"), {95, 0})));
  CHECK(rule(with(point("soc"), {951, -1})) == UpdateRule::SocOutside);
}

TEST_CASE("what is not known is not assumed to be well", "[WS-34]") {
  Snapshot s;
  CHECK(rule(s) == UpdateRule::CurrentUnknown);
  s.put(number_reading({point("pack_current"), 0, {}}, {0, 0}, {}));
  CHECK(rule(s) == UpdateRule::SocUnknown);
  Reading stale = number_reading({point("soc"), 0, {}}, {50, 0}, {});
  stale.quality = Quality::Stale;
  s.put(stale);
  CHECK(rule(s) == UpdateRule::SocUnknown);
}

TEST_CASE("a battery that has locked itself for good is never updated", "[WS-18]") {
  Snapshot s = at_rest();
  const PointRef lock{point("lock"), 0, kModule};
  s.put(bits_reading(lock, ValueKind::Choice, symbol("lock", "permanent"), {}));
  CHECK(rule(s) == UpdateRule::LockedForGood);
}

TEST_CASE("no update with an alarm, without mains, beside a second master") {
  Assessment assessment;
  assessment.faults.push_back({{}, "F013", "grid over-voltage", Level::Warning, {}, {}});
  CHECK_FALSE(rule(at_rest(), assessment));
  assessment.faults.front().level = Level::Alarm;
  CHECK(rule(at_rest(), assessment) == UpdateRule::AlarmPresent);
  Snapshot dark = at_rest();
  dark.put(bits_reading({point("grid_state"), 0, {}}, ValueKind::Choice,
                        symbol("grid_state", "absent"), {}));
  CHECK(rule(dark) == UpdateRule::MainsAbsent);
  CHECK(rule(at_rest(), {}, {{FindingId::SecondMaster, "requests of another"}}) ==
        UpdateRule::SecondMaster);
}

TEST_CASE("a setting that changed or a fault that is new takes a trial back") {
  Snapshot before = at_rest();
  const PointRef setting = [] {
    for (std::size_t i = 0; i < kPointCount; ++i) {
      const PointId id{static_cast<std::uint16_t>(i)};
      if (info(id).access == Access::Setting && id != point("device_time"))
        return PointRef{id, 0, {}};
    }
    return PointRef{};
  }();
  before.put(number_reading(setting, {30, 0}, {}));
  Snapshot after = before;
  CHECK(worse_after(before, {}, after, {}).empty());
  after.put(number_reading(setting, {300, -1}, {}));  // the same value
  after.put(number_reading({point("soc"), 0, {}}, {51, 0}, {}));
  CHECK(worse_after(before, {}, after, {}).empty());
  after.put(number_reading(setting, {31, 0}, {}));
  CHECK(worse_after(before, {}, after, {}).find("another than before") != std::string::npos);
  CHECK(worse_after(before, {}, at_rest(), {}).find("is gone") != std::string::npos);
  Assessment faults;
  faults.faults.push_back({{}, "F013", "grid over-voltage", Level::Warning, {}, {}});
  CHECK(worse_after(before, faults, before, faults).empty());
  for (const ActiveFault& other :
       {ActiveFault{{}, "F014", "grid over-voltage", Level::Warning, {}, {}},
        ActiveFault{{}, "F013", "grid under-voltage", Level::Warning, {}, {}},
        ActiveFault{kModule, "F013", "grid over-voltage", Level::Warning, {}, {}}}) {
    Assessment now;
    now.faults.push_back(other);
    CHECK_FALSE(worse_after(before, faults, before, now).empty());
  }
  CHECK(worse_after(before, {}, before, faults) == "a fault is new: F013 grid over-voltage");
}

TEST_CASE("a setting of any kind that reads otherwise takes a trial back, a clock does not") {
  const PointRef mode{point("working_mode"), 0, {}}, name{point("plant_name"), 0, {}};
  const PointRef clock{point("device_time"), 0, {}};
  Snapshot before = at_rest();
  before.put(bits_reading(mode, ValueKind::Choice, 1, {}));
  before.put(text_reading(name, "Hill 3", {}));
  before.put(text_reading(clock, "2026-03-01T10:00:00", {}));
  Snapshot after = before;
  after.put(text_reading(clock, "2026-03-01T10:07:00", {}));
  CHECK(worse_after(before, {}, after, {}).empty());
  const auto changed = [&](const Reading& reading) {
    Snapshot other = before;
    other.put(reading);
    return !worse_after(before, {}, other, {}).empty();
  };
  CHECK(changed(bits_reading(mode, ValueKind::Choice, 2, {})));
  CHECK(changed(bits_reading(mode, ValueKind::Flags, 1, {})));
  CHECK(changed(text_reading(name, "Hill 4", {})));
  CHECK_FALSE(changed(text_reading(name, "Hill 3", {})));
}
