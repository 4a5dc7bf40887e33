-- SPDX-License-Identifier: Apache-2.0
return {
  title = "The grid is lost for an hour and comes back",
  start = "2026-05-05 19:00",
  length = "3h",
  rows_every = "10s",
  site = { family = "weco_smart", modules = 3, soc_pct = 70 },
  environment = { load = { rows_W = { { at = "0s", value = 1500 } }, backup_share = 1 } },
  events = { { at = "30min", fault = "grid_lost" }, { at = "1h30min", clear = "grid_lost" } },
  expect = {
    { what = "nothing is taken from a grid that is not there", from = "31min", to = "1h30min",
      always = function() return math.abs(site.value("grid_power_W")) < 5 end, every = "1s" },
    { what = "the battery carries the house meanwhile", always = "pack[1].current_A", most = -0.5,
      from = "32min", to = "1h29min" },
    { what = "the house misses hardly a minute of its load at the loss", at = "1h29min",
      check = "energy.unserved_kWh", most = 0.03 },
    { what = "the loss is told", event = "control grid_lost", least = 1, from = "30min",
      to = "30min2s" },
    { what = "it is back on the grid within three minutes", once = "grid_connected", least = 1,
      from = "1h30min", to = "1h33min" },
    { what = "and not before the waiting time of CEI 0-21", always = "grid_connected", most = 0,
      from = "30min1s", to = "1h30min59s" },
  },
}
