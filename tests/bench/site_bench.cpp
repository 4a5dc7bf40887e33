// SPDX-License-Identifier: Apache-2.0
// Whole sites: how long a simulated day takes. The bars are a year of a WeCo site of 12 modules in
// 45 s at steps of a second and in 2 s at steps of a minute, and a month of 20 CM2 cabinets in
// 90 s; one day of each is measured after another, so that a year's seasons count.
#include <benchmark/benchmark.h>

#include "sim/site/site.hpp"

namespace {

using namespace weco;
using namespace weco::sim;

SiteConfig towers() {
  SiteConfig config = default_site(SiteFamily::WecoSmart);
  config.towers = 3;
  return config;
}
SiteConfig cabinets() {
  SiteConfig config = default_site(SiteFamily::SajCm2);
  config.cabinets = 20;
  config.ems_switch = 11;
  config.environment.pv.peak_W *= 20;
  config.environment.load.annual_Wh *= 20;
  return config;
}

void day(benchmark::State& loop, const SiteConfig& config, Duration step) {
  auto site = Site::make(config);
  if (!site) {
    loop.SkipWithError("no site");
    return;
  }
  std::int64_t at = 0;
  for (auto _ : loop) {
    at += 86400;
    while ((*site)->now() - Instant{} < Duration::s(at)) (*site)->step(step);
  }
  if ((*site)->fidelity().violations != 0) loop.SkipWithError("a promise was broken");
}

BENCHMARK_CAPTURE(day, weco_12_modules_1s, towers(), Duration::s(1))->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(day, weco_12_modules_60s, towers(), Duration::s(60))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(day, cm2_20_cabinets_1s, cabinets(), Duration::s(1))
    ->Unit(benchmark::kMillisecond);

}  // namespace
