-- SPDX-License-Identifier: Apache-2.0
-- The service line of WeCo batteries, as the owner of two real banks found it out. Modbus in shape,
-- with a keyed tail in the place of the checksum. Read-only: function 3, and the key's own message.
return {
  family = "weco_service",
  title = "WeCo batteries on their service line",
  vendor = "WeCo",
  status = "community",
  node = "tower",
  sources = {
    { document = "a reader that its author runs on two banks of six modules", revision = "2026-04",
      confidence = "single", note = "registers, scales, the rule of the tail" },
    { document = "eleven requests of the vendor's own tool, as that author wrote them down",
      revision = "2025-02", confidence = "single", note = "all tails fit the rule" },
  },
  protocol = {
    kind = "modbus",
    variant = "weco_service",
    over = { "rtu", "rtu_over_tcp" },
    unit = 1,
    unit_max = 1,
    word_order = "high_first",
    registers_per_read_max = 38,
    gap_max = 4,
    timeout_ms = 500,
    lines = { { speed = 115200, parity = "none" } },
    functions = { 3 },
  },
  -- Only such a battery takes the key; and it has a number of cells.
  identify = {
    { point = "cell_count", range = { 8, 32 } },
  },
  rows = {
    { point = "cell_count", at = { "holding", 7 }, type = "u16" },
    { point = "bootloader_version", at = { "holding", 9 }, type = "decimal16" },
    { point = "firmware_version", at = { "holding", 10 }, type = "decimal16" },
    { point = "hardware_version", at = { "holding", 11 }, type = "decimal16" },
    -- Inputs, outputs and contactors; forced charge; slaves that are lost (bit 0 = slave 1, 0: lost).
    { point = "status_word", index = 1, at = { "holding", 71 }, type = "bits16", note = "inputs, outputs and contactors" },
    { point = "status_word", index = 2, at = { "holding", 74 }, type = "bits16", note = "forced charge" },
    { point = "status_word", index = 3, at = { "holding", 79 }, type = "bits16", note = "slaves: bit 0 is slave 1, which is lost when the bit is 0" },
    -- The bank as a whole.
    { point = "charge_current_limit", at = { "holding", 203 }, type = "u16", unit = "A", exponent = -1, note = "recommended charge current" },
    { point = "discharge_current_limit", at = { "holding", 204 }, type = "u16", unit = "A", exponent = -1 },
    { point = "pack_current", at = { "holding", 205 }, type = "s16", unit = "A", exponent = -1, positive = "discharge" },
    { point = "soc", at = { "holding", 206 }, type = "u16", unit = "%", num = 2, den = 5 },
    { point = "status_word", index = 4, at = { "holding", 207 }, type = "bits16", note = "forced state" },
  },
  groups = {
    { node = "module", max = 1, stride = 1, title = "the master", rows = {
      { point = "pack_voltage", at = { "holding", 14 }, type = "u16", unit = "V", exponent = -2 },
      { point = "pack_current", at = { "holding", 15 }, type = "s16", unit = "A", exponent = -2, positive = "discharge", confidence = "assumed", note = "only the total's sign is known; the module's is taken to be the same" },
      { point = "cell_temperature_max", at = { "holding", 16 }, type = "u16", unit = "°C", offset = -40 },
      { point = "cell_temperature_min", at = { "holding", 17 }, type = "u16", unit = "°C", offset = -40 },
      { point = "cell_voltage_max", at = { "holding", 18 }, type = "u16", unit = "V", exponent = -3 },
      { point = "cell_voltage_min", at = { "holding", 19 }, type = "u16", unit = "V", exponent = -3 },
      { point = "soc", at = { "holding", 20 }, type = "u16", unit = "%", num = 2, den = 5 },
      { point = "cell_voltage", count = 16, at = { "holding", 23 }, type = "u16", unit = "V", exponent = -3, absent = 0 },
    } },
    { node = "module", first = 2, max = 5, stride = 10, at = 121, present = "pack_voltage", title = "slaves 1 to 5", rows = {
      { point = "pack_voltage", at = { "holding", 0 }, type = "u16", unit = "V", exponent = -1, absent = 0 },
      { point = "pack_current", at = { "holding", 1 }, type = "s16", unit = "A", exponent = -1, positive = "discharge", confidence = "assumed", note = "only the total's sign is known; the module's is taken to be the same" },
      { point = "cell_temperature_max", at = { "holding", 2 }, type = "s16", unit = "°C", exponent = -2 },
      { point = "cell_temperature_min", at = { "holding", 3 }, type = "s16", unit = "°C", exponent = -2 },
      { point = "cell_voltage_max", at = { "holding", 4 }, type = "u16", unit = "V", exponent = -3, absent = 0 },
      { point = "cell_voltage_min", at = { "holding", 5 }, type = "u16", unit = "V", exponent = -3, absent = 0 },
      { point = "soc", at = { "holding", 6 }, type = "u16", unit = "%", num = 2, den = 5 },
    } },
  },
}
