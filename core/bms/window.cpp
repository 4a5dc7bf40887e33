// SPDX-License-Identifier: Apache-2.0
#include "core/bms/window.hpp"

#include <algorithm>

#include "core/bms/pack.hpp"

namespace weco::bms {
namespace {

/// Nothing runs or stands but a warning that the cells are apart, which can stand for hours.
bool only_spread_stands(const EventTable& table, const Diagnosis& d) {
  const auto i = static_cast<std::size_t>(EventId::Imbalance);
  const std::uint16_t whole = table.rows[i].levels[0].release_count;
  return d.busy == bit(EventId::Imbalance) && d.at(Level::Warning) == d.busy &&
         d.counter[i] == std::array<std::uint16_t, kLevels>{whole, 0, 0};
}

/// On the bus, with nothing pending, and in the one of the two states that its limits call for.
bool settled(const PackConfig& config, const PackState& state) {
  const Machine& m = state.machine;
  const State wanted = derated(state.limits) ? State::Derating : State::Running;
  return m.state == wanted && state.finding == Finding::None && state.history_s == 0 &&
         !config.rest_enforced;
}

bool cells_inside(const Window& w, const CellSummary& c) {
  const Millivolts spread = c.max - c.min;
  return c.missing == 0 && c.max < w.cell_high && c.min > w.cell_low && c.sum < w.sum_high &&
         c.sum > w.sum_low && spread < w.spread_high && spread > w.spread_low &&
         c.warmest < w.hot && c.coldest > w.cold;
}

bool same_temperatures(const Window& w, const CellSummary& c) {
  return c.coldest == w.coldest && c.warmest == w.warmest && c.coldest_at == w.coldest_at &&
         c.warmest_at == w.warmest_at;
}

bool inside_flat(const FlatLimits& flat, const CellSummary& c, Permyriad level) {
  return c.max < flat.cell_high && c.min > flat.cell_low && level > flat.soc_low &&
         level < flat.soc_high;
}

bool tower_inside(const Window& w, const PackInputs& in) {
  if (!in.tower_voltage.read) return true;
  const Millivolts apart = in.tower_voltage.value - in.pack_voltage.value;
  return in.pack_voltage.read && apart < w.drift && -apart < w.drift;
}

bool nothing_asked(const PackInputs& in) {
  return in.command == Command::None && !in.force_open && !in.commanded_charge.read &&
         !in.commanded_discharge.read;
}

bool nothing_reported(const PackInputs& in) {
  return in.main_feedback && in.interlock_closed && in.breaker_trips == 0 && !in.short_circuit &&
         !in.type_mismatch && !in.fire && !in.cooling_failed;
}

bool all_heard(const Window& w, const PackInputs& in) {
  return in.insulation_kohm.read && in.insulation_kohm.value > w.insulation_kohm &&
         in.link_age < w.link_age && in.afe_age < w.afe_age && in.master_age < w.master_age;
}

}  // namespace

void find_window(const PackConfig& config, const PackState& state, const PackInputs& in,
                 Window& w) {
  const bool apart = only_spread_stands(config.events, state.diagnosis);
  w.open = settled(config, state) && (state.diagnosis.busy == 0 || apart);
  if (!w.open) return;
  const CellSummary& c = state.cells;
  const QuietBand& events = config.events.quiet;
  w.cold = Temperature::deci_celsius(events.cold);
  w.hot = Temperature::deci_celsius(events.hot);
  w.cell_low = Millivolts(events.cell_low);
  w.cell_high = Millivolts(events.cell_high);
  w.sum_low = Millivolts(events.sum_low);
  w.sum_high = Millivolts(events.sum_high);
  w.spread_low = Millivolts(apart ? events.apart_low : -1);
  w.spread_high = Millivolts(apart ? events.apart_high : events.spread_high);
  w.current_low = -Milliamps(events.discharge_high);
  w.current_high = Milliamps(events.charge_high);
  w.drift = Millivolts(events.drift_high);
  w.insulation_kohm = events.insulation_low;
  w.flat = flat_limits(config, state.level);
  w.flat_now = inside_flat(w.flat, c, state.level);
  w.coldest_at = c.coldest_at;
  w.warmest_at = c.warmest_at;
  w.coldest = c.coldest;
  w.warmest = c.warmest;
  w.link_age =
      std::min({Duration::ms(events.link_high), config.link_silent, config.timeout.link_open});
  w.afe_age = Duration::ms(events.afe_high);
  w.master_age = Duration::ms(events.master_high);
  w.open = inside(w, c, in);
}

bool limits_stay(const Window& w, const CellSummary& cells, Permyriad level) {
  return w.flat_now && same_temperatures(w, cells) && inside_flat(w.flat, cells, level);
}

bool readings_inside(const Window& w, const CellSummary& cells, const PackInputs& in) {
  const Milliamps current = in.current.value;
  return w.open && cells_inside(w, cells) && in.current.read && current > w.current_low &&
         current < w.current_high && tower_inside(w, in);
}

bool inside(const Window& w, const CellSummary& cells, const PackInputs& in) {
  return readings_inside(w, cells, in) && nothing_asked(in) && nothing_reported(in) &&
         all_heard(w, in);
}

}  // namespace weco::bms
