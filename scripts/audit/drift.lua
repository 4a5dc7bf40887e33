#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local SPREAD_GROWTH_V <const> = 0.5 -- between the packs, our own choice
local NAMES <const> = { "serial_number", "model", "firmware_version", "hardware_version" }

local function by_path(snapshot)
  local parts = {}
  for _, node in ipairs(snapshot.nodes) do parts[node.path] = node end
  return parts
end

-- One part then and now, by the names of a list.
local function compare(changes, place, before, now, names)
  for _, name in ipairs(names) do
    local was, is = before[name], now[name]
    local old, new = checks.text_of(was), checks.text_of(is)
    if was ~= nil and is ~= nil and old ~= new then
      changes[#changes + 1] = string.format("%s: %s was %s and is %s", place,
                                            (name:gsub("_", " ")), old, new)
    end
  end
end

local function spread(snapshot)
  return stats.spread((checks.column(checks.packs(snapshot), "pack_voltage_V")))
end

-- What the record of the commissioning says: serial numbers with their firmware.
local function against_record(list, snapshot, record)
  local now, gone, other, new = {}, {}, {}, {}
  for _, node in ipairs(snapshot.nodes) do
    local serial = node.values.serial_number
    if serial then now[serial] = node.values.firmware_version or "" end
  end
  local built = {}
  for _, part in ipairs(record.body.devices or {}) do
    built[part.serial] = true
    if not now[part.serial] then
      gone[#gone + 1] = part.serial
    elseif part.firmware ~= "" and now[part.serial] ~= part.firmware then
      other[#other + 1] = string.format("%s: %s then, %s now", part.serial, part.firmware,
                                        now[part.serial])
    end
  end
  for _, node in ipairs(snapshot.nodes) do
    local serial = node.values.serial_number
    if serial and not built[serial] then new[#new + 1] = serial end
  end
  list.judge("parts", #gone == 0 and #new == 0, "The parts are those of the record.",
             string.format("Of the record %s is gone, %s is new.",
                           #gone > 0 and table.concat(gone, ", ") or "nothing",
                           #new > 0 and table.concat(new, ", ") or "nothing"))
  list.judge("firmware", #other == 0, "The firmware is that of the record.",
             "The firmware has changed (" .. table.concat(other, "; ") .. ").")
end

local function against_snapshot(list, snapshot, before, settings)
  local old, new = by_path(before), by_path(snapshot)
  local parts, changes, set = {}, {}, {}
  for path, node in pairs(old) do
    if not new[path] then
      parts[#parts + 1] = (path == "" and node.kind or path) .. " is gone"
    else
      local place = path == "" and node.kind or path
      compare(changes, place, node.values, new[path].values, NAMES)
      compare(set, place, node.values, new[path].values, settings)
    end
  end
  for path in pairs(new) do
    if not old[path] then parts[#parts + 1] = path .. " is new" end
  end
  list.judge("parts", #parts == 0, "The parts are those that were built in.",
             table.concat(parts, ", ") .. ".")
  list.judge("identity", #changes == 0, "Serial numbers and firmware are as built.",
             table.concat(changes, "; ") .. ".")
  list.judge("settings", #set == 0, "The settings are as built.", table.concat(set, "; ") .. ".")
  local then_V, now_V = spread(before), spread(snapshot)
  list.judge("spread", then_V and now_V and now_V <= then_V + SPREAD_GROWTH_V,
             string.format("The packs are %.2f V apart, %.2f V as built.", now_V or 0, then_V or 0),
             string.format("The packs were %.2f V apart and are %.2f V now.", then_V or 0,
                           now_V or 0))
end

return {
  purpose = "Compare a site as found with what was built: serials, firmware, settings, spread.",
  text = "As built is what 'weco status --json' printed then (--before FILE), or the record of " ..
         "the commissioning (--site NAME), which knows serial numbers and firmware.",
  arguments = {
    { name = "device", type = "device", help = "The inverter or the EMS" },
    { name = "before", type = "file", optional = true, help = "Output of weco status --json" },
    { name = "site", optional = true, help = "The site whose commissioning was recorded" },
  },
  rights = { "read", "records" },
  example = "weco run audit/drift roof --before as-built.json",
  run = function(arguments)
    local before, record
    if arguments.before then
      before = assert(json.decode(arguments.before))
      if type(before) ~= "table" or type(before.nodes) ~= "table" then
        error("the file is no output of weco status --json")
      end
    elseif arguments.site then
      record = assert(weco.record(arguments.site, { checklist = "commissioning" }))
    else
      error("give --before FILE or --site NAME")
    end
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    local list = checks.new()
    if before then
      against_snapshot(list, snapshot, before, checks.setting_names(assert(device:points())))
    end
    if record then against_record(list, snapshot, record) end
    device:close()
    return list.result { device = snapshot.device }
  end,
}
