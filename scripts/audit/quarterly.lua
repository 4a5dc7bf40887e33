#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")

local VOLTAGE_SPREAD_MAX_V <const> = 1.5 -- between modules of one battery
local FLAT_FROM_PCT <const>, FLAT_TO_PCT <const> = 20, 90 -- where a cell's curve is flat

local function side_by_side(list, packs, kind, check, name, unit, most)
  local values, paths = checks.column(packs, name)
  local spread = #values > 1 and stats.spread(values) or nil
  local words = {}
  for at, value in ipairs(values) do
    words[at] = string.format("%s: %.2f %s", paths[at], value, unit)
  end
  list.judge(check, spread and spread <= most,
             string.format("The %ss are within %.2f %s.", kind, spread or 0, unit),
             string.format("The %ss are %.2f %s apart, allowed are %.2f (%s).", kind,
                           spread or 0, unit, most, table.concat(words, ", ")))
end

-- Cells of one pack beside each other. Near full and near empty they part by themselves.
local function cells(list, packs, kind, most_V)
  local words, looked = {}, false
  for _, pack in ipairs(packs) do
    local values = pack.values
    local apart = values.cell_voltage_spread_V
    if not apart and values.cell_voltage_max_V and values.cell_voltage_min_V then
      apart = values.cell_voltage_max_V - values.cell_voltage_min_V
    end
    local soc = values.soc_pct
    if apart and soc and soc >= FLAT_FROM_PCT and soc <= FLAT_TO_PCT then
      looked = true
      if apart > most_V then
        words[#words + 1] = string.format("%s: %.0f mV", pack.path, apart * 1000)
      end
    end
  end
  local good
  if looked then good = #words == 0 end
  list.judge("cells", good, string.format("The cells of each %s are within %.0f mV.", kind,
                                          1000 * most_V),
             string.format("Cells of one %s are more than %.0f mV apart (%s): look for a weak " ..
                           "cell or a loose bar.", kind, 1000 * most_V, table.concat(words, ", ")))
end

return {
  purpose = "Compare the modules of a battery side by side, as the quarterly check asks.",
  text = "What can be read of it: voltages, states of charge and of health of the modules (of " ..
         "cabinets: the states), cells beside each other, and what is in force. Keep the " ..
         "result: the next one is compared with it. Cleaning, oxidation, tightness and " ..
         "insulation are looked at by hand; the record is made by 'weco checklist run'. How " ..
         "far apart states and cells may be is our choice and can be given; the voltage is the " ..
         "limit of the WeCo chain manuals.",
  arguments = {
    { name = "device", type = "device", help = "The battery, or the inverter it hangs on" },
    { name = "soc_spread_pct", type = "number", unit = "pct", min = 0, max = 100, default = 10,
      help = "Largest difference of the states of charge" },
    { name = "soh_spread_pct", type = "number", unit = "pct", min = 0, max = 100, default = 5,
      help = "Largest difference of the states of health" },
    { name = "cell_spread_V", type = "number", unit = "V", min = 0, max = 1, default = 0.05,
      help = "Largest difference of the cells of one pack, from 20 to 90 % state of charge" },
  },
  rights = { "read" },
  example = "weco run audit/quarterly sim:weco_smart --json > 2026-q1.json",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    device:close()
    local packs, kind = checks.packs(snapshot)
    local list, rows = checks.new(), {}
    for at, pack in ipairs(packs) do
      local values = pack.values
      rows[at] = {
        path = pack.path, serial_number = values.serial_number, soc_pct = values.soc_pct,
        soh_pct = values.soh_pct, pack_voltage_V = values.pack_voltage_V,
        cell_voltage_min_V = values.cell_voltage_min_V,
        cell_voltage_max_V = values.cell_voltage_max_V, cycle_count = values.cycle_count,
      }
    end
    if kind == "module" then -- cabinets have a converter each
      side_by_side(list, packs, kind, "voltages", "pack_voltage_V", "V", VOLTAGE_SPREAD_MAX_V)
    end
    side_by_side(list, packs, kind, "states_of_charge", "soc_pct", "%", arguments.soc_spread_pct)
    side_by_side(list, packs, kind, "states_of_health", "soh_pct", "%", arguments.soh_spread_pct)
    cells(list, packs, kind, arguments.cell_spread_V)
    checks.events(list, snapshot.nodes)
    return list.result { device = snapshot.device, modules = rows }
  end,
}
