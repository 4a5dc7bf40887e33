// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "host/records/calendar.hpp"
#include "host/records/exchange.hpp"
#include "host/records/keys.hpp"
#include "host/records/recommissioning.hpp"
#include "host/records/tick.hpp"
#include "host/text/utc.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/records/site.hpp"

using namespace weco;
using namespace weco::records;
using proof::text_of;
using test::answer_all;
using test::checklist;
using test::Folder;
using test::good_answer;
using test::healthy_tower;
using test::kNow;

namespace {

struct Site {
  Folder folder;
  store::Store store;
  store::Site site;
  Site() : store(open()), site(*store.add_site("Casa Neri", "weco_smart", kNow)) {}
  store::Store open() const {
    auto opened = store::Store::open(folder.path());
    if (!opened) FAIL(opened.error().what);
    return std::move(*opened);
  }
  Run start(const char* name, std::int64_t now = kNow) {
    auto run = Run::start(store, checklist("weco_smart", name), site, "Ann", now);
    if (!run) FAIL(run.error().what);
    return std::move(*run);
  }
  /// A whole run of the list, with what is given for some items instead of a good answer.
  Outcome<store::RecordRow> record(const char* name, const DeviceReport* report,
                                   std::vector<std::pair<std::string, Given>> special = {},
                                   std::int64_t now = kNow) {
    Run run = start(name, now);
    for (const ChecklistItem& item : run.list().items) {
      if (item.first) REQUIRE(run.answer(item.id, good_answer(item), now));
    }
    if (report != nullptr) REQUIRE(run.read(*report, now));
    for (const auto& [id, given] : special) REQUIRE(run.answer(id, given, now));
    answer_all(run, now);
    return run.finish(
        run.verdict().conforming ? Declaration::NoDiscrepancy : Declaration::DiscrepancyIsolated,
        {"Ann", "weco test", test::test_key()}, now);
  }
};

Given bad(std::string note, std::string case_id = {}) {
  Given given;
  given.result = records::Result::NotConforming;
  given.note = std::move(note);
  given.case_id = std::move(case_id);
  return given;
}

}  // namespace

TEST_CASE("on a healthy tower at least half of the monthly items tick themselves", "[WS-61]") {
  Site site;
  Run run = site.start("monthly");
  const DeviceReport report = healthy_tower();
  const auto count = run.read(report, kNow);
  REQUIRE(count);
  const auto total = static_cast<int>(run.list().items.size());
  INFO(*count << " of " << total);
  CHECK(*count * 2 >= total);
  CHECK(run.verdict().conforming);
  const auto readings = site.store.readings(run.row().id);
  REQUIRE(readings);
  for (const ChecklistItem& item : run.list().items) {
    const Json* answer = run.answer_to(item.id);
    if (answer == nullptr) continue;
    INFO(item.id);
    CHECK(text_of(*answer, "by") == "reading");
    CHECK(std::ranges::count(*readings, item.id, &store::ReadingRow::item) > 0);
  }
}

