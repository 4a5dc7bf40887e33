#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local function look(place, alike)
  local device, problem = weco.open(place)
  if not device then return nil, problem end
  local snapshot
  snapshot, problem = device:snapshot()
  local settings = {}
  if snapshot and alike then settings = checks.setting_names(device:points() or {}) end
  device:close()
  if not snapshot then return nil, problem end
  local soc = checks.column(snapshot.nodes, "soc_pct")
  local troubles = checks.troubles(snapshot.nodes)
  for _, fault in ipairs(snapshot.faults) do
    if fault.code then troubles[#troubles + 1] = fault.code .. " (" .. fault.name .. ")" end
  end
  return {
    place = place, nodes = snapshot.nodes, settings = settings, family = snapshot.device.family,
    row = {
      device = place, family = snapshot.device.family, level = snapshot.level,
      serial_number = snapshot.device.serial_number, soc_pct = soc[1],
      troubles = table.concat(troubles, "; "),
    },
  }
end

local function part_of(one, node)
  return node.path == "" and one.place or one.place .. " " .. node.path
end

-- Who says what: groups in the order in which they were met, each with its values in their order
-- and the places that have them.
local function groups()
  local list, by_name = {}, {}
  local function add(name, value, place)
    local group = by_name[name]
    if not group then
      group = { name = name, values = {}, places = {} }
      list[#list + 1], by_name[name] = group, group
    end
    local places = group.places[value]
    if not places then
      places = {}
      group.values[#group.values + 1], group.places[value] = value, places
    end
    if places[#places] ~= place then places[#places + 1] = place end
  end
  return list, add
end

local function words_of(group)
  local words = {}
  for at, value in ipairs(group.values) do
    words[at] = value .. " at " .. table.concat(group.places[value], ", ")
  end
  return group.name .. ": " .. table.concat(words, "; ")
end

-- Groups that do not all say the same.
local function different(list, name, all, says_good, says_bad)
  local words = {}
  for _, group in ipairs(all) do
    if #group.values > 1 then words[#words + 1] = words_of(group) end
  end
  local good
  if #all > 0 then good = #words == 0 end
  list.judge(name, good, says_good,
             says_bad .. " (" .. table.concat(words, "). (") .. ").")
end

-- Parts of one model have one firmware everywhere.
local function firmware(list, looks)
  local all, add = groups()
  for _, one in ipairs(looks) do
    for _, node in ipairs(one.nodes) do
      local version = node.values.firmware_version
      if version then
        add(node.values.model or one.family .. " " .. node.kind, version, one.place)
      end
    end
  end
  different(list, "firmware", all, "Parts of one model have one firmware everywhere.",
            "The firmware differs")
end

-- The same part cannot be at two places.
local function serial_numbers(list, looks)
  local all, add = groups()
  for _, one in ipairs(looks) do
    for _, node in ipairs(one.nodes) do
      local serial = node.values.serial_number
      if serial then add(serial, one.family, part_of(one, node)) end
    end
  end
  local twice = {}
  for _, group in ipairs(all) do
    local places = {}
    for _, value in ipairs(group.values) do
      for _, place in ipairs(group.places[value]) do places[#places + 1] = place end
    end
    if #places > 1 then
      twice[#twice + 1] = group.name .. " at " .. table.concat(places, " and ")
    end
  end
  local good
  if #all > 0 then good = #twice == 0 end
  list.judge("serial_numbers", good, "Every serial number is reported by one part.",
             "One serial number is reported by several parts (" .. table.concat(twice, "; ") ..
             "): a device is listed twice, two parts share an address, or a part was moved.")
end

-- Sites that are meant to be set alike; the clock goes on and is no setting.
local function settings(list, looks)
  local all, add = groups()
  for _, one in ipairs(looks) do
    for _, name in ipairs(one.settings) do
      local value = (checks.column(one.nodes, name))[1]
      if value ~= nil then
        add(one.family .. " " .. name:gsub("_", " "), checks.text_of(value), one.place)
      end
    end
  end
  different(list, "settings", all, "Sites of one family are set alike.", "The settings differ")
end

return {
  purpose = "Look at many devices at once and say which of them need somebody.",
  text = "All devices are read at the same time. One that does not answer is a row of its own " ..
         "and does not stop the others. Then they are held against each other: firmware of " ..
         "parts of one model, serial numbers that are reported twice, and with --alike settings " ..
         "that differ.",
  arguments = {
    { name = "alike", type = "switch",
      help = "The sites are meant to be set alike: name settings that differ" },
    { name = "devices", type = "device", many = true, help = "The devices to look at" },
  },
  rights = { "read" },
  example = "weco run audit/fleet no roof garage sim:weco_smart",
  run = function(arguments)
    local rows, looks, list, worst = {}, {}, checks.new(), "ok"
    local rank = { ok = 1, note = 1, warning = 2, alarm = 3 }
    local function both(place) return look(place, arguments.alike) end
    for at, result in ipairs(weco.parallel(arguments.devices, both)) do
      local one = result.value
      if one then
        looks[#looks + 1] = one
        rows[at] = one.row
      else
        local problem = result.error
        rows[at] = { device = arguments.devices[at], level = "alarm",
                     troubles = type(problem) == "table" and problem.message or tostring(problem) }
      end
      if rank[rows[at].level] > rank[worst] then worst = rows[at].level end
    end
    firmware(list, looks)
    serial_numbers(list, looks)
    if arguments.alike then settings(list, looks) end
    local result = list.result { devices = rows }
    if rank[worst] > rank[result.level] then result.level = worst end
    return result
  end,
}
