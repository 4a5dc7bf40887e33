-- SPDX-License-Identifier: Apache-2.0
return {
  title = "A week of peak shaving: cheap night energy for the dear evening",
  start = "2026-01-12 00:00",
  length = "7d",
  step = "60s",
  rows_every = "15min",
  site = { family = "weco_smart", modules = 4, soc_pct = 40 },
  environment = {
    pv = { peak_W = 3000 }, load = { annual_Wh = 6000e3 },
    tariff = { import_per_kWh = 0.30,
               windows = { { from = "00:00", to = "05:00", import_per_kWh = 0.12 } } },
  },
  settings = {
    mode = "smart_peak_shaving",
    charge = { { from = "00:30", to = "05:00" } },
    discharge = { { from = "17:00", to = "22:00" } },
  },
  expect = {
    { what = "the battery is charged every night", check = "energy.charge_kWh", least = 20 },
    { what = "and used in the evening", check = "energy.discharge_kWh", least = 20 },
    { what = "each night it is filled", event = "state running", least = 4 },
    { what = "nothing is bought in the dear evening of the last day", from = "6d18h", to = "6d20h",
      always = "grid_power_W", most = 500 },
    { what = "nothing trips", always = "site.faults", most = 0 },
  },
}
