#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0
local checks = require("checks")
local commission = require("commission")

-- What can be checked at a site where nobody stands. The ranges are those of the wizards.
local KINDS <const> = {
  weco_smart = { part = "module", spread_V = 1.5, phases = 3, low_V = 179, high_V = 274.8,
                 low_Hz = 45, high_Hz = 65 },
  ep760_open = { part = "module", phases = 1, low_V = 185, high_V = 285, low_Hz = 47.5,
                 high_Hz = 51.5 },
  saj_cm2_ems = { part = "cabinet", phases = 3, low_V = 184, high_V = 264.5, low_Hz = 47.5,
                  high_Hz = 51.5 },
}

local COLUMNS <const> = { site = true, device = true, parts = true }

-- What a row itself has wrong; its device is not asked then.
local function mistake(row)
  if not row.device or row.device == "" then return "the row names no device" end
  local parts = row.parts or ""
  local count = math.tointeger(tonumber(parts))
  if parts ~= "" and not (count and count > 0) then
    return "the column parts holds '" .. parts .. "', which is no number of parts"
  end
end

local function look(row)
  local bad = mistake(row)
  if bad then return { site = row.site, level = "alarm", checks = {
    { check = "row", level = "alarm", says = bad .. "." } } } end
  local device = assert(weco.open(row.device))
  local snapshot = assert(device:snapshot())
  device:close()
  local list, kind = checks.new(true), KINDS[snapshot.device.family]
  commission.faults(list, snapshot)
  if kind then
    local expected = math.tointeger(tonumber(row.parts)) or #checks.parts(snapshot, kind.part)
    commission.grid(list, snapshot, kind)
    commission.packs(list, snapshot, kind.part, expected, kind.spread_V)
    local link = commission.first(snapshot, "meter_link")
    list.judge("meter", link and link == "up", "The meter answers.", "The meter does not answer.",
               "alarm")
  end
  return list.result { site = row.site, device = snapshot.device }
end

local function words_of(report)
  local words = {}
  for _, check in ipairs(report.checks) do
    if check.level == "warning" or check.level == "alarm" then words[#words + 1] = check.says end
  end
  return table.concat(words, " ")
end

-- A column that is named otherwise would leave every site out without a word; the others that
-- nobody reads are named.
local function columns_of(rows)
  if #rows == 0 then error("the CSV names no site") end
  local seen, others = {}, {}
  for _, row in ipairs(rows) do
    for column in pairs(row) do
      if not seen[column] and not COLUMNS[column] then others[#others + 1] = column end
      seen[column] = true
    end
  end
  table.sort(others)
  local words = table.concat(others, ", ")
  if not seen.device then
    error("the CSV has no column 'device', but " .. words .. "; look at its first line and at " ..
          "--separator")
  end
  return words
end

return {
  purpose = "Check many sites of a CSV at once: one report each and one summary.",
  text = "The CSV has a column 'device' (an endpoint or a configured name), and may have 'site' " ..
         "and 'parts' (modules, packs or cabinets installed). What needs a person is left to " ..
         "the wizards. A site that fails is a row of its own and does not stop the others.",
  arguments = {
    { name = "sites", type = "file", help = "The CSV" },
    { name = "separator", type = "choice", choices = { "comma", "semicolon", "tab" },
      default = "comma", help = "Between its columns" },
    { name = "limit", type = "whole", min = 1, max = 256, default = 64, help = "Sites at a time" },
  },
  rights = { "read" },
  example = "weco run commission/batch sites.csv --json > report.json",
  run = function(arguments)
    local SIGNS <const> = { comma = ",", semicolon = ";", tab = "\t" }
    local rows = assert(csv.decode(arguments.sites, { separator = SIGNS[arguments.separator] }))
    local unread = columns_of(rows)
    for at, row in ipairs(rows) do
      if not row.site or row.site == "" then row.site = row.device or "" end
      if row.site == "" then row.site = "row " .. at end
    end
    local reports, summary, worst = {}, {}, "ok"
    local RANK <const> = { ok = 1, not_checked = 1, warning = 2, alarm = 3 }
    for at, result in ipairs(weco.parallel(rows, look, { limit = arguments.limit })) do
      local report = result.value
      if not report then
        local problem = result.error
        local says = type(problem) == "table" and problem.message or tostring(problem)
        report = { site = rows[at].site, level = "alarm",
                   checks = { { check = "connection", level = "alarm", says = says .. "." } } }
      end
      local name = report.site
      if reports[name] then name = string.format("%s (row %d)", name, at) end
      reports[name] = report
      summary[at] = { site = report.site, device = rows[at].device, level = report.level,
                      findings = words_of(report) }
      if RANK[report.level] > RANK[worst] then worst = report.level end
    end
    return { level = worst, summary = summary, reports = reports,
             columns_not_read = unread ~= "" and unread or nil }
  end,
}
