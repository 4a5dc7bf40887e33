// SPDX-License-Identifier: Apache-2.0
// Cells stepped in a second; the bar is 1e9 from 192 to 4800 cells. tests/bench/plant_reference.py
// is the same model in plain Python, run beside it.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "sim/plant/cell_bank.hpp"

namespace {

using namespace weco::sim;

/// An hour in, an hour out, a second a step; currents are written where they are, as the modules
/// around the strings do it.
void cells(benchmark::State& loop, std::size_t strings, std::size_t count) {
  BankConfig config;
  config.strings = strings;
  config.cells = count;
  config.spread = kUsualSpread;
  CellBank bank(config);
  const std::vector<double> room(strings, 295.0);
  double amperes = -20.0;
  int second = 0;
  for (auto _ : loop) {
    if (second == 0) {
      amperes = -amperes;
      std::fill_n(bank.arrays().current, strings, amperes);
      second = 3600;
    }
    --second;
    bank.advance({room, {}}, 1.0);
  }
  loop.SetItemsProcessed(loop.iterations() * static_cast<std::int64_t>(strings * count));
}

BENCHMARK_CAPTURE(cells, 192, 12, 16);
BENCHMARK_CAPTURE(cells, 960, 60, 16);
BENCHMARK_CAPTURE(cells, 4800, 20, 240);

}  // namespace
