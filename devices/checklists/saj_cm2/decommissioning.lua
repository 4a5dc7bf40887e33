-- SPDX-License-Identifier: Apache-2.0
-- Taking EMS and cabinets out of use (CM-18).
return {
  checklist = "decommissioning", family = "saj_cm2", title = "Decommissioning", revision = 1, safety = "lockout",
  items = {
    { id = "cabinet_off", group = "Switching off", kind = "safety", needs = { "CM-18" }, fix = "stop_work", text = "Cabinets are off by their own manual; the EMS has lost both supplies." },
    { id = "cables_off", group = "Dismantling", kind = "safety", needs = { "CM-18" }, fix = "stop_work", text = "Cables are unplugged only now, their ends insulated; earth comes off last." },
    { id = "plant", group = "Disposal", needs = { "CM-08" }, fix = "hand_over_later", text = "The plant is removed from the owner's account." },
    { id = "proof", group = "Disposal", needs = { "CM-18" }, fix = "get_proof", evidence = { "photo", "serial" }, text = "Equipment is at the collection point; the proof is with this record." },
  },
}
