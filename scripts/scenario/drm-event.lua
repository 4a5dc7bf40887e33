-- SPDX-License-Identifier: Apache-2.0
return {
  title = "A demand response event disconnects the inverter and lets it back",
  start = "2026-06-20 11:00",
  length = "1h",
  rows_every = "1s",
  site = { family = "weco_smart", modules = 2, soc_pct = 50, grid_code = "AS/NZS 4777.2 A" },
  environment = { pv = { peak_W = 5000 }, weather = { cloudiness = 0 } },
  settings = { demand_port = "drm" },
  events = {
    { at = "0s", command = "drm", value = 0 },
    { at = "20min", command = "drm", value = 1 },
    { at = "40min", command = "drm", value = 0 },
  },
  expect = {
    { what = "it is on the grid before", check = "grid_connected", at = "19min", least = 1 },
    { what = "two seconds after DRM 0 it has left the grid", from = "20min2s", to = "40min",
      always = "grid_connected", most = 0 },
    { what = "nothing is exported meanwhile", from = "20min3s", to = "40min",
      always = "grid_power_W", least = -5 },
    { what = "it is back within the waiting time of the grid code", once = "grid_connected",
      from = "40min", to = "42min", least = 1 },
    { what = "sun and battery carry the whole house again", check = "grid_power_W", most = 50 },
    { what = "a demand is no fault", check = "site.faults", most = 0 },
  },
}
