// SPDX-License-Identifier: Apache-2.0
// The order in which a WeCo SMART is switched on and off (WS-44) and first set up (WS-45). A person
// moves the switches; the core knows what comes next, what must be seen before it may, and refuses
// a step out of turn. Source: WeCo SMART manual, 6.1, 6.2 and 8.3, voltages of table 2-3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/units.hpp"
#include "core/ems/grid_protection.hpp"
#include "core/ems/meter.hpp"
#include "core/ems/ratings.hpp"
#include "core/ems/reading.hpp"

namespace weco::ems {

enum class SwitchStep : std::uint8_t {
  BatterySwitchOn,
  PowerButtonOn,
  PvSwitchOn,
  CloseGridBreaker,
  ReadDisplay,
  OpenGridBreaker,
  PvSwitchOff,
  BatterySwitchOff,
  PowerButtonOff,
  WaitUntilDark,
};
struct SwitchStepInfo {
  SwitchStep step;
  std::string_view what;  // for people, a full sentence
};
using SwitchOrder = std::array<SwitchStepInfo, 5>;

inline constexpr SwitchOrder kStartUp{{
    {SwitchStep::BatterySwitchOn, "Turn BAT SWITCH of the inverter to ON."},
    {SwitchStep::PowerButtonOn, "Hold POWER until its LED is lit."},
    {SwitchStep::PvSwitchOn, "Turn PV SWITCH of the inverter to ON."},
    {SwitchStep::CloseGridBreaker, "Measure the grid at the open breaker, then close it."},
    {SwitchStep::ReadDisplay, "Read the state on the display."},
}};
/// The manual prints ON for BAT SWITCH in this list, evidently a slip.
inline constexpr SwitchOrder kShutDown{{
    {SwitchStep::OpenGridBreaker, "Open the breaker of the grid."},
    {SwitchStep::PvSwitchOff, "Turn PV SWITCH of the inverter to OFF."},
    {SwitchStep::BatterySwitchOff, "Turn BAT SWITCH of the inverter to OFF."},
    {SwitchStep::PowerButtonOff, "Hold POWER until its LED is lit."},
    {SwitchStep::WaitUntilDark, "Wait until the display has gone dark."},
}};

/// What is seen at the product when a step is reported as done.
struct SwitchView {
  GridSample grid{};  // at the breaker; the frequency is not asked for here
  bool led_lit = false;
  bool display_lit = false;
};
enum class SwitchRefusal : std::uint8_t {
  None,
  Finished,         // the last step is done already
  OutOfOrder,       // another step comes first
  GridNotMeasured,  // the AC voltage has to be checked before the breaker is closed
  GridOutOfRange,   // a phase lies outside the model's range
  LedDark,
  DisplayDark,
  DisplayLit,
};
std::string_view name(SwitchRefusal refusal);

/// Where a person stands in one of the two orders.
struct SwitchProgress {
  const SwitchOrder* order = &kStartUp;
  std::uint8_t done = 0;  // steps
};
/// Takes the step when it is the next one and its condition is seen; else nothing changes.
SwitchRefusal report_step(SwitchProgress& progress, SwitchStep step, const Ratings& ratings,
                          const SwitchView& view);

/// The wizard's checks, in its order.
enum class SetupCheck : std::uint8_t { Grid, Battery, Meter, Pv };
inline constexpr std::size_t kSetupChecks = 4;
enum class SetupVerdict : std::uint8_t {
  Open,  // not checked yet
  Passed,
  NotMeasured,
  OutOfRange,
  NoLink,
  FaultActive,
  WrongWiring,  // the meter's transformer is on backwards or on the wrong conductor
};
/// What is set afterwards, in this order.
enum class SetupParameter : std::uint8_t { DateTime, WorkingMode, Inverter, Battery };
inline constexpr std::uint8_t kSetupParameters = 4;

inline constexpr Millivolts kPvStartVoltage{160000};  // table 2-3: below, the tracker stays off
inline constexpr Millivolts kPvVoltageMax{1000000};   // table 2-3: above, the input is destroyed

struct SetupFacts {
  GridSample grid{};
  bool battery_link = false;
  bool battery_fault = false;
  std::int32_t modules = 0;
  Reading<Watts> meter{};
  CtVerdict transformer = CtVerdict::Unproven;
  Reading<Millivolts> pv{};  // the string with the highest voltage; by night nothing passes
};
struct SetupState {
  std::array<SetupVerdict, kSetupChecks> verdict{};
  std::uint8_t parameters = 0;  // so many are set
};
enum class SetupRefusal : std::uint8_t {
  None,
  CheckBefore,  // an earlier check has not passed
  OutOfOrder,   // another parameter comes first
};
/// Judges one check; the verdict stands in the state. A check that is repeated opens again all that
/// follow it, because they rest on it.
SetupRefusal run_check(SetupState& state, SetupCheck check, const Ratings& ratings,
                       const SetupFacts& facts);
/// Only after all four checks, and in order; one that is set already may be set again.
SetupRefusal set_parameter(SetupState& state, SetupParameter parameter);
constexpr bool finished(const SetupState& state) { return state.parameters == kSetupParameters; }

}  // namespace weco::ems
