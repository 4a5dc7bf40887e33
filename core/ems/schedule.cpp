// SPDX-License-Identifier: Apache-2.0
#include "core/ems/schedule.hpp"

namespace weco::ems {
namespace {

ScheduleRefusal check_window(const Window& w) {
  if (w.end > kMinutesPerDay || w.start > kMinutesPerDay) return ScheduleRefusal::OutsideDay;
  return w.end <= w.start ? ScheduleRefusal::Empty : ScheduleRefusal::None;
}

bool overlap(const Window& a, const Window& b) { return a.start < b.end && b.start < a.end; }

ScheduleRefusal check_slot(const Slot& slot, std::uint16_t expected_start) {
  const ScheduleRefusal window = check_window(slot.window);
  if (window != ScheduleRefusal::None) return window;
  if (slot.window.start < expected_start) return ScheduleRefusal::Overlap;
  if (slot.window.start > expected_start) return ScheduleRefusal::Gap;
  if (slot.power < Watts(0)) return ScheduleRefusal::PowerOutOfRange;
  if (slot.target_soc < Permyriad(0) || slot.target_soc > Permyriad(10000)) {
    return ScheduleRefusal::TargetOutOfRange;
  }
  return ScheduleRefusal::None;
}

ScheduleVerdict check_template(const Template& slots, std::size_t index) {
  std::uint16_t reached = 0;
  std::size_t i = 0;
  for (const Slot& slot : slots) {
    const ScheduleRefusal refusal = check_slot(slot, reached);
    if (refusal != ScheduleRefusal::None) return {refusal, i, index};
    reached = slot.window.end;
    ++i;
  }
  if (reached != kMinutesPerDay) return {ScheduleRefusal::Gap, i, index};
  return {};
}

}  // namespace

std::string_view name(ScheduleRefusal refusal) {
  switch (refusal) {
    case ScheduleRefusal::None:
      return "accepted";
    case ScheduleRefusal::Empty:
      return "a window ends at or before its start (across midnight needs two windows)";
    case ScheduleRefusal::OutsideDay:
      return "a window leaves the 24 hours of the day";
    case ScheduleRefusal::Overlap:
      return "two windows overlap";
    case ScheduleRefusal::Gap:
      return "the slots leave a part of the day uncovered";
    case ScheduleRefusal::NoSuchTemplate:
      return "a weekday names a template that does not exist";
    case ScheduleRefusal::PowerOutOfRange:
      return "a slot's power is negative";
    case ScheduleRefusal::TargetOutOfRange:
      return "a slot's target state of charge is not between 0 and 100 percent";
  }
  return "";
}

ScheduleVerdict check_windows(const Windows& charge, const Windows& discharge) {
  FixedVector<Window, 2 * kWindowsMax> all;
  for (const Windows* list : {&charge, &discharge}) {
    for (const Window& w : *list) {
      const ScheduleRefusal refusal = check_window(w);
      if (refusal != ScheduleRefusal::None) return {refusal, all.size(), all.size()};
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (overlap(all[i], w)) return {ScheduleRefusal::Overlap, i, all.size()};
      }
      static_cast<void>(all.push_back(w));  // twice kWindowsMax always fits
    }
  }
  return {};
}

bool inside(const Windows& windows, std::int32_t minute) {
  for (const Window& w : windows) {
    if (w.contains(minute)) return true;
  }
  return false;
}

ScheduleVerdict check_week(const WeekPlan& plan) {
  for (std::size_t i = 0; i < plan.templates.size(); ++i) {
    const ScheduleVerdict verdict = check_template(plan.templates[i], i);
    if (!verdict.accepted()) return verdict;
  }
  std::size_t day = 0;
  for (const std::uint8_t index : plan.by_weekday) {
    if (index >= plan.templates.size()) return {ScheduleRefusal::NoSuchTemplate, day, index};
    ++day;
  }
  return {};
}

const Slot& slot_at(const WeekPlan& plan, const Calendar& calendar) {
  const Template& slots = plan.templates[plan.by_weekday[calendar.weekday % 7]];
  std::size_t i = 0;
  while (i + 1 < slots.size() && calendar.minute() >= slots[i].window.end) ++i;
  return slots[i];
}

}  // namespace weco::ems
