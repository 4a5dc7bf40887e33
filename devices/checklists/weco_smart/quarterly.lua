-- SPDX-License-Identifier: Apache-2.0
-- Every three months (WS-62), with the routine table (WS-64).
return {
  checklist = "quarterly", family = "weco_smart", title = "Quarterly maintenance", revision = 2, every_days = 91, safety = "lockout",
  items = {
    { id = "tools", group = "Preliminary check", needs = { "WS-62", "WS-67" }, fix = "stop_work", text = "Tools are at hand: calibrated multimeter, torque wrench with its certificate, protective spray, cleaning kit that does not conduct, the app." },
    { id = "soc_trend", group = "Readings", needs = { "WS-62" }, fix = "call_service", evidence = { "log" }, text = "The curves of state of charge and state of health since the last maintenance run evenly." },
    { id = "soh_now", group = "Readings", needs = { "WS-62" }, fix = "call_service", accept = { point = "soh", min = "60" }, evidence = { "value" }, text = "State of health of every part is read for the trend." },
    { id = "voltage_consistency", group = "Readings", needs = { "WS-62" }, fix = "full_charge", accept = { point = "pack_voltage", spread = "0.500", of = "module" }, evidence = { "value" }, text = "Voltages of the modules agree within 0.5 V, our own limit where the manual has none." },
    { id = "current_consistency", group = "Readings", needs = { "WS-62" }, fix = "call_service", accept = { point = "pack_current", spread = "5.0", of = "module" }, evidence = { "value" }, text = "Currents of the modules agree within 5 A, our own limit where the manual has none." },
    { id = "no_alarm", group = "Readings", needs = { "WS-62", "WS-61" }, fix = "alarm_ticket", accept = { rule = "no_fault" }, evidence = { "value" }, text = "No alarm, fault or lock is pending." },
    { id = "dust", group = "Cleaning", needs = { "WS-62", "WS-64" }, fix = "clean_dry", evidence = { "photo" }, text = "Surfaces are dry and free of dust and foreign bodies; a white paper wiped over the cabinet stays white." },
    { id = "heat", group = "Cleaning", needs = { "WS-64" }, fix = "clean_dry", text = "Cooling fins and air paths are free; power is not reduced by heat again and again." },
    { id = "oxidation", group = "Cleaning", needs = { "WS-62" }, fix = "treat_oxidation", evidence = { "photo" }, text = "Terminals, bus bars, connectors and body show no oxide or rust." },
    { id = "tightness", group = "Connections", kind = "tightening", needs = { "WS-62", "WS-64", "WS-67" }, fix = "retighten", accept = { torque = "table" }, evidence = { "torque" }, text = "Power connections are tight to the torque of the official table, marked blue and then red." },
    { id = "insulation", group = "Connections", kind = "insulation", needs = { "WS-62" }, fix = "replace_original", evidence = { "photo" }, text = "Insulation of DC and AC cables is whole." },
    { id = "routing", group = "Connections", kind = "insulation", needs = { "WS-62" }, fix = "correct_wiring", text = "Cables lie unsqueezed and no bend is tighter than allowed." },
    { id = "dc_switch", group = "Connections", kind = "safety", needs = { "WS-64" }, fix = "replace_original", text = "DC switch, breakers and their cables show no damage and no discolouring." },
    { id = "weekly_connections", group = "Connections", kind = "tightening", needs = { "WS-64" }, fix = "retighten", text = "In the first six months: connections were looked at every week; later: every six months." },
  },
}
