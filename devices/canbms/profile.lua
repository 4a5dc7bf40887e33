-- SPDX-License-Identifier: Apache-2.0
-- The CAN frames 0x351 to 0x382 that a battery sends to its inverter. Every maker has a dialect; the
-- decoder and the rule that tells them apart are code (the protocol's codec), because a frame's
-- meaning depends on the frames beside it. This file holds what a scan and a reader need.
return {
  family = "canbms",
  title = "Batteries on CAN with frames 0x35x",
  vendor = "several",
  status = "community",
  node = "tower",
  sources = {
    { document = "Pylontech CAN bus protocol", revision = "V1.2", confidence = "vendor",
      note = "frames 0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E and the keep-alive 0x305" },
    { document = "SMA, Victron, Deye, Sol-Ark, Seplos and others as their drivers and manuals say",
      revision = "2026", confidence = "several",
      note = "they disagree in places; each assumption is shown with its value" },
  },
  protocol = {
    kind = "canbms",
    over = { "can" },
    timeout_ms = 3000,
    bitrates = { 500000, 250000 },
  },
  identify = {
    { can_id = 0x351, note = "limits: charge voltage, charge and discharge current" },
    { can_id = 0x355, note = "state of charge and health" },
    { can_id = 0x356, note = "voltage, current, temperature" },
  },
  dialects = {
    { name = "pylontech_1_2", title = "Pylontech V1.2 and its emulators",
      note = "0x359 and 0x35C, 0x35E says PYLON, no 0x35A" },
    { name = "pylontech_1_3", title = "Pylontech with firmware 1.3",
      note = "0x35A and 0x35F, 0x35E says PYLON, no 0x359 and no 0x35C" },
    { name = "pylontech_plus", title = "Pylontech V2.0.6, the long set",
      note = "0x359 and 0x35C with 0x370 to 0x379" },
    { name = "sma_victron", title = "SMA and Victron set",
      note = "0x35A with 0x35B or 0x35F and 0x372 to 0x382, 0x35E names the maker" },
    { name = "discover", title = "Discover LYNK II",
      note = "0x354, 0x35A with seven bytes; 0x356 counts tenths of a volt" },
    { name = "pytes", title = "Pytes native set", note = "0x400 to 0x41E, 0x40A says PYTES" },
    { name = "deye", title = "Deye storage set", note = "0x110, 0x200, 0x361, 0x363, 0x364" },
    { name = "growatt_lv", title = "Growatt low voltage",
      note = "0x311 to 0x321, big-endian, the inverter sends 0x301" },
  },
}
