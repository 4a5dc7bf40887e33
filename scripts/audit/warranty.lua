#!/usr/bin/env -S weco run
-- SPDX-License-Identifier: Apache-2.0

local SAYS <const> = { ok = "ok", warning = "warning", unknown = "not_checked" }

return {
  purpose = "Hold what is known of a site against the terms of its warranty.",
  text = "Time outside the window by cause, equivalent cycles, days offline, age and end of " ..
         "life, and the days that are left for firmware and claims, as 'weco checklist " ..
         "warranty' judges them: from the records, the counters that were kept, and a log. What " ..
         "nobody recorded is not checked, never fine.",
  arguments = {
    { name = "site", help = "The site" },
    { name = "log", type = "file", optional = true, help = "Telemetry as CSV or NDJSON" },
  },
  rights = { "records" },
  example = "weco run audit/warranty 'Casa Neri' --log 2026.csv",
  run = function(arguments)
    local list, level = {}, "ok"
    for at, row in ipairs(assert(weco.warranty(arguments.site, { log = arguments.log }))) do
      list[at] = {
        check = row.name, level = SAYS[row.state], value = row.value, unit = row.unit,
        limit = row.limit, till = row.till, says = row.basis, needs = row.needs,
      }
      if row.state == "warning" then level = "warning" end
    end
    return { level = level, checks = list }
  end,
}
