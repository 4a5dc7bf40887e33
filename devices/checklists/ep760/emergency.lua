-- SPDX-License-Identifier: Apache-2.0
-- A card to read and to print, offline (EP-24).
return {
  checklist = "emergency", family = "ep760", title = "Emergency card", revision = 1, card = true,
  items = {
    { id = "evacuate", group = "Fire or smoke", kind = "safety", needs = { "EP-24" }, text = "Leave the building, set off the nearest fire alarm, call the emergency number (112)." },
    { id = "power", group = "Fire or smoke", kind = "safety", needs = { "EP-24" }, text = "Switch the system off if that is safe. Tell the fire brigade about the high voltage." },
    { id = "extinguisher", group = "Fire or smoke", kind = "safety", needs = { "EP-24" }, text = "Extinguishers: carbon dioxide, FM-200 or ABC dry powder. Keep away from swollen or leaking packs." },
    { id = "dropped_whole", group = "Impact or fall", kind = "safety", needs = { "EP-24", "EP-19" }, text = "A dropped pack that looks whole, without smell or smoke: professionals take it to an open, safe place; it is not used; the maker is called." },
    { id = "dropped_damaged", group = "Impact or fall", kind = "safety", needs = { "EP-24", "EP-19" }, text = "A dropped pack that is damaged, smells or smokes: leave at once and call professionals." },
    { id = "inhaled", group = "Electrolyte", kind = "safety", needs = { "EP-24" }, text = "Breathed in: out into fresh air, doctor." },
    { id = "eyes", group = "Electrolyte", kind = "safety", needs = { "EP-24" }, text = "In the eyes: rinse for 15 minutes with water without rubbing, doctor." },
    { id = "skin", group = "Electrolyte", kind = "safety", needs = { "EP-24" }, text = "On the skin: wash well with soap and water, doctor." },
    { id = "swallowed", group = "Electrolyte", kind = "safety", needs = { "EP-24" }, text = "Swallowed: doctor at once." },
    { id = "mark", group = "Then", kind = "safety", needs = { "EP-24" }, text = "Hang the sign on the unit: DANGER, DO NOT USE. Nobody restarts it before service has seen it." },
  },
}
