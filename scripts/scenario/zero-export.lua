-- SPDX-License-Identifier: Apache-2.0
-- CM-13: with an export limit of zero, steps of the load must not push power into the grid.
return {
  title = "Zero export while the load jumps up and down",
  start = "2026-06-20 11:00",
  length = "1h",
  rows_every = "1s",
  site = { family = "weco_smart", modules = 2, soc_pct = 99 },
  environment = {
    pv = { peak_W = 6000 },
    weather = { cloudiness = 0 },
    load = { rows_W = {
      { at = "0s", value = 3000 }, { at = "10min", value = 3000 }, { at = "601s", value = 500 },
      { at = "20min", value = 500 }, { at = "1201s", value = 4000 }, { at = "30min", value = 4000 },
      { at = "1801s", value = 200 } } },
  },
  settings = { export_limit_W = 0 },
  expect = {
    { what = "hardly any energy reaches the grid", check = "energy.export_kWh", most = 0.05 },
    { what = "between the steps nothing is exported", always = "grid_power_W", least = -30,
      from = "10min10s", to = "30min" },
    { what = "and after the largest one either", always = "grid_power_W", least = -30,
      from = "30min10s" },
    { what = "PV is held back instead", check = "energy.curtailed_kWh", least = 0.5 },
  },
}
