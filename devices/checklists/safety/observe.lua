-- SPDX-License-Identifier: Apache-2.0
-- For checks made while the system runs with all covers closed (WS-60).
return {
  checklist = "observe", family = "safety", title = "Before looking at a running system", revision = 1,
  items = {
    { id = "qualified", group = "Safety", kind = "safety", first = true, needs = { "WS-60" }, fix = "stop_work", text = "The person doing the check is qualified for it and authorised by the owner." },
    { id = "covers", group = "Safety", kind = "safety", first = true, needs = { "WS-60" }, fix = "stop_work", text = "All covers stay closed. Should one have to come off: protective equipment, lock-out of every source, five minutes of waiting and no voltage at the terminals come first." },
  },
}
