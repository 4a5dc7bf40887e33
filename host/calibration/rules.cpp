// SPDX-License-Identifier: Apache-2.0
// What the makers of each family say about calibrating it. What they do not say is named.
#include <fmt/format.h>

#include "host/calibration/calibration.hpp"

namespace weco::calibration {
namespace {

Rule weco_smart() {
  return {
      .family = "weco_smart",
      // as the manual says (WS-11); above 35 degrees it says nothing: field practice
      .charge = {{1, 2000}, {120, 5000}, {351, 2000}, {451, 1000}, {500, 0}},
      .warmth = "WS-11",
      .source = "WS-13",
      .service = "WS-61",
      .to_charge =
          "Set in the app: battery priority, charge from grid on, highest and target "
          "state of charge 100 %. Leave the charging current to the battery.",
      .charge_wishes = {{"soc_max", "100"},
                        {"soc_target", "100"},
                        {"charge_from_grid", "on"},
                        {"working_mode", "battery_priority"}},
  };
}

/// Field practice for LFP; neither BLUETTI nor SAJ publishes currents by temperature. EP-04: -20 to
/// 40 degrees.
std::vector<ShareRow> lfp_charge() {
  return {{1, 1000}, {50, 2000}, {100, 5000}, {451, 1000}, {500, 0}};
}

Rule ep760(std::string_view family) {
  return {
      .family = family,
      .legs = {Leg::Charge, Leg::Hold, Leg::Rest, Leg::Discharge, Leg::Rest},
      .rounds = 2,  // EP-15
      .closing = {Leg::Charge, Leg::Hold},
      .one_bus = true,
      .charge = lfp_charge(),
      .discharge = {{-200, 2000}, {0, 5000}, {100, 10000}, {451, 8000}, {501, 5000}, {550, 0}},
      .floor = 1000,                  // the manual names none: what is usually kept back
      .rest = Duration::minutes(30),  // field practice, so that cells cool and settle
      .night = Duration::hours(24),
      .warmth = "EP-04",
      .source = "EP-15",
      .service = "EP-15",
      .to_charge =
          "Set in the app: Charge from Grid on with a schedule for the whole day, highest "
          "and target state of charge 100 %.",
      .to_discharge =
          "Set in the app: Charge from Grid off, lowest state of charge 10 %, nothing "
          "kept for backup. The house empties the battery; when "
          "the sun shines it waits for the evening.",
      .charge_wishes = {{"soc_max", "100"},
                        {"soc_target", "100"},
                        {"charge_window_start[2]", "0"},
                        {"charge_window_end[2]", "0"},
                        {"charge_window_start[3]", "0"},
                        {"charge_window_end[3]", "0"},
                        {"charge_window_start[4]", "0"},
                        {"charge_window_end[4]", "0"},
                        {"charge_window_start[1]", "0"},
                        {"charge_window_end[1]", "1440"},
                        {"charge_from_grid", "on"}},
      .discharge_wishes = {{"charge_from_grid", "off"}, {"soc_reserve", "0"}, {"soc_min", "10"}},
  };
}

/// SAJ publishes no procedure: a full charge, as for every LFP string, one cabinet after the other.
Rule saj_cm2() {
  return {
      .family = "saj_cm2_ems",
      .in_turn = true,
      .charge = lfp_charge(),
      .source = "CM-12",
      .service = "CM-15",
      .to_charge =
          "SAJ publishes no procedure; this is a full charge as every LFP string needs it. "
          "Set in the app: charge the cabinet whose turn it is alone from the grid to 100 %, and "
          "leave the others in their working mode. Where the EMS cannot do that, set a "
          "time-of-use template that charges the whole day: all charge then, and they are "
          "looked at one after the other.",
  };
}

}  // namespace

Outcome<Rule> rule_of(std::string_view family) {
  if (family == "weco_smart") return weco_smart();
  if (family == "ep760_open") return ep760("ep760_open");
  if (family == "bluetti_ep760") return ep760("bluetti_ep760");
  if (family == "saj_cm2_ems") return saj_cm2();
  return failure(ErrorCode::Unsupported, "nobody has published how this family is calibrated",
                 std::string(family),
                 "This program guides weco_smart through a full charge (WS-13), ep760_open through "
                 "two whole cycles (EP-15) and saj_cm2_ems through a full charge of each cabinet.");
}

}  // namespace weco::calibration
