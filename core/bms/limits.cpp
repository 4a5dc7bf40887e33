// SPDX-License-Identifier: Apache-2.0
// One function a reason; each adds its term or stays silent, and the list keeps itself in order.
#include "core/bms/limits.hpp"

#include <algorithm>
#include <bit>

namespace weco::bms {
namespace {

constexpr Permyriad kFullAgain{9700};  // charging resumes below, after a true full charge
constexpr Permyriad kAlmostFull{9700};
constexpr Permyriad kAlmostEmpty{1000};

Milliamps share(std::int32_t mA, Permyriad p) {
  return Milliamps(static_cast<std::int32_t>(std::int64_t{mA} * p.count() / kWhole));
}

const TemperatureRow& row_at(const TemperatureRows& rows, Temperature t) {
  std::size_t i = rows.size() - 1;
  while (i > 0 && t < rows[i].from) --i;
  return rows[i];
}

Permyriad rate_at(const TemperatureRows& rows, Temperature t, bool emergency) {
  const TemperatureRow& row = row_at(rows, t);
  return emergency ? std::max(row.c_rate, row.emergency) : row.c_rate;
}

/// Worse at once, better only when it would also hold one hysteresis further.
Permyriad with_hysteresis(const PackConfig& config, const TemperatureRows& rows,
                          const CellSummary& cells, bool emergency, Permyriad before) {
  const Permyriad now = temperature_rate(rows, cells.coldest, cells.warmest, emergency);
  if (now <= before) return now;
  const TemperatureDelta h = config.temperature_hysteresis;
  const Permyriad sure = temperature_rate(rows, cells.coldest - h, cells.warmest + h, emergency);
  return std::max(before, std::min(now, sure));
}

void add(Limit& limit, Reason reason, Milliamps value, std::uint16_t cell = kNoCell) {
  limit.add({reason, 0, cell, EventId{}, value});
}

/// Both rates, anew when what they depend on has changed; most seconds it has not.
void rate_temperature(const PackConfig& config, LimitState& state, const CellSummary& cells,
                      bool emergency) {
  const bool same = state.rated && cells.coldest == state.coldest &&
                    cells.warmest == state.warmest && emergency == state.emergency;
  if (same && cells.temperatures_known) return;
  state.rated = cells.temperatures_known;
  if (!cells.temperatures_known) {  // silence removes permission
    state.charge_rate = state.discharge_rate = Permyriad(0);
    return;
  }
  state.coldest = cells.coldest;
  state.warmest = cells.warmest;
  state.emergency = emergency;
  state.charge_rate =
      with_hysteresis(config, config.charge_temperature, cells, emergency, state.charge_rate);
  state.discharge_rate =
      with_hysteresis(config, config.discharge_temperature, cells, false, state.discharge_rate);
}

void limit_temperature(const PackConfig& config, const TemperatureRows& rows, Permyriad rate,
                       const CellSummary& cells, bool emergency, Limit& limit) {
  if (!cells.temperatures_known) {
    add(limit, Reason::Temperature, Milliamps(0));
    return;
  }
  const Milliamps value = share(config.capacity.count(), rate);
  if (value >= limit[limit.size() - 1].value) return;
  const bool cold =
      rate_at(rows, cells.coldest, emergency) <= rate_at(rows, cells.warmest, emergency);
  const bool saves = emergency && row_at(rows, cells.coldest).c_rate < rate;
  add(limit, saves ? Reason::Emergency : Reason::Temperature, value,
      cold ? cells.coldest_at : cells.warmest_at);
}

/// Straight line from all at `full` to nothing at `zero`; works in both directions.
Permyriad ramp(std::int32_t x, std::int32_t full, std::int32_t zero) {
  const std::int64_t p = std::int64_t{zero - x} * kWhole / (zero - full);
  return Permyriad(static_cast<std::int32_t>(std::clamp<std::int64_t>(p, 0, kWhole)));
}

void limit_cells(const PackConfig& config, const CellSummary& cells, const CellReadings& readings,
                 DynamicLimits& out) {
  if (!cells.voltages_known) {
    add(out.charge, Reason::CellVoltage, Milliamps(0));
    add(out.discharge, Reason::CellVoltage, Milliamps(0));
    return;
  }
  const HeadroomConfig& h = config.headroom;
  if (cells.max > h.charge_full) {
    const Permyriad p = ramp(cells.max.count(), h.charge_full.count(), h.charge_zero.count());
    add(out.charge, Reason::CellVoltage, share(config.charge_rating.count(), p),
        static_cast<std::uint16_t>(find_cell(readings, config.cells, cells.max)));
  }
  if (cells.min < h.discharge_full) {
    const Permyriad p = ramp(cells.min.count(), h.discharge_full.count(), h.discharge_zero.count());
    add(out.discharge, Reason::CellVoltage, share(config.discharge_rating.count(), p),
        static_cast<std::uint16_t>(find_cell(readings, config.cells, cells.min)));
  }
}

void limit_soc(const PackConfig& config, LimitState& state, const LimitInputs& in,
               DynamicLimits& out) {
  if (in.full) state.full_hold = true;
  if (in.soc < kFullAgain) state.full_hold = false;
  if (state.full_hold) {
    add(out.charge, Reason::StateOfCharge, Milliamps(0));
  } else if (in.soc >= kAlmostFull) {
    add(out.charge, Reason::StateOfCharge, share(config.charge_rating.count(), Permyriad(4000)));
  }
  if (in.soc <= kAlmostEmpty) {
    add(out.discharge, Reason::StateOfCharge,
        share(config.discharge_rating.count(), Permyriad(in.soc.count() * 4 + 1000)));
  }
}

void limit_events(Limit& limit, std::uint32_t stops) {
  if (stops == 0) return;
  const auto first = static_cast<EventId>(std::countr_zero(stops));
  limit.add({Reason::Event, 0, kNoCell, first, Milliamps(0)});
}

void limit_situation(const PackConfig& config, const LimitInputs& in, DynamicLimits& out) {
  const auto both = [&out](Reason reason, Milliamps charge, Milliamps discharge) {
    add(out.charge, reason, charge);
    add(out.discharge, reason, discharge);
  };
  limit_events(out.charge, in.stops_charge);
  limit_events(out.discharge, in.stops_discharge);
  if (in.link_lost) both(Reason::LinkLost, Milliamps(0), Milliamps(0));
  if (!in.connected) both(Reason::ContactorsOpen, Milliamps(0), Milliamps(0));
  if (in.alarm_recent) {
    both(Reason::History, share(config.charge_rating.count(), config.history_share),
         share(config.discharge_rating.count(), config.history_share));
  }
  if (in.balancing) {
    add(out.charge, Reason::Balancing, share(config.capacity.count(), Permyriad(500)));
  }
  if (in.rest_charge) add(out.charge, Reason::Rest, Milliamps(0));
  if (in.rest_discharge) add(out.discharge, Reason::Rest, Milliamps(0));
  const Milliamps none(0);
  if (in.commanded_charge.read) {
    add(out.charge, Reason::Command, std::max(in.commanded_charge.value, none));
  }
  if (in.commanded_discharge.read) {
    add(out.discharge, Reason::Command, std::max(in.commanded_discharge.value, none));
  }
}

/// The voltage limits: the highest cell above its target pulls the pack's target down by as much,
/// so that a constant-voltage charger comes to rest with no cell above.
void limit_voltages(const PackConfig& config, const CellSummary& cells, DynamicLimits& out) {
  const auto n = static_cast<std::int32_t>(config.cells);
  out.charge_voltage = config.charge_cell * n;
  out.discharge_voltage = config.discharge_cell * n;
  if (!cells.voltages_known) return;
  const Millivolts over = cells.max - config.charge_cell;
  if (over > Millivolts(0)) {
    out.charge_voltage = std::min(out.charge_voltage, cells.sum) - over;
  }
  const Millivolts under = config.discharge_cell - cells.min;
  if (under > Millivolts(0)) {
    out.discharge_voltage = std::max(out.discharge_voltage, cells.sum) + under;
  }
}

}  // namespace

Permyriad temperature_rate(const TemperatureRows& rows, Temperature coldest, Temperature warmest,
                           bool emergency) {
  return std::min(rate_at(rows, coldest, emergency), rate_at(rows, warmest, emergency));
}

FlatLimits flat_limits(const PackConfig& config, Permyriad soc) {
  const Permyriad least(1);
  FlatLimits flat{
      .cell_low = std::max(config.headroom.discharge_full, config.discharge_cell) - Millivolts(1),
      .cell_high = std::min(config.headroom.charge_full, config.charge_cell),
      .soc_low = soc - least,
      .soc_high = soc + least};
  const Permyriad nearly_empty = std::max(kAlmostEmpty, config.emergency_soc);
  static_assert(kFullAgain == kAlmostFull);
  if (soc >= kAlmostFull) {
    flat.soc_low = kAlmostFull - least;
    flat.soc_high = Permyriad(kWhole) + least;
  } else if (soc > nearly_empty) {
    flat.soc_low = nearly_empty;
    flat.soc_high = kAlmostFull;
  }
  return flat;
}

void compute_limits(const PackConfig& config, LimitState& state, const LimitInputs& in,
                    const CellSummary& cells, const CellReadings& readings, DynamicLimits& out) {
  out.charge.reset(config.charge_rating);
  out.discharge.reset(config.discharge_rating);
  const bool emergency = in.soc <= config.emergency_soc;
  rate_temperature(config, state, cells, emergency);
  limit_temperature(config, config.charge_temperature, state.charge_rate, cells, emergency,
                    out.charge);
  limit_temperature(config, config.discharge_temperature, state.discharge_rate, cells, false,
                    out.discharge);
  limit_cells(config, cells, readings, out);
  limit_soc(config, state, in, out);
  limit_situation(config, in, out);
  limit_voltages(config, cells, out);
}

}  // namespace weco::bms
