// SPDX-License-Identifier: Apache-2.0
// What the makers of each family say about calibrating it. What they do not say is named.
#include <fmt/format.h>

#include "host/calibration/calibration.hpp"

namespace weco::calibration {
namespace {

/// Below it a charge destroys cells; above the other the pack protects itself.
constexpr std::int32_t kCellLeast_mV = 2500;
constexpr std::int32_t kCellMost_mV = 3650;
constexpr std::int32_t kCellEmpty_mV = 2850;

Rule weco_smart() {
  return {
      .family = "weco_smart",
      .legs = {Leg::Charge, Leg::Hold},
      .closing = {},
      // as the manual says (WS-11); above 35 degrees it says nothing: field practice
      .charge = {{1, 2000}, {120, 5000}, {351, 2000}, {451, 1000}, {500, 0}},
      .discharge = {},
      .cell_most_mV = kCellMost_mV,
      .cell_least_mV = kCellLeast_mV,
      .cell_empty_mV = kCellEmpty_mV,
      .hold = Duration::minutes(30),
      .rest = {},
      .patience = Duration::hours(2),
      .night = {},
      .cycles_most = 2,
      .setback = 1000,
      .warmth = "WS-11",
      .source = "WS-13",
      .service = "WS-61",
      .to_charge =
          "Set in the app: battery priority, charge from grid on, highest and target "
          "state of charge 100 %. Leave the charging current to the battery.",
      .to_discharge = "",
      .afterwards = "Set the app back to what it was.",
      .charge_wishes = {{"soc_max", "100"},
                        {"soc_target", "100"},
                        {"charge_from_grid", "on"},
                        {"working_mode", "battery_priority"}},
      .discharge_wishes = {},
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
      .cell_most_mV = kCellMost_mV,
      .cell_least_mV = kCellLeast_mV,
      .cell_empty_mV = kCellEmpty_mV,
      .floor = 1000,  // the manual names none: what is usually kept back
      .hold = Duration::minutes(30),
      .rest = Duration::minutes(30),  // field practice, so that cells cool and settle
      .patience = Duration::hours(2),
      .night = Duration::hours(24),
      .cycles_most = 2,
      .setback = 1000,
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
      .afterwards = "Set the app back to what it was.",
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

}  // namespace

Outcome<Rule> rule_of(std::string_view family) {
  if (family == "weco_smart") return weco_smart();
  if (family == "ep760_open") return ep760("ep760_open");
  if (family == "bluetti_ep760") return ep760("bluetti_ep760");
  return failure(ErrorCode::Unsupported, "nobody has published how this family is calibrated",
                 std::string(family),
                 "This program guides weco_smart through a full charge (WS-13) and ep760_open "
                 "through two whole cycles (EP-15).");
}

}  // namespace weco::calibration
