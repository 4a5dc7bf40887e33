-- SPDX-License-Identifier: Apache-2.0
-- A card to read and to print, offline (WS-79). Nothing here is answered.
return {
  checklist = "emergency", family = "weco_smart", title = "Emergency card", revision = 1, card = true,
  items = {
    { id = "fire", group = "Fire or smoke", kind = "safety", needs = { "WS-79" }, text = "Leave, warn others, raise the alarm, call the emergency number (112). Do not go back in. Say that a lithium iron phosphate battery and high DC voltage are there." },
    { id = "fire_small", group = "Fire or smoke", kind = "safety", needs = { "WS-79" }, text = "Fight a small fire only when trained for it and with a free way out. Gas of a burning battery hurts eyes, skin and throat." },
    { id = "off", group = "Fire or smoke", kind = "safety", needs = { "WS-79" }, text = "If it can be done without danger: emergency stop, grid breaker, PV switch, battery switch." },
    { id = "leak", group = "Leak or smell", kind = "safety", needs = { "WS-79" }, text = "Keep away, do not touch or breathe in what leaks; air the room from outside. Skin and eyes: much water for 15 minutes, then a doctor." },
    { id = "flood", group = "Flooding", kind = "safety", needs = { "WS-79" }, text = "Do not enter water that stands at the equipment. Disconnect from outside. A pack that was under water is never used again." },
    { id = "impact", group = "Impact or fall", kind = "safety", needs = { "WS-79", "WS-19" }, text = "A dented, dropped or swollen pack is not used. Watch it from a distance for heat, smoke and smell." },
    { id = "call", group = "Then", kind = "safety", needs = { "WS-79" }, text = "Call the installer and WeCo service. The maker's phone number is not in the manual at hand: write it here." },
    { id = "mark", group = "Then", kind = "safety", needs = { "WS-79" }, text = "Hang the sign on the unit: DANGER, DO NOT USE. Nobody restarts it before service has seen it." },
  },
}
