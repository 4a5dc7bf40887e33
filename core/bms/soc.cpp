// SPDX-License-Identifier: Apache-2.0
// All arithmetic is on integers of charge; percentages appear only in the report. Whatever narrows
// the band is an interval that is intersected with what was counted.
#include "core/bms/soc.hpp"

#include <algorithm>
#include <array>

namespace weco::bms {
namespace {

constexpr Duration kNeighbours = Duration::s(2);
constexpr Charge kNotFull = 9990;  // counted charge never claims more without a true full charge
/// Only the uppermost part of the capacity, one in so many, is looked at for that.
constexpr Charge kClampedPart = 512;
static_assert(kNotFull * kClampedPart > kWhole * (kClampedPart - 1), "no clamp lies below it");

/// Envelope over three public LFP curves (Sony/Murata US26650, Gotion 52 Ah, Libre Solar default),
/// widened by 15 mV of hysteresis each way. The sources disagree, so both ends are kept instead of
/// an average. Between 3.22 V and 3.36 V the curves are flat and say nothing.
struct OcvRow {
  std::int32_t mV;
  std::int32_t low;
  std::int32_t high;
};
constexpr std::array kOcvLow = {
    OcvRow{2500, 0, 30},     OcvRow{2700, 0, 70},     OcvRow{2800, 0, 130},
    OcvRow{2900, 0, 230},    OcvRow{2943, 0, 290},    OcvRow{3000, 110, 390},
    OcvRow{3050, 210, 500},  OcvRow{3100, 308, 650},  OcvRow{3125, 360, 735},
    OcvRow{3150, 410, 870},  OcvRow{3175, 460, 1510}, OcvRow{3195, 498, 1945},
    OcvRow{3200, 550, 2080}, OcvRow{3220, 910, 2840},
};
constexpr std::array kOcvHigh = {
    OcvRow{3360, 9550, 10000},
    OcvRow{3370, 9760, 10000},
    OcvRow{3380, 9830, 10000},
    OcvRow{3400, 9930, 10000},
};

constexpr std::int32_t between(std::int32_t x, std::int32_t x0, std::int32_t x1, std::int32_t y0,
                               std::int32_t y1) {
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

template <std::size_t N>
OcvInterval look_up(const std::array<OcvRow, N>& rows, std::int32_t mV) {
  const std::int32_t x = std::clamp(mV, rows.front().mV, rows.back().mV);
  std::size_t i = 1;
  while (x > rows[i].mV) ++i;
  const OcvRow& a = rows[i - 1];
  const OcvRow& b = rows[i];
  return {Permyriad(between(x, a.mV, b.mV, a.low, b.low)),
          Permyriad(between(x, a.mV, b.mV, a.high, b.high)), true};
}

/// What is never negative is divided without a sign: that takes half as long.
Charge part(Charge x, std::uint64_t of) {
  return static_cast<Charge>(static_cast<std::uint64_t>(x) / of);
}

/// Takes the whole units out of `rest`, which keeps what does not make one. Neither is negative.
Charge take_whole(Charge& rest, Charge unit) {
  const Charge whole = part(rest, static_cast<std::uint64_t>(unit));
  rest -= whole * unit;
  return whole;
}

Charge share_of(Charge capacity, Permyriad share) { return part(capacity, kWhole) * share.count(); }

/// Is the current, in mA, at most this share of the capacity in an hour?
bool at_most(const PackConfig& config, Permyriad share, std::int64_t current) {
  return current * kWhole <= std::int64_t{config.capacity.count()} * share.count();
}

Charge magnitude(Charge x) { return x < 0 ? -x : x; }

/// x / by for x >= 0 and by > 0, mostly without a division: the answer of a second ago still holds.
Charge divided(Charge x, Charge by, Charge before) {
  const auto of = static_cast<std::uint64_t>(by);
  return static_cast<std::uint64_t>(x - before * by) < of ? before : part(x, of);
}

/// Half the width of the interval. The errors of gain and capacity are proportional to the net
/// charge since the last anchor: what goes in and out again cancels.
Charge band(const PackConfig& config, const SocState& s) {
  const Permyriad doubt = config.soc.sensor_gain + config.soc.capacity_doubt;
  return s.base_band + share_of(magnitude(s.charge - s.anchor_charge), doubt);
}

void set_interval(SocState& s, Charge low, Charge high) {
  s.charge = low + (high - low) / 2;
  s.base_band = (high - low) / 2;
  s.anchor_charge = s.charge;
}

/// Joins what is counted with what is seen. If both cannot be true, nobody is believed alone: the
/// interval covers both.
void meet(const PackConfig& config, SocState& s, Charge low, Charge high) {
  const Charge width = band(config, s);
  const Charge counted_low = std::max<Charge>(s.charge - width, 0);
  const Charge counted_high = std::min(s.charge + width, s.capacity);
  const Charge inner_low = std::max(low, counted_low);
  const Charge inner_high = std::min(high, counted_high);
  if (inner_low <= inner_high) {
    if (inner_high - inner_low < counted_high - counted_low) set_interval(s, inner_low, inner_high);
  } else {
    set_interval(s, std::min(low, counted_low), std::max(high, counted_high));
  }
}

void reach(SocState& s, Anchor anchor) {
  if (s.anchor != Anchor::None && s.anchor != anchor) ++s.half_cycles;
  s.anchor = anchor;
}

void count(const PackConfig& config, SocState& s, std::int32_t mA, std::int64_t us) {
  const Charge q = Charge{mA} * us;
  Charge stored = q;
  if (mA > 0) {
    s.efficiency_rest += q * config.soc.efficiency.count();
    stored = take_whole(s.efficiency_rest, kWhole);
    s.base_band += share_of(q, config.soc.efficiency_doubt);
  }
  s.base_band += Charge{config.soc.sensor_offset.count()} * us;
  s.since_full += stored;
  s.charge = std::max<Charge>(s.charge + stored, 0);
  if (s.charge > s.capacity - s.capacity / kClampedPart) {
    s.charge = std::min(s.charge, s.full ? s.capacity : share_of(s.capacity, Permyriad(kNotFull)));
  }
  s.throughput_rest += magnitude(q);
  s.throughput_mAs += static_cast<std::uint64_t>(take_whole(s.throughput_rest, 1000000));
}

void widen_for_gap(const PackConfig& config, SocState& s, std::int64_t missed_us) {
  // Nobody counted: anything up to the larger rating may have flowed.
  const std::int32_t worst =
      std::max(config.charge_rating.count(), config.discharge_rating.count());
  const std::int64_t limit = s.capacity / worst;  // microseconds that sweep the whole capacity
  s.base_band += Charge{worst} * std::min(missed_us, limit);
}

bool tapered(const PackConfig& config, const SocInputs& in) {
  return in.current_known && at_most(config, config.soc.full_tail, in.current.count()) &&
         at_most(config, config.soc.rest_current, -std::int64_t{in.current.count()});
}

void check_full(const PackConfig& config, SocState& s, const SocInputs& in,
                const CellSummary& cells, std::int32_t seconds) {
  const SocConfig& c = config.soc;
  const bool high =
      cells.voltages_known && cells.max >= c.full_cell && cells.min >= c.full_lowest_cell;
  if (in.current < Milliamps(0)) s.full = false;
  if (!high || !tapered(config, in)) {
    s.full_s = 0;
    return;
  }
  // A charger that holds the highest cell by switching pauses in between: a pause counts nothing
  // and takes nothing away.
  if (in.current <= Milliamps(0)) return;
  s.full_s = std::min(s.full_s + seconds, c.full_hold_s);
  if (s.full_s < c.full_hold_s) return;
  s.full = true;
  s.charge = s.capacity;
  s.anchor_charge = s.capacity;
  s.base_band = share_of(s.capacity, c.full_band);
  s.since_full = 0;
  s.since_full_s = 0;
  s.full_known = true;
  reach(s, Anchor::Full);
}

/// A whole run from full to empty measures the capacity; a quarter of the news is believed.
void learn_capacity(const PackConfig& config, SocState& s, Temperature coldest) {
  if (!s.full_known || coldest < Temperature::celsius(20)) return;
  const Charge nominal = Charge{config.capacity.count()} * kChargePerMah;
  const Charge measured = std::clamp(-s.since_full, nominal / 2, nominal + nominal / 20);
  const Charge old = s.capacity;
  s.capacity = old - old / 4 + measured / 4;
  s.capacity_runs = static_cast<std::uint16_t>(std::min<int>(s.capacity_runs + 1, 65535));
  s.full_known = false;
}

void check_empty(const PackConfig& config, SocState& s, const SocInputs& in,
                 const CellSummary& cells) {
  const SocConfig& c = config.soc;
  if (!in.current_known || in.current >= Milliamps(0) || !cells.voltages_known) return;
  if (!cells.temperatures_known || cells.min > c.empty_cell) return;
  const bool gentle = at_most(config, Permyriad(5000), -std::int64_t{in.current.count()});
  if (!gentle || cells.coldest < Temperature::celsius(10)) return;
  learn_capacity(config, s, cells.coldest);
  meet(config, s, 0, share_of(s.capacity, c.empty_band));
  reach(s, Anchor::Empty);
}

void check_rest(const PackConfig& config, SocState& s, const SocInputs& in,
                const CellSummary& cells, std::int32_t seconds) {
  const SocConfig& c = config.soc;
  const bool rests =
      in.current_known && at_most(config, c.rest_current, magnitude(in.current.count()));
  if (!rests) {
    s.rest_s = 0;
    return;
  }
  s.rest_s = std::min(s.rest_s + seconds, c.rest_s);
  if (s.rest_s < c.rest_s) return;
  if (!cells.voltages_known || !cells.temperatures_known) return;
  if (cells.coldest < Temperature::celsius(10) || cells.warmest > Temperature::celsius(45)) return;
  const auto n = static_cast<std::int32_t>(config.cells);
  const OcvInterval seen = ocv_interval(Millivolts(cells.sum.count() / n));
  if (!seen.known) return;
  meet(config, s, share_of(s.capacity, seen.low), share_of(s.capacity, seen.high));
}

/// Two neighbouring seconds with a current step of at least 0.1C measure the resistance; over more
/// time the cells' slow polarisation would be taken for it.
void learn_resistance(const PackConfig& config, SocState& s, const SocInputs& in,
                      const CellSummary& cells) {
  const bool known = in.current_known && cells.voltages_known && in.dt <= kNeighbours;
  const std::int32_t step = in.current.count() - s.last_current.count();
  const bool large = magnitude(step) * 10 >= config.capacity.count();
  if (known && s.last_known && large) {
    const std::int64_t dv = cells.sum.count() - s.last_voltage.count();
    const auto r =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(dv * 1000000 / step, 0, 10000000));
    s.resistance_uohm =
        s.resistance_uohm == 0 ? r : s.resistance_uohm + (r - s.resistance_uohm) / 8;
  }
  s.last_known = known;
  s.last_current = in.current;
  s.last_voltage = cells.sum;
}

}  // namespace

OcvInterval ocv_interval(Millivolts rested) {
  const std::int32_t mV = rested.count();
  if (mV <= kOcvLow.back().mV) return look_up(kOcvLow, mV);
  if (mV >= kOcvHigh[0].mV) return look_up(kOcvHigh, mV);
  return {};
}

SocState initial_soc(const PackConfig& config, Permyriad soc) {
  SocState s;
  s.capacity = Charge{config.capacity.count()} * kChargePerMah;
  s.charge = share_of(s.capacity, std::clamp(soc, Permyriad(0), Permyriad(kNotFull)));
  s.anchor_charge = s.charge;
  s.base_band = s.capacity;
  return s;
}

void count_charge(const PackConfig& config, SocState& state, const SocInputs& in,
                  const CellSummary& cells) {
  const std::int64_t us = std::clamp<std::int64_t>(in.dt.to_us(), 0, in.current_covers.to_us());
  const std::int64_t missed = in.dt.to_us() - us;
  if (missed > 0) widen_for_gap(config, state, missed);
  const auto seconds = static_cast<std::int32_t>((us + 500000) / 1000000);
  if (in.current_known) {
    count(config, state, in.current.count(), us);
  } else {
    widen_for_gap(config, state, us);
  }
  state.since_full_s += static_cast<std::uint32_t>(seconds);
  check_full(config, state, in, cells, seconds);
  check_empty(config, state, in, cells);
  check_rest(config, state, in, cells, seconds);
  learn_resistance(config, state, in, cells);
  state.base_band = std::min(state.base_band, state.capacity);
}

Permyriad usable_share(const PackConfig& config, Temperature t, Milliamps current) {
  const auto& rows = config.soc.capacity;
  std::int32_t share = rows.back().share.count();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (t > rows[i].at) continue;
    share = i == 0 ? rows[0].share.count()
                   : between(t.to_deci_celsius(), rows[i - 1].at.to_deci_celsius(),
                             rows[i].at.to_deci_celsius(), rows[i - 1].share.count(),
                             rows[i].share.count());
    break;
  }
  const std::int64_t rate = magnitude(current.count());
  const std::int64_t lost = rate * config.soc.rate_loss.count() / config.capacity.count();
  return Permyriad(std::max<std::int32_t>(share - static_cast<std::int32_t>(lost), 0));
}

