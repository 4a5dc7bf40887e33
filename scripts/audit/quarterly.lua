#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local VOLTAGE_SPREAD_MAX_V <const> = 1.5 -- between modules of one battery

local function side_by_side(list, modules, check, name, unit, most)
  local values, paths = checks.column(modules, name)
  local spread = #values > 1 and stats.spread(values) or nil
  local words = {}
  for at, value in ipairs(values) do
    words[at] = string.format("%s: %.2f %s", paths[at], value, unit)
  end
  list.judge(check, spread and spread <= most,
             string.format("The modules are within %.2f %s.", spread or 0, unit),
             string.format("The modules are %.2f %s apart, allowed are %.2f (%s).", spread or 0,
                           unit, most, table.concat(words, ", ")))
end

return {
  purpose = "Compare the modules of a battery side by side, as the quarterly check asks.",
  text = "What can be read of it: voltages, states of charge and of health of the modules, and " ..
         "what is in force. Keep the result: the next one is compared with it. Cleaning, " ..
         "oxidation, tightness and insulation are looked at by hand; the record is made by " ..
         "'weco checklist run'. How far apart states may be is our choice and can be given; " ..
         "the voltage is the limit of the WeCo chain manuals.",
  arguments = {
    { name = "device", type = "device", help = "The battery, or the inverter it hangs on" },
    { name = "soc_spread_pct", type = "number", unit = "pct", min = 0, max = 100, default = 10,
      help = "Largest difference of the states of charge" },
    { name = "soh_spread_pct", type = "number", unit = "pct", min = 0, max = 100, default = 5,
      help = "Largest difference of the states of health" },
  },
  rights = { "read" },
  example = "weco run audit/quarterly sim:weco_smart --json > 2026-q1.json",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    device:close()
    local modules = checks.parts(snapshot, "module")
    local list, rows = checks.new(), {}
    for at, module in ipairs(modules) do
      local values = module.values
      rows[at] = {
        path = module.path, serial_number = values.serial_number, soc_pct = values.soc_pct,
        soh_pct = values.soh_pct, pack_voltage_V = values.pack_voltage_V,
        cell_voltage_min_V = values.cell_voltage_min_V,
        cell_voltage_max_V = values.cell_voltage_max_V, cycle_count = values.cycle_count,
      }
    end
    side_by_side(list, modules, "voltages", "pack_voltage_V", "V", VOLTAGE_SPREAD_MAX_V)
    side_by_side(list, modules, "states_of_charge", "soc_pct", "%", arguments.soc_spread_pct)
    side_by_side(list, modules, "states_of_health", "soh_pct", "%", arguments.soh_spread_pct)
    checks.events(list, snapshot.nodes)
    return list.result { device = snapshot.device, modules = rows }
  end,
}
