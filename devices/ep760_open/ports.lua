-- SPDX-License-Identifier: Apache-2.0
-- Ports of the EP760, its B500 packs and its IoT controller, from the tables of its manual. Signals
-- are named after what they are; the marking on the part is the pin's name.
return {
  ports = {
    { name = "LINK1", title = "LINK PORT 1: IoT controller: WiFi and Bluetooth",
      note = "the controller reaches the cloud at port 18760, outbound" },
    { name = "LINK2", title = "LINK PORT 2: battery packs, to PCS LINK of the top pack" },
    { name = "PCS-LINK", title = "PCS LINK of a pack: line to LINK PORT 2 of the inverter" },
    { name = "PACK-IN", title = "PACK LINK IN of a pack: line from PACK LINK OUT of the pack above" },
    { name = "PACK-OUT", title = "PACK LINK OUT of a pack: line to PACK LINK IN of the pack below" },
    { name = "COM", title = "grid meter on RS485",
      pins = {
        { pin = "A", signal = "RS485 A, plus", note = "terminal 1 (L); to A2 of the meter" },
        { pin = "B", signal = "RS485 B, minus", note = "terminal 2 (N); to B2 of the meter" },
      } },
    { name = "CT", title = "current transformer of phase L",
      pins = {
        { pin = "L", signal = "current transformer, plus", note = "CT-L1+, red" },
        { pin = "N", signal = "current transformer, minus", note = "CT-L1-, black" },
      },
      note = "the arrow points from the inverter to the grid" },
    { name = "DRMs", title = "demand response and generator relay",
      pins = {
        { pin = "1", signal = "output (EXT OUT)", note = "active low" },
        { pin = "2", signal = "demand response input (EXT IN)", note = "active low, to ground of signals" },
        { pin = "3", signal = "ground of signals (INS GND)" },
        { pin = "4", signal = "generator relay, normally open (GEN NO)", note = "at most 30 V DC, 3 A" },
        { pin = "5", signal = "generator relay, normally closed (GEN NC)" },
        { pin = "6", signal = "generator relay, common (GEN COM)" },
      } },
    { name = "USB", title = "firmware updates from a stick", connector = "USB A",
      note = "FAT32, at most 32 GB; not for charging" },
    { name = "PV", title = "PV inputs 1 to 3",
      pins = {
        { pin = "PV1+", signal = "input 1, plus" },
        { pin = "PV1-", signal = "input 1, minus" },
        { pin = "PV2+", signal = "input 2, plus" },
        { pin = "PV2-", signal = "input 2, minus" },
        { pin = "PV3+", signal = "input 3, plus" },
        { pin = "PV3-", signal = "input 3, minus" },
      },
      note = "150 to 500 V each, 12.5 A; the poles are never earthed; 2.5 mm2" },
    { name = "BAT", title = "battery",
      pins = {
        { pin = "BAT+", signal = "to BAT+ of the packs" },
        { pin = "BAT-", signal = "to BAT- of the packs" },
      } },
    { name = "BACKUP", title = "output for the loads",
      pins = {
        { pin = "L", signal = "phase" },
        { pin = "N", signal = "neutral" },
        { pin = "PE", signal = "protective earth" },
      },
      note = "6 mm2" },
    { name = "GRID", title = "connection to the grid",
      pins = {
        { pin = "L", signal = "phase" },
        { pin = "N", signal = "neutral" },
        { pin = "PE", signal = "protective earth" },
      },
      note = "10 mm2" },
  },
}
