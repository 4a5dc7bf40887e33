// SPDX-License-Identifier: Apache-2.0
// The cost of a pack's cycles; the bar is 80 ns for the 1 s task of a pack of 16 cells.
#include <benchmark/benchmark.h>

#include <array>

#include "core/bms/families.hpp"
#include "core/bms/pack.hpp"

namespace {

using namespace weco;
using namespace weco::bms;

struct Bench {
  std::array<Millivolts, 240> volts{};
  std::array<Temperature, 30> temps{};
  PackInputs in;
  PackState state;
  Instant now;

  explicit Bench(const PackConfig& config) {
    for (std::size_t i = 0; i < volts.size(); ++i) volts[i] = Millivolts(3300 + int(i % 7));
    temps.fill(Temperature::celsius(22));
    in.cells = {std::span(volts).first(config.cells), CellMask::first(config.cells),
                std::span(temps).first(config.sensors), 0xFFFFFFFF};
    in.current = {Milliamps(0), true};
    in.pack_voltage = {Millivolts(3303 * config.cells), true};
    in.bus_voltage = in.pack_voltage;
    in.insulation_kohm = {100000, true};
    in.interlock_closed = true;
    in.afe_age = in.link_age = Duration::ms(0);
    in.permit_close = true;
    state = power_up(config, factory_record(config, Permyriad(5000)), now);
    step(config, Command::PowerOn);
    for (int i = 0; i < 40; ++i) step(config, Command::None);
    step(config, Command::Start);
    for (int i = 0; i < 40; ++i) step(config, Command::None);
    in.current = {Milliamps(20000), true};
  }
  void step(const PackConfig& config, Command command) {
    now = now + Duration::ms(100);
    in.command = command;
    in.main_feedback = contactors(state.machine).main;
    benchmark::DoNotOptimize(tick(config, state, in, now));
  }
};

void slow_task(benchmark::State& loop, const PackConfig& config) {
  Bench b(config);
  if (b.state.machine.state != State::Running) loop.SkipWithError("not running");
  for (auto _ : loop) {
    b.now = b.now + Duration::s(1);
    b.in.current.value = Milliamps(b.in.current.value.count() == 20000 ? 20100 : 20000);
    tick_slow(config, b.state, b.in, b.now);
    benchmark::ClobberMemory();
  }
}

void fast_task(benchmark::State& loop, const PackConfig& config) {
  Bench b(config);
  for (auto _ : loop) {
    b.now = b.now + Duration::ms(100);
    benchmark::DoNotOptimize(tick_fast(config, b.state, b.in, b.now));
  }
}

void whole_tick(benchmark::State& loop, const PackConfig& config) {
  Bench b(config);
  for (auto _ : loop) {
    b.now = b.now + Duration::s(1);
    benchmark::DoNotOptimize(tick(config, b.state, b.in, b.now));
  }
}

BENCHMARK_CAPTURE(slow_task, weco_16_cells, kWecoSmart);
BENCHMARK_CAPTURE(fast_task, weco_16_cells, kWecoSmart);
BENCHMARK_CAPTURE(whole_tick, weco_16_cells, kWecoSmart);
BENCHMARK_CAPTURE(slow_task, cm2_240_cells, kCm2);
BENCHMARK_CAPTURE(fast_task, cm2_240_cells, kCm2);

}  // namespace
