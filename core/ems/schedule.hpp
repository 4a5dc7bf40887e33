// SPDX-License-Identifier: Apache-2.0
// Time windows of a day and who may have them: charge and discharge windows of peak shaving
// (WS-42), templates of slots that cover a day and are applied by weekday (CM-12), the charging
// schedule of EP760 (EP-06). A setting that breaks a rule is refused with the rule's name and the
// windows that break it; nothing is mended silently.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/fixed.hpp"
#include "core/base/units.hpp"

namespace weco::ems {

inline constexpr std::int32_t kMinutesPerDay = 24 * 60;
inline constexpr std::int32_t kSecondsPerDay = kMinutesPerDay * 60;

/// Local calendar time, given by whoever keeps the clock. `known` false: no clock has been set, and
/// nothing that depends on the time of day may run.
struct Calendar {
  std::int32_t second_of_day = 0;  // 0 .. 86399
  std::uint8_t weekday = 0;        // 0 Monday .. 6 Sunday
  std::int32_t date = 0;           // day number, grows by one a day
  bool known = false;
  [[nodiscard]] constexpr std::int32_t minute() const { return second_of_day / 60; }
};

/// From `start` (inside) to `end` (outside), in minutes since midnight; 1440 is the day's end. A
/// window does not run across midnight: that is two windows.
struct Window {
  std::uint16_t start = 0;
  std::uint16_t end = 0;
  [[nodiscard]] constexpr bool contains(std::int32_t minute) const {
    return minute >= start && minute < end;
  }
};
inline constexpr std::size_t kWindowsMax = 4;  // the manuals name no number; four as CM2 shows
using Windows = FixedVector<Window, kWindowsMax>;

enum class ScheduleRefusal : std::uint8_t {
  None,
  Empty,             // a window that ends at or before its start, as one across midnight does
  OutsideDay,        // later than 24:00
  Overlap,           // two windows share a minute
  Gap,               // a template leaves a minute of the day without a slot
  NoSuchTemplate,    // a weekday points at a template that does not exist
  PowerOutOfRange,   // a slot's power is negative
  TargetOutOfRange,  // a slot's target state of charge is not 0 .. 100 %
};
std::string_view name(ScheduleRefusal refusal);

/// What is wrong and where: indices of the windows, slots or weekday, in the order given.
struct ScheduleVerdict {
  ScheduleRefusal refusal = ScheduleRefusal::None;
  std::size_t first = 0;
  std::size_t second = 0;
  [[nodiscard]] constexpr bool accepted() const { return refusal == ScheduleRefusal::None; }
};

/// WS-42: every window inside the day, none touching another of either list. Indices of discharge
/// windows follow those of the charge windows.
ScheduleVerdict check_windows(const Windows& charge, const Windows& discharge);
bool inside(const Windows& windows, std::int32_t minute);

/// What a slot of a template does.
enum class SlotAction : std::uint8_t {
  SelfConsumption,  // PV to load, battery, grid; battery helps the load
  Charge,           // battery first; from the grid as well when `from_grid`
  Discharge,        // battery gives `power`, the rest of the load as in self-consumption
  Hold,             // battery only takes surplus PV
};
struct Slot {
  Window window{};
  SlotAction action = SlotAction::SelfConsumption;
  Watts power{};                // Charge, Discharge: at most this much; never negative
  Permyriad target_soc{10000};  // Charge: from the grid only below this
  bool from_grid = false;
};
inline constexpr std::size_t kSlotsMax = 8;      // no number is published
inline constexpr std::size_t kTemplatesMax = 4;  // no number is published
using Template = FixedVector<Slot, kSlotsMax>;

struct WeekPlan {
  FixedVector<Template, kTemplatesMax> templates{};
  std::array<std::uint8_t, 7> by_weekday{};  // Monday first: index into templates
};
/// CM-12: each template in order of time, from 0:00 to 24:00 without gap or overlap. `first` is the
/// slot and `second` the template; for NoSuchTemplate `first` is the weekday.
ScheduleVerdict check_week(const WeekPlan& plan);
/// The slot in force. The plan must have been accepted.
const Slot& slot_at(const WeekPlan& plan, const Calendar& calendar);

}  // namespace weco::ems