TEST_CASE("each seeded fault is found by the item meant for it, with a number",
          "[WS-61][WS-62][WS-09][WS-33][WS-32]") {
  struct Seeded {
    const char* item;
    const char* point;
    const char* value;  // a number, or a symbol of the point
    const char* where;  // empty: everywhere
    const char* shown;
    bool choice = false;
  };
  const Seeded kSeeded[] = {
      {"full_charge", "hours_since_full", "721", "", "721"},
      {"soh", "soh", "59.9", "tower[1].module[2].soh", "59.9"},
      {"bus_voltage", "bus_voltage", "449.9", "", "449.9"},
      {"module_voltage", "cell_voltage", "3.651", "tower[1].module[4].cell_voltage[7]", "3.651"},
      {"temperatures", "cell_temperature", "40.1", "tower[1].module[1].cell_temperature[2]",
       "40.1"},
      {"spread", "cell_voltage", "3.200", "tower[1].module[2].cell_voltage[3]", ""},
      {"currents", "pack_current", "-100.1", "tower[1].module[1].pack_current", "-100.1"},
      {"online", "offline_days", "61", "", "61"},
      {"modules_online", "connection", "offline", "", "offline", true},
      {"lock", "lock", "permanent", "", "permanent", true},
      {"no_alarm", "lock", "permanent", "", "1", true},
      {"meter", "meter_link", "down", "", "down", true},
      {"ct", "ct_direction", "reversed", "", "reversed", true},
  };
  for (const Seeded& seeded : kSeeded) {
    INFO(seeded.item);
    DeviceReport report = healthy_tower();
    if (seeded.choice) {
      test::set_choice(report, seeded.point, seeded.value);
    } else {
      test::set_number(report, seeded.point, seeded.value, seeded.where);
    }
    const ChecklistItem* item = checklist("weco_smart", "monthly").find(seeded.item);
    REQUIRE(item != nullptr);
    const auto ticked = tick(*item, report, kNow);
    REQUIRE(ticked);
    CHECK_FALSE(ticked->good);
    CHECK_FALSE(ticked->value.empty());
    if (*seeded.shown != 0) CHECK(ticked->value == seeded.shown);
    if (*seeded.where != 0 && *seeded.shown != 0) CHECK(ticked->where == seeded.where);
  }
}

TEST_CASE("what a device does not know yet is asked, not held against the site", "[WS-09]") {
  DeviceReport report = healthy_tower();
  const ChecklistItem* item = checklist("weco_smart", "monthly").find("ct");
  test::set_choice(report, "ct_direction", "unknown");
  CHECK_FALSE(tick(*item, report, kNow));
  test::set_choice(report, "ct_direction", "right");
  CHECK(tick(*item, report, kNow)->good);
}

TEST_CASE("that there is no alarm is believed of a device that tells of alarms, and kept with it",
          "[WS-61][WS-17]") {
  const ChecklistItem* item = checklist("weco_smart", "monthly").find("no_alarm");
  const DeviceReport healthy = healthy_tower();
  const auto ticked = tick(*item, healthy, kNow);
  REQUIRE(ticked);
  CHECK(ticked->good);
  CHECK_FALSE(ticked->readings.empty());
  DeviceReport silent;  // as a meter, which tells of none
  for (const auto& [ref, reading] : healthy.snapshot.readings()) {
    if (!tells_faults(ref.id)) silent.snapshot.put(reading);
  }
  REQUIRE_FALSE(silent.snapshot.empty());
  CHECK_FALSE(tick(*item, silent, kNow));
}

TEST_CASE("the edge of a range is still good", "[WS-61]") {
  const ChecklistItem* item = checklist("weco_smart", "monthly").find("full_charge");
  DeviceReport report = healthy_tower();
  test::set_number(report, "hours_since_full", "720");
  CHECK(tick(*item, report, kNow)->good);
}

TEST_CASE("firmware that differs between modules is found", "[WS-33]") {
  DeviceReport report = healthy_tower();
  const auto ref = parse_point_ref("tower[1].module[3].firmware_version");
  report.snapshot.put(text_reading(*ref, "1.4.1", {}));
  const auto ticked = tick(*checklist("weco_smart", "monthly").find("firmware_same"), report, kNow);
  REQUIRE(ticked);
  CHECK_FALSE(ticked->good);
  CHECK(ticked->value == "1.4.1");
}

