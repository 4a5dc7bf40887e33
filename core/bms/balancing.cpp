// SPDX-License-Identifier: Apache-2.0
// Decided anew each second from unloaded readings, so that there is no plan that could go stale.
#include "core/bms/balancing.hpp"

#include <algorithm>
#include <bit>

namespace weco::bms {
namespace {

/// Counted in numbers as wide as a voltage, so that several fit in a register.
std::size_t at_or_above(std::span<const Millivolts> voltage, std::int32_t level) {
  std::int32_t n = 0;
  for (const Millivolts& v : voltage) n += v.count() >= level ? 1 : 0;
  return static_cast<std::size_t>(n);
}

/// Which these are. No branch a cell: they come and go as they like.
CellMask all_at_or_above(std::span<const Millivolts> voltage, std::int32_t level) {
  CellMask mask;
  for (std::size_t first = 0; first < voltage.size(); first += 64) {
    const auto part = voltage.subspan(first, std::min<std::size_t>(64, voltage.size() - first));
    std::uint64_t word = 0;
    for (std::size_t i = part.size(); i-- > 0;)
      word = word << 1 | (part[i].count() >= level ? 1U : 0U);
    mask.put(first / 64, word);
  }
  return mask;
}

/// The `most` highest of those at or above `least`; of equal ones the first. The level that parts
/// them is found bit by bit, so that it takes as long for many as for few, and without a branch on
/// what a count says.
CellMask highest(std::span<const Millivolts> voltage, Millivolts least, Millivolts max,
                 std::size_t most) {
  std::int32_t level = least.count();  // at it or above stand `most` or more
  if (at_or_above(voltage, level) > most) {
    const auto range = static_cast<std::uint32_t>(max.count() - level);
    for (auto bit = static_cast<std::int32_t>(std::bit_floor(range)); bit > 0; bit /= 2) {
      level += bit * static_cast<std::int32_t>(at_or_above(voltage, level + bit) >= most);
    }
  }
  CellMask mask = all_at_or_above(voltage, level);
  std::size_t chosen = at_or_above(voltage, level);
  for (std::size_t i = voltage.size(); chosen > most;) {
    if (voltage[--i].count() != level) continue;
    mask.clear(i);
    --chosen;
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
