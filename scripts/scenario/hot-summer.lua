-- SPDX-License-Identifier: Apache-2.0
-- A hot loft in July: limits are lowered before anything trips.
return {
  title = "Hot summer: the limits come down before anything trips",
  start = "2026-07-20 06:00",
  length = "1d",
  step = "5s",
  rows_every = "5min",
  site = { family = "weco_smart", modules = 2, soc_pct = 30, cell_degC = 46 },
  environment = {
    pv = { peak_W = 12000 },
    load = { rows_W = { { at = "0s", value = 300 } } },
    weather = { indoors = false, cloudiness = 0, rows_degC = { { at = "0s", value = 47 } } },
  },
  expect = {
    { what = "the charge limit is lowered", once = "pack[1].charge_limit_A", most = 60 },
    { what = "no cell gets hotter than its limit", always = "pack[1].cell_max_degC", most = 60 },
    { what = "the packs say that they hold back", event = "state derating", least = 2 },
    { what = "nothing trips", always = "pack[1].faults", most = 0 },
  },
}
