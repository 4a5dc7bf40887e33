-- SPDX-License-Identifier: Apache-2.0
-- A module in store: how often depends on the temperature (WS-37). The shortest period is the rule.
return {
  checklist = "storage", family = "weco_smart", title = "Inspection of stored modules", revision = 1, every_days = 91, safety = "observe",
  items = {
    { id = "place", group = "Store", needs = { "WS-37" }, fix = "move_store", text = "Original packing, indoors, clean, level, dry and cool; nothing flammable near." },
    { id = "temperature", group = "Store", needs = { "WS-37" }, fix = "move_store", accept = { number = "degC", min = "-10", max = "45" }, evidence = { "value" }, text = "Temperature of the store. From 0 to 30 degrees once in six months is enough, below and above it is every three months." },
    { id = "soc_cold", group = "Charge", needs = { "WS-37" }, fix = "trickle", accept = { number = "%", min = "40", max = "60" }, evidence = { "value" }, text = "Stored between -10 and 0 degrees: state of charge is 40 to 60 %." },
    { id = "soc_mild", group = "Charge", needs = { "WS-37" }, fix = "trickle", accept = { number = "%", min = "40", max = "70" }, evidence = { "value" }, text = "Stored between 0 and 30 degrees: state of charge is 40 to 70 %." },
    { id = "soc_warm", group = "Charge", needs = { "WS-37" }, fix = "trickle", accept = { number = "%", min = "25", max = "30" }, evidence = { "value" }, text = "Stored between 30 and 45 degrees: state of charge is 25 to 30 %." },
    { id = "recharge", group = "Charge", needs = { "WS-37" }, fix = "warm_up", text = "Recharging was done at 10 degrees or more with 0.1C to 0.2C up to 50 to 70 %." },
    { id = "alarms", group = "Condition", needs = { "WS-37" }, fix = "isolate_call", text = "No alarm shows on the module." },
    { id = "damage", group = "Condition", kind = "safety", needs = { "WS-37", "WS-19" }, fix = "never_reuse", evidence = { "photo", "serial" }, text = "No dent, swelling, leak, smell or heat; never fallen below its minimum voltage." },
  },
}
