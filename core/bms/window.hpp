// SPDX-License-Identifier: Apache-2.0
// The readings among which a pack has nothing to decide. Nearly every second of a battery is such a
// second: it is on the bus, nobody asks anything of it and no reading is near a threshold. While
// all stays inside, the diagnosis has nothing to count and the state machine nowhere to go; where
// the limits are flat and the temperatures those of a moment ago, they come out as they are.
// What remains of a cycle is to count charge and time, and to bleed and warm cells. A window is a
// saving and no second opinion: it opens after a whole cycle that found nothing, and what is not
// surely inside takes the whole way.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "core/bms/cells.hpp"
#include "core/bms/config.hpp"
#include "core/bms/limits.hpp"

namespace weco::bms {

struct PackInputs;
struct PackState;

/// All bounds are outside: a reading must be strictly between them.
struct Window {
  bool open = false;
  Temperature cold, hot;
  Millivolts cell_low, cell_high;
  Millivolts sum_low, sum_high;
  Millivolts spread_low, spread_high;  // of the cells: lowest to highest
  Milliamps current_low, current_high;
  Millivolts drift;                // from the tower's voltage, magnitude below
  std::int32_t insulation_kohm{};  // above
  FlatLimits flat;                 // inside these, too, the limits are those of the last second,
  bool flat_now = false;           // if they were inside then and these sensors read the same:
  std::uint8_t coldest_at = 0;
  std::uint8_t warmest_at = 0;
  Temperature coldest, warmest;
  Duration link_age, afe_age, master_age;  // below
};

/// After a whole cycle, or when the limits are others: the window around it, closed when something
/// is pending or the cycle itself would not be inside. `out` may be the state's own.
void find_window(const PackConfig& config, const PackState& state, const PackInputs& in,
                 Window& out);

/// Do the limits stay as they are?
bool limits_stay(const Window& window, const CellSummary& cells, Permyriad level);

/// Do cells, current and the tower's voltage stay inside? `cells` are those of `in`.
bool readings_inside(const Window& window, const CellSummary& cells, const PackInputs& in);

/// And does nobody ask or report anything?
bool inside(const Window& window, const CellSummary& cells, const PackInputs& in);

}  // namespace weco::bms