TEST_CASE("critical firmware is right when it is installed or its 60 days are not over",
          "[WS-33]") {
  const ChecklistItem& item = *checklist("weco_smart", "monthly").find("firmware_due");
  const DeviceReport report = healthy_tower();
  std::string installed;
  for (const auto& [ref, reading] : report.snapshot.readings()) {
    if (ref.id == point("firmware_version") && ref.node.last().kind == NodeKind::Module)
      installed = std::string(reading.text());
  }
  REQUIRE_FALSE(installed.empty());
  CHECK_FALSE(tick(item, report, kNow));  // nobody named a release: a person is asked
  const std::int64_t today = kNow - kNow % records::kDay_s;
  const auto ticked = [&](const std::string& version, std::int64_t days_ago) {
    const records::Release release{version, today - days_ago * records::kDay_s};
    const auto result = tick(item, report, kNow, release);
    REQUIRE(result);
    return *result;
  };
  CHECK(ticked(installed, 500).good);
  CHECK(ticked(installed, 500).value == installed);
  CHECK(ticked("99.9", 60).good);
  CHECK(ticked("99.9", 60).value == "0");
  CHECK_FALSE(ticked("99.9", 61).good);
  CHECK(ticked("99.9", 90).value == "-29");
  CHECK_FALSE(ticked("99.9", 90).where.empty());
}

TEST_CASE("a CAN bus ticks its item by itself, with its counters, and trouble on it is found",
          "[WS-63]") {
  const ChecklistItem& item = *checklist("weco_smart", "six_monthly").find("can_bus");
  DeviceReport report = healthy_tower();
  CHECK_FALSE(tick(item, report, kNow));  // not read on CAN
  report.bus = "500 kbit/s, error-active, errors 0/0";
  const auto clean = tick(item, report, kNow);
  REQUIRE(clean);
  CHECK(clean->good);
  CHECK(clean->value == "0");
  CHECK(clean->readings.front().value == report.bus);
  report.findings.push_back({FindingId::MixedDialects, "two dialects"});
  CHECK(tick(item, report, kNow)->good);
  report.findings.push_back({FindingId::ErrorPassive, "errors 130/0"});
  const auto bad = tick(item, report, kNow);
  CHECK_FALSE(bad->good);
  CHECK(bad->value == "1");
  CHECK(bad->readings.back().value == "errors 130/0");
}

TEST_CASE("what the device does not say is asked", "[WS-61]") {
  const DeviceReport nothing;
  for (const ChecklistItem& item : checklist("weco_smart", "monthly").items) {
    CHECK_FALSE(tick(item, nothing, kNow));
  }
}

TEST_CASE("nothing is answered before the safety preconditions are met", "[WS-60]") {
  Site site;
  Run run = site.start("quarterly");
  const Done early = run.answer("dust", {}, kNow);
  REQUIRE_FALSE(early);
  CHECK(early.error().code() == ErrorCode::RefusedByGuard);
  Given skip;
  skip.result = records::Result::NotApplicable;
  skip.note = "in a hurry";
  CHECK_FALSE(run.answer("safety_qualified", skip, kNow));
  for (const char* id : {"safety_qualified", "safety_ppe", "safety_area", "safety_lockout"}) {
    REQUIRE(run.answer(id, {}, kNow));
  }
  Given waited;
  waited.value = "4.9";
  REQUIRE(run.answer("safety_waited", waited, kNow));
  CHECK(run.blocked_by()->id == "safety_waited");  // 4.9 minutes are not five
  waited.value = "5";
  REQUIRE(run.answer("safety_waited", waited, kNow));
  Given volts;
  volts.value = "48.2";
  REQUIRE(run.answer("safety_no_voltage", volts, kNow));
  CHECK_FALSE(run.answer("dust", {}, kNow));
  volts.value = "0.3";
  REQUIRE(run.answer("safety_no_voltage", volts, kNow));
  CHECK(run.answer("dust", {}, kNow));
}

