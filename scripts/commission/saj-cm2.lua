#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")
local commission = require("commission")

local CABINETS_MAX <const>, SWITCH_FROM <const> = 20, 12 -- CM-01
local IN_APP <const> = "in the app, over Bluetooth"
local EXPORT_TOLERANCE_W <const> = 500
-- SAJ publishes no range; ours is that of VDE 4105, the narrowest of the codes it may run under.
local GRID <const> = { phases = 3, low_V = 184, high_V = 264.5, low_Hz = 47.5, high_Hz = 51.5 }

local BEFORE <const> = {
  { "cabinet_off", "The cabinet was off while the EMS was mounted and wired." },
  { "supply", "The 24 V and the 220 V supply were measured and are right." },
  { "grounded", "The EMS is grounded through its metal plate, without a wire of its own." },
  { "initialised", "Policy, country, grid compliance and time were set in the app." },
}

-- The EMS, and from 12 cabinets on an EMS-Switch unit in a standard cabinet.
local function plan(list, cabinets, switch)
  local good = cabinets < SWITCH_FROM and switch == 0 or
               cabinets >= SWITCH_FROM and switch > 1 and switch <= cabinets
  local unit = switch > 0 and ", EMS-Switch in cabinet " .. switch or ""
  list.judge("plan", good,
             string.format("%d cabinets, EMS in the primary one%s.", cabinets, unit),
             cabinets < SWITCH_FROM
               and "Below 12 cabinets one EMS is enough: no EMS-Switch unit is used."
               or "From 12 cabinets on an EMS-Switch unit is needed in a standard cabinet, " ..
                  "such as cabinet 11: give --ems_switch.", "alarm")
  return good
end

local function safety(list, snapshot)
  for _, row in ipairs { { "fire_protection", "fire protection" },
                         { "liquid_cooling", "liquid cooling" } } do
    local bad = {}
    local values, paths = checks.column(checks.parts(snapshot, "cabinet"), row[1])
    for at, state in ipairs(values) do
      if state ~= "normal" then bad[#bad + 1] = paths[at] .. ": " .. state end
    end
    local good = #values > 0 and #bad == 0 or nil
    if #bad > 0 then good = false end
    list.judge(row[1], good, "The " .. row[2] .. " of every cabinet is well.",
               "The " .. row[2] .. " is not well (" .. table.concat(bad, ", ") .. ").", "alarm")
  end
end

-- What goes out at the meter now must not be more than what is allowed.
local function export(list, snapshot, limit)
  if not limit then return end
  local power = commission.first(snapshot, "grid_power_total_W")
  list.judge("export", power and power >= -limit - EXPORT_TOLERANCE_W,
             string.format("%.0f W are exported, %.0f are allowed.", math.max(0, -(power or 0)),
                           limit),
             string.format("%.0f W are exported, but only %.0f are allowed.", -(power or 0), limit),
             "alarm")
end

local function slots(list, snapshot, mode)
  if mode ~= "time_of_use" then return end
  local ends = commission.top(snapshot).tou_slot_end_min
  local last, good = 0, nil
  for at = 1, 8 do
    local stop = ends and ends[at]
    if not stop or stop == 0 then break end
    good = (good == nil or good) and stop > last
    last = stop
  end
  if good then good = last == 24 * 60 end
  list.judge("template", good, "The slots of template 1 cover the day.",
             "The slots of template 1 do not cover the day from 0:00 to 24:00 in order.")
end

local PLANT <const> = { "plant_name", "plant_owner", "plant_address", "bonded_serial" }
local function plant(list, snapshot)
  local empty = {}
  for _, name in ipairs(PLANT) do
    if commission.top(snapshot)[name] == "" then empty[#empty + 1] = (name:gsub("_", " ")) end
  end
  list.judge("plant", #empty == 0, "The data of the plant are filled in.",
             "The plant lacks " .. table.concat(empty, ", ") .. ": fill it in " .. IN_APP .. ".")
end

return {
  purpose = "Take SAJ CM2 cabinets behind their EMS into operation.",
  text = "Checks the plan of EMS and EMS-Switch first, then that every cabinet is there and " ..
         "well, the grid, the meter, working mode and template, the export limit at the meter, " ..
         "fire protection and liquid cooling, that the plant's data are filled in, and that " ..
         "every cabinet takes its share of a charge. Nothing is written.",
  arguments = {
    { name = "device", type = "device", help = "The EMS" },
    { name = "cabinets", type = "whole", min = 1, max = CABINETS_MAX, help = "Cabinets installed" },
    { name = "ems_switch", type = "whole", min = 0, max = CABINETS_MAX, default = 0,
      help = "Cabinet with the EMS-Switch unit; 0: none" },
    { name = "mode", type = "choice", choices = { "self_consumption", "time_of_use" },
      default = "self_consumption", help = "Working mode that is wanted" },
    { name = "export_limit_W", type = "number", unit = "W", min = 0, max = 5000000, optional = true,
      help = "Export that is allowed at the meter" },
  },
  rights = { "read" },
  families = { "saj_cm2_ems" },
  example = "weco run commission/saj-cm2 sim:saj_cm2_ems --cabinets 2",
  run = function(arguments)
    local list = checks.new()
    if not plan(list, arguments.cabinets, arguments.ems_switch) then return list.result() end
    if not commission.confirm_all(list, BEFORE) then return list.result() end
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    commission.grid(list, snapshot, GRID)
    commission.packs(list, snapshot, "cabinet", arguments.cabinets)
    commission.faults(list, snapshot)
    list.step("safety", commission.facts(snapshot, { "fire_protection", "liquid_cooling" }),
              function(own) safety(own, snapshot) end)
    commission.meter(list, device, snapshot)
    commission.settings(list, snapshot, {
      { "working_mode", arguments.mode, IN_APP },
      { "export_limit_W", arguments.export_limit_W, IN_APP },
    })
    list.step("template", commission.facts(snapshot, { "tou_slot_end_min" }),
              function(own) slots(own, snapshot, arguments.mode) end)
    local now = assert(device:snapshot())
    list.step("export", commission.facts(now, { "grid_power_total_W" }),
              function(own) export(own, now, arguments.export_limit_W) end)
    list.step("plant", commission.facts(snapshot, PLANT),
              function(own) plant(own, snapshot) end)
    commission.charge(list, device, "cabinet")
    local report = list.result { device = snapshot.device }
    device:close()
    return report
  end,
}
