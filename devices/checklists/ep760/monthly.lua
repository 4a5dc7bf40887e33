-- SPDX-License-Identifier: Apache-2.0
-- A look once a month. The manual at hand gives no interval: this one is ours.
return {
  checklist = "monthly", family = "ep760", title = "Monthly check", revision = 1, every_days = 30, safety = "observe",
  items = {
    { id = "soc", group = "Readings", needs = { "EP-15" }, fix = "two_cycles", accept = { point = "soc", min = "0", max = "100" }, evidence = { "value" }, text = "State of charge is read and plausible; when it is not, two whole cycles set it right." },
    { id = "no_fault", group = "Events", needs = { "EP-08" }, fix = "alarm_ticket", accept = { rule = "no_fault" }, evidence = { "value" }, text = "No fault or alarm is active." },
    { id = "ct", group = "Metering", needs = { "EP-17" }, fix = "correct_wiring", accept = { point = "ct_direction", is = "right" }, evidence = { "value" }, text = "Current transformer points the right way." },
    { id = "meter", group = "Metering", needs = { "EP-17" }, fix = "correct_wiring", accept = { point = "meter_link", is = "up" }, evidence = { "value" }, text = "The meter answers." },
    { id = "leds", group = "Unit", needs = { "EP-07" }, fix = "call_service", text = "Pack LEDs are steady; recovery that flashes for more than an hour is for service." },
    { id = "app", group = "Online", needs = { "EP-18", "EP-23" }, fix = "restore_network", text = "App reaches the system over Bluetooth and WiFi." },
  },
}
