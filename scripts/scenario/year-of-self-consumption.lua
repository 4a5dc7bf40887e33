-- SPDX-License-Identifier: Apache-2.0
return {
  title = "A year of self-consumption of a house with PV",
  start = "2026-01-01 00:00",
  length = "365d",
  step = "60s",
  rows_every = "1h",
  site = { family = "weco_smart", modules = 4, soc_pct = 50 },
  expect = {
    { what = "most of the load is met without the grid", check = "site.self_sufficiency_pct",
      least = 90, most = 99.5 },
    { what = "the battery is used", check = "site.cycles", least = 80, most = 365 },
    { what = "it ages as LFP does in a year", check = "site.soh_pct", least = 97.5, most = 99 },
    { what = "the packs are full often enough to find their charge again",
      event = "cleared imbalance", most = 30 },
    { what = "the estimate stays near the truth", every = "1h",
      always = function()
        return math.abs(site.value("pack[1].soc_pct") - site.value("pack[1].soc_true_pct")) < 15
      end },
    { what = "hardly a minute without power", check = "energy.unserved_kWh", most = 0.1 },
    { what = "nothing trips", always = "site.faults", most = 0 },
  },
}
