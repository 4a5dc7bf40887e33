-- SPDX-License-Identifier: Apache-2.0
-- A system in store (EP-16).
return {
  checklist = "storage", family = "ep760", title = "Inspection in store", revision = 1, every_days = 182, safety = "observe",
  items = {
    { id = "off", group = "Store", kind = "safety", needs = { "EP-16", "EP-11" }, fix = "stop_work", text = "The system is off and all connections are removed." },
    { id = "soc", group = "Charge", needs = { "EP-16" }, fix = "trickle", accept = { number = "%", min = "40", max = "60" }, evidence = { "value" }, text = "State of charge in store." },
    { id = "cycle", group = "Charge", needs = { "EP-16" }, fix = "two_cycles", text = "A full charge and discharge within the last six months." },
    { id = "place", group = "Store", needs = { "EP-16" }, fix = "move_store", text = "Ventilated, dry, no sun, nothing flammable, nothing on top, out of children's reach." },
    { id = "damage", group = "Condition", kind = "safety", needs = { "EP-19" }, fix = "never_reuse", evidence = { "photo" }, text = "No pack is damaged, leaking, dropped or tilted." },
  },
}
