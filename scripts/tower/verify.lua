#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

-- Modules that are connected in one tower may differ by so much at most.
local VOLTAGE_SPREAD_MAX_V <const> = 1.5

local function serials(list, modules)
  local seen, twice = {}, {}
  local values, paths = checks.column(modules, "serial_number")
  for at, serial in ipairs(values) do
    if seen[serial] then twice[#twice + 1] = seen[serial] .. " and " .. paths[at] end
    seen[serial] = paths[at]
  end
  local good = #values > 0 and #twice == 0 or nil
  if #twice > 0 then good = false end
  list.judge("serial_numbers", good, "Every module has a serial number of its own.",
             "One serial number is reported by " .. table.concat(twice, "; ") ..
             ": two modules share an address.", "alarm")
end

-- Modules that hang on the inverter itself, without a tower that counts them.
local function loose(list, modules)
  local apart = {}
  for _, module in ipairs(modules) do
    local state = module.values.connection
    if state and state ~= "online" then apart[#apart + 1] = module.path .. " is " .. state end
  end
  list.judge("modules", #apart == 0, string.format("All %d modules take part.", #modules),
             table.concat(apart, ", ") .. ".", "alarm")
end

local function presence(list, towers, modules)
  if #towers == 0 then return loose(list, modules) end
  for _, tower in ipairs(towers) do
    local installed, online = tower.values.module_count, tower.values.modules_online
    local apart, there = {}, 0
    for _, module in ipairs(modules) do
      if module.path:find(tower.path, 1, true) == 1 then
        local connection = module.values.connection
        there = there + 1
        if connection and connection ~= "online" then
          apart[#apart + 1] = module.path .. " is " .. connection
        end
      end
    end
    local good
    if installed and online then
      good = installed == online and there == installed and #apart == 0
    end
    list.judge(tower.path .. ".modules", good,
               string.format("All %s modules take part.", installed),
               string.format("%s of %s modules take part, %d answer (%s).", online, installed,
                             there, #apart > 0 and table.concat(apart, ", ") or "none is apart"),
               "alarm")
  end
end

local function voltages(list, modules)
  local values, paths = checks.column(modules, "pack_voltage_V")
  local spread = stats.spread(values)
  local words = {}
  for at, value in ipairs(values) do words[at] = string.format("%s: %.2f V", paths[at], value) end
  list.judge("module_voltages", spread and spread <= VOLTAGE_SPREAD_MAX_V,
             string.format("The modules are within %.2f V.", spread or 0),
             string.format("The modules are %.2f V apart, allowed are %.1f V (%s).", spread or 0,
                           VOLTAGE_SPREAD_MAX_V, table.concat(words, ", ")), "alarm")
end

return {
  purpose = "Verify that every module of a tower is there, fits the others and is well.",
  text = "Reads the battery once and judges: modules installed and taking part, serial numbers " ..
         "(an address given twice), same type, same firmware, voltages within 1.5 V, and every " ..
         "warning, alarm, protection and lock. Nothing is written.",
  arguments = {
    { name = "device", type = "device", help = "The inverter of the tower" },
  },
  rights = { "read" },
  families = { "weco_smart", "ep760_open" },
  example = "weco run tower/verify sim:weco_smart",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    device:close()
    local towers, modules = checks.parts(snapshot, "tower"), checks.parts(snapshot, "module")
    local list = checks.new()
    if #modules == 0 then
      list.add("modules", "alarm", "The device reports no module.")
      return list.result { device = snapshot.device }
    end
    presence(list, towers, modules)
    serials(list, modules)
    for _, row in ipairs {
      { "module_type", "cell_count", "cells in series" },
      { "module_capacity", "rated_capacity_Ah", "capacity" },
      { "module_firmware", "firmware_version", "firmware" },
    } do
      local same, words = checks.alike(modules, row[2])
      list.judge(row[1], same, "All modules have the same " .. row[3] .. ".",
                 "The modules differ in " .. row[3] .. " (" .. words .. ").")
    end
    voltages(list, modules)
    checks.events(list, snapshot.nodes)
    return list.result { device = snapshot.device }
  end,
}
