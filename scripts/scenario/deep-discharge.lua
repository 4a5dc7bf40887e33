-- SPDX-License-Identifier: Apache-2.0
-- WS-18, WS-19: a cell below its limit locks the pack for good; no start brings it back.
return {
  title = "A deeply discharged pack is refused and stays refused",
  start = "2026-02-01 12:00",
  length = "30min",
  rows_every = "1s",
  site = { family = "weco_smart", modules = 2, soc_pct = 20, switched_on = false },
  events = {
    { at = "0s", fault = "cell_deep_discharge:pack=1,cell=3" },
    { at = "1min", command = "start" },
    { at = "10min", clear = "cell_deep_discharge:pack=1,cell=3" },
    { at = "15min", command = "start" },
  },
  expect = {
    { what = "the pack never connects", always = "pack[1].contactors_closed", most = 0 },
    { what = "it never works", always = "pack[1].running", most = 0 },
    { what = "the reason is told", event = "fault deep_discharge", least = 1, to = "2min" },
    { what = "it is locked for good", check = "pack[1].latch", least = 4 },
    { what = "nothing is charged into it", always = "pack[1].current_A", most = 0.1 },
  },
}
