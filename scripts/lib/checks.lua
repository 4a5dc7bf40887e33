-- SPDX-License-Identifier: Apache-2.0
-- Verdicts of a script, collected: each check has a name, a level and a sentence. The level of the
-- whole is the worst of them, and decides the exit code.
local RANK <const> = { ok = 1, not_checked = 1, warning = 2, alarm = 3 }

-- `at_once`: one of many sites that are checked at once; no step of theirs is kept.
local function new(at_once)
  local list, worst = {}, "ok"
  local checks = {}

  function checks.add(name, level, says)
    list[#list + 1] = { check = name, level = level, says = says }
    if RANK[level] > RANK[worst] then worst = level end
  end

  -- `good` nil: it could not be looked at.
  function checks.judge(name, good, says_good, says_bad, level)
    if good == nil then
      checks.add(name, "not_checked", "The device does not say.")
    elseif good then
      checks.add(name, "ok", says_good)
    else
      checks.add(name, level or "warning", says_bad)
    end
  end

  -- One step of a wizard, see weco.step: `work` gets a list of its own, and what it adds is added
  -- here, whether it is done now or was done before the run was torn.
  function checks.step(name, facts, work)
    if at_once then return work(checks) end
    local done = weco.step(name, facts, function()
      local own = new()
      return { value = work(own), checks = own.result().checks }
    end)
    for _, row in ipairs(done.checks) do checks.add(row.check, row.level, row.says) end
    return done.value
  end

  function checks.result(more)
    local result = { level = worst, checks = list }
    for name, value in pairs(more or {}) do result[name] = value end
    return result
  end
  return checks
end

-- The parts of a kind in a snapshot, in their order: "tower", "module".
local function parts(snapshot, kind)
  local found = {}
  for _, node in ipairs(snapshot.nodes) do
    if node.kind == kind then found[#found + 1] = node end
  end
  return found
end

-- What a battery of this device is made of, and what one is called: modules, or cabinets.
local function packs(snapshot)
  local cabinets = parts(snapshot, "cabinet")
  if #cabinets > 0 then return cabinets, "cabinet" end
  return parts(snapshot, "module"), "module"
end

-- The value of every part that has it, and which part that is.
local function column(nodes, name)
  local values, paths = {}, {}
  for _, node in ipairs(nodes) do
    local value = node.values[name]
    if value ~= nil then
      values[#values + 1] = value
      paths[#paths + 1] = node.path
    end
  end
  return values, paths
end

-- Whether all parts say the same; nil when none says anything. Then what they say, in words.
local function alike(nodes, name)
  local values, paths = column(nodes, name)
  if #values == 0 then return nil, "" end
  local same, words = true, {}
  for at, value in ipairs(values) do
    same = same and value == values[1]
    words[at] = paths[at] .. ": " .. tostring(value)
  end
  return same, table.concat(words, ", ")
end

-- Every warning, alarm, protection and lock in force, with the part it is of.
local function troubles(nodes)
  local bad = {}
  for _, node in ipairs(nodes) do
    local place = node.path == "" and "the device" or node.path
    local told = {} -- a protection is an alarm and a warning, too
    for _, name in ipairs { "protections", "alarms", "warnings" } do
      for _, word in ipairs(node.values[name] or {}) do
        if not told[word] then bad[#bad + 1] = place .. ": " .. word:gsub("_", " ") end
        told[word] = true
      end
    end
    local lock = node.values.lock
    if lock and lock ~= "none" then bad[#bad + 1] = place .. ": locked (" .. lock .. ")" end
  end
  return bad
end

-- Whether any of these nodes has a word to say about itself.
local function speaks(nodes)
  for _, node in ipairs(nodes) do
    for _, name in ipairs { "protections", "alarms", "warnings", "lock" } do
      if node.values[name] ~= nil then return true end
    end
  end
  return false
end

-- Nothing that these nodes report is in force; silence is no good news.
local function events(list, nodes)
  local bad, good = troubles(nodes), nil
  if speaks(nodes) then good = #bad == 0 end
  list.judge("events", good, "No warning, alarm, protection or lock is in force.",
             table.concat(bad, "; ") .. ".", "alarm")
end

-- The device as a whole shows no fault.
local function fault_codes(list, snapshot)
  local words = {}
  for _, fault in ipairs(snapshot.faults) do
    if fault.code then words[#words + 1] = fault.code .. " (" .. fault.name .. ")" end
  end
  list.judge("fault_codes", #words == 0, "The device shows no fault code.",
             "The device shows " .. table.concat(words, ", ") .. ".", "alarm")
end

-- A value in words; lists with the number of each item.
local function text_of(value)
  if type(value) ~= "table" then return tostring(value) end
  local words = {}
  for at, item in pairs(value) do words[#words + 1] = at .. ": " .. tostring(item) end
  return #words > 0 and table.concat(words, ", ") or "nothing"
end

-- Settings of the family, by their keys in a snapshot.
local function setting_names(points)
  local names, seen = {}, {}
  for _, point in ipairs(points) do
    if point.access == "setting" then
      local bare = point.name:match("([%w_]+)%[?%d*%]?$")
      local key = point.unit ~= "" and bare .. "_" .. point.unit or bare
      if not seen[key] and bare ~= "device_time" then names[#names + 1] = key end
      seen[key] = true
    end
  end
  return names
end

return { new = new, parts = parts, packs = packs, column = column, alike = alike,
         troubles = troubles, events = events, fault_codes = fault_codes, text_of = text_of,
         setting_names = setting_names }
