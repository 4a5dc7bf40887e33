// SPDX-License-Identifier: Apache-2.0
// Energy, counted in each direction and closed once a day at 23:59 (WS-47: the display's values are
// reset then). Time the core was not called for is not invented: a gap counts with at most ten
// seconds and is reported.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "core/ems/dispatch.hpp"
#include "core/ems/reading.hpp"
#include "core/ems/schedule.hpp"

namespace weco::ems {

enum class Meter : std::uint8_t { Pv, Import, Export, Load, Charge, Discharge, Generator, kCount };
inline constexpr std::size_t kMeters = static_cast<std::size_t>(Meter::kCount);
inline constexpr std::int32_t kDayEndSecond = kSecondsPerDay - 60;  // 23:59:00
inline constexpr Duration kCountedGap = Duration::s(10);

/// Whole watt-hours of each meter.
struct EnergyTotals {
  std::array<WattHours, kMeters> wh{};
  [[nodiscard]] WattHours of(Meter m) const { return wh[static_cast<std::size_t>(m)]; }
};

struct CounterState {
  EnergyTotals today{};
  EnergyTotals total{};
  EnergyTotals yesterday{};                       // the day that was closed last
  std::array<std::int64_t, kMeters> rest_w_us{};  // below one watt-hour
  std::int32_t day = 0;  // the day being counted: dates from 23:59 on belong to the next
  bool day_known = false;
  bool gap = false;  // the last step was longer than what was counted
};

/// What flowed since the last call. True when a day was closed by this call.
bool count_energy(CounterState& state, const Flow& flow, Watts generator, const Calendar& calendar,
                  Duration elapsed);

/// WS-47: PV production over total consumption, as the product shows it; it passes 100 % when more
/// is made than used. Absent while nothing was consumed.
Reading<Permyriad> self_sufficiency(const EnergyTotals& totals);

}  // namespace weco::ems
