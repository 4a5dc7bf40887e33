-- SPDX-License-Identifier: Apache-2.0
-- BLUETTI's older register map, protocol versions below 2000: AC200M, AC300, EP500 and others. As
-- their owners found it out. Read-only.
return {
  family = "bluetti_v1",
  title = "BLUETTI power stations, older map",
  vendor = "BLUETTI",
  status = "community",
  node = "inverter",
  sources = {
    { document = "readers by owners of AC200M, AC300 and EP500", revision = "2023",
      confidence = "several", note = "registers and scales" },
    { document = "recognition as a tool of the community does it", revision = "2026",
      confidence = "single", note = "register 16 tells the map" },
  },
  protocol = {
    kind = "modbus",
    variant = "bluetti",
    over = { "ble", "rtu", "rtu_over_tcp" },
    radio_name = "AC300",
    unit = 1,
    unit_max = 1,
    word_order = "low_first",
    registers_per_read_max = 50,
    gap_max = 20,
    borders = { 91 },
    timeout_ms = 3000,
    functions = { 3 },
  },
  identify = {
    { point = "protocol_version", pattern = "1???" },
    { point = "model", pattern = "?*" },
  },
  rows = {
    { point = "model", at = { "holding", 10 }, type = "text(12)", confidence = "several" },
    { point = "protocol_version", at = { "holding", 16 }, type = "decimal16" },
    { point = "serial_number", at = { "holding", 17 }, type = "decimal64", absent = 0, confidence = "several" },
    { point = "pv_power_total", at = { "holding", 36 }, type = "u16", unit = "W", positive = "produced", confidence = "several", note = "DC input" },
    { point = "grid_power_total", at = { "holding", 37 }, type = "u16", unit = "W", positive = "import", confidence = "several", note = "AC input" },
    { point = "load_power_total", at = { "holding", 38 }, type = "u16", unit = "W", positive = "consumed", confidence = "several", note = "AC output" },
    { point = "dc_load_power", at = { "holding", 39 }, type = "u16", unit = "W", positive = "consumed", confidence = "several", note = "DC output" },
    { point = "soc", at = { "holding", 43 }, type = "u16", unit = "%", confidence = "several" },
    { point = "module_count", at = { "holding", 91 }, type = "u16", confidence = "several", note = "places for packs" },
    { point = "battery_voltage", at = { "holding", 92 }, type = "u16", unit = "V", exponent = -1, confidence = "assumed", note = "the total's scale is not stated; 0.1 V gives the class of these batteries" },
  },
  groups = {
    { node = "module", max = 1, stride = 1, title = "the pack that the device shows", rows = {
      { point = "device_address", at = { "holding", 96 }, type = "u16", confidence = "several" },
      { point = "pack_voltage", at = { "holding", 98 }, type = "u16", unit = "V", exponent = -2, confidence = "several" },
      { point = "soc", at = { "holding", 99 }, type = "u16", unit = "%", confidence = "several" },
      { point = "cell_voltage", count = 16, at = { "holding", 105 }, type = "u16", unit = "V", exponent = -2, absent = 0, confidence = "several" },
    } },
  },
}
