// SPDX-License-Identifier: Apache-2.0
#include "core/ems/modes.hpp"

namespace weco::ems {
namespace {

Intent self_consumption(Watts discharge_max) {
  Intent intent;
  intent.discharge_max = discharge_max;
  return intent;
}

// PV first into the battery; the grid helps while the state of charge is below the target.
Intent charging(ModeState& state, Permyriad soc, Permyriad target, Watts power) {
  if (soc >= target) state.reached = true;
  if (soc < target - kTargetHysteresis) state.reached = false;
  Intent intent;
  intent.battery_first = true;
  if (soc < target && !state.reached) intent.from_grid = power;
  return intent;
}

ModeDecision peak_shaving(const ModeSettings& s, ModeState& state, const ModeInputs& in) {
  const std::int32_t minute = in.calendar.minute();
  if (in.calendar.known && inside(s.charge, minute)) {
    return {charging(state, in.soc, s.target_soc, s.grid_charge_power), Activity::ChargeWindow};
  }
  state.reached = false;
  if (in.calendar.known && inside(s.discharge, minute)) {
    return {self_consumption(in.discharge_max), Activity::DischargeWindow};
  }
  // Ours: the manual is silent. The battery takes surplus PV and keeps it for the discharge window.
  return {self_consumption(Watts(0)), Activity::BetweenWindows};
}

ModeDecision time_of_use(const ModeSettings& s, ModeState& state, const ModeInputs& in) {
  if (!in.calendar.known) return {self_consumption(in.discharge_max), Activity::SelfConsumption};
  const Slot& slot = slot_at(s.week, in.calendar);
  if (slot.action == SlotAction::Charge) {
    const Watts power = slot.from_grid ? slot.power : Watts(0);
    return {charging(state, in.soc, slot.target_soc, power), Activity::SlotCharge};
  }
  state.reached = false;
  if (slot.action == SlotAction::Discharge) {
    Intent intent = self_consumption(in.discharge_max);
    intent.discharge_min = slot.power < in.discharge_max ? slot.power : in.discharge_max;
    return {intent, Activity::SlotDischarge};
  }
  if (slot.action == SlotAction::Hold) return {self_consumption(Watts(0)), Activity::SlotHold};
  return {self_consumption(in.discharge_max), Activity::SelfConsumption};
}

ModeDecision ep760(const ModeSettings& s, ModeState& state, const ModeInputs& in) {
  const bool window = in.calendar.known && inside(s.charge, in.calendar.minute());
  if (s.charge_from_grid && window) {
    Intent intent = charging(state, in.soc, s.target_soc, s.grid_charge_power);
    intent.battery_first = false;  // mode 1's order stays: PV serves the load first
    return {intent, Activity::Ep760Mode4};
  }
  state.reached = false;
  return {self_consumption(in.discharge_max),
          in.pv_present ? Activity::Ep760Mode1 : Activity::Ep760Mode2};
}

}  // namespace

ModeDecision decide(const ModeSettings& settings, ModeState& state, const ModeInputs& in) {
  if (in.generator) {
    Intent intent;
    intent.from_grid = kNoLimit;  // as much as the generator has left over
    return {intent, Activity::Generator};
  }
  if (!in.on_grid) {
    const bool ep = settings.mode == Mode::Ep760;
    return {self_consumption(in.discharge_max), ep ? Activity::Ep760Mode3 : Activity::OffGrid};
  }
  switch (settings.mode) {
    case Mode::SmartPeakShaving:
      return peak_shaving(settings, state, in);
    case Mode::SmartBatteryPriority:
      return {charging(state, in.soc, settings.target_soc, settings.grid_charge_power),
              Activity::BatteryPriority};
    case Mode::SajTimeOfUse:
      return time_of_use(settings, state, in);
    case Mode::Ep760:
      return ep760(settings, state, in);
    case Mode::SmartAuto:
    case Mode::SajSelfConsumption:
      break;
  }
  return {self_consumption(in.discharge_max), Activity::SelfConsumption};
}

}  // namespace weco::ems
