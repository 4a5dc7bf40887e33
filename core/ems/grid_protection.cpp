// SPDX-License-Identifier: Apache-2.0
#include "core/ems/grid_protection.hpp"

#include <algorithm>

namespace weco::ems {
namespace {

constexpr Duration kStep = Duration::s(3);
constexpr std::int64_t kMinuteMs = 60000;

consteval bool blackout_below_every_row() {
  for (const GridCode& code : kGridCodes) {
    for (const TripRow& row : code.rows) {
      if (row.kind == TripKind::UnderVoltage && row.limit <= kBlackout.count()) return false;
    }
  }
  return true;
}
static_assert(blackout_below_every_row(), "a dip waits for its row, only a blackout does not");

struct Extremes {
  std::int32_t low;
  std::int32_t high;
};

Extremes extremes(const GridSample& sample, std::uint8_t phases) {
  Extremes e{sample.voltage[0].count(), sample.voltage[0].count()};
  for (std::size_t i = 1; i < phases; ++i) {
    const std::int32_t v = sample.voltage[i].count();
    e.low = std::min(e.low, v);
    e.high = std::max(e.high, v);
  }
  return e;
}

bool beyond(const TripRow& row, const Extremes& e, std::int32_t mean, std::int32_t frequency) {
  switch (row.kind) {
    case TripKind::UnderVoltage:
      return e.low < row.limit;
    case TripKind::OverVoltage:
      return e.high > row.limit;
    case TripKind::MeanOverVoltage:
      return mean > row.limit;
    case TripKind::UnderFrequency:
      return frequency < row.limit;
    case TripKind::OverFrequency:
      return frequency > row.limit;
  }
  return true;
}

bool inside_reconnect(const Reconnect& r, const Extremes& e, Millihertz f) {
  if (e.low < r.voltage_min.count() || e.high > r.voltage_max.count()) return false;
  return f >= r.frequency_min && f <= r.frequency_max;
}

// part/whole of `power`, in 64 bits.
Watts fraction(Watts power, std::int64_t part, std::int64_t whole) {
  return Watts(static_cast<std::int32_t>(power.count() * part / whole));
}

Watts not_negative(Watts w) { return w > Watts(0) ? w : Watts(0); }

Watts droop_max(const FrequencyWatt& fw, Watts reference, Millihertz f) {
  const std::int64_t above_mhz = (f - fw.start).count();
  const std::int64_t cut = above_mhz * fw.slope_per_hertz.count();
  return not_negative(reference - fraction(reference, cut, 1000 * 10000));
}

Watts points_max(const FrequencyWatt& fw, Watts reference, Watts rated, Millihertz f) {
  if (f <= fw.transition_at) {
    return fraction(reference, (fw.transition_at - f).count(),
                    (fw.transition_at - fw.over_start).count());
  }
  const Millihertz at = f < fw.charge_max_at ? f : fw.charge_max_at;
  return -fraction(rated, (at - fw.transition_at).count(),
                   (fw.charge_max_at - fw.transition_at).count());
}

Watts points_min(const FrequencyWatt& fw, Watts reference, Watts rated, Millihertz f) {
  if (f >= fw.charge_stop_at) {
    return -fraction(reference, (f - fw.charge_stop_at).count(),
                     (fw.under_start - fw.charge_stop_at).count());
  }
  const Millihertz at = f > fw.discharge_max_at ? f : fw.discharge_max_at;
  return fraction(rated, (fw.charge_stop_at - at).count(),
                  (fw.charge_stop_at - fw.discharge_max_at).count());
}

// Notes the AC power at which a side of frequency-watt begins to act.
void follow(bool& acting, bool wanted, Watts& reference, Watts power_now) {
  if (wanted && !acting) reference = not_negative(power_now);
  acting = wanted;
}

void frequency_watt(const ProtectionConfig& config, ProtectionState& state, Millihertz f,
                    Watts ac_now, AcBounds& bounds) {
  const FrequencyWatt& fw = config.code->frequency_watt;
  if (fw.kind == FrequencyWattKind::None) return;
  const bool droop = fw.kind == FrequencyWattKind::Droop;
  follow(state.over, f > (droop ? fw.start : fw.over_start), state.reference, ac_now);
  if (state.over) {
    const Watts most = droop ? droop_max(fw, state.reference, f)
                             : points_max(fw, state.reference, config.rated, f);
    bounds.max.at_most(most, LimitReason::FrequencyWatt);
  }
  if (droop) return;
  follow(state.under, f < fw.under_start, state.reference, -ac_now);
  if (state.under) {
    bounds.min.at_least(points_min(fw, state.reference, config.rated, f),
                        LimitReason::FrequencyWatt);
  }
}

}  // namespace

void TenMinuteMean::add(const GridSample& sample, std::uint8_t phases, Instant now) {
  if (!started_) step_start_ = now;
  started_ = true;
  for (std::size_t i = 0; i < phases; ++i) step_sum_mv_[i] += sample.voltage[i].count();
  ++step_samples_;
  if (now - step_start_ >= kStep) complete_step(phases, now);
}

void TenMinuteMean::complete_step(std::uint8_t phases, Instant now) {
  highest_ = Millivolts(0);
  if (filled_ < kSteps) ++filled_;
  for (std::size_t i = 0; i < phases; ++i) {
    const std::int64_t mean_10mv = step_sum_mv_[i] / step_samples_ / 10;
    const auto stored = static_cast<std::uint16_t>(std::min<std::int64_t>(mean_10mv, 0xFFFF));
    sum_[i] = sum_[i] - ring_[i][at_] + stored;
    ring_[i][at_] = stored;
    const Millivolts mean(static_cast<std::int32_t>(sum_[i] * 10 / filled_));
    highest_ = mean > highest_ ? mean : highest_;
  }
  at_ = static_cast<std::uint16_t>((at_ + 1) % kSteps);
  step_sum_mv_ = {};
  step_samples_ = 0;
  step_start_ = now;
}

Result<const GridCode*> find_grid_code(std::string_view name) {
  for (const GridCode& code : kGridCodes) {
    if (code.name == name) return &code;
  }
  return fail(ErrorCode::NotFound);
}

Result<ProtectionConfig> make_protection(const GridCode& code, Watts rated, std::uint8_t phases,
                                         Trust trust) {
  if (phases < 1 || phases > 3 || rated <= Watts(0)) return fail(ErrorCode::OutOfRange);
  ProtectionConfig config{&code, 0, phases, rated};
  std::uint32_t kinds = 0;
  for (std::size_t i = 0; i < code.rows.size(); ++i) {
    const TripRow& row = code.rows[i];
    if (trust == Trust::CertainOnly && row.confidence == Confidence::Unsure) continue;
    config.enabled = static_cast<std::uint16_t>(config.enabled | (1U << i));
    kinds |= 1U << static_cast<unsigned>(row.kind);
  }
  for (const TripKind needed : {TripKind::UnderVoltage, TripKind::OverVoltage,
                                TripKind::UnderFrequency, TripKind::OverFrequency}) {
    if ((kinds >> static_cast<unsigned>(needed) & 1U) == 0) {
      return fail(ErrorCode::Unsupported, static_cast<std::int32_t>(needed));
    }
  }
  return config;
}

bool protect(const ProtectionConfig& config, ProtectionState& state, const GridSample& sample,
             bool commanded_off, Instant now) {
  const GridCode& code = *config.code;
  const bool measured = sample.quality == Quality::Good;
  if (measured) state.mean.add(sample, config.phases, now);
  const Extremes e = extremes(sample, config.phases);
  const std::int32_t mean = state.mean.highest().count();
  GridCause cause = GridCause::None;
  for (std::size_t i = 0; i < code.rows.size(); ++i) {
    if ((config.enabled >> i & 1U) == 0) continue;
    if (!measured || !beyond(code.rows[i], e, mean, sample.frequency.count())) {
      state.beyond_since[i] = Instant::never();
      continue;
    }
    if (state.beyond_since[i] > now) state.beyond_since[i] = now;
    if (now - state.beyond_since[i] < code.rows[i].hold) continue;
    cause = GridCause::Row;
    if (state.connected) state.row = static_cast<std::uint8_t>(i);
  }
  if (measured && e.high < kBlackout.count()) cause = GridCause::Blackout;
  if (!measured) cause = GridCause::NotMeasured;
  if (commanded_off) cause = GridCause::Commanded;
  if (cause != GridCause::None) {
    state.connected = false;
    state.cause = cause;
  }
  // A row that is still in its hold needs no look here: holds are shorter than the wait for the
  // reconnection (grid_code.hpp checks it), so the row acts before the grid could be taken again.
  const bool inside =
      cause == GridCause::None && inside_reconnect(code.reconnect, e, sample.frequency);
  if (state.connected) return true;
  if (!inside) {
    state.inside_since = Instant::never();
    return false;
  }
  if (state.inside_since > now) state.inside_since = now;
  const Duration wait = state.was_connected ? code.reconnect.wait : code.reconnect.wait_first;
  if (now - state.inside_since < wait) return false;
  state.connected = state.was_connected = true;
  state.cause = GridCause::None;
  state.connected_at = now;
  return true;
}

AcBounds grid_support(const ProtectionConfig& config, ProtectionState& state, Millihertz frequency,
                      Watts ac_now, Instant now) {
  AcBounds bounds;
  if (!state.connected) {
    state.over = state.under = false;
    return bounds;
  }
  frequency_watt(config, state, frequency, ac_now, bounds);
  const std::int64_t ramp = config.code->reconnect.ramp_per_minute.count();
  if (ramp == 0) return bounds;
  const std::int64_t risen = (now - state.connected_at).to_ms() * ramp;
  if (risen < kMinuteMs * 10000) {
    bounds.max.at_most(fraction(config.rated, risen, kMinuteMs * 10000),
                       LimitReason::ReconnectRamp);
  }
  return bounds;
}

}  // namespace weco::ems
