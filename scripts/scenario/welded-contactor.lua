-- SPDX-License-Identifier: Apache-2.0
return {
  title = "A welded contactor is noticed when the tower is stopped",
  start = "2026-04-02 10:00",
  length = "15min",
  rows_every = "1s",
  site = { family = "weco_smart", modules = 2, soc_pct = 50 },
  events = {
    { at = "3min", fault = "contactor_welded:pack=1" },
    { at = "5min", command = "stop" },
  },
  expect = {
    { what = "the pack works until it is stopped", once = "pack[1].running", least = 1,
      to = "3min" },
    { what = "the welded contactor is reported within five seconds",
      event = "fault contactor_welded",
      least = 1, most = 1, from = "5min", to = "5min5s" },
    { what = "it locks", once = "pack[1].latch", least = 2, from = "5min" },
    { what = "the pack does not work any more", check = "pack[1].running", most = 0 },
  },
}
