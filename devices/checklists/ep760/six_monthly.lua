-- SPDX-License-Identifier: Apache-2.0
-- Every six months: the full cycle of the manual (EP-16) and what goes with it.
return {
  checklist = "six_monthly", family = "ep760", title = "Six-monthly maintenance", revision = 1, every_days = 182, safety = "lockout",
  items = {
    { id = "full_cycle", group = "Battery", needs = { "EP-16", "EP-15" }, fix = "two_cycles", evidence = { "log" }, text = "One full charge and discharge was done." },
    { id = "torque_battery", group = "Connections", kind = "tightening", needs = { "EP-13", "WS-67" }, fix = "retighten", accept = { torque = "6.0", below = true }, evidence = { "torque" }, text = "M8 battery terminals rechecked: below 6 Nm." },
    { id = "torque_ac", group = "Connections", kind = "tightening", needs = { "EP-13" }, fix = "retighten", accept = { torque = "3.0", below = true }, evidence = { "torque" }, text = "M6 AC terminals rechecked: at most 3 Nm." },
    { id = "firmware", group = "Firmware", needs = { "EP-14" }, fix = "update_firmware", text = "Firmware is current. By USB: FAT32, at most 32 GB, files unzipped, stick removed after the beep, at most five tries." },
    { id = "earth", group = "Connections", kind = "safety", needs = { "EP-22" }, fix = "correct_wiring", text = "Earth of housing and PV frames is firm." },
  },
}
