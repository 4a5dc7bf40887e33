// SPDX-License-Identifier: Apache-2.0
// Each rule of the guard alone: the write that it refuses, and the one beside it that it lets pass
// to the next rule.
#include "host/guard/guard.hpp"

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
