// SPDX-License-Identifier: Apache-2.0
#include "core/ems/schedule.hpp"

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Permyriad;
using weco::Watts;

namespace {
Window window(int from_h, int from_m, int to_h, int to_m) {
  return {static_cast<std::uint16_t>(from_h * 60 + from_m),
          static_cast<std::uint16_t>(to_h * 60 + to_m)};
}
template <class... W>
Windows windows(W... w) {
  Windows list;
  (static_cast<void>(list.push_back(w)), ...);
  return list;
}
Slot slot(int from, int to, SlotAction action = SlotAction::SelfConsumption) {
  Slot s;
  s.window = window(from, 0, to, 0);
  s.action = action;
  return s;
}
template <class... S>
Template slots(S... s) {
  Template list;
  (static_cast<void>(list.push_back(s)), ...);
  return list;
}
WeekPlan plan_of(const Template& t) {
  WeekPlan plan;
  static_cast<void>(plan.templates.push_back(t));
  return plan;
}
ScheduleRefusal week_refusal(const Template& t) { return check_week(plan_of(t)).refusal; }
}  // namespace

TEST_CASE("charge and discharge windows that touch no minute twice are accepted", "[WS-42]") {
  CHECK(check_windows({}, {}).accepted());
  CHECK(check_windows(windows(window(0, 0, 6, 0)), windows(window(6, 0, 24, 0))).accepted());
  CHECK(check_windows(windows(window(23, 0, 24, 0), window(0, 0, 5, 0)),
                      windows(window(17, 0, 21, 0)))
            .accepted());
}

TEST_CASE("overlapping windows are refused and both are named", "[WS-42]") {
  const auto v = check_windows(windows(window(0, 0, 6, 0), window(8, 0, 9, 0)),
                               windows(window(12, 0, 13, 0), window(8, 59, 10, 0)));
  CHECK(v.refusal == ScheduleRefusal::Overlap);
  CHECK(v.first == 1);
  CHECK(v.second == 3);
  CHECK(check_windows(windows(window(8, 0, 9, 0)), windows(window(9, 0, 10, 0))).accepted());
  CHECK(check_windows(windows(window(8, 0, 9, 1)), windows(window(9, 0, 10, 0))).refusal ==
        ScheduleRefusal::Overlap);
  CHECK(check_windows(windows(window(9, 59, 11, 0)), windows(window(9, 0, 10, 0))).refusal ==
        ScheduleRefusal::Overlap);
  CHECK(check_windows(windows(window(8, 0, 12, 0)), windows(window(9, 0, 10, 0))).refusal ==
        ScheduleRefusal::Overlap);
}

TEST_CASE("windows that only touch are accepted in whatever order they are given", "[WS-42]") {
  CHECK(check_windows(windows(window(9, 0, 10, 0)), windows(window(8, 0, 9, 0))).accepted());
  CHECK(check_windows(windows(window(9, 0, 10, 0)), windows(window(8, 0, 9, 1))).refusal ==
        ScheduleRefusal::Overlap);
}

TEST_CASE("the last of all windows a device can have is compared, too", "[WS-42]") {
  const Windows charge =
      windows(window(0, 0, 1, 0), window(2, 0, 3, 0), window(4, 0, 5, 0), window(6, 0, 7, 0));
  const auto v = check_windows(charge, windows(window(8, 0, 9, 0), window(10, 0, 11, 0),
                                               window(12, 0, 13, 0), window(10, 59, 12, 0)));
  CHECK(v.refusal == ScheduleRefusal::Overlap);
  CHECK(v.first == 5);
  CHECK(v.second == 7);
}

TEST_CASE("a window from midnight to midnight of the next day is empty, not outside", "[WS-42]") {
  CHECK(check_windows(windows(window(24, 0, 24, 0)), {}).refusal == ScheduleRefusal::Empty);
  CHECK(check_windows(windows(window(24, 1, 24, 1)), {}).refusal == ScheduleRefusal::OutsideDay);
}

TEST_CASE("a window that leaves the 24 hours or runs across midnight is refused", "[WS-42]") {
  CHECK(check_windows(windows(window(22, 0, 24, 0)), {}).accepted());
  CHECK(check_windows(windows(window(22, 0, 24, 1)), {}).refusal == ScheduleRefusal::OutsideDay);
  CHECK(check_windows({}, windows(window(25, 0, 26, 0))).refusal == ScheduleRefusal::OutsideDay);
  CHECK(check_windows(windows(Window{1441, 3}), {}).refusal == ScheduleRefusal::OutsideDay);
  CHECK(check_windows(windows(window(22, 0, 2, 0)), {}).refusal == ScheduleRefusal::Empty);
  CHECK(check_windows(windows(window(7, 0, 7, 0)), {}).refusal == ScheduleRefusal::Empty);
  const auto second = check_windows(windows(window(1, 0, 2, 0)), windows(window(3, 0, 3, 0)));
  CHECK(second.refusal == ScheduleRefusal::Empty);
  CHECK(second.first == 1);
}

TEST_CASE("a window contains its first minute and not its last", "[WS-42]") {
  const Windows w = windows(window(8, 0, 9, 0), window(20, 0, 24, 0));
  CHECK_FALSE(inside(w, 479));
  CHECK(inside(w, 480));
  CHECK(inside(w, 539));
  CHECK_FALSE(inside(w, 540));
  CHECK(inside(w, 1439));
  CHECK_FALSE(inside({}, 0));
}

