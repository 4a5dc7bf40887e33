// SPDX-License-Identifier: Apache-2.0
// Each rule of the guard alone: the write that it refuses, and the one beside it that it lets pass
// to the next rule.
#include "host/guard/guard.hpp"

#include <algorithm>
#include <string>

#include "core/points/vocabulary.hpp"
#include "host/profile/catalog.hpp"
#include "host/profile/modbus_map.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/profile/readings.hpp"

using namespace weco;

namespace {

const Profile& family(const Catalog& catalog, std::string_view name) {
  const Profile* profile = catalog.find(name);
  REQUIRE(profile != nullptr);
  return *profile;
}

Reading number(PointId id, Decimal value) { return number_reading({id, 0, {}}, value, {}); }

}  // namespace

TEST_CASE("without a right no write passes the guard, for any point of any family", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Snapshot nothing;
  std::size_t judged = 0;
  for (const FamilyEntry& entry : catalog->families()) {
    const Profile& profile = family(*catalog, entry.family);
    if (profile.protocol.kind != ProtocolKind::Modbus) continue;
    for (const PointRef& ref : ModbusMap(profile).points()) {
      const auto refused = permit(profile, number_reading(ref, {1, 0}, {}), {{}, nothing});
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code() == ErrorCode::RefusedByGuard);
      CHECK_FALSE(refused.error().hint.empty());
      ++judged;
    }
  }
  CHECK(judged > 200);
}

TEST_CASE("each rule of the guard refuses alone", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Snapshot nothing;
  const Profile& open = family(*catalog, "ep760_open");
  const PointId every[] = {point("soc_min"), point("command"), point("soc"),
                           point("discharge_window_start"), point("working_mode")};
  const WriteGrounds all{every, nothing};
  CHECK_FALSE(judge(open, number(point("soc_min"), {5, 0}), all));
  CHECK_FALSE(judge(open, number(point("soc_min"), {50, 0}), all));
  CHECK(judge(open, number(point("soc_min"), {4, 0}), all) == GuardRule::OutOfRange);
  CHECK(judge(open, number(point("soc_min"), {51, 0}), all) == GuardRule::OutOfRange);
  Reading unset = number(point("soc_min"), {20, 0});
  unset.quality = Quality::NotImplemented;
  CHECK(judge(open, unset, all) == GuardRule::OutOfRange);
  CHECK(judge(open, number(point("soc_min"), {20, 0}), {{}, nothing}) == GuardRule::NotGranted);
  CHECK(judge(open, number(point("soc"), {20, 0}), all) == GuardRule::ReadOnlyPoint);
  CHECK(judge(open, bits_reading({point("command"), 0, {}}, ValueKind::Choice, 1, {}), all) ==
        GuardRule::CommandOnly);
  CHECK(judge(open, number({point("discharge_window_start")}, {60, 0}), all) ==
        GuardRule::NotInProfile);
  const Profile& theirs = family(*catalog, "bluetti_ep760");
  CHECK(judge(theirs, bits_reading({point("working_mode"), 0, {}}, ValueKind::Choice, 1, {}),
              all) == GuardRule::UnpublishedMap);
}

TEST_CASE("what passes every rule is permitted, and nothing else than that", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Snapshot nothing;
  const PointId granted[] = {point("soc_min")};
  const auto allowed =
      permit(family(*catalog, "ep760_open"), number(point("soc_min"), {20, 0}), {granted, nothing});
  REQUIRE(allowed);
  CHECK(allowed->value().ref.id == point("soc_min"));
  CHECK(allowed->value().number.mantissa == 20);
}

TEST_CASE("history is never altered, whatever a profile allows", "[WS-16]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Snapshot nothing;
  const Profile& weco = family(*catalog, "weco_smart");
  for (const PointId id : {point("cycle_count"), point("serial_number"), point("lock"),
                           point("deep_discharge_count"), point("energy_charged_total")}) {
    const PointId granted[] = {id};
    CHECK(judge(weco, number(id, {0, 0}), {granted, nothing}) == GuardRule::HistoryIsKept);
  }
}

TEST_CASE("a row that the map does not open to writes is left alone", "[TK-10]") {
  const Snapshot nothing;
  const PointId granted[] = {point("soc_min")};
  const auto judged = [&](const std::string& row) {
    const Profile profile = test::must_load(test::profile_around(row));
    return judge(profile, number(point("soc_min"), {20, 0}), {granted, nothing});
  };
  const std::string row = R"({ point = "soc_min", at = { "holding", 4 }, type = "u16", unit = "%")";
  CHECK(judged(row + " },") == GuardRule::NotWritable);
  CHECK_FALSE(judged(row + R"(, access = "write", range = { 5, 50 } },)"));
}

TEST_CASE("what is not asked over Modbus is never written", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Snapshot nothing;
  const PointId granted[] = {point("soc_min")};
  std::size_t judged = 0;
  for (const FamilyEntry& entry : catalog->families()) {
    const Profile& profile = family(*catalog, entry.family);
    if (profile.protocol.kind == ProtocolKind::Modbus) continue;
    const auto rule = judge(profile, number(point("soc_min"), {20, 0}), {granted, nothing});
    CHECK(rule == (profile.status == ProfileStatus::Community ? GuardRule::UnpublishedMap
                                                              : GuardRule::NotInProfile));
    ++judged;
  }
  CHECK(judged >= 2);
}

TEST_CASE("a locked battery and one that is being updated are left as they are", "[WS-18][WS-34]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Profile& open = family(*catalog, "ep760_open");
  const PointId granted[] = {point("soc_min")};
  const NodePath module = NodePath().child(NodeKind::Module, 1);
  const auto judged = [&](std::string_view name, std::uint64_t value, Quality quality) {
    Snapshot now;
    now.put(number({point("soc")}, {50, 0}));
    Reading reading =
        bits_reading({find_point(name).value(), 0, module}, ValueKind::Choice, value, {});
    reading.quality = quality;
    now.put(reading);
    return judge(open, number(point("soc_min"), {20, 0}), {granted, now});
  };
  const auto number_of = [](PointId id, std::string_view name) {
    const auto symbols = info(id).symbols;
    return static_cast<std::uint64_t>(std::find(symbols.begin(), symbols.end(), name) -
                                      symbols.begin());
  };
  const std::uint64_t permanent = number_of(point("lock"), "permanent");
  const std::uint64_t updating = number_of(point("bms_state"), "updating");
  REQUIRE(permanent != updating);
  for (std::uint64_t value = 0; value < info(point("lock")).symbols.size(); ++value) {
    CHECK((judged("lock", value, Quality::Good) == GuardRule::LockedForGood) ==
          (value == permanent));
  }
  for (std::uint64_t value = 0; value < info(point("bms_state")).symbols.size(); ++value) {
    CHECK((judged("bms_state", value, Quality::Good) == GuardRule::Updating) ==
          (value == updating));
  }
  // an old word is no reason to be bold; a word that is not there says nothing
  CHECK(judged("lock", permanent, Quality::Stale) == GuardRule::LockedForGood);
  CHECK_FALSE(judged("lock", permanent, Quality::NotImplemented));
  CHECK_FALSE(judged("bms_state", updating, Quality::NotImplemented));
}
