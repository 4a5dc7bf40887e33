-- SPDX-License-Identifier: Apache-2.0
-- What the wizards of a first start share. Each function adds its verdicts to a list of checks;
-- none sets anything: where a setting is wrong, the verdict says what it must be and where a person
-- sets it.
local checks = require("checks")

local SETTLE_S <const> = 65 -- after a load step, until the inverter has judged its transformer
local CHARGES_W <const> = 300 -- below, a charge test proves nothing
local SHARE_MIN <const> = 0.2 -- of the mean current of all packs

-- Statements that a person confirms, one after the other; false at the first that is not so. They
-- hold for the day: what was switched off yesterday may be on again.
local function confirm_all(list, rows)
  for _, row in ipairs(rows) do
    local yes = list.step(row[1], { day = time.text():sub(1, 10) }, function(own)
      local said = ui.confirm { name = row[1], text = row[2] }
      if not said then own.add(row[1], "alarm", "Not confirmed: " .. row[2]) end
      return said
    end)
    if not yes then return false end
  end
  return true
end

-- What a step goes by: these values of every part that has one of them.
local function facts(snapshot, names)
  local found = {}
  for _, node in ipairs(snapshot.nodes) do
    local values
    for _, name in ipairs(names) do
      local value = node.values[name]
      if value ~= nil then values = values or {} end
      if type(value) == "table" then -- with holes where one could not be read
        for at, one in pairs(value) do values[name .. "[" .. at .. "]"] = one end
      elseif value ~= nil then
        values[name] = value
      end
    end
    if values then found["/" .. node.path] = values end
  end
  return found
end

local function top(snapshot) return snapshot.nodes[1].values end

-- The device as a whole: what it shows as a fault, and what its parts report.
local function faults(list, snapshot, name)
  local seen = facts(snapshot, { "alarms", "lock", "protections", "warnings" })
  seen.codes = snapshot.faults
  list.step(name or "faults", seen, function(own)
    checks.fault_codes(own, snapshot)
    checks.events(own, snapshot.nodes)
  end)
end

-- `want`: phases, low_V, high_V, low_Hz, high_Hz.
local function judge_grid(list, snapshot, want)
  local values, words, good = top(snapshot).grid_voltage_V or {}, {}, true
  for phase = 1, want.phases do
    local volts = values[phase]
    good = good and volts ~= nil and volts >= want.low_V and volts <= want.high_V
    words[phase] = volts and string.format("L%d %.1f V", phase, volts) or
                   "L" .. phase .. " not read"
  end
  list.judge("grid_voltage", good, "The grid has " .. table.concat(words, ", ") .. ".",
             string.format("%s; each phase must have %.0f to %.0f V.", table.concat(words, ", "),
                           want.low_V, want.high_V), "alarm")
  local hertz = top(snapshot).grid_frequency_Hz
  list.judge("grid_frequency", hertz and hertz >= want.low_Hz and hertz <= want.high_Hz,
             string.format("The grid has %.2f Hz.", hertz or 0),
             string.format("The grid has %.2f Hz; %.1f to %.1f are allowed.", hertz or 0,
                           want.low_Hz, want.high_Hz), "alarm")
  local state = top(snapshot).grid_state
  list.judge("grid_state", state and state == "normal", "The inverter accepts the grid.",
             "The inverter does not accept the grid: it is " .. tostring(state) .. ".", "alarm")
  local order = top(snapshot).phase_sequence
  if order == "unknown" then order = nil end
  if want.phases > 1 then
    list.judge("phase_sequence", order and order == "right", "The phases are in their order.",
               "The phases are not in their order: exchange two of them, with everything off.",
               "alarm")
  end
end

local function grid(list, snapshot, want)
  local names = { "grid_frequency_Hz", "grid_state", "grid_voltage_V", "phase_sequence" }
  list.step("grid", facts(snapshot, names), function(own) judge_grid(own, snapshot, want) end)
end

