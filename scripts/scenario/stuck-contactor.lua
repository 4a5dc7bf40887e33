-- SPDX-License-Identifier: Apache-2.0
return {
  title = "A contactor that does not close is found at the start",
  start = "2026-04-02 10:00",
  length = "10min",
  rows_every = "1s",
  site = { family = "weco_smart", modules = 2, soc_pct = 50, switched_on = false },
  events = {
    { at = "10s", fault = "contactor_stuck_open:pack=1" },
    { at = "1min", command = "start" },
  },
  expect = {
    { what = "the pack with the stuck contactor does not work", always = "pack[1].running",
      most = 0 },
    { what = "it says so within ten seconds", event = "fault contactor_no_close", least = 1,
      most = 1, from = "1min", to = "1min10s" },
    { what = "the other pack works", check = "pack[2].running", least = 1 },
    { what = "it carries no current", every = "1s",
      always = function() return math.abs(site.value("pack[1].current_A")) < 1 end },
  },
}
