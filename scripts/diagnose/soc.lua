#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local FULL_EVERY_H <const> = 30 * 24 -- WS-13: the state of charge drifts until 100 % is reached
local CAPACITY_DIFFERENCE_PCT <const> = 5

local function spread(list, packs, kind, most)
  local values, paths = checks.column(packs, "soc_pct")
  local difference = #values > 1 and stats.spread(values) or nil
  local words = {}
  for at, value in ipairs(values) do words[at] = string.format("%s: %.1f %%", paths[at], value) end
  list.judge("module_soc", difference and difference <= most,
             string.format("The %ss are within %.1f %%.", kind, difference or 0),
             string.format("The %ss are %.1f %% apart (%s): charge to 100 %%, hold it.", kind,
                           difference or 0, table.concat(words, ", ")))
end

-- What is left over what is full must be the state of charge.
local function capacity(list, nodes)
  for _, node in ipairs(nodes) do
    local left, full = node.values.remaining_capacity_Ah, node.values.full_capacity_Ah
    local soc = node.values.soc_pct
    if left and full and soc and full > 0 then
      local other = 100 * left / full
      list.judge((node.path == "" and node.kind or node.path) .. ".capacity",
                 math.abs(other - soc) <= CAPACITY_DIFFERENCE_PCT,
                 string.format("Charge left and state of charge agree (%.1f and %.1f %%).",
                               other, soc),
                 string.format("Charge left says %.1f %%, the state of charge %.1f %%.",
                               other, soc))
    end
  end
end

return {
  purpose = "Find out why a state of charge cannot be trusted.",
  text = "Looks at the time since 100 % was last reached, the states of charge of the modules " ..
         "side by side, the charge left against the state of charge, and at lost sensors.",
  arguments = {
    { name = "device", type = "device", help = "The battery, or the inverter it hangs on" },
    { name = "spread_pct", type = "number", unit = "pct", min = 1, max = 100, default = 10,
      help = "Largest difference between modules" },
  },
  rights = { "read" },
  example = "weco run diagnose/soc sim:weco_smart",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    device:close()
    local list = checks.new()
    local hours = stats.max((checks.column(snapshot.nodes, "hours_since_full_h")))
    list.judge("full_charge", hours and hours <= FULL_EVERY_H,
               string.format("100 %% was reached %.0f hours ago at most.", hours or 0),
               string.format("100 %% was last reached %.0f days ago; the count drifts until it is.",
                             (hours or 0) / 24))
    local packs, kind = checks.packs(snapshot)
    spread(list, packs, kind, arguments.spread_pct)
    capacity(list, snapshot.nodes)
    local lost = {}
    for _, word in ipairs(checks.troubles(snapshot.nodes)) do
      local of_cells = word:find("sensor", 1, true) or word:find("imbalance", 1, true)
      if of_cells then lost[#lost + 1] = word end
    end
    list.judge("sensors", #lost == 0, "No sensor is lost and no cell is out of step.",
               table.concat(lost, "; ") .. ".", "alarm")
    local soc = checks.column(snapshot.nodes, "soc_pct")
    return list.result { device = snapshot.device, soc_pct = soc[1] }
  end,
}
