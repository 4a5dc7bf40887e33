-- SPDX-License-Identifier: Apache-2.0
-- Every three months. The manual at hand gives no interval: this one is ours.
return {
  checklist = "quarterly", family = "ep760", title = "Quarterly maintenance", revision = 1, every_days = 91, safety = "lockout",
  items = {
    { id = "half_hour", group = "Unit", kind = "safety", needs = { "EP-11" }, fix = "wait_discharge", accept = { number = "min", min = "30" }, evidence = { "value" }, text = "Minutes waited after switching off: this system needs 30." },
    { id = "clean", group = "Unit", needs = { "EP-16", "EP-21" }, fix = "clean_dry", text = "Surfaces wiped with a dry soft cloth; air paths free; nothing stacked on top." },
    { id = "insulation", group = "Unit", kind = "insulation", needs = { "EP-22" }, fix = "replace_original", text = "Cables and their insulation are whole; wiring ports are sealed." },
    { id = "screws", group = "Unit", kind = "tightening", needs = { "EP-13" }, fix = "retighten", text = "Screws and covers are firm, waterproof rings in place." },
    { id = "breaker", group = "Unit", kind = "safety", needs = { "EP-20" }, fix = "isolate_call", text = "No pack's breaker has tripped again and again." },
  },
}
