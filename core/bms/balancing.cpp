// SPDX-License-Identifier: Apache-2.0
// Decided anew each second from unloaded readings, so that there is no plan that could go stale.
#include "core/bms/balancing.hpp"

#include <algorithm>

namespace weco::bms {
namespace {

/// Index of the highest cell that is not chosen yet and stands at or above `least`; `count` if
/// none.
std::size_t next_highest(const CellReadings& readings, std::size_t count, const CellMask& chosen,
                         Millivolts least) {
  std::size_t best = count;
  for (std::size_t i = 0; i < count; ++i) {
    if (chosen.test(i) || readings.voltage[i] < least) continue;
    if (best == count || readings.voltage[i] > readings.voltage[best]) best = i;
  }
  return best;
}

}  // namespace

bool wants_balancing(const BalanceConfig& config, const CellSummary& cells) {
  return cells.voltages_known && cells.max >= config.start &&
         cells.max - cells.min >= config.difference;
}

void pass(const BalanceConfig& config, BalanceState& state) {
  const int next = state.second + 1;
  state.second = static_cast<std::uint8_t>(next < config.on_s + config.off_s ? next : 0);
}

CellMask balance(const BalanceConfig& config, BalanceState& state, const CellReadings& readings,
                 const CellSummary& cells, std::size_t count, bool allowed) {
  CellMask mask;
  const std::uint8_t second = state.second;
  pass(config, state);
  if (!cells.temperatures_known || cells.warmest >= config.stop) {
    state.hot = true;
  } else if (cells.warmest <= config.resume) {
    state.hot = false;
  }
  if (state.hot || !allowed || second >= config.on_s) return mask;
  if (!wants_balancing(config, cells)) return mask;
  const Millivolts least = std::max(config.start, cells.min + config.difference);
  for (std::uint8_t n = 0; n < config.cells_max; ++n) {
    const std::size_t i = next_highest(readings, count, mask, least);
    if (i == count) break;
    mask.set(i);
  }
  return mask;
}

}  // namespace weco::bms
