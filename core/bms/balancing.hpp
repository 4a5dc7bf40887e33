// SPDX-License-Identifier: Apache-2.0
// Passive balancing: bleeds the highest cells near the top of the charge, a few at a time, with
// pauses in which the cells are measured unloaded, and with a thermal guard.
#pragma once

#include "core/bms/cells.hpp"
#include "core/bms/config.hpp"

namespace weco::bms {

struct BalanceState {
  std::uint8_t second = 0;  // within on + off
  bool hot = false;         // the thermal guard has tripped
};

/// The cells to bleed for the next second. `allowed` is false while the pack discharges, is off or
/// has a fault. Any reading that is missing stops it.
CellMask balance(const BalanceConfig& config, BalanceState& state, const CellReadings& readings,
                 const CellSummary& cells, std::size_t count, bool allowed);

/// A second in which no cell wants it.
void pass(const BalanceConfig& config, BalanceState& state, const CellSummary& cells);

/// Some cell stands far enough above the others to be bled.
bool wants_balancing(const BalanceConfig& config, const CellSummary& cells);

}  // namespace weco::bms
