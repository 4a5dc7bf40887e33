-- SPDX-License-Identifier: Apache-2.0
-- Every 30 days (WS-61): read through the device, so most of it ticks itself.
return {
  checklist = "monthly", family = "weco_smart", title = "Monthly check", revision = 2, every_days = 30, safety = "observe",
  items = {
    { id = "soc", group = "Readings", needs = { "WS-61" }, fix = "read_again", accept = { point = "soc", min = "0", max = "100" }, evidence = { "value" }, text = "State of charge is read from every part that reports one." },
    { id = "soh", group = "Readings", needs = { "WS-61" }, fix = "call_service", accept = { point = "soh", min = "60" }, evidence = { "value" }, text = "State of health (an estimate) is not below 60 %, our own limit for a closer look." },
    { id = "bus_voltage", group = "Readings", needs = { "WS-61", "WS-02" }, fix = "call_service", accept = { point = "bus_voltage", min = "450", max = "470" }, evidence = { "value" }, text = "The battery bus is between 450 and 470 V." },
    { id = "module_voltage", group = "Readings", needs = { "WS-61" }, fix = "call_service", accept = { point = "cell_voltage", min = "2.500", max = "3.650" }, evidence = { "value" }, text = "No cell is outside 2.50 to 3.65 V, the usual range of the chemistry." },
    { id = "currents", group = "Readings", needs = { "WS-61" }, fix = "call_service", accept = { point = "pack_current", min = "-100", max = "100" }, evidence = { "value" }, text = "Currents of tower and modules are read and stay within 1C (100 A)." },
    { id = "temperatures", group = "Readings", needs = { "WS-61", "WS-30" }, fix = "improve_room", accept = { point = "cell_temperature", min = "0", max = "40" }, evidence = { "value" }, text = "Cell temperatures are between 0 and 40 degrees, the functional warranty's range." },
    { id = "spread", group = "Readings", needs = { "WS-61", "WS-62" }, fix = "full_charge", accept = { point = "cell_voltage", spread = "0.050" }, evidence = { "value" }, text = "Cells of one module differ by at most 50 mV at rest or at low current, our own limit." },
    { id = "modules_online", group = "Readings", needs = { "WS-61" }, fix = "check_cables", accept = { point = "connection", is = "online" }, evidence = { "value" }, text = "Every module and tower is online." },
    { id = "full_charge", group = "State of charge", needs = { "WS-61", "WS-13" }, fix = "full_charge_ticket", accept = { point = "hours_since_full", max = "720" }, evidence = { "value" }, text = "100 % was reached within the last 30 days; 99 % is not enough." },
    { id = "no_alarm", group = "Events", needs = { "WS-61", "WS-17" }, fix = "alarm_ticket", accept = { rule = "no_fault" }, evidence = { "value" }, text = "No alarm, fault or lock is pending." },
    { id = "lock", group = "Events", kind = "safety", needs = { "WS-61", "WS-18" }, fix = "isolate_call", accept = { point = "lock", is = "none" }, evidence = { "value" }, text = "No pack has locked itself." },
    { id = "event_log", group = "Events", needs = { "WS-61" }, fix = "alarm_ticket", evidence = { "log" }, text = "The event log since the last check was read and holds no repeated alarm." },
    { id = "meter", group = "Metering", needs = { "WS-09" }, fix = "correct_wiring", accept = { point = "meter_link", is = "up" }, evidence = { "value" }, text = "The meter answers." },
    { id = "ct", group = "Metering", needs = { "WS-09" }, fix = "correct_wiring", accept = { point = "ct_direction", is = "right" }, evidence = { "value" }, text = "Current transformers point the right way." },
    { id = "firmware_same", group = "Firmware", needs = { "WS-33" }, fix = "update_firmware", accept = { point = "firmware_version", same = true, of = "module" }, evidence = { "value" }, text = "All modules run the same firmware." },
    { id = "firmware_due", group = "Firmware", needs = { "WS-33" }, fix = "update_firmware", accept = { rule = "firmware", of = "module" }, text = "No critical firmware release is older than 60 days without being installed; until then the battery had better be off." },
    { id = "online", group = "Online", needs = { "WS-32" }, fix = "restore_network", accept = { point = "offline_days", max = "60" }, evidence = { "value" }, text = "At most 60 days offline in the last year." },
    { id = "room", group = "Site", needs = { "WS-61", "WS-30" }, fix = "improve_room", text = "The room is closed, dry and clear; nothing stands in front of the cooling." },
  },
}