TEST_CASE("a torque is held against the wrench's ten percent and both marks", "[WS-67][EP-13]") {
  struct Case {
    const char* applied;
    bool blue;
    bool red;
    const char* result;
  };
  const Case kCases[] = {{"6.0", true, true, "ok"},
                         {"6.6", true, true, "ok"},
                         {"6.601", true, true, "not_conforming"},
                         {"5.4", true, true, "ok"},
                         {"5.399", true, true, "not_conforming"},
                         {"6.0", true, false, "not_conforming"},
                         {"6.0", false, true, "not_conforming"}};
  Site site;
  Run run = site.start("six_monthly");
  for (const ChecklistItem& item : run.list().items) {
    if (item.first) REQUIRE(run.answer(item.id, good_answer(item), kNow));
  }
  for (const Case& c : kCases) {
    Given given;
    given.torque = Torque{"6.0", c.applied, "wrench 7", c.blue, c.red};
    REQUIRE(run.answer("torque", given, kNow));
    INFO(c.applied << c.blue << c.red);
    CHECK(text_of(*run.answer_to("torque"), "result") == c.result);
  }
  CHECK_FALSE(run.answer("torque", {}, kNow));
  Given nameless;
  nameless.torque = Torque{"6.0", "6.0", "", true, true};
  CHECK_FALSE(run.answer("torque", nameless, kNow));
}

TEST_CASE("a value outside its range is not conforming, whatever was ticked", "[WS-63]") {
  Site site;
  Run run = site.start("six_monthly");
  for (const ChecklistItem& item : run.list().items) {
    if (item.first) REQUIRE(run.answer(item.id, good_answer(item), kNow));
  }
  Given given;
  given.value = "120";
  REQUIRE(run.answer("termination", given, kNow));
  CHECK(text_of(*run.answer_to("termination"), "result") == "not_conforming");
  given.value = "60.2";
  REQUIRE(run.answer("termination", given, kNow));
  CHECK(text_of(*run.answer_to("termination"), "result") == "ok");
  given.value = "sixty";
  CHECK_FALSE(run.answer("termination", given, kNow));
}

TEST_CASE("a person cannot talk a reading away", "[WS-61]") {
  Site site;
  Run run = site.start("monthly");
  DeviceReport report = healthy_tower();
  test::set_number(report, "hours_since_full", "900");
  REQUIRE(run.read(report, kNow));
  for (const ChecklistItem& item : run.list().items) {
    if (item.first) REQUIRE(run.answer(item.id, good_answer(item), kNow));
  }
  REQUIRE(run.answer("full_charge", {}, kNow));
  CHECK(text_of(*run.answer_to("full_charge"), "result") == "not_conforming");
  REQUIRE(run.read(healthy_tower(), kNow + 60));  // a new reading can
  CHECK(text_of(*run.answer_to("full_charge"), "result") == "ok");
}

TEST_CASE("an open safety item forbids recommissioning until it is put right", "[WS-66]") {
  Site site;
  REQUIRE(may_recommission(site.store, site.site));
  const auto first = site.record("quarterly", nullptr, {{"insulation", bad("cable cut")}});
  REQUIRE(first);
  const auto body = proof::parse_json(first->body, "");
  CHECK(text_of(*body, "recommissioning") == "forbidden");
  CHECK(text_of(*body, "declaration") == "discrepancy_isolated");
  const Done refused = may_recommission(site.store, site.site);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::RefusedByGuard);
  CHECK(refused.error().what.find("\"insulation\"") != std::string::npos);
  CHECK_FALSE(
      Run::start(site.store, checklist("weco_smart", "commissioning"), site.site, "Ann", kNow));
  REQUIRE(site.store.put_device(site.site.id, {"WT25", "weco_smart", "", "", "", kNow}));
  CHECK_FALSE(may_recommission_device(site.store, "WT25"));
  CHECK(may_recommission_device(site.store, "somebody else's"));
  Given skipped = bad("not looked at this time");
  skipped.result = records::Result::NotApplicable;
  REQUIRE(site.record("quarterly", nullptr, {{"insulation", skipped}}));
  CHECK_FALSE(may_recommission(site.store, site.site));
  REQUIRE(site.record("quarterly", nullptr));
  CHECK(may_recommission(site.store, site.site));
}

TEST_CASE("an item that is neither safety, insulation nor tightening leaves the system in use",
          "[WS-66]") {
  Site site;
  const auto record = site.record("quarterly", nullptr, {{"oxidation", bad("a little rust")}});
  REQUIRE(record);
  CHECK(text_of(*proof::parse_json(record->body, ""), "recommissioning") == "allowed");
  CHECK(may_recommission(site.store, site.site));
}

