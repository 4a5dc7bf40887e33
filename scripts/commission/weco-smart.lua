#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")
local commission = require("commission")

-- WS-06: 310 to 476 V between the lines, 50 or 60 Hz, 5 Hz more or less. WS-05: the trackers.
local GRID <const> = { phases = 3, low_V = 179, high_V = 274.8, low_Hz = 45, high_Hz = 65 }
local PV <const> = { count = 2, low_V = 160, high_V = 850 }
local SPREAD_MAX_V <const> = 1.5
local SOC_MIN_PCT <const> = 10 -- WS-30: at most 90 % depth of discharge

local SAFETY <const> = {
  { "qualified", "I am qualified for work on this system and wear protective equipment." },
  { "locked_out", "Every source is switched off, locked and tagged." },
  { "no_voltage", "A CAT III or IV meter shows about 0 V at the terminals." },
  { "waited", "Five minutes have passed since everything was switched off." },
}
local START <const> = {
  { "ac_voltage", "The AC voltage at the open grid breaker is that of the grid code." },
  { "bat_switch", "BAT SWITCH is on." },
  { "power", "POWER was held until its LED was lit." },
  { "pv_switch", "PV SWITCH is on." },
  { "grid_breaker", "The grid breaker is closed." },
  { "display", "The display shows the state of the system." },
}
local AT_DISPLAY <const> = "at the display or in the app"

return {
  purpose = "Take a WeCo Smart into operation: safety, start order, checks, settings, charge.",
  text = "Asks for the safety steps and the start order, then checks grid, battery, meter and " ..
         "PV in this order, reads time, working mode, windows and limits back, and looks at a " ..
         "first charge. Nothing is written: where a setting is wrong it says what to set and " ..
         "where. The signed record is made by 'weco checklist run commissioning'.",
  arguments = {
    { name = "device", type = "device", help = "The inverter" },
    { name = "modules", type = "whole", min = 1, max = 12, help = "Modules that were installed" },
    { name = "mode", type = "choice", choices = { "auto", "peak_shaving", "battery_priority" },
      default = "auto", help = "Working mode that is wanted" },
    { name = "grid_code", optional = true, help = "Grid code that is wanted, such as vde_4105" },
    { name = "export_limit_W", type = "number", unit = "W", min = 0, max = 120000, optional = true,
      help = "Export that is allowed" },
  },
  rights = { "read" },
  families = { "weco_smart" },
  example = "weco run commission/weco-smart roof --modules 4",
  run = function(arguments)
    local list = checks.new()
    if not (commission.confirm_all(list, SAFETY) and commission.confirm_all(list, START)) then
      return list.result()
    end
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    commission.grid(list, snapshot, GRID)
    commission.packs(list, snapshot, "module", arguments.modules, SPREAD_MAX_V)
    commission.faults(list, snapshot)
    commission.meter(list, device, snapshot)
    commission.pv(list, snapshot, PV)
    commission.clock(list, snapshot)
    commission.settings(list, snapshot, {
      { "working_mode", arguments.mode, AT_DISPLAY },
      { "grid_code", arguments.grid_code, AT_DISPLAY .. " (installer's menu)" },
      { "export_limit_W", arguments.export_limit_W, AT_DISPLAY .. " (installer's menu)" },
    })
    commission.windows(list, snapshot, { "charge", "discharge" })
    local least = commission.top(snapshot).soc_min_pct
    list.step("soc_min", { soc_min_pct = least }, function(own)
      own.judge("soc_min", least and least >= SOC_MIN_PCT,
                string.format("%.0f %% are kept back.", least or 0),
                string.format("%.0f %% are kept back; the warranty asks for %d %% or more. Set " ..
                              "it %s.", least or 0, SOC_MIN_PCT, AT_DISPLAY))
    end)
    commission.charge(list, device, "module")
    local report = list.result { device = snapshot.device }
    device:close()
    return report
  end,
}
