-- SPDX-License-Identifier: Apache-2.0
-- Every six months (WS-63).
return {
  checklist = "six_monthly", family = "weco_smart", title = "Six-monthly maintenance", revision = 3, every_days = 182, safety = "lockout",
  items = {
    { id = "tools", group = "Preliminary check", needs = { "WS-63", "WS-67" }, fix = "stop_work", text = "Tools are at hand: calibrated multimeter, torque wrench with its certificate, protective spray, cleaning kit that does not conduct, the app." },
    { id = "can_bus", group = "Readings", needs = { "WS-63" }, fix = "check_cables", accept = { rule = "clean_bus" }, evidence = { "value" }, text = "The CAN bus runs without errors: its counters stand still, nothing is lost, and it is terminated at both ends." },
    { id = "can_errors", group = "Readings", needs = { "WS-63" }, fix = "check_cables", evidence = { "log" }, text = "The log holds no CAN or checksum errors since the last maintenance." },
    { id = "insulation_resistance", group = "Readings", kind = "insulation", needs = { "WS-63", "WS-62" }, fix = "isolate_call", accept = { point = "insulation_resistance", min = "500" }, evidence = { "value" }, text = "Insulation to earth as the device measures it is at least 500 kOhm, our own limit." },
    { id = "firmware", group = "Readings", needs = { "WS-63", "WS-33" }, fix = "update_firmware", accept = { point = "firmware_version", same = true, of = "module" }, evidence = { "value" }, text = "All modules run the same firmware, the one the maker asks for." },
    { id = "hv_wiring", group = "HV box", kind = "insulation", needs = { "WS-63" }, fix = "replace_original", evidence = { "photo" }, text = "Power and communication wiring of the HV box is whole and in place." },
    { id = "hv_terminals", group = "HV box", kind = "tightening", needs = { "WS-63" }, fix = "retighten", text = "Power and CAN terminals of the HV box are clean and firm." },
    { id = "breaker", group = "HV box", kind = "safety", needs = { "WS-63" }, fix = "replace_original", text = "The breaker opens and closes smoothly." },
    { id = "contactor", group = "HV box", kind = "safety", needs = { "WS-63" }, fix = "isolate_call", text = "A simulated emergency stop opens the contactors at once; none sticks or lags." },
    { id = "plug_wear", group = "Fast plugs", kind = "safety", needs = { "WS-63" }, fix = "replace_original", evidence = { "photo" }, text = "Fast plugs have no play, wear or deformation." },
    { id = "plug_gaskets", group = "Fast plugs", kind = "insulation", needs = { "WS-63" }, fix = "restore_gasket", text = "Gaskets are whole and their seats clean, so that the plugs keep water out." },
    { id = "rj45_cables", group = "RJ45 and CAN", needs = { "WS-63" }, fix = "check_cables", text = "RJ45 and CAN cables are not crushed, cut or kinked." },
    { id = "rj45_oxide", group = "RJ45 and CAN", needs = { "WS-63" }, fix = "treat_oxidation", text = "Plugs and sockets are free of oxide, inside too." },
    { id = "rj45_latch", group = "RJ45 and CAN", needs = { "WS-63" }, fix = "check_cables", text = "Latches hold and no contact is loose." },
    { id = "termination", group = "RJ45 and CAN", needs = { "WS-63" }, fix = "check_cables", accept = { number = "ohm", min = "54", max = "66" }, evidence = { "value" }, text = "Resistance between CAN high and low with everything off: two terminations of 120 ohm make about 60." },
    { id = "torque", group = "Mechanics", kind = "tightening", needs = { "WS-63", "WS-67" }, fix = "retighten", accept = { torque = "table" }, evidence = { "torque" }, text = "Torque of the power connections rechecked with the wrench, marked blue and then red." },
    { id = "brackets", group = "Mechanics", kind = "safety", needs = { "WS-63" }, fix = "replace_original", text = "Brackets, screws and anchors are whole and firm; nothing is cracked." },
    { id = "protective_spray", group = "Mechanics", needs = { "WS-63" }, fix = "treat_oxidation", text = "Deposits are removed and contacts treated with protective spray where they need it." },
    { id = "foreign_bodies", group = "Mechanics", kind = "safety", needs = { "WS-63" }, fix = "clean_dry", text = "No tool, part or foreign body is left inside; tools are counted." },
  },
}