TEST_CASE("the example of the CM2 manual is accepted and covers every second", "[CM-12]") {
  const WeekPlan plan = plan_of(slots(slot(0, 8, SlotAction::Charge), slot(8, 17, SlotAction::Hold),
                                      slot(17, 20, SlotAction::Discharge), slot(20, 24)));
  REQUIRE(check_week(plan).accepted());
  Calendar c;
  c.known = true;
  const struct {
    int second;
    SlotAction action;
  } edges[] = {{0, SlotAction::Charge},
               {8 * 3600 - 1, SlotAction::Charge},
               {8 * 3600, SlotAction::Hold},
               {17 * 3600 - 1, SlotAction::Hold},
               {17 * 3600, SlotAction::Discharge},
               {20 * 3600 - 1, SlotAction::Discharge},
               {20 * 3600, SlotAction::SelfConsumption},
               {86399, SlotAction::SelfConsumption},
               {86400, SlotAction::SelfConsumption}};  // a clock that counts a leap second
  for (const auto& edge : edges) {
    c.second_of_day = edge.second;
    CHECK(slot_at(plan, c).action == edge.action);
  }
}

TEST_CASE("a template is applied on its weekdays only", "[CM-12]") {
  WeekPlan plan = plan_of(slots(slot(0, 24)));
  REQUIRE(plan.templates.push_back(slots(slot(0, 24, SlotAction::Hold))));
  plan.by_weekday = {0, 0, 0, 0, 0, 1, 1};
  REQUIRE(check_week(plan).accepted());
  Calendar c;
  for (std::uint8_t day = 0; day < 7; ++day) {
    c.weekday = day;
    CHECK((slot_at(plan, c).action == SlotAction::Hold) == (day >= 5));
  }
  plan.by_weekday[3] = 2;
  const auto v = check_week(plan);
  CHECK(v.refusal == ScheduleRefusal::NoSuchTemplate);
  CHECK(v.first == 3);
  CHECK(check_week(WeekPlan{}).refusal == ScheduleRefusal::NoSuchTemplate);
}

TEST_CASE("a weekday beyond Sunday counts on from Monday", "[CM-12]") {
  WeekPlan plan = plan_of(slots(slot(0, 24, SlotAction::Charge)));
  REQUIRE(plan.templates.push_back(slots(slot(0, 24, SlotAction::Hold))));
  plan.by_weekday[1] = 1;
  REQUIRE(check_week(plan).accepted());
  Calendar c;
  c.known = true;
  c.weekday = 7;
  CHECK(slot_at(plan, c).action == SlotAction::Charge);
  c.weekday = 8;
  CHECK(slot_at(plan, c).action == SlotAction::Hold);
}

TEST_CASE("a template with a gap, an overlap or a bad slot is refused by name", "[CM-12]") {
  CHECK(week_refusal(slots()) == ScheduleRefusal::Gap);
  CHECK(week_refusal(slots(slot(0, 23))) == ScheduleRefusal::Gap);
  CHECK(week_refusal(slots(slot(1, 24))) == ScheduleRefusal::Gap);
  CHECK(week_refusal(slots(slot(0, 8), slot(9, 24))) == ScheduleRefusal::Gap);
  CHECK(week_refusal(slots(slot(0, 9), slot(8, 24))) == ScheduleRefusal::Overlap);
  CHECK(week_refusal(slots(slot(0, 25))) == ScheduleRefusal::OutsideDay);
  CHECK(week_refusal(slots(slot(0, 8), slot(8, 8))) == ScheduleRefusal::Empty);
  Slot bad = slot(0, 24);
  bad.power = Watts(-1);
  CHECK(week_refusal(slots(bad)) == ScheduleRefusal::PowerOutOfRange);
  bad.power = Watts(0);
  bad.target_soc = Permyriad(10001);
  CHECK(week_refusal(slots(bad)) == ScheduleRefusal::TargetOutOfRange);
  bad.target_soc = Permyriad(-1);
  CHECK(week_refusal(slots(bad)) == ScheduleRefusal::TargetOutOfRange);
  bad.target_soc = Permyriad(0);
  CHECK(week_refusal(slots(bad)) == ScheduleRefusal::None);
}

TEST_CASE("what is wrong with a week is named by slot and template, or by its day", "[CM-12]") {
  WeekPlan plan = plan_of(slots(slot(0, 24)));
  REQUIRE(plan.templates.push_back(slots(slot(0, 8), slot(8, 9), slot(10, 24))));
  CHECK(check_week(plan).first == 2);
  CHECK(check_week(plan).second == 1);
  WeekPlan first = plan_of(slots(slot(1, 24)));
  CHECK(check_week(first).first == 0);
  CHECK(check_week(first).second == 0);
  WeekPlan open_end = plan_of(slots(slot(0, 8), slot(8, 23)));
  CHECK(check_week(open_end).first == 2);  // the slot that is missing
  for (std::uint8_t day = 0; day < 7; ++day) {
    WeekPlan lost = plan_of(slots(slot(0, 24)));
    lost.by_weekday[day] = 1;
    CHECK(check_week(lost).refusal == ScheduleRefusal::NoSuchTemplate);
    CHECK(check_week(lost).first == day);
    CHECK(check_week(lost).second == 1);
  }
}

TEST_CASE("every refusal has a sentence", "[WS-42][CM-12]") {
  for (int i = 0; i <= static_cast<int>(ScheduleRefusal::TargetOutOfRange); ++i) {
    CHECK_FALSE(name(static_cast<ScheduleRefusal>(i)).empty());
  }
  CHECK(name(static_cast<ScheduleRefusal>(99)).empty());
}