TEST_CASE("two months in a row without a full charge want a service case", "[WS-61]") {
  Site site;
  DeviceReport report = healthy_tower();
  test::set_number(report, "hours_since_full", "900");
  REQUIRE(site.record("monthly", &report));
  const auto second = site.record("monthly", &report, {}, kNow + 30 * kDay_s);
  REQUIRE_FALSE(second);
  CHECK(second.error().hint.find("service case") != std::string::npos);
  Run run = site.start("monthly", kNow + 30 * kDay_s);
  CHECK(run.resumed());
  Given given;
  given.case_id = "WECO-4711";
  REQUIRE(run.answer("full_charge", given, kNow + 30 * kDay_s));
  const auto closed =
      run.finish(Declaration::DiscrepancyIsolated, {"Ann", "weco", {}}, kNow + 30 * kDay_s);
  REQUIRE(closed);
  CHECK(closed->body.find("WECO-4711") != std::string::npos);
}

TEST_CASE("the declaration has to say what the record says", "[WS-65]") {
  Site site;
  Run run = site.start("monthly");
  CHECK_FALSE(run.finish(Declaration::NoDiscrepancy, {}, kNow));  // nothing is answered
  answer_all(run, kNow);
  answer_all(run, kNow);
  CHECK_FALSE(run.finish(Declaration::DiscrepancyIsolated, {}, kNow));
  CHECK(run.finish(Declaration::NoDiscrepancy, {}, kNow));
}

TEST_CASE("a note is wanted for what is not conforming or does not apply", "[WS-65]") {
  Site site;
  Run run = site.start("monthly");
  for (const ChecklistItem& item : run.list().items) {
    if (item.first) REQUIRE(run.answer(item.id, good_answer(item), kNow));
  }
  CHECK_FALSE(run.answer("room", bad(""), kNow));
  CHECK(run.answer("room", bad("boxes in front of the fan"), kNow));
}

TEST_CASE("a run that was torn goes on where it was", "[WS-65]") {
  Site site;
  {
    Run run = site.start("monthly");
    REQUIRE(run.answer("safety_qualified", {}, kNow));
  }
  const Run again = site.start("monthly");
  CHECK(again.resumed());
  CHECK(again.answer_to("safety_qualified") != nullptr);
  CHECK(again.open().size() == again.list().items.size() - 1);
}

TEST_CASE("a whole site goes to another store as one file and its chain still holds",
          "[WS-36][WS-65]") {
  Site site;
  const DeviceReport report = healthy_tower();
  Given photo;
  photo.photos.push_back({proof::sha256_hex("jpeg"), "room.jpg", "jpeg"});
  REQUIRE(site.record("monthly", &report, {{"room", photo}}));
  REQUIRE(site.record("quarterly", nullptr, {{"dust", photo}}));
  const auto file = export_site(site.store, site.site, test::test_key(), "a test");
  REQUIRE(file);
  const auto checked = records::check_file(*file, "site.json");
  REQUIRE(checked);
  CHECK(checked->records.size() == 2);
  Site other;
  REQUIRE(other.store.add_site("another", "weco_smart", kNow));
  CHECK(import_site(other.store, *checked).value() == 2);
  CHECK(import_site(other.store, *checked).value() == 0);
  const auto same = export_site(other.store, other.site, test::test_key(), "a test");
  REQUIRE(same);
  CHECK(records::check_file(*same, "f")->records.size() == 2);
  // A history that differs is not mixed in.
  Site third;
  REQUIRE(third.record("monthly", nullptr));
  const auto mixed = import_site(third.store, *checked);
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().code() == ErrorCode::VerificationDiffers);
  CHECK(third.store.records(third.site.id)->size() == 1);
}

