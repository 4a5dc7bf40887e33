// SPDX-License-Identifier: Apache-2.0
// The balance of a site, closed exactly in whole watts. A working mode states what it wants from
// the battery (Intent); everything that restricts the inverter or the connection point is folded
// into bounds, each with its reason; solve() finds the flows. Conversion losses belong to the plant
// and show up in the meter, so the next tick corrects them.
//
// Signs: battery positive when it charges; grid positive when the site imports; PV, generator and
// load are never negative. pv + pv_ac + generator + grid = load + battery, always.
// The AC side of the inverter, `ac` = pv - battery, is positive when it feeds the site.
#pragma once

#include <cstdint>

#include "core/base/units.hpp"

namespace weco::ems {

inline constexpr Watts kNoLimit{1000000000};  // above any plant, far from overflow

/// Why a flow is not what the mode wanted. Append only.
enum class LimitReason : std::uint8_t {
  None,
  ChargeLimit,      // battery takes no more (BMS, rating, target)
  DischargeLimit,   // battery gives no more
  InverterRating,   // AC power of the model
  Ambient,          // derating by temperature
  ExportLimit,      // counter-current prevention at the meter
  SellingOff,       // selling to the grid is switched off
  DemandLimit,      // import limit at the meter
  MeterLost,        // no meter: held to what is safe whatever the load is
  DemandResponse,   // DRM or ripple control
  FrequencyWatt,    // grid frequency
  ReconnectRamp,    // still rising after a reconnection
  GeneratorRating,  // what the generator carries
  OffGrid,          // no grid to take or give
};

/// A bound together with who set it.
struct Bound {
  Watts value{};
  LimitReason reason = LimitReason::None;
  /// Keeps the lower of the two; the earlier one on a tie.
  constexpr void at_most(Watts other, LimitReason why) {
    if (other < value) *this = {other, why};
  }
  constexpr void at_least(Watts other, LimitReason why) {
    if (other > value) *this = {other, why};
  }
};

/// What the working mode wants.
struct Intent {
  bool battery_first = false;  // PV fills the battery before it feeds the load
  Watts from_grid{};           // the battery is to be charged with at least this, grid included
  Watts discharge_max{};       // for the load (0: keep the battery)
  Watts discharge_min{};       // given out whatever the load is, within the bounds
};

/// What is possible.
struct Bounds {
  Watts pv{};     // available behind the inverter; may be curtailed
  Watts pv_ac{};  // made by other inverters on the AC side
  bool pv_ac_controllable = false;
  Watts load{};
  Bound charge{};     // >= 0
  Bound discharge{};  // >= 0
  Bound ac_max{kNoLimit};
  Bound ac_min{-kNoLimit};
  Bound import_max{kNoLimit};
  Bound export_max{kNoLimit};
  bool discharge_for_import = false;  // the battery may help to keep import_max
};

struct Flow {
  Watts pv{};         // used
  Watts pv_ac{};      // used: less than offered when it must be curtailed
  Watts curtailed{};  // PV that is not made, both kinds
  Watts battery{};    // positive charges
  Watts ac{};         // pv - battery
  Watts grid{};       // positive imports; stands for the generator while one runs
  Watts load{};
  Watts import_excess{};                   // import beyond its limit that nothing here can avoid
  Watts export_excess{};                   // the same for export
  LimitReason reason = LimitReason::None;  // the bound that shaped the result
};

/// Never fails: what cannot be kept is reported as an excess. Export, device and demand response
/// bounds win over the import limit.
Flow solve(const Intent& intent, const Bounds& bounds);
/// The same into a flow of the caller, which saves the tick a copy.
void solve_into(const Intent& intent, const Bounds& bounds, Flow& flow);

}  // namespace weco::ems
