-- SPDX-License-Identifier: Apache-2.0
-- EP-15: two full cycles calibrate the state of charge.
return {
  title = "An EP760 learns its state of charge in two full cycles",
  start = "2026-05-01 08:00",
  length = "4d",
  step = "10s",
  rows_every = "5min",
  site = { family = "ep760", packs = 2, soc_pct = 50 },
  environment = { pv = { peak_W = 8000 }, weather = { cloudiness = 0 },
                  load = { rows_W = { { at = "0s", value = 1500 } } } },
  -- the sensor errs for a day, so that the estimate is wrong before the two cycles
  events = {
    { at = "1min", fault = "current_sensor_offset:pack=1,offset=800" },
    { at = "20h", clear = "current_sensor_offset:pack=1,offset=800" },
  },
  expect = {
    { what = "the estimate has gone astray", from = "2h", to = "20h", every = "1min",
      once = function()
        return math.abs(site.value("pack[1].soc_pct") - site.value("pack[1].soc_true_pct")) > 4
      end },
    { what = "the packs are full", once = "pack[1].soc_pct", least = 99.5, to = "2d" },
    { what = "the packs are empty", once = "pack[1].soc_pct", most = 15 },
    { what = "the estimate ends near the truth",
      check = function()
        return math.abs(site.value("pack[1].soc_pct") - site.value("pack[1].soc_true_pct")) < 2
      end },
    { what = "two cycles have passed", check = "site.cycles", least = 1.8 },
    { what = "nothing trips", always = "site.faults", most = 0 },
  },
}