TEST_CASE("a missing record breaks the chain of a site", "[WS-65]") {
  Site site;
  REQUIRE(site.record("quarterly", nullptr));
  REQUIRE(site.record("quarterly", nullptr));
  const auto file = export_site(site.store, site.site, test::test_key(), "a test");
  auto checked = records::check_file(*file, "f");
  REQUIRE(checked);
  Json body = checked->file.body;
  body["records"].erase(0);
  const std::string forged =
      to_text(proof::seal(std::move(body), Json::array(), test::test_key(), "a test"));
  const auto broken = records::check_file(forged, "f");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().what == "the chain is broken before record 1");
}

TEST_CASE("every single-byte change of an exported record of 20 KiB is found", "[WS-65]") {
  Site site;
  const DeviceReport report = healthy_tower();
  Given photo;
  const std::string picture(6750, '\x5a');
  photo.photos.push_back({proof::sha256_hex(picture), "room.jpg", picture});
  const auto record = site.record("monthly", &report, {{"room", photo}});
  REQUIRE(record);
  const auto sealed = sealed_record(site.store, *record);
  REQUIRE(sealed);
  const std::string text = to_text(*sealed);
  INFO(text.size() << " bytes");
  REQUIRE(text.size() >= 20480);
  REQUIRE(records::check_file(text, "f"));
  // Sanitizers make a check ten times as slow: there every 23rd byte has to do.
#if defined(__SANITIZE_ADDRESS__)
  constexpr std::size_t kStep = 23;
#else
  constexpr std::size_t kStep = 1;
#endif
  for (std::size_t i = 0; i < text.size(); i += kStep) {
    std::string changed = text;
    changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ 1U);
    if (records::check_file(changed, "f")) FAIL("a change of byte " << i << " was not found");
  }
}

TEST_CASE("an unsigned record does not leave, and is signed afterwards", "[WS-65]") {
  Site site;
  Run run = site.start("monthly");
  answer_all(run, kNow);
  answer_all(run, kNow);
  const auto record = run.finish(Declaration::NoDiscrepancy, {"Ann", "weco", {}}, kNow);
  REQUIRE(record);
  CHECK(sealed_record(site.store, *record).error().code() == ErrorCode::RefusedByGuard);
  const auto key = test::test_key();
  REQUIRE(site.store.put_signature(record->id, proof::sign_file(key, record->body, "later"),
                                   proof::key_line(key.public_key())));
  CHECK(sealed_record(site.store, **site.store.record(record->id)));
}

TEST_CASE("keys are kept apart, never replaced and never readable by others", "[WS-65]") {
  const Folder folder;
  KeyFolder keys(folder.path() + "/keys");
  CHECK_FALSE(*keys.choose(""));
  const auto mine = keys.make("ann");
  REQUIRE(mine);
  CHECK_FALSE(keys.make("ann"));
  CHECK_FALSE(keys.make("../ann"));
  CHECK(keys.choose("")->value().public_key() == *mine);
  REQUIRE(keys.make("second"));
  CHECK_FALSE(keys.choose(""));  // which one?
  CHECK((*keys.holder(*mine))->name == "ann");
  CHECK_FALSE(*keys.holder(test::test_key().public_key()));
  REQUIRE(keys.trust("bob", test::test_key().public_key()));
  CHECK_FALSE((*keys.holder(test::test_key().public_key()))->own);
  CHECK(keys.secret("nobody").error().code() == ErrorCode::NotFound);
}

TEST_CASE("times are written one way and read back", "[WS-65]") {
  CHECK(utc_text(kNow) == "2026-11-20T10:00:00Z");
  CHECK(utc_text(0) == "1970-01-01T00:00:00Z");
  CHECK(parse_utc("2026-11-20T10:00:00Z") == kNow);
  CHECK(parse_utc("2026-11-20 10:00") == kNow);
  CHECK(parse_utc("2026-11-20") == kNow - 36000);
  for (const char* wrong : {"", "2026-02-29", "2026-13-01", "2026-11-20T24:00", "20.11.2026"}) {
    CHECK_FALSE(parse_utc(wrong));
  }
  CHECK(day_of(kNow).week == 47);
  CHECK(day_of(*parse_utc("2027-01-01")).week_year == 2026);
}
