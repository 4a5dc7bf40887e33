-- SPDX-License-Identifier: Apache-2.0
-- What is confirmed before hands go near a conductor (WS-60). Nothing here can be skipped.
return {
  checklist = "lockout", family = "safety", title = "Before any work", revision = 1,
  items = {
    { id = "qualified", group = "Safety", kind = "safety", first = true, needs = { "WS-60" }, fix = "stop_work", text = "The person doing the work is qualified for it and authorised by the owner." },
    { id = "ppe", group = "Safety", kind = "safety", first = true, needs = { "WS-60" }, fix = "stop_work", text = "Insulating gloves, eye or face protection and antistatic shoes are worn; arc-flash clothing where it is due." },
    { id = "area", group = "Safety", kind = "safety", first = true, needs = { "WS-60" }, fix = "stop_work", text = "The area is closed to others, lit and ventilated; nobody plugs DC under load or touches a live part." },
    { id = "lockout", group = "Safety", kind = "safety", first = true, needs = { "WS-60" }, fix = "stop_work", evidence = { "photo" }, text = "Every source (grid, PV, battery, generator) is off, locked and tagged." },
    { id = "waited", group = "Safety", kind = "safety", first = true, needs = { "WS-60", "WS-77" }, fix = "wait_discharge", accept = { number = "min", min = "5" }, evidence = { "value" }, text = "Minutes waited after switching off, so that capacitors are empty." },
    { id = "no_voltage", group = "Safety", kind = "safety", first = true, needs = { "WS-60", "WS-77" }, fix = "find_source", accept = { number = "V", min = "-2", max = "2" }, evidence = { "value" }, text = "Voltage at the terminals, measured with a CAT III or CAT IV meter: about zero." },
  },
}
