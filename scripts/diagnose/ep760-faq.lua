#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local commission = require("commission")

-- What a device can answer itself, by the name of the fact in the core's table; nil: it cannot.
local READ <const> = {
  ac_switch_on = function(values)
    return values.ac_output and values.ac_output == "on"
  end,
  packs_usable = function(values)
    local soc, watts = values.soc_pct, values.battery_power_W
    if not soc then return nil end
    return soc > (values.soc_min_pct or 0) or (watts or 0) > 0
  end,
  no_pv_message = function(_, snapshot)
    for _, fault in ipairs(snapshot.faults) do
      if fault.name:find("PV", 1, true) then return false end
    end
    return true
  end,
  grid_charging_on = function(values)
    return values.charge_from_grid and values.charge_from_grid == "on"
  end,
  schedule_set = function(values)
    local starts, ends = values.charge_window_start_min, values.charge_window_end_min
    if not starts or not ends then return nil end
    for at, start in ipairs(starts) do
      if ends[at] and ends[at] > start then return true end
    end
    return false
  end,
}

return {
  purpose = "Find out why an EP760 does not do what it should, question by question.",
  text = "Asks what the manual's questions ask, in their order, until one answer is the cause. " ..
         "With a device, what it can say is read instead of asked. When all is well the " ..
         "vendor's service is next. A breaker that keeps tripping is never reset by hand.",
  arguments = {
    { name = "complaint", type = "choice",
      choices = { "no_bluetooth", "no_remote_access", "no_backup_output", "does_not_start",
                  "no_solar_charging", "no_grid_charging", "wrong_state_of_charge",
                  "breaker_trips" }, help = "What is wrong" },
    { name = "device", type = "device", optional = true, help = "The inverter, to read it" },
  },
  rights = { "read" },
  families = { "ep760_open", "bluetti_ep760" },
  example = "weco run diagnose/ep760-faq no_backup_output sim:ep760_open",
  run = function(arguments)
    local snapshot
    if arguments.device then
      local device = assert(weco.open(arguments.device))
      snapshot = assert(device:snapshot())
      device:close()
    end
    local answers, asked = {}, {}
    while true do
      local advice = weco.trouble(arguments.complaint, answers)
      if advice.kind == "ask" then
        local good
        local read = snapshot and READ[advice.fact]
        if read then good = read(commission.top(snapshot), snapshot) end
        local from = good == nil and "person" or "device"
        if good == nil then good = ui.confirm { name = advice.fact, text = advice.question } end
        answers[advice.fact] = good
        asked[#asked + 1] = { question = advice.question, answer = good, from = from }
      else
        return {
          cause = advice.fact, remedy = advice.remedy, service = advice.kind == "service",
          asked = asked, level = "warning",
        }
      end
    end
  end,
}
