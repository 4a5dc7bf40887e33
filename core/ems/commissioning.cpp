// SPDX-License-Identifier: Apache-2.0
#include "core/ems/commissioning.hpp"

#include "core/ems/model.hpp"

namespace weco::ems {
namespace {

bool voltages_fit(const Ratings& ratings, const GridSample& grid) {
  for (std::size_t i = 0; i < ratings.phases; ++i) {
    if (grid.voltage[i] < ratings.voltage_min || grid.voltage[i] > ratings.voltage_max) {
      return false;
    }
  }
  return true;
}

SwitchRefusal condition(SwitchStep step, const Ratings& ratings, const SwitchView& view) {
  switch (step) {
    case SwitchStep::PowerButtonOn:
    case SwitchStep::PowerButtonOff:
      return view.led_lit ? SwitchRefusal::None : SwitchRefusal::LedDark;
    case SwitchStep::CloseGridBreaker:
      if (view.grid.quality != Quality::Good) return SwitchRefusal::GridNotMeasured;
      return voltages_fit(ratings, view.grid) ? SwitchRefusal::None : SwitchRefusal::GridOutOfRange;
    case SwitchStep::ReadDisplay:
      return view.display_lit ? SwitchRefusal::None : SwitchRefusal::DisplayDark;
    case SwitchStep::WaitUntilDark:
      return view.display_lit ? SwitchRefusal::DisplayLit : SwitchRefusal::None;
    default:
      return SwitchRefusal::None;
  }
}

SetupVerdict judge_grid(const Ratings& ratings, const GridSample& grid) {
  if (grid.quality != Quality::Good) return SetupVerdict::NotMeasured;
  const bool fits = voltages_fit(ratings, grid) && grid.frequency >= ratings.frequency_min &&
                    grid.frequency <= ratings.frequency_max;
  return fits ? SetupVerdict::Passed : SetupVerdict::OutOfRange;
}

SetupVerdict judge_battery(const Ratings& ratings, const SetupFacts& facts) {
  if (!facts.battery_link) return SetupVerdict::NoLink;
  if (facts.battery_fault) return SetupVerdict::FaultActive;
  return battery_rating(ratings, facts.modules) ? SetupVerdict::Passed : SetupVerdict::OutOfRange;
}

SetupVerdict judge_meter(const SetupFacts& facts) {
  if (!facts.meter.good()) return SetupVerdict::NotMeasured;
  const bool wrong =
      facts.transformer == CtVerdict::Reversed || facts.transformer == CtVerdict::Misplaced;
  return wrong ? SetupVerdict::WrongWiring : SetupVerdict::Passed;
}

SetupVerdict judge_pv(const SetupFacts& facts) {
  if (!facts.pv.good()) return SetupVerdict::NotMeasured;
  const bool fits = facts.pv.value >= kPvStartVoltage && facts.pv.value <= kPvVoltageMax;
  return fits ? SetupVerdict::Passed : SetupVerdict::OutOfRange;
}

SetupVerdict judge_check(SetupCheck check, const Ratings& ratings, const SetupFacts& facts) {
  switch (check) {
    case SetupCheck::Grid:
      return judge_grid(ratings, facts.grid);
    case SetupCheck::Battery:
      return judge_battery(ratings, facts);
    case SetupCheck::Meter:
      return judge_meter(facts);
    default:
      return judge_pv(facts);
  }
}

bool passed_before(const SetupState& state, std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) {
    if (state.verdict[i] != SetupVerdict::Passed) return false;
  }
  return true;
}

}  // namespace

std::string_view name(SwitchRefusal refusal) {
  switch (refusal) {
    case SwitchRefusal::None:
      return "done";
    case SwitchRefusal::Finished:
      return "the last step is done already";
    case SwitchRefusal::OutOfOrder:
      return "another step comes first";
    case SwitchRefusal::GridNotMeasured:
      return "the grid's voltage has to be measured before its breaker is closed";
    case SwitchRefusal::GridOutOfRange:
      return "a phase of the grid is outside the inverter's range";
    case SwitchRefusal::LedDark:
      return "the LED of the POWER button is not lit";
    case SwitchRefusal::DisplayDark:
      return "the display is dark";
    case SwitchRefusal::DisplayLit:
      return "the display is still lit";
  }
  return "";
}

SwitchRefusal report_step(SwitchProgress& progress, SwitchStep step, const Ratings& ratings,
                          const SwitchView& view) {
  if (progress.done >= progress.order->size()) return SwitchRefusal::Finished;
  if ((*progress.order)[progress.done].step != step) return SwitchRefusal::OutOfOrder;
  const SwitchRefusal refusal = condition(step, ratings, view);
  if (refusal == SwitchRefusal::None) ++progress.done;
  return refusal;
}

SetupRefusal run_check(SetupState& state, SetupCheck check, const Ratings& ratings,
                       const SetupFacts& facts) {
  const auto at = static_cast<std::size_t>(check);
  if (!passed_before(state, at)) return SetupRefusal::CheckBefore;
  for (std::size_t i = at; i < kSetupChecks; ++i) state.verdict[i] = SetupVerdict::Open;
  state.parameters = 0;
  state.verdict[at] = judge_check(check, ratings, facts);
  return SetupRefusal::None;
}

SetupRefusal set_parameter(SetupState& state, SetupParameter parameter) {
  if (!passed_before(state, kSetupChecks)) return SetupRefusal::CheckBefore;
  const auto at = static_cast<std::uint8_t>(parameter);
  if (at > state.parameters) return SetupRefusal::OutOfOrder;
  if (at == state.parameters) ++state.parameters;
  return SetupRefusal::None;
}

}  // namespace weco::ems
