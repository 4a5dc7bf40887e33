-- SPDX-License-Identifier: Apache-2.0
-- Every six months. The manual at hand gives the EMS no intervals: this one is ours.
return {
  checklist = "six_monthly", family = "saj_cm2", title = "Six-monthly maintenance", revision = 1, every_days = 182, safety = "lockout",
  items = {
    { id = "cabinet_off", group = "Unit", kind = "safety", needs = { "CM-18" }, fix = "stop_work", text = "The cabinet is off before the EMS is serviced." },
    { id = "torque", group = "Unit", kind = "tightening", needs = { "CM-19" }, fix = "retighten", accept = { torque = "table" }, evidence = { "torque" }, text = "Power connections rechecked with the wrench, marked twice." },
    { id = "drm", group = "Unit", needs = { "CM-05" }, fix = "check_cables", text = "Demand response and ripple control inputs act as wired." },
    { id = "firmware", group = "Unit", needs = { "CM-14", "CM-17" }, fix = "update_firmware", text = "EMS and cabinets run the firmware the maker asks for; card or stick is removed after an update." },
    { id = "parts", group = "Unit", needs = { "CM-18" }, fix = "replace_original", text = "A part that was replaced is of the type the unit needs." },
  },
}
