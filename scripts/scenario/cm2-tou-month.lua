-- SPDX-License-Identifier: Apache-2.0
return {
  title = "Twenty CM2 cabinets follow a time-of-use plan for a month",
  start = "2026-04-01 00:00",
  length = "30d",
  step = "60s",
  rows_every = "1h",
  site = { family = "saj_cm2", cabinets = 20, ems_switch = 11, soc_pct = 50 },
  environment = {
    pv = { peak_W = 500000 },
    load = { annual_Wh = 4e9 },
  },
  settings = {
    mode = "saj_time_of_use",
    every_day = {
      { from = "00:00", to = "05:00", action = "charge", power_W = 800000, target_soc_pct = 90,
        from_grid = true },
      { from = "05:00", to = "17:00", action = "hold" },
      { from = "17:00", to = "21:00", action = "discharge", power_W = 900000 },
      { from = "21:00", to = "24:00", action = "self_consumption" },
    },
  },
  expect = {
    { what = "the plant is charged every night", check = "energy.charge_kWh", least = 30000 },
    { what = "and discharged every evening", check = "energy.discharge_kWh", least = 25000 },
    { what = "nothing trips", always = "site.faults", most = 0 },
  },
}