-- The packs of a battery: all there and taking part, alike, within `spread_V` of each other.
local function judge_packs(list, snapshot, kind, expected, spread_V)
  local nodes, apart = checks.parts(snapshot, kind), {}
  for _, node in ipairs(nodes) do
    local state = node.values.connection
    if state and state ~= "online" then apart[#apart + 1] = node.path .. " is " .. state end
  end
  list.judge(kind .. "s", #nodes == expected and #apart == 0,
             string.format("All %d %ss take part.", expected, kind),
             string.format("%d %ss were installed, %d answer (%s).", expected, kind, #nodes,
                           #apart > 0 and table.concat(apart, ", ") or "none is apart"), "alarm")
  if #nodes < 2 then return end
  local seen, twice = {}, {}
  local serials, paths = checks.column(nodes, "serial_number")
  for at, serial in ipairs(serials) do
    if seen[serial] then twice[#twice + 1] = seen[serial] .. " and " .. paths[at] end
    seen[serial] = paths[at]
  end
  if #serials > 0 then
    list.judge("addresses", #twice == 0, "Every " .. kind .. " has an address of its own.",
               "One serial number is reported by " .. table.concat(twice, "; ") ..
               ": two of them share an address.", "alarm")
  end
  for _, row in ipairs {
    { "firmware", "firmware_version" }, { "type", "cell_count" },
    { "capacity", "rated_capacity_Ah" },
  } do
    local same, words = checks.alike(nodes, row[2])
    list.judge(row[1], same, "All have the same " .. row[1] .. ".",
               "They differ in " .. row[1] .. " (" .. words .. ").")
  end
  if not spread_V then return end
  local spread = stats.spread((checks.column(nodes, "pack_voltage_V")))
  list.judge("pack_voltages", spread and spread <= spread_V,
             string.format("The %ss are within %.2f V.", kind, spread or 0),
             string.format("The %ss are %.2f V apart, allowed are %.1f V: charge or discharge " ..
                           "the odd one alone first.", kind, spread or 0, spread_V), "alarm")
end

local function packs(list, snapshot, kind, expected, spread_V, name)
  local seen = facts({ nodes = checks.parts(snapshot, kind) }, {
    "cell_count", "connection", "firmware_version", "pack_voltage_V", "rated_capacity_Ah",
    "serial_number" })
  seen.count = #checks.parts(snapshot, kind)
  list.step(name or "packs", seen,
            function(own) judge_packs(own, snapshot, kind, expected, spread_V) end)
end

local function first(snapshot, name) return (checks.column(snapshot.nodes, name))[1] end

-- The meter answers, and a load that a person switches on is seen on the right side. The inverter
-- itself judges its transformer by what such a step does.
local function judge_meter(list, device, snapshot)
  local link = first(snapshot, "meter_link")
  list.judge("meter", link and link == "up", "The meter answers.",
             "The meter does not answer: check its line, its address and speed.", "alarm")
  if link ~= "up" then return end
  local state = top(snapshot).grid_state
  if state and state ~= "normal" then
    return list.add("transformer", "not_checked",
                    "The inverter does not accept the grid: a load step proves nothing.")
  end
  local direction = first(snapshot, "ct_direction")
  if direction ~= "reversed" then
    local on = ui.confirm { name = "load_on", text = "Switch a load of 1 kW or more on, such as " ..
                            "an oven, that is not on the backup output. Is it on?" }
    if on then
      ui.progress("Looking at the load", 0, 1)
      time.sleep(SETTLE_S)
      local after = assert(device:snapshot())
      ui.confirm { name = "load_off", text = "Switch the load off again. Is it off?" }
      time.sleep(SETTLE_S)
      direction = first(assert(device:snapshot()), "ct_direction") or direction
      if direction == "unknown" then direction = first(after, "ct_direction") end
    elseif direction == "unknown" then
      direction = nil
    end
  end
  list.judge("transformer", direction and direction == "right",
             "The transformer points to the grid.",
             direction == "reversed"
               and "The transformer is reversed: its arrow must point to the grid."
               or "A load step does not prove the transformer: it must sit on the conductor " ..
                  "from the grid, before everything else, and on its own phase.", "alarm")
end

-- What the load step itself finds out is no fact that it goes by: it would be asked for again.
local function meter(list, device, snapshot)
  local seen = { link = first(snapshot, "meter_link"), grid = top(snapshot).grid_state,
                 reversed = first(snapshot, "ct_direction") == "reversed" }
  list.step("meter", seen, function(own) judge_meter(own, device, snapshot) end)
end

-- `want`: count, low_V, high_V. Only a person knows whether there is light.
local function judge_pv(list, snapshot, want)
  local sun = ui.confirm { name = "sun", text = "Does the sun shine on the panels, and are the " ..
                           "PV switches on?" }
  local values = top(snapshot).pv_voltage_V
  for input = 1, want.count do
    local volts = values and values[input]
    local good = volts and volts >= want.low_V and volts <= want.high_V
    if not sun and volts and volts < want.low_V then good = nil end
    list.judge("pv" .. input, good, string.format("PV%d has %.1f V.", input, volts or 0),
               string.format("PV%d has %.1f V; it must be %.0f to %.0f V. %s", input, volts or 0,
                             want.low_V, want.high_V,
                             (volts or 0) > want.high_V
                               and "Take panels out of the string before anything else."
                               or "Check its polarity, its insulation to earth and its plugs; " ..
                                  "touch a reversed string only below 0.5 A."), "alarm")
  end
end

-- Volts that move within their window are no other fact; leaving it is, and the light with it.
local function pv(list, snapshot, want)
  local seen, values = {}, top(snapshot).pv_voltage_V or {}
  for input = 1, want.count do
    local volts = values[input]
    seen[input] = not volts and "not read" or volts < want.low_V and "low" or
                  volts > want.high_V and "high" or "within"
  end
  list.step("pv", seen, function(own) judge_pv(own, snapshot, want) end)
end

-- Settings read back: { point with unit, value wanted, where it is set }; nil: not asked for.
local function judge_settings(list, snapshot, rows)
  for _, row in ipairs(rows) do
    local name, wanted, where = row[1], row[2], row[3]
    local value = first(snapshot, name)
    local good
    if value ~= nil then good = value == wanted end
    if wanted ~= nil then
      list.judge(name, good,
                 string.format("It is %s.", tostring(value)),
                 string.format("It is %s and should be %s. Set it %s, then run this again.",
                               tostring(value), tostring(wanted), where))
    end
  end
end

local function settings(list, snapshot, rows)
  local seen = {}
  for _, row in ipairs(rows) do seen[row[1]] = first(snapshot, row[1]) end
  list.step("settings", seen, function(own) judge_settings(own, snapshot, rows) end)
end

-- Windows of a day: none ends before it begins or shares a minute with another (WS-42).
local function judge_windows(list, snapshot, kinds)
  local all, words = {}, {}
  for _, kind in ipairs(kinds) do
    local starts = top(snapshot)[kind .. "_window_start_min"] or {}
    local ends = top(snapshot)[kind .. "_window_end_min"] or {}
    for at, start in ipairs(starts) do
      local stop = ends[at]
      if stop and start ~= stop then
        all[#all + 1] = { kind .. " window " .. at, start, stop }
      end
    end
  end
  for at, window in ipairs(all) do
    if window[3] < window[2] or window[3] > 24 * 60 then
      words[#words + 1] = window[1] .. " does not lie within the day"
    end
    for other = at + 1, #all do
      if window[2] < all[other][3] and all[other][2] < window[3] then
        words[#words + 1] = window[1] .. " and " .. all[other][1] .. " overlap"
      end
    end
  end
  list.judge("windows", #words == 0, string.format("%d windows are set and fit.", #all),
             table.concat(words, "; ") .. ".", "warning")
end

local function windows(list, snapshot, kinds)
  local names = {}
  for _, kind in ipairs(kinds) do
    names[#names + 1] = kind .. "_window_end_min"
    names[#names + 1] = kind .. "_window_start_min"
  end
  list.step("windows", facts(snapshot, names),
            function(own) judge_windows(own, snapshot, kinds) end)
end

-- A clock that goes on is the same clock.
local function clock(list, snapshot)
  local shown = first(snapshot, "device_time")
  list.step("clock", { shown = shown ~= nil }, function(own)
    if not shown then return own.judge("clock", nil) end
    local right = ui.confirm { name = "clock", text = "The device's clock shows " .. shown ..
                               ". Is this the time here?" }
    own.judge("clock", right, "The clock is right.",
              "The clock shows " .. shown .. ": set date, time and zone at the display or in " ..
              "the app.")
  end)
end

-- While it charges, every pack takes its share. Without a surplus there is nothing to see. A pack
-- that is apart or reports why has been named before.
local function judge_charge(list, snapshot, kind)
  local watts = first(snapshot, "battery_power_W")
  local charged = {}
  for _, node in ipairs(checks.parts(snapshot, kind)) do
    local state = node.values.connection
    if (not state or state == "online") and #checks.troubles { node } == 0 then
      charged[#charged + 1] = node
    end
  end
  local values, paths = checks.column(charged, "pack_current_A")
  if not watts or watts < CHARGES_W or #values == 0 then
    return list.add("charge_test", "not_checked",
                    string.format("No charge flows (%.0f W): repeat it with sun, or with a " ..
                                  "charge window.", watts or 0))
  end
  local mean, idle = stats.mean(values), {}
  for at, amperes in ipairs(values) do
    if amperes < mean * SHARE_MIN then
      idle[#idle + 1] = string.format("%s with %.1f A", paths[at], amperes)
    end
  end
  list.judge("charge_test", #idle == 0,
             string.format("The battery charges with %.0f W, every %s takes its share.", watts,
                           kind),
             string.format("The battery charges with %.0f W, but %s does not take its share: " ..
                           "look for an open fuse, breaker or power lead.", watts,
                           table.concat(idle, ", ")), "alarm")
end

local function charge(list, device, kind)
  local snapshot = assert(device:snapshot())
  local names = { "alarms", "battery_power_W", "connection", "lock", "pack_current_A",
                  "protections", "warnings" }
  list.step("charge", facts(snapshot, names),
            function(own) judge_charge(own, snapshot, kind) end)
end

return {
  confirm_all = confirm_all, top = top, first = first, facts = facts, faults = faults,
  grid = grid, packs = packs, meter = meter, pv = pv, settings = settings, windows = windows,
  clock = clock, charge = charge,
}
