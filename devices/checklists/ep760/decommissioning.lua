-- SPDX-License-Identifier: Apache-2.0
-- Switching off, dismantling and disposal (EP-11, EP-25).
return {
  checklist = "decommissioning", family = "ep760", title = "Decommissioning", revision = 1, safety = "observe",
  items = {
    { id = "ac_off", group = "Switching off", kind = "safety", needs = { "EP-11" }, fix = "stop_work", text = "AC switched off in the app, then the GRID and BACKUP breakers, then the PV breaker." },
    { id = "packs_off", group = "Switching off", kind = "safety", needs = { "EP-11" }, fix = "stop_work", text = "A pack's button pressed until it flashes; waited until it is dark; main switches of all packs off." },
    { id = "half_hour", group = "Switching off", kind = "safety", needs = { "EP-11" }, fix = "wait_discharge", accept = { number = "min", min = "30" }, evidence = { "value" }, text = "Minutes waited after switching off." },
    { id = "no_voltage", group = "Switching off", kind = "safety", needs = { "EP-11", "WS-60" }, fix = "find_source", accept = { number = "V", min = "-2", max = "2" }, evidence = { "value" }, text = "Voltage at the terminals." },
    { id = "disconnect", group = "Dismantling", kind = "safety", needs = { "EP-25" }, fix = "stop_work", text = "Signal, DC, power, AC and at last earth cables disconnected." },
    { id = "remove", group = "Dismantling", kind = "safety", needs = { "EP-25", "EP-19" }, fix = "stop_work", text = "Inverter and packs removed by enough people." },
    { id = "dispose", group = "Disposal", needs = { "EP-25" }, fix = "get_proof", evidence = { "photo", "serial" }, text = "Packs are with a recycler and the proof is with this record; what leaks, is damaged or at its end goes by the maker's contact." },
  },
}
