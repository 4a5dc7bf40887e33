-- SPDX-License-Identifier: Apache-2.0
-- Delivery, mounting and first setting of the EMS of a CM2 system (CM-01..CM-13, CM-18, CM-19).
return {
  checklist = "commissioning", family = "saj_cm2", title = "Commissioning of the EMS", revision = 1, safety = "lockout", recommissions = true,
  items = {
    { id = "packing", group = "Delivery", needs = { "CM-19" }, fix = "reject_delivery", evidence = { "photo" }, text = "The packing has no hole or crack and the model is the one ordered; else it stays closed." },
    { id = "contents", group = "Delivery", needs = { "CM-19" }, fix = "reject_delivery", text = "Contents: EMS unit, two antennas, 24 V cable, communication cable, 220 V backup cable, grid meter, papers. Accessories are kept sorted." },
    { id = "switch_unit", group = "Delivery", needs = { "CM-01", "CM-19" }, fix = "reject_delivery", text = "With 12 cabinets or more the EMS-Switch unit is there, for a standard cabinet." },
    { id = "serials", group = "Delivery", needs = { "CM-08", "CM-19" }, fix = "read_again", evidence = { "serial" }, text = "Serial numbers of EMS, switch unit and cabinets are noted." },
    { id = "cabinet_off", group = "Mounting", kind = "safety", needs = { "CM-18" }, fix = "stop_work", text = "The cabinet is switched off properly before the EMS is mounted or opened." },
    { id = "place", group = "Mounting", needs = { "CM-19" }, fix = "rework_base", text = "The EMS sits at the bottom of the primary cabinet." },
    { id = "ground", group = "Mounting", kind = "safety", needs = { "CM-19" }, fix = "correct_wiring", text = "It is earthed through its metal plate to the cabinet; no extra wire is needed." },
    { id = "supply", group = "Wiring", kind = "safety", needs = { "CM-19" }, fix = "find_source", accept = { number = "V", min = "21.6", max = "26.4" }, evidence = { "value" }, text = "DC supply before power: 24 V, within 10 %, our own limit." },
    { id = "backup_supply", group = "Wiring", kind = "safety", needs = { "CM-19" }, fix = "find_source", accept = { number = "V", min = "198", max = "242" }, evidence = { "value" }, text = "Backup supply before power: 220 V, within 10 %, our own limit." },
    { id = "ethernet", group = "Wiring", needs = { "CM-02" }, fix = "check_cables", text = "Ethernet from each PCS is in its port; NET2 goes to the network." },
    { id = "no_hot_plug", group = "Wiring", kind = "safety", needs = { "CM-18" }, fix = "stop_work", text = "No cable was plugged or unplugged while the EMS worked." },
    { id = "antennas", group = "Wiring", needs = { "CM-19", "CM-09" }, fix = "check_cables", text = "Both antennas are screwed on." },
    { id = "rs485", group = "Wiring", needs = { "CM-03" }, fix = "correct_wiring", text = "RS485-1 grid meter, RS485-2 PV meter, RS485-3 string inverter; speeds agree with the meters." },
    { id = "led", group = "First setting", needs = { "CM-04" }, fix = "restart_in_order", text = "The power LED is steady green; slow flashing means starting, fast flashing failed." },
    { id = "init", group = "First setting", needs = { "CM-07" }, fix = "restart_in_order", text = "Policy, country, grid compliance and device time are set over Bluetooth." },
    { id = "plant", group = "First setting", needs = { "CM-08" }, fix = "hand_over_later", text = "The plant exists: owner, name, address, type, capacity, installer code; the EMS is bonded with the cabinet's serial number." },
    { id = "meter", group = "First setting", needs = { "CM-10" }, fix = "correct_wiring", accept = { point = "meter_link", is = "up" }, evidence = { "value" }, text = "The meter appears under the directly connected devices and answers." },
    { id = "mode", group = "First setting", needs = { "CM-11", "CM-12", "CM-13" }, fix = "restart_in_order", text = "Working mode, time slots, export limit and peak demand are set as agreed." },
    { id = "no_fault", group = "First setting", needs = { "CM-15" }, fix = "alarm_ticket", accept = { rule = "no_fault" }, evidence = { "value" }, text = "No alarm is open: battery, fire protection, cooling, sensors, meters, PCS." },
    { id = "torque", group = "Wiring", kind = "tightening", needs = { "CM-19" }, fix = "retighten", accept = { torque = "table" }, evidence = { "torque" }, text = "Power connections are tightened to the cabinet manual's values, marked twice." },
  },
}
