-- SPDX-License-Identifier: Apache-2.0
-- Every three months. The manual at hand gives the EMS no intervals: this one is ours.
return {
  checklist = "quarterly", family = "saj_cm2", title = "Quarterly maintenance", revision = 1, every_days = 91, safety = "lockout",
  items = {
    { id = "cabinet_off", group = "Unit", kind = "safety", needs = { "CM-18" }, fix = "stop_work", text = "The cabinet is off before the EMS is opened or a cable is moved." },
    { id = "dust", group = "Unit", needs = { "CM-15" }, fix = "clean_dry", text = "Cabinet, filters and cooling are clean and dry." },
    { id = "cables", group = "Unit", kind = "insulation", needs = { "CM-18" }, fix = "check_cables", text = "Power and communication cables are whole and firm." },
    { id = "ground", group = "Unit", kind = "safety", needs = { "CM-19" }, fix = "correct_wiring", text = "The metal plate makes good contact with the cabinet's earth." },
    { id = "fire", group = "Unit", kind = "safety", needs = { "CM-15" }, fix = "isolate_call", text = "Fire protection and its sensors report no fault." },
  },
}
