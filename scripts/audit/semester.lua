#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")
local commission = require("commission")

-- ISO 6469 asks for 100 ohm a volt; 46 kilohm on a bus of 460 V, more where a pack has more.
local INSULATION_MIN_KOHM <const>, KOHM_PER_V <const> = 46, 0.1
local BY_HAND <const> = {
  "HV box: look inside and clean it.",
  "Breakers: open and close each of them.",
  "Contactors: test them with the emergency stop.",
  "Fast plugs: wear and gaskets.",
  "RJ45 and CAN cables, and 120 ohm at both ends of the line (60 ohm across it, everything off).",
  "Torque of every terminal again; first mark blue, second mark red.",
  "Brackets, and the protective spray.",
}

local function contactors(list, nodes, kind)
  local open, told = {}, false
  for _, node in ipairs(nodes) do
    local closed = node.values.contactors
    if closed and node.values.connection == "online" then
      told = true
      local main = false
      for _, name in ipairs(closed) do main = main or name == "main_positive" end
      if not main then open[#open + 1] = node.path end
    end
  end
  local good = told or nil
  if #open > 0 then good = false end
  list.judge("contactors", good,
             "The main contactor of every " .. kind .. " that takes part is closed.",
             "The main contactor is open though it takes part: " .. table.concat(open, ", ") .. ".",
             "alarm")
end

local function insulation(list, nodes)
  local words, good = {}, nil
  for _, node in ipairs(nodes) do
    local kohm = node.values.insulation_resistance_kohm
    if type(kohm) == "table" then kohm = kohm[1] end
    if kohm then
      local least = math.max(INSULATION_MIN_KOHM, KOHM_PER_V * (node.values.pack_voltage_V or 0))
      good = good ~= false and kohm >= least
      if kohm < least then
        words[#words + 1] = string.format("%s: %.0f kohm", node.path, kohm)
      end
    end
  end
  list.judge("insulation", good, "The insulation of every part is sufficient.",
             "The insulation is too low (" .. table.concat(words, ", ") .. "): isolate it.",
             "alarm")
end

local function line(list, nodes, kind)
  local apart, lost = {}, {}
  for _, node in ipairs(nodes) do
    local state = node.values.connection
    if state and state ~= "online" then apart[#apart + 1] = node.path .. " is " .. state end
  end
  for _, word in ipairs(checks.troubles(nodes)) do
    if word:find("communication", 1, true) then lost[#lost + 1] = word end
  end
  list.judge("parts", #nodes > 0 and #apart == 0, "Every " .. kind .. " takes part.",
             (#nodes == 0 and "No " .. kind .. " answers" or table.concat(apart, ", ")) .. ".",
             "alarm")
  list.judge("line", #lost == 0, "No part reports a lost line.",
             "The line is lost: " .. table.concat(lost, "; ") .. ".", "alarm")
end

return {
  purpose = "Read what the six-monthly check asks for and list what is left to do by hand.",
  text = "Contactors, insulation, the line between the parts, firmware side by side, fault " ..
         "codes and what is in force. The rest is listed; the record is made by 'weco checklist " ..
         "run'.",
  arguments = {
    { name = "device", type = "device", help = "The inverter or the EMS" },
  },
  rights = { "read" },
  example = "weco run audit/semester sim:weco_smart",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    device:close()
    local nodes, kind = checks.packs(snapshot)
    local list = checks.new()
    contactors(list, nodes, kind)
    insulation(list, nodes)
    line(list, nodes, kind)
    local same, words = checks.alike(nodes, "firmware_version")
    list.judge("firmware", same, "All have the same firmware.",
               "They differ in firmware (" .. words .. ").")
    commission.faults(list, snapshot)
    return list.result { device = snapshot.device, by_hand = BY_HAND }
  end,
}
