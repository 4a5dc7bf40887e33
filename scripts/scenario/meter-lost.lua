-- SPDX-License-Identifier: Apache-2.0
return {
  title = "The meter falls silent: nothing is exported and nothing charged from the grid",
  start = "2026-06-20 11:00",
  length = "40min",
  rows_every = "1s",
  site = { family = "weco_smart", modules = 2, soc_pct = 99 },
  environment = {
    pv = { peak_W = 6000 }, weather = { cloudiness = 0 },
    load = { rows_W = { { at = "0s", value = 800 } } },
  },
  settings = { export_limit_W = 0 },
  events = { { at = "15min", fault = "meter_lost" }, { at = "30min", clear = "meter_lost" } },
  expect = {
    { what = "ten seconds later nothing is exported", always = "grid_power_W", least = -50,
      from = "15min10s", to = "30min" },
    { what = "the loss is told within five seconds", event = "control meter_lost", least = 1,
      from = "15min", to = "15min5s" },
    { what = "and when the meter is back", event = "cleared meter_lost", least = 1,
      from = "30min", to = "31min" },
    { what = "hardly any energy reaches the grid", check = "energy.export_kWh", most = 0.05 },
  },
}
