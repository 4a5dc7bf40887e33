-- SPDX-License-Identifier: Apache-2.0
-- Cabinets in store. The manual at hand has no values: what stands here is ours.
return {
  checklist = "storage", family = "saj_cm2", title = "Inspection in store", revision = 1, every_days = 182, safety = "observe",
  items = {
    { id = "place", group = "Store", needs = { "CM-19" }, fix = "move_store", text = "Packed, dry, clean and level; nothing flammable near." },
    { id = "soc", group = "Charge", needs = { "CM-15" }, fix = "trickle", accept = { number = "%", min = "30", max = "60" }, evidence = { "value" }, text = "State of charge, as the cabinet's papers ask; without them 30 to 60 %." },
    { id = "damage", group = "Condition", kind = "safety", needs = { "CM-19" }, fix = "never_reuse", evidence = { "photo" }, text = "No damage, leak, smell or heat." },
  },
}
