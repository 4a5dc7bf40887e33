-- SPDX-License-Identifier: Apache-2.0
-- A card to read and to print, offline. The cabinet's own manual comes first where it says more.
return {
  checklist = "emergency", family = "saj_cm2", title = "Emergency card", revision = 1, card = true,
  items = {
    { id = "fire", group = "Fire or smoke", kind = "safety", needs = { "CM-15" }, text = "Leave, warn others, raise the alarm, call the emergency number (112). Say that lithium batteries and high DC voltage are there, and whether the cabinet's own extinguishing has gone off." },
    { id = "off", group = "Fire or smoke", kind = "safety", needs = { "CM-18" }, text = "If it can be done without danger: emergency stop and the breakers of grid and cabinets. No cable is pulled while the system works." },
    { id = "leak", group = "Leak or smell", kind = "safety", needs = { "CM-18" }, text = "Keep away, do not touch or breathe in what leaks: electrolyte or coolant. Skin and eyes: much water for 15 minutes, then a doctor." },
    { id = "flood", group = "Flooding", kind = "safety", needs = { "CM-18" }, text = "Do not enter water that stands at a cabinet. Disconnect from outside." },
    { id = "mark", group = "Then", kind = "safety", needs = { "CM-18" }, text = "Hang the sign on the cabinet: DANGER, DO NOT USE. Call installer and service." },
  },
}
