-- SPDX-License-Identifier: Apache-2.0
-- Taking a system out of use (WS-78).
return {
  checklist = "decommissioning", family = "weco_smart", title = "Decommissioning", revision = 1, safety = "observe",
  items = {
    { id = "ac_off", group = "Switching off", kind = "safety", needs = { "WS-78" }, fix = "stop_work", text = "AC switch off and secured against being switched on." },
    { id = "dc_off", group = "Switching off", kind = "safety", needs = { "WS-78" }, fix = "stop_work", text = "DC switch off." },
    { id = "ten_minutes", group = "Switching off", kind = "safety", needs = { "WS-78" }, fix = "wait_discharge", accept = { number = "min", min = "10" }, evidence = { "value" }, text = "Minutes waited after switching off." },
    { id = "no_voltage", group = "Switching off", kind = "safety", needs = { "WS-78", "WS-60" }, fix = "find_source", accept = { number = "V", min = "-2", max = "2" }, evidence = { "value" }, text = "Voltage at the terminals." },
    { id = "ac_cord", group = "Dismantling", kind = "safety", needs = { "WS-78" }, fix = "stop_work", text = "AC cable disconnected." },
    { id = "dc_cable", group = "Dismantling", kind = "safety", needs = { "WS-78" }, fix = "stop_work", text = "DC cables disconnected, their ends insulated." },
    { id = "earth_last", group = "Dismantling", kind = "safety", needs = { "WS-73", "WS-78" }, fix = "stop_work", text = "Protective earth was taken off last." },
    { id = "off_wall", group = "Dismantling", kind = "safety", needs = { "WS-78", "WS-72" }, fix = "stop_work", text = "Inverter and modules taken off with a lifting aid." },
    { id = "serials", group = "Disposal", needs = { "WS-78", "WS-65" }, fix = "read_again", evidence = { "serial" }, text = "Serial numbers of what leaves the site." },
    { id = "proof", group = "Disposal", needs = { "WS-78" }, fix = "get_proof", evidence = { "photo" }, text = "Battery and inverter are at the collection point and the proof is with this record; nothing was burnt or thrown away." },
  },
}
