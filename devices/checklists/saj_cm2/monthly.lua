-- SPDX-License-Identifier: Apache-2.0
-- A look once a month. The manual at hand gives the EMS no intervals: this one is ours.
return {
  checklist = "monthly", family = "saj_cm2", title = "Monthly check", revision = 1, every_days = 30, safety = "observe",
  items = {
    { id = "soc", group = "Readings", needs = { "CM-15" }, fix = "read_again", accept = { point = "soc", min = "0", max = "100" }, evidence = { "value" }, text = "State of charge is read from every part that reports one." },
    { id = "no_fault", group = "Events", needs = { "CM-15" }, fix = "alarm_ticket", accept = { rule = "no_fault" }, evidence = { "value" }, text = "No alarm is open: battery, fire protection, cooling, sensors, meters, PCS." },
    { id = "closed_alarms", group = "Events", needs = { "CM-15" }, fix = "alarm_ticket", evidence = { "log" }, text = "Closed alarms since the last check were read; none repeats." },
    { id = "meter", group = "Metering", needs = { "CM-10" }, fix = "correct_wiring", accept = { point = "meter_link", is = "up" }, evidence = { "value" }, text = "The meter answers." },
    { id = "statistics", group = "Energy", needs = { "CM-16" }, fix = "call_service", evidence = { "log" }, text = "Energy of the month is exported as a table." },
    { id = "led", group = "Unit", needs = { "CM-04" }, fix = "call_service", text = "The power LED is steady green." },
    { id = "temperatures", group = "Readings", needs = { "CM-15" }, fix = "improve_room", accept = { point = "cell_temperature", min = "0", max = "45" }, evidence = { "value" }, text = "Cell temperatures are between 0 and 45 degrees." },
  },
}
