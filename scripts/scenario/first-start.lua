-- SPDX-License-Identifier: Apache-2.0
-- A tower is switched on for the first time: self-test, precharge, then work.
return {
  title = "First start: a tower is switched on and begins to work",
  start = "2026-03-10 09:00",
  length = "20min",
  rows_every = "10s",
  site = { family = "weco_smart", modules = 2, soc_pct = 35, switched_on = false },
  environment = { pv = { peak_W = 6000 } },
  events = { { at = "1min", command = "start" } },
  expect = {
    { what = "the contactors stay open until somebody starts the tower",
      always = "pack[1].contactors_closed", to = "1min", most = 0 },
    { what = "both packs work within three minutes",
      once = function()
        return site.value("pack[1].running") == 1 and site.value("pack[2].running") == 1
      end, from = "1min", to = "4min", every = "1s" },
    { what = "they are still working at the end", check = "pack[1].running", least = 1 },
    { what = "each pack tests itself once", event = "state self_test", least = 2, most = 2 },
    { what = "each pack precharges once", event = "state precharge", least = 2, most = 2 },
    { what = "nothing is reported as a fault", always = "site.faults", most = 0 },
  },
}
