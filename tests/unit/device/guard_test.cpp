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

TEST_CASE("every counter and identity that is evidence stays out of reach", "[WS-16]") {
  const Profile open = test::must_load(test::profile_around(
      R"x({ point = "soc_min", at = { "holding", 12 }, type = "u16", unit = "%" },)x"));
  for (const PointId id :
       {point("serial_number"), point("manufacture_date"), point("operating_time"),
        point("cycle_count"), point("energy_charged_total"), point("energy_discharged_total"),
        point("charge_throughput"), point("deep_discharge_count"), point("lock"),
        point("fault_count"), point("hours_since_full"), point("energy_pv_total"),
        point("energy_import_total"), point("energy_export_total")}) {
    INFO(info(id).name);
    CHECK(judge(open, number(id, {0, 0})) == GuardRule::HistoryIsKept);
  }
}

TEST_CASE("a value that the family only lets be read is not written", "[TK-10]") {
  const char* readable =
      R"x({ point = "soc_min", at = { "holding", 12 }, type = "u16", unit = "%" },)x";
  const char* writable =
      R"x({ point = "soc_min", at = { "holding", 12 }, type = "u16", unit = "%", access = "write", range = { 10, 90 } },)x";
  const Profile read_only = test::must_load(test::profile_around(readable));
  const Profile with_range = test::must_load(test::profile_around(writable));
  CHECK(judge(read_only, number(point("soc_min"), {50, 0})) == GuardRule::NotWritable);
  CHECK(judge(with_range, number(point("soc_min"), {50, 0})) == GuardRule::NoProcedure);
}

TEST_CASE("a number at the bounds of its range passes the range rule, one step beyond does not",
          "[TK-10]") {
  const Profile profile = test::must_load(test::profile_around(
      R"x({ point = "soc_min", at = { "holding", 12 }, type = "u16", unit = "%", access = "write", range = { 10, 90 } },)x"));
  const auto rule = [&](std::int64_t percent) {
    return judge(profile, number(point("soc_min"), {percent, 0}));
  };
  CHECK(rule(9) == GuardRule::OutOfRange);
  CHECK(rule(10) == GuardRule::NoProcedure);
  CHECK(rule(11) == GuardRule::NoProcedure);
  CHECK(rule(89) == GuardRule::NoProcedure);
  CHECK(rule(90) == GuardRule::NoProcedure);
  CHECK(rule(91) == GuardRule::OutOfRange);
}

TEST_CASE("a text as long as its registers passes the range rule, one byte more does not",
          "[TK-10]") {
  const PointRef name{point("plant_name"), 0, {}};
  const auto rule = [&](int registers_bytes, std::size_t length) {
    const Profile profile = test::must_load(
        test::profile_around(R"x({ point = "plant_name", at = { "holding", 12 }, type = "text()x" +
                             std::to_string(registers_bytes) + R"x()", access = "write" },)x"));
    return judge(profile, {name, text_reading(name, std::string(length, 'a'), {})});
  };
  CHECK(rule(20, 19) == GuardRule::NoProcedure);
  CHECK(rule(20, 20) == GuardRule::NoProcedure);
  CHECK(rule(20, 21) == GuardRule::OutOfRange);
  CHECK(rule(40, 39) == GuardRule::NoProcedure);
  CHECK(rule(40, 40) == GuardRule::NoProcedure);  // the longest text there is
}

TEST_CASE("a family whose protocol has no map of its own is not written", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  Profile profile = family(*catalog, "pylontech_rs485");
  CHECK(judge(profile, number(point("soc_min"), {50, 0})) == GuardRule::NotInProfile);
  profile.status = ProfileStatus::Open;
  CHECK(judge(profile, number(point("soc_min"), {50, 0})) == GuardRule::NotInProfile);
  profile.status = ProfileStatus::Community;
  CHECK(judge(profile, number(point("soc_min"), {50, 0})) == GuardRule::UnpublishedMap);
}

TEST_CASE("a refusal says which value, which rule and what to do instead", "[TK-10]") {
  const auto catalog = Catalog::embedded();
  REQUIRE(catalog);
  const Failure refused =
      refuse(family(*catalog, "weco_smart"), number(point("soc_min"), {10, 0})).error;
  CHECK(refused.what ==
        "soc_min was not written: this version reads only; no procedure of it writes");
  CHECK(refused.where == "weco_smart");
  CHECK(refused.hint == "Change the setting in the vendor's own tool.");
  for (std::size_t i = 0; i < kGuardRules.size(); ++i) {
    CHECK(static_cast<std::size_t>(kGuardRules[i].rule) == i);
    CHECK_FALSE(kGuardRules[i].name.empty());
    CHECK_FALSE(kGuardRules[i].reason.empty());
    CHECK(kGuardRules[i].instead.back() == '.');
  }
}
