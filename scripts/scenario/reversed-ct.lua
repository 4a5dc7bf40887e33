-- SPDX-License-Identifier: Apache-2.0
return {
  title = "Current transformers the wrong way round are found by the load itself",
  start = "2026-05-10 17:00",
  length = "2h",
  rows_every = "10s",
  site = { family = "weco_smart", modules = 2, soc_pct = 60 },
  environment = {
    pv = { peak_W = 0 },
    load = { rows_W = {
      { at = "0s", value = 500 }, { at = "20min", value = 500 }, { at = "1201s", value = 2500 },
      { at = "40min", value = 2500 }, { at = "2401s", value = 600 }, { at = "1h", value = 600 },
      { at = "3601s", value = 3000 } } },
  },
  events = { { at = "0s", fault = "meter_reversed" } },
  expect = {
    { what = "nothing is charged from the grid meanwhile", always = "pack[1].current_A", most = 1 },
    { what = "the direction is found", event = "control ct_reversed", least = 1, most = 1 },
    { what = "nothing trips", always = "pack[1].faults", most = 0 },
    { what = "the mistake is shown",
      once = function() return site.value("panel.fault") == 1 or site.value("panel.alarm") == 1 end,
      every = "5s" },
  },
}
