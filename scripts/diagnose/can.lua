#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

return {
  purpose = "Say what is wrong with the CAN line of a battery.",
  text = "Listens and sends nothing. Gives the state of the bus as the controller tells it, " ..
         "every finding of the bus doctor with what to change, and what the battery reports.",
  arguments = {
    { name = "device", type = "device", help = "The bus, such as can:can0 or a recording of it" },
  },
  rights = { "read" },
  families = { "canbms" },
  example = "weco run diagnose/can can:can0",
  run = function(arguments)
    local list = checks.new()
    local device = assert(weco.open(arguments.device))
    local snapshot, problem = device:snapshot()
    if not snapshot then
      list.add(problem.code, "alarm", problem.message .. ". " .. problem.hint)
      return list.result { endpoint = device.endpoint }
    end
    local odd = false
    for _, finding in ipairs(snapshot.findings) do
      local level = finding.level == "note" and "ok" or finding.level
      odd = odd or level ~= "ok"
      list.add(finding.name, level, finding.symptom .. " " .. finding.advice)
    end
    if not odd then list.add("line", "ok", "Nothing is wrong with the line.") end
    checks.events(list, snapshot.nodes)
    return list.result { device = snapshot.device }
  end,
}
