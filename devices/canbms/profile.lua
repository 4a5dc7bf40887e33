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
}
