#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")
local commission = require("commission")

-- EP-01: 185 to 285 V, 47.5 to 51.5 Hz. EP-12: 150 to 500 V at each PV input.
local GRID <const> = { phases = 1, low_V = 185, high_V = 285, low_Hz = 47.5, high_Hz = 51.5 }
local PV_LOW_V <const>, PV_HIGH_V <const> = 150, 500
local ONE_PACK_W <const> = 5000 -- EP-02
local IN_APP <const> = "in the app"

local BEFORE <const> = { -- EP-12
  { "installed", "Inverter, packs, controller, meter and cables are all installed." },
  { "polarity", "Polarity and voltage of PV and BAT were measured and are right." },
  { "breakers_off", "Every breaker is off." },
  { "cables_firm", "All cables are firm." },
  { "labels", "The labels are in place." },
}
local POWER_ON <const> = { -- EP-10
  { "dc_breakers", "The DC breakers of the inverter are on." },
  { "pack_breakers", "The breakers of the packs are on." },
  { "pack_button", "The button of one pack was held until its light was green." },
  { "steady_green", "After about 40 seconds the lights of the packs are steady green." },
  { "grid_breaker", "The GRID breaker is on." },
  { "system_on", "The system was switched on in the app; a start takes up to three minutes." },
  { "backup_voltage", "The voltage at BACKUP was measured and is right." },
  { "backup_breaker", "The BACKUP breaker is on." },
}

return {
  purpose = "Take a BLUETTI EP760 into operation: check, power-on order, packs, PV, CT, mode.",
  text = "Asks for the preliminary check and the steps of the power-on order, then reads what " ..
         "the system says: grid, packs, meter and current transformer, each PV input, switches " ..
         "of the working mode, and a first charge. Nothing is written; settings are made in the " ..
         "app.",
  arguments = {
    { name = "device", type = "device", help = "The inverter" },
    { name = "packs", type = "whole", min = 1, max = 4, help = "B500 packs that were installed" },
    { name = "pv_inputs", type = "whole", min = 0, max = 3, default = 3,
      help = "PV inputs in use" },
    { name = "feed_to_grid", type = "choice", choices = { "on", "off" }, optional = true,
      help = "The switch Feed to Grid as it is wanted" },
    { name = "charge_from_grid", type = "choice", choices = { "on", "off" }, optional = true,
      help = "The switch Charge from Grid as it is wanted" },
  },
  rights = { "read" },
  families = { "ep760_open", "bluetti_ep760" },
  example = "weco run commission/ep760 sim:ep760_open --packs 3",
  run = function(arguments)
    local list = checks.new()
    if not (commission.confirm_all(list, BEFORE) and commission.confirm_all(list, POWER_ON)) then
      return list.result()
    end
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    commission.grid(list, snapshot, GRID)
    commission.packs(list, snapshot, "module", arguments.packs)
    if arguments.packs == 1 then
      list.add("single_pack", "warning",
               string.format("With a single pack the output is limited to %d W.", ONE_PACK_W))
    end
    commission.faults(list, snapshot)
    commission.meter(list, device, snapshot)
    commission.pv(list, snapshot,
                  { count = arguments.pv_inputs, low_V = PV_LOW_V, high_V = PV_HIGH_V })
    commission.settings(list, snapshot, {
      { "ac_output", "on", IN_APP .. " (AC)" },
      { "sell_to_grid", arguments.feed_to_grid, IN_APP .. " (Feed to Grid)" },
      { "charge_from_grid", arguments.charge_from_grid, IN_APP .. " (Charge from Grid)" },
    })
    commission.windows(list, snapshot, { "charge" })
    commission.charge(list, device, "module")
    local report = list.result { device = snapshot.device }
    device:close()
    return report
  end,
}
