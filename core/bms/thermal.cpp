// SPDX-License-Identifier: Apache-2.0
// Two small counters of seconds; neither knows about the other.
#include "core/bms/thermal.hpp"

#include <algorithm>

namespace weco::bms {
namespace {

bool may_heat(const HeaterConfig& config, const HeaterInputs& in, const CellSummary& cells) {
  if (!config.fitted || !in.charge_wanted || !in.healthy) return false;
  if (!cells.temperatures_known || cells.warmest >= config.warmest) return false;
  return in.external_energy || in.soc >= config.soc_min;
}

}  // namespace

bool heat(const HeaterConfig& config, HeaterState& state, const HeaterInputs& in,
          const CellSummary& cells) {
  state.pause_s = std::max<std::int32_t>(state.pause_s - in.seconds, 0);
  const Temperature coldest = cells.coldest;
  const bool cold = coldest <= config.on || (state.on && coldest < config.off);
  state.on = may_heat(config, in, cells) && cold && state.pause_s == 0;
  state.run_s = state.on ? state.run_s + in.seconds : 0;
  if (state.run_s >= config.run_max_s) {  // it does not get warm: something is wrong or outside
    state.pause_s = config.run_max_s;
    state.run_s = 0;
  }
  return state.on;
}

RestAdvice rest(const PackConfig& config, RestState& state, Milliamps current,
                std::int32_t seconds) {
  const std::int64_t hours = 50;  // up to a fiftieth of the capacity in an hour is no flow
  if (current.count() * hours > config.capacity.count()) {
    state = {1, 0};
  } else if (current.count() * hours < -config.capacity.count()) {
    state = {-1, 0};
  } else {
    state.idle_s = std::min(state.idle_s + seconds, config.rest_s);
  }
  RestAdvice advice;
  advice.left_s = state.direction == 0 ? 0 : config.rest_s - state.idle_s;
  advice.before_charge = state.direction < 0 && advice.left_s > 0;
  advice.before_discharge = state.direction > 0 && advice.left_s > 0;
  return advice;
}

}  // namespace weco::bms
