// SPDX-License-Identifier: Apache-2.0
// The working modes of the three products, each turned into an Intent for the dispatch. Every row
// of WeCo's tables 7-3 to 7-5 (WS-40, WS-41, WS-43), SAJ's two modes (CM-11, CM-12) and EP760's
// four (EP-05) ends here; what the manuals leave open is decided once and marked "ours".
#pragma once

#include <cstdint>

#include "core/ems/dispatch.hpp"
#include "core/ems/ratings.hpp"
#include "core/ems/schedule.hpp"

namespace weco::ems {

enum class Mode : std::uint8_t {
  SmartAuto,
  SmartPeakShaving,
  SmartBatteryPriority,
  SajSelfConsumption,
  SajTimeOfUse,
  Ep760,
};
constexpr Product product_of(Mode mode) {
  if (mode == Mode::Ep760) return Product::Ep760;
  return mode < Mode::SajSelfConsumption ? Product::WecoSmart : Product::SajCm2;
}

/// What is being done, for a display. Append only.
enum class Activity : std::uint8_t {
  SelfConsumption,
  ChargeWindow,
  DischargeWindow,
  BetweenWindows,
  BatteryPriority,
  SlotCharge,
  SlotDischarge,
  SlotHold,
  Ep760Mode1,  // PV to load, battery, grid
  Ep760Mode2,  // no PV: battery, then grid
  Ep760Mode3,  // no grid: PV and battery
  Ep760Mode4,  // charging from the grid in its window
  OffGrid,
  Generator,
};

struct ModeSettings {
  Mode mode = Mode::SmartAuto;
  bool sell = false;                  // "power sales", "Feed to Grid"
  bool ac_output = true;              // EP760's switch "AC" (EP-06)
  bool charge_from_grid = false;      // EP760's switch, with `charge` as its schedule
  Windows charge{};                   // peak shaving, EP760
  Windows discharge{};                // peak shaving
  Permyriad target_soc{10000};        // up to which the grid helps to charge
  Watts grid_charge_power{kNoLimit};  // at most, from all sources together while the grid helps
  WeekPlan week{};                    // SajTimeOfUse
};

/// Charging from the grid ends at the target and begins again only this far below it (ours).
inline constexpr Permyriad kTargetHysteresis{100};
struct ModeState {
  bool reached = false;
};

struct ModeInputs {
  Calendar calendar{};
  Permyriad soc{};
  bool pv_present = false;
  bool on_grid = false;
  bool generator = false;  // stands in for the grid
  Watts discharge_max{};
};
struct ModeDecision {
  Intent intent{};
  Activity activity = Activity::SelfConsumption;
};
/// Without a known calendar every window is closed: no charging from the grid by a wrong clock.
ModeDecision decide(const ModeSettings& settings, ModeState& state, const ModeInputs& inputs);

}  // namespace weco::ems
