-- SPDX-License-Identifier: Apache-2.0
-- Minus 12 degrees in an unheated garage. Below freezing nothing may charge; the heater comes
-- first.
return {
  title = "A cold morning: 12 degrees of frost, the heater comes before the charge",
  start = "2026-01-15 08:00",
  length = "8h",
  rows_every = "1min",
  site = { family = "weco_smart", modules = 2, soc_pct = 40, cell_degC = -12 },
  environment = {
    pv = { peak_W = 9000 },
    load = { rows_W = { { at = "0s", value = 300 } } },
    weather = { indoors = false, cloudiness = 0, rows_degC = { { at = "0s", value = -12 } } },
  },
  expect = {
    { what = "charging is refused at once", event = "alarm charge_under_temperature", least = 2,
      to = "5s" },
    { what = "the heater heats", once = "pack[1].heater", least = 1, from = "2s", to = "1min" },
    { what = "no cell is charged below ten degrees of frost", from = "2s", every = "1s",
      always = function()
        return site.value("pack[1].cell_min_degC") > -10.2 or site.value("pack[1].current_A") < 0.1
      end },
    { what = "below seven degrees of frost it is 3 A at most", from = "2s", every = "1s",
      always = function()
        return site.value("pack[1].cell_min_degC") > -7.2 or site.value("pack[1].current_A") < 3.1
      end },
    { what = "charging is allowed within two hours", event = "cleared charge_under_temperature",
      least = 2, to = "2h" },
    { what = "the cells get warmer", check = "pack[1].cell_min_degC", least = -9 },
    { what = "nothing trips", always = "site.faults", most = 0 },
  },
}