Permyriad level(const SocState& s, Permyriad before) {
  const Charge share = divided(s.charge, part(s.capacity, kWhole), Charge{before.count()});
  return Permyriad(static_cast<std::int32_t>(std::min(share, kWhole)));
}

bool full_due(const PackConfig& config, const SocState& s) {
  return s.since_full_s > static_cast<std::uint32_t>(config.soc.full_due_s);
}

SocReport report(const PackConfig& config, const SocState& s, Milliamps current,
                 const CellSummary& cells) {
  SocReport out;
  const Charge unit = s.capacity / kWhole;
  out.soc = level(s, {});
  out.band = Permyriad(static_cast<std::int32_t>(std::min(band(config, s) / unit + 1, kWhole)));
  const Temperature t = cells.any_temperature ? cells.coldest : Temperature::celsius(-20);
  const Charge locked = s.capacity - share_of(s.capacity, usable_share(config, t, current));
  out.usable = MilliampHours(
      static_cast<std::int32_t>(std::max<Charge>(s.charge - locked, 0) / kChargePerMah));
  const Charge nominal = Charge{config.capacity.count()} * kChargePerMah;
  out.soh = Permyriad(static_cast<std::int32_t>(s.capacity / (nominal / kWhole)));
  out.soh_measured = s.capacity_runs != 0;
  out.resistance_uohm = s.resistance_uohm;
  const auto cycle_mAs = static_cast<std::uint64_t>(config.capacity.count()) * 7200;
  out.cycles_thousandth = s.throughput_mAs * 1000 / cycle_mAs;
  out.half_cycles = s.half_cycles;
  out.since_full_s = s.since_full_s;
  out.full_due = full_due(config, s);
  return out;
}

}  // namespace weco::bms
