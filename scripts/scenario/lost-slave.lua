-- SPDX-License-Identifier: Apache-2.0
return {
  title = "One of two inverters in parallel falls silent",
  start = "2026-05-10 12:00",
  length = "1h",
  rows_every = "10s",
  site = { family = "weco_smart", inverters = 2, modules = 2, soc_pct = 60 },
  events = {
    { at = "20min", fault = "slave_lost:inverter=2" },
    { at = "40min", clear = "slave_lost:inverter=2" },
  },
  expect = {
    { what = "nothing is reported before", always = "site.faults", to = "19min", most = 0 },
    { what = "the loss is told within five seconds", event = "control slave_1_lost", least = 1,
      most = 1, from = "20min", to = "20min5s" },
    { what = "a lamp shows it", from = "20min", to = "21min", every = "1s",
      once = function()
        return site.value("panel.fault") == 1 or site.value("panel.alarm") == 1
      end },
    { what = "its packs rest meanwhile", from = "20min10s", to = "40min", every = "1s",
      always = function() return math.abs(site.value("pack[3].current_A")) < 1 end },
    { what = "the other one goes on", always = "pack[1].running", least = 1, from = "1min" },
    { what = "it is told when it is back", event = "cleared slave_1_lost", least = 1,
      from = "40min", to = "42min" },
  },
}
