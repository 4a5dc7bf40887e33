-- SPDX-License-Identifier: Apache-2.0
-- Eastron SDM72D-M, the short map: power and energy of the whole connection. Every value is a
-- big-endian single, the high word first. Read-only here: the settings need the meter's password.
return {
  family = "eastron_sdm72",
  title = "Eastron SDM72 three-phase meter",
  vendor = "Eastron",
  status = "vendor",
  node = "meter",
  sources = {
    { document = "SDM72D-M Modbus protocol", revision = "V1.1", confidence = "vendor",
      note = "registers and settings" },
    { document = "SDM72D-M user manual", revision = "V1.5", confidence = "vendor",
      note = "at most 30 values a read" },
  },
  protocol = {
    kind = "modbus",
    over = { "rtu", "tcp", "rtu_over_tcp" },
    unit = 1,
    unit_max = 247,
    word_order = "high_first",
    registers_per_read_max = 60,
    gap_max = 0,
    timeout_ms = 200,
    lines = {
      { speed = 9600, parity = "none" },
      { speed = 9600, parity = "even" },
      { speed = 2400, parity = "none" },
      { speed = 4800, parity = "none" },
      { speed = 19200, parity = "none" },
    },
    functions = { 3, 4, 16 },
  },
  -- No register names the type. Import and export power are what the SDM630 does not answer.
  identify = {
    { point = "import_power", range = { 0, 100000 } },
    { point = "export_power", range = { 0, 100000 } },
    { point = "meter_speed", range = { 2400, 19200 } },
  },
  rows = {
    { point = "grid_power_total", at = { "input", 0x0034 }, type = "f32", unit = "W", positive = "import" },
    { point = "energy_import_total", at = { "input", 0x0048 }, type = "f32", unit = "kWh" },
    { point = "energy_export_total", at = { "input", 0x004A }, type = "f32", unit = "kWh" },
    { point = "energy_sum", at = { "input", 0x0156 }, type = "f32", unit = "kWh" },
    { point = "import_power", at = { "input", 0x0500 }, type = "f32", unit = "W" },
    { point = "export_power", at = { "input", 0x0502 }, type = "f32", unit = "W" },
    -- Settings, function 3.
    { point = "meter_parity", at = { "holding", 0x0012 }, type = "f32", note = "0 none, 1 stop bit; 1 even; 2 odd; 3 none, 2 stop bits" },
    { point = "meter_address", at = { "holding", 0x0014 }, type = "f32" },
    { point = "meter_speed", at = { "holding", 0x001C }, type = "f32", values = { [0] = 2400, [1] = 4800, [2] = 9600, [3] = 19200 } },
  },
}
