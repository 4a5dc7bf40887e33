-- SPDX-License-Identifier: Apache-2.0
return {
  title = "A weak cell: the pack stops early and no cell is hurt",
  start = "2026-11-10 18:00",
  length = "1d",
  step = "5s",
  rows_every = "1min",
  site = { family = "weco_smart", modules = 1, soc_pct = 60 },
  environment = { pv = { peak_W = 3000 }, load = { rows_W = { { at = "0s", value = 1500 } } } },
  events = { { at = "10min", fault = "cell_resistance:pack=1,cell=5,factor=8" } },
  expect = {
    { what = "the spread of the cells shows it", once = "pack[1].cell_spread_V", least = 0.05 },
    { what = "the weak cell stays within its limits", always = "pack[1].cell_min_V", least = 2.5,
      from = "1min" },
    { what = "no cell is charged beyond its limit", always = "pack[1].cell_max_V", most = 3.65 },
    { what = "the imbalance is told as a warning", event = "warning imbalance", least = 1 },
    { what = "the pack takes itself off before anything is hurt", check = "fidelity.violations",
      most = 0 },
  },
}
