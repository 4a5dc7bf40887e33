// SPDX-License-Identifier: Apache-2.0
#include "core/ems/counters.hpp"

namespace weco::ems {
namespace {

constexpr std::int64_t kWattHourWUs = 3600LL * 1000000LL;  // one watt-hour in watt-microseconds

Watts above_zero(Watts w) { return w > Watts(0) ? w : Watts(0); }

// The calendar is followed forwards by closing the day; a clock that was set back closes nothing.
bool close_day(CounterState& state, const Calendar& calendar) {
  if (!calendar.known) return false;
  const std::int32_t day = calendar.date + (calendar.second_of_day >= kDayEndSecond ? 1 : 0);
  const bool closed = state.day_known && day > state.day;
  state.day = day;
  state.day_known = true;
  if (!closed) return false;
  state.yesterday = state.today;
  state.today = EnergyTotals{};
  return true;
}

}  // namespace

bool count_energy(CounterState& state, const Flow& flow, Watts generator, const Calendar& calendar,
                  Duration elapsed) {
  const bool closed = close_day(state, calendar);
  state.gap = elapsed > kCountedGap;
  const std::int64_t us = state.gap ? kCountedGap.to_us() : elapsed.to_us();
  const std::array<Watts, kMeters> power{flow.pv + flow.pv_ac,
                                         above_zero(flow.grid),
                                         above_zero(-flow.grid),
                                         flow.load,
                                         above_zero(flow.battery),
                                         above_zero(-flow.battery),
                                         generator};
  for (std::size_t i = 0; i < kMeters; ++i) {
    std::int64_t& rest = state.rest_w_us[i];
    rest += power[i].count() * us;
    if (rest < kWattHourWUs) continue;
    const WattHours whole(rest / kWattHourWUs);
    rest -= whole.count() * kWattHourWUs;
    state.today.wh[i] += whole;
    state.total.wh[i] += whole;
  }
  return closed;
}

Reading<Permyriad> self_sufficiency(const EnergyTotals& totals) {
  const std::int64_t used = totals.of(Meter::Load).count();
  if (used <= 0) return {};
  const std::int64_t share = totals.of(Meter::Pv).count() * 10000 / used;
  constexpr std::int64_t kMost = 1000000;  // 10000 %: more says nothing
  return Reading<Permyriad>::good_of(
      Permyriad(static_cast<std::int32_t>(share < kMost ? share : kMost)));
}

}  // namespace weco::ems
