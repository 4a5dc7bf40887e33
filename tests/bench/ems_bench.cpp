// SPDX-License-Identifier: Apache-2.0
// What one tick of the energy management costs (bar: 100 ns), what one grid sample in between, and
// what a mount of a journal costs against its size.
#include <benchmark/benchmark.h>

#include <vector>

#include "core/ems/ems.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Instant;
using weco::Millihertz;
using weco::Millivolts;
using weco::Permyriad;
using weco::Watts;

namespace {

Config config_of(const char* model, Mode mode, std::int32_t rated) {
  const Ratings& ratings = **find_ratings(model);
  Settings settings;
  settings.mode.mode = mode;
  settings.mode.sell = true;
  settings.export_limit = Watts(3000);
  settings.import_limit = Watts(9000);
  BatteryRating battery;
  battery.charge_max = battery.discharge_max = Watts(rated);
  const auto protection = make_protection(**find_grid_code("VDE-AR-N 4105:2018"), Watts(rated),
                                          ratings.phases, Trust::CertainOnly);
  return *make_config(ratings, battery, *protection, settings);
}

Inputs inputs_at(int i) {
  Inputs in;
  in.calendar = {(i * 7) % kSecondsPerDay, 2, 20777, true};
  in.grid = {{Millivolts(230000 + i % 500), Millivolts(231000), Millivolts(229000)},
             Millihertz(50000 + i % 40),
             Quality::Good};
  in.meter = Reading<Watts>::good_of(Watts(i % 6000 - 3000));
  in.pv = in.pv_available = Watts(i % 9000);
  in.battery_power = Watts(i % 3000 - 1500);
  in.battery_link = true;
  in.soc = Permyriad(5000);
  in.charge_limit = in.discharge_limit = Watts(5000);
  in.backup_load = Watts(400);
  return in;
}

void run(benchmark::State& state, const Config& config) {
  State ems;
  Instant now{};
  std::vector<Inputs> day;
  for (int i = 0; i < 256; ++i) day.push_back(inputs_at(i * 131));
  for (int i = 0; i < 100; ++i) tick(config, ems, day[0], now = now + Duration::s(1));
  std::size_t i = 0;
  for (auto _ : state) {
    now = now + Duration::s(1);
    benchmark::DoNotOptimize(tick(config, ems, day[i++ % day.size()], now));
  }
}

void ems_tick_smart(benchmark::State& s) {
  run(s, config_of("SMART-S3-10K", Mode::SmartAuto, 10000));
}
void ems_tick_ep760(benchmark::State& s) { run(s, config_of("EP760", Mode::Ep760, 7600)); }
void ems_tick_cm2(benchmark::State& s) {
  run(s, config_of("CM2", Mode::SajSelfConsumption, 100000));
}

void ems_grid_sample(benchmark::State& state) {
  const Config config = config_of("SMART-S3-10K", Mode::SmartAuto, 10000);
  State ems;
  Instant now{};
  const Inputs in = inputs_at(1);
  for (auto _ : state) {
    now = now + Duration::ms(20);
    benchmark::DoNotOptimize(tick_fast(config, ems, in.grid, now));
  }
}

BENCHMARK(ems_tick_smart);
BENCHMARK(ems_tick_ep760);
BENCHMARK(ems_tick_cm2);
BENCHMARK(ems_grid_sample);

}  // namespace
