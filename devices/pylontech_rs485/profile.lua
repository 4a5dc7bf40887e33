-- SPDX-License-Identifier: Apache-2.0
-- The ASCII protocol of Pylontech's 48 V modules on RS485, spoken by many others. Its answers have
-- variable layouts, so the rows are code (the protocol's codec); this file holds what a scan needs.
return {
  family = "pylontech_rs485",
  title = "Pylontech RS485 batteries (V3.3 ASCII)",
  vendor = "Pylontech",
  status = "vendor",
  node = "tower",
  sources = {
    { document = "Pylontech low voltage protocol for RS485", revision = "V3.3",
      confidence = "vendor", note = "command set; two printed checksums are misprints" },
    { document = "captured answers and a sniffed inverter conversation", revision = "2024",
      confidence = "several", note = "27 answers and 1568 frames agree with the layouts" },
  },
  protocol = {
    kind = "pylontech",
    over = { "serial", "tcp" },
    unit = 2,
    unit_max = 255,
    timeout_ms = 1000,
    lines = {
      { speed = 115200, parity = "none" },
      { speed = 9600, parity = "none" },
    },
  },
  -- Reads only. 0x94 and 0x95 act on the battery and are never sent.
  identify = {
    { command = 0x4F, note = "protocol version: an empty answer whose version field counts" },
    { command = 0x51, note = "name, version and maker" },
    { command = 0x93, note = "serial number" },
  },
  dialects = {
    { name = "v3_3", title = "V3.3 and older: one answer a module",
      note = "module n of a group answers at address n + 1; groups are 0x10 apart" },
    { name = "system", title = "Newer commands 0x61 to 0x63: totals of the whole bank",
      note = "one source only" },
  },
}
