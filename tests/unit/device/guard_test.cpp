// SPDX-License-Identifier: Apache-2.0
#include "host/guard/guard.hpp"

#include "core/points/vocabulary.hpp"
#include "host/profile/catalog.hpp"
#include "host/profile/modbus_map.hpp"
#include "tests/support/catch.hpp"

using namespace weco;

namespace {

const Profile& family(const Catalog& catalog, std::string_view name) {
  const Profile* profile = catalog.find(name);
  REQUIRE(profile != nullptr);
  return *profile;
}

IntendedWrite number(PointId id, Decimal value) {
  const PointRef ref{id, 0, {}};
  return {ref, number_reading(ref, value, {})};
}

}  // namespace

TEST_CASE("no write passes the guard, for any writable point of any family", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  std::size_t judged = 0;
  for (const FamilyEntry& entry : catalog->families()) {
    const Profile& profile = family(*catalog, entry.family);
    if (profile.protocol.kind != ProtocolKind::Modbus) continue;
    for (const PointRef& ref : ModbusMap(profile).points()) {
      const auto refused = refuse(profile, {ref, number_reading(ref, {1, 0}, {})});
      CHECK(refused.error.code() == ErrorCode::RefusedByGuard);
      CHECK_FALSE(refused.error.hint.empty());
      ++judged;
    }
  }
  CHECK(judged > 200);
}

TEST_CASE("history is never altered, whatever a profile allows", "[WS-16]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Profile& weco = family(*catalog, "weco_smart");
  for (const PointId id : {point("cycle_count"), point("serial_number"), point("lock"),
                           point("deep_discharge_count"), point("energy_charged_total")}) {
    CHECK(judge(weco, number(id, {0, 0})) == GuardRule::HistoryIsKept);
  }
}

TEST_CASE("each refusal names its own rule") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Profile& weco = family(*catalog, "weco_smart");
  CHECK(judge(weco, number(point("soc"), {50, 0})) == GuardRule::ReadOnlyPoint);
  CHECK(judge(weco, number(point("soc_min"), {10, 0})) == GuardRule::NoProcedure);
  CHECK(judge(weco, number(point("soc_min"), {101, 0})) == GuardRule::OutOfRange);
  CHECK(judge(weco, number(point("apn"), {0, 0})) == GuardRule::NotInProfile);
  CHECK(judge(family(*catalog, "canbms"), number(point("soc_min"), {10, 0})) ==
        GuardRule::UnpublishedMap);
}
