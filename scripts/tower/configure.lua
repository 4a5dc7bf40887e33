#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")
local commission = require("commission")

local SPREAD_MAX_V <const> = 1.5
local TOWER_FACTS <const> = { "connection", "device_address", "inverter_count", "module_count" }

local function before(inverters, towers)
  local rows = {
    { "all_off", "Every source is off, locked and tagged, and no voltage was measured." },
    { "same_type", "All modules are SMART modules with the 450 V converter, of no other type." },
    { "termination", "With everything off, 60 ohm were measured across the CAN line: 120 ohm at " ..
                     "both ends and nowhere else." },
  }
  if towers > 1 then
    rows[#rows + 1] = { "auxiliary", "CAN goes from BAT1 to tower 2" ..
                        (towers > 2 and " and from BAT2 to tower 3" or "") ..
                        "; the power leads are of 8 AWG." }
  end
  if inverters > 1 then
    rows[#rows + 1] = { "para", "PARA2 of each inverter goes to PARA1 of the next." }
  end
  return rows
end

-- The order in which things are switched on, auxiliary towers first.
local function start(inverters, towers)
  local rows = {}
  for inverter = 1, inverters do
    local of = inverters > 1 and " of inverter " .. inverter or ""
    for tower = towers, 1, -1 do
      local which = tower == 1 and "the main tower" or "auxiliary tower " .. tower
      rows[#rows + 1] = { "bat_switch_" .. inverter .. "_" .. tower,
                          "BAT SWITCH of " .. which .. of .. " is on." }
    end
    rows[#rows + 1] = { "power_" .. inverter, "POWER" .. of .. " was held until its LED was lit." }
  end
  return rows
end

local function addresses(list, name, snapshot)
  local seen, bad = {}, {}
  for _, tower in ipairs(checks.parts(snapshot, "tower")) do
    for _, module in ipairs(checks.parts(snapshot, "module")) do
      local address = module.values.device_address
      if address and module.path:find(tower.path, 1, true) == 1 then
        local key = tower.path .. " " .. address
        if seen[key] then bad[#bad + 1] = seen[key] .. " and " .. module.path end
        seen[key] = module.path
      end
    end
  end
  local good = next(seen) and #bad == 0 or nil
  if #bad > 0 then good = false end
  list.judge(name .. "module_addresses", good, "Every module has an address of its own.",
             "One address is used by " .. table.concat(bad, "; ") ..
             ": set it at the module's switches, with the tower off.", "alarm")
end

local function towers_of(list, name, snapshot, arguments)
  local found = #checks.parts(snapshot, "tower")
  list.judge(name .. "towers", found == arguments.towers,
             string.format("Towers that answer: %d.", found),
             string.format("%d towers were installed, %d answer.", arguments.towers, found),
             "alarm")
  local count = commission.top(snapshot).inverter_count
  list.judge(name .. "parallel", count and count == #arguments.devices,
             string.format("Inverters that it knows of: %d.", count or 0),
             string.format("It knows of %d inverters, %d are installed: check PARA1 and PARA2.",
                           count or 0, #arguments.devices), "alarm")
end

return {
  purpose = "Set up the towers of WeCo Smart inverters step by step, and read the result back.",
  text = "Asks for cables, termination and start order, then reads every inverter: towers and " ..
         "modules there, addresses, same type, within 1.5 V to join, the others in parallel, " ..
         "and what is in force. Nothing is written: addresses are set at the modules. 'weco run " ..
         "tower/plan' computes the plan.",
  arguments = {
    { name = "towers", type = "whole", min = 1, max = 3, default = 1, help = "Towers an inverter" },
    { name = "modules", type = "whole", min = 1, max = 4, default = 4,
      help = "Modules in each tower" },
    { name = "devices", type = "device", many = true, help = "The inverters, the master first" },
  },
  rights = { "read" },
  families = { "weco_smart" },
  example = "weco run tower/configure 1 4 roof",
  run = function(arguments)
    local list, inverters = checks.new(), #arguments.devices
    if inverters > 4 then error("at most 4 inverters work in parallel") end
    if not (commission.confirm_all(list, before(inverters, arguments.towers)) and
            commission.confirm_all(list, start(inverters, arguments.towers))) then
      return list.result()
    end
    for at, place in ipairs(arguments.devices) do
      local device = assert(weco.open(place))
      local snapshot = assert(device:snapshot())
      device:close()
      local name = inverters > 1 and "inverter" .. at .. "." or ""
      list.step(name .. "towers", commission.facts(snapshot, TOWER_FACTS), function(own)
        towers_of(own, name, snapshot, arguments)
        addresses(own, name, snapshot)
      end)
      commission.packs(list, snapshot, "module", arguments.towers * arguments.modules,
                       SPREAD_MAX_V, name .. "packs")
      commission.faults(list, snapshot, name .. "faults")
    end
    return list.result { modules = inverters * arguments.towers * arguments.modules }
  end,
}
