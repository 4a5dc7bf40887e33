#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local FULL_EVERY_H <const> = 30 * 24 -- WS-13, WS-61: 100 % at least once in 30 days
local CELL_MIN_DEGC <const>, CELL_MAX_DEGC <const> = 0, 40 -- WS-30: functional warranty

local function full_charge(list, nodes)
  local worst = stats.max((checks.column(nodes, "hours_since_full_h")))
  list.judge("full_charge", worst and worst <= FULL_EVERY_H,
             string.format("100 %% was reached %.0f hours ago at most.", worst or 0),
             string.format("100 %% was last reached %.0f days ago; once in 30 days is needed.",
                           (worst or 0) / 24))
end

local function temperatures(list, packs)
  local low = stats.min((checks.column(packs, "cell_temperature_min_degC")))
  local high = stats.max((checks.column(packs, "cell_temperature_max_degC")))
  local good = low and high and low >= CELL_MIN_DEGC and high <= CELL_MAX_DEGC
  list.judge("temperatures", low and good,
             string.format("The cells are at %.1f to %.1f degrees.", low or 0, high or 0),
             string.format("The cells are at %.1f to %.1f degrees; the warranty is for %d to %d.",
                           low or 0, high or 0, CELL_MIN_DEGC, CELL_MAX_DEGC))
end

return {
  purpose = "Read what the monthly check of a battery asks for and judge it.",
  text = "State of charge and health, voltages, currents, temperatures and events, whether " ..
         "100 % was reached in the last 30 days, and whether an alarm is pending. What the " ..
         "device does not say is listed as not checked. The record itself is made by 'weco " ..
         "checklist run'.",
  arguments = {
    { name = "device", type = "device", help = "The battery, or the inverter it hangs on" },
  },
  rights = { "read" },
  example = "weco run audit/monthly sim:weco_smart",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    device:close()
    local packs = checks.packs(snapshot)
    local list, values = checks.new(), {}
    for _, node in ipairs(snapshot.nodes) do
      values[#values + 1] = {
        path = node.path == "" and node.kind or node.path,
        soc_pct = node.values.soc_pct, soh_pct = node.values.soh_pct,
        pack_voltage_V = node.values.pack_voltage_V, pack_current_A = node.values.pack_current_A,
        cell_voltage_min_V = node.values.cell_voltage_min_V,
        cell_voltage_max_V = node.values.cell_voltage_max_V,
        cell_temperature_max_degC = node.values.cell_temperature_max_degC,
      }
    end
    checks.events(list, snapshot.nodes)
    checks.fault_codes(list, snapshot)
    full_charge(list, snapshot.nodes)
    temperatures(list, packs)
    return list.result { device = snapshot.device, values = values }
  end,
}
