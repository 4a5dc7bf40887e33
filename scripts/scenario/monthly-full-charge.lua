-- SPDX-License-Identifier: Apache-2.0
-- WS-13: once a month the cells are charged to the top, so that they can be balanced and the state
-- of charge finds its point again.
return {
  title = "The monthly full charge comes by itself and ends the drift",
  start = "2026-01-01 00:00",
  length = "40d",
  step = "60s",
  rows_every = "1h",
  site = { family = "weco_smart", modules = 2, soc_pct = 40 },
  environment = { pv = { peak_W = 1500 }, load = { annual_Wh = 3000e3 } },
  expect = {
    { what = "the pack is full at some time", once = "pack[1].soc_pct", least = 99.5 },
    { what = "it is not before three weeks have passed", always = "pack[1].soc_pct", most = 99.4,
      to = "20d" },
    { what = "nothing trips", always = "site.faults", most = 0 },
    { what = "no cell leaves its limits on the way", always = "pack[1].cell_max_V", most = 3.65 },
    { what = "the estimate ends near the truth",
      check = function()
        return math.abs(site.value("pack[1].soc_pct") - site.value("pack[1].soc_true_pct")) < 5
      end },
  },
}
