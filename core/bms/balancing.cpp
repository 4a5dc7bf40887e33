// SPDX-License-Identifier: Apache-2.0
// Decided anew each second from unloaded readings, so that there is no plan that could go stale.
#include "core/bms/balancing.hpp"

#include <algorithm>

namespace weco::bms {
namespace {

std::size_t at_or_above(std::span<const Millivolts> voltage, Millivolts level) {
  std::size_t n = 0;
  for (const Millivolts& v : voltage) n += v >= level ? 1 : 0;
  return n;
}

/// The `most` highest of those at or above `least`; of equal ones the first. The level that parts
/// them is found by halving, so that it takes as long for many as for few.
CellMask highest(std::span<const Millivolts> voltage, Millivolts least, Millivolts max,
                 std::size_t most) {
  Millivolts level = least;  // `most` or more stand at it or above ...
  if (at_or_above(voltage, least) > most) {
    Millivolts above = max + Millivolts(1);  // ... and fewer from here on
    while (above - level > Millivolts(1)) {
      const Millivolts middle = level + (above - level) / 2;
      (at_or_above(voltage, middle) >= most ? level : above) = middle;
    }
  }
  CellMask mask;
  std::size_t left = most;
  for (std::size_t i = 0; i < voltage.size(); ++i) {
    if (voltage[i] <= level) continue;
    mask.set(i);
    --left;
  }
  for (std::size_t i = 0; i < voltage.size() && left > 0; ++i) {
    if (voltage[i] != level) continue;
    mask.set(i);
    --left;
  }
  return mask;
}

}  // namespace

bool wants_balancing(const BalanceConfig& config, const CellSummary& cells) {
  return cells.voltages_known && cells.max >= config.start &&
         cells.max - cells.min >= config.difference;
}

void pass(const BalanceConfig& config, BalanceState& state, const CellSummary& cells) {
  ++state.second;
  if (state.second >= config.on_s + config.off_s) state.second = 0;
  if (!cells.temperatures_known || cells.warmest >= config.stop) {
    state.hot = true;
  } else if (cells.warmest <= config.resume) {
    state.hot = false;
  }
}

CellMask balance(const BalanceConfig& config, BalanceState& state, const CellReadings& readings,
                 const CellSummary& cells, std::size_t count, bool allowed) {
  const std::uint8_t second = state.second;
  pass(config, state, cells);
  if (state.hot || !allowed || second >= config.on_s) return {};
  if (!wants_balancing(config, cells)) return {};
  const Millivolts least = std::max(config.start, cells.min + config.difference);
  return highest(readings.voltage.first(count), least, cells.max, config.cells_max);
}

}  // namespace weco::bms
