#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
-- Facts of the WeCo Smart: a module holds 5.12 kWh when new, 100 Ah in 16 cells, and has a
-- converter onto the 450 to 470 V bus (WS-02); at most 4 modules a tower, 3 towers an inverter and
-- 4 inverters in parallel (WS-03); the 8K discharges 8 kW with 4 modules and more and charges 15 kW
-- with 6 and more, fewer scale down (WS-04). The other models' battery limits are not published.
local MODULE_KWH <const>, MODULE_USABLE_KWH <const> = 5.12, 5
local FULL_DISCHARGE_MODULES <const>, FULL_CHARGE_MODULES <const> = 4, 6
local DISCHARGE_8K_W <const>, CHARGE_8K_W <const> = 8000, 15000

local function power(model, modules)
  if model ~= "8K" then return nil, nil end
  return math.floor(CHARGE_8K_W * math.min(1, modules / FULL_CHARGE_MODULES)),
         math.floor(DISCHARGE_8K_W * math.min(1, modules / FULL_DISCHARGE_MODULES))
end

local function addresses(inverters, towers, modules)
  local rows = {}
  for inverter = 1, inverters do
    for tower = 1, towers do
      for module = 1, modules do
        rows[#rows + 1] = {
          inverter = inverter, tower = tower, module = module,
          name = string.format("inverter %d, tower %d, module %d", inverter, tower, module),
          port = tower == 1 and "COM" or "BAT" .. tower - 1,
        }
      end
    end
  end
  return rows
end

local function start_order(inverters, towers)
  local steps = { "Check the AC voltage at the terminals: it must be that of the grid code." }
  for inverter = 1, inverters do
    local of = inverters > 1 and " of inverter " .. inverter or ""
    for tower = towers, 1, -1 do
      local which = tower == 1 and "the main tower" or "auxiliary tower " .. tower
      steps[#steps + 1] = "BAT SWITCH of " .. which .. of .. " on."
    end
    steps[#steps + 1] = "POWER" .. of .. " until the LED lights."
  end
  local everywhere = inverters > 1 and ", at every inverter." or "."
  steps[#steps + 1] = "PV SWITCH on" .. everywhere
  steps[#steps + 1] = "Grid breaker closed" .. everywhere
  steps[#steps + 1] = "Read the display, then: weco run tower/verify DEVICE"
  return steps
end

local function cables(inverters, towers)
  local list = {
    "CAN of the batteries: 120 ohm at both ends of the line and nowhere else; with everything " ..
    "off, 60 ohm are measured across it (120: one end is missing, 40: one is too much).",
    "No battery runs without its CAN line to the inverter.",
  }
  if towers > 1 then
    list[#list + 1] = "Auxiliary towers: CAN from BAT1 to tower 2" ..
                      (towers > 2 and " and from BAT2 to tower 3" or "") ..
                      ", power leads of 8 AWG."
  end
  if inverters > 1 then
    list[#list + 1] = "Inverters in parallel: PARA2 of each to PARA1 of the next."
  end
  return list
end

return {
  purpose = "Plan the towers of a WeCo Smart: addresses, cables, start order, capacity and power.",
  text = "Computes only; no device is needed. Numbers come from the manual; what it does not " ..
         "publish is left out.",
  arguments = {
    { name = "model", type = "choice", choices = { "8K", "10K", "12K", "15K" }, default = "8K",
      help = "Power class of the inverter" },
    { name = "modules", type = "whole", min = 1, max = 4, help = "Modules in each tower" },
    { name = "towers", type = "whole", min = 1, max = 3, default = 1, help = "Towers an inverter" },
    { name = "inverters", type = "whole", min = 1, max = 4, default = 1,
      help = "Inverters in parallel" },
  },
  rights = {},
  families = { "weco_smart" },
  example = "weco run tower/plan --model 8K --modules 4 --towers 2",
  run = function(arguments)
    local inverters, towers, modules = arguments.inverters, arguments.towers, arguments.modules
    local each = towers * modules
    local charge, discharge = power(arguments.model, each)
    return {
      modules = each * inverters,
      capacity_kWh = each * inverters * MODULE_KWH,
      usable_kWh = each * inverters * MODULE_USABLE_KWH,
      charge_power_W = charge and charge * inverters,
      discharge_power_W = discharge and discharge * inverters,
      addresses = addresses(inverters, towers, modules),
      cables = cables(inverters, towers),
      join = {
        "All modules are SMART modules with the 450 V converter; types are never mixed.",
        "Modules join when they are within 1.5 V of each other; charge or discharge the odd one " ..
        "alone first.",
      },
      start_order = start_order(inverters, towers),
    }
  end,
}
