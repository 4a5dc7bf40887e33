#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local function look(place)
  local device, problem = weco.open(place)
  if not device then return nil, problem end
  local snapshot
  snapshot, problem = device:snapshot()
  device:close()
  if not snapshot then return nil, problem end
  local soc = checks.column(snapshot.nodes, "soc_pct")
  local troubles = checks.troubles(snapshot.nodes)
  for _, fault in ipairs(snapshot.faults) do
    if fault.code then troubles[#troubles + 1] = fault.code .. " (" .. fault.name .. ")" end
  end
  return {
    device = place, family = snapshot.device.family, level = snapshot.level,
    serial_number = snapshot.device.serial_number, soc_pct = soc[1],
    troubles = table.concat(troubles, "; "),
  }
end

return {
  purpose = "Look at many devices at once and say which of them need somebody.",
  text = "All devices are read at the same time. One that does not answer is a row of its own " ..
         "and does not stop the others.",
  arguments = {
    { name = "devices", type = "device", many = true, help = "The devices to look at" },
  },
  rights = { "read" },
  example = "weco run audit/fleet roof garage sim:weco_smart",
  run = function(arguments)
    local rows, worst = {}, "ok"
    local rank = { ok = 1, note = 1, warning = 2, alarm = 3 }
    for at, result in ipairs(weco.parallel(arguments.devices, look)) do
      local row = result.value
      if not row then
        local problem = result.error
        row = { device = arguments.devices[at], level = "alarm",
                troubles = type(problem) == "table" and problem.message or tostring(problem) }
      end
      rows[at] = row
      if rank[row.level] > rank[worst] then worst = row.level end
    end
    return { level = worst, devices = rows }
  end,
}
