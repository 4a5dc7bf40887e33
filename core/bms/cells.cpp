// SPDX-License-Identifier: Apache-2.0
// The scan over all cells is the largest part of a pack's cycle; the usual case, in which all was
// read, has no branch in the loop so that the compiler can take several cells at once.
#include "core/bms/cells.hpp"

#include <algorithm>
#include <limits>

namespace weco::bms {
namespace {

constexpr std::int32_t kHighest = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kLowest = std::numeric_limits<std::int32_t>::min();

struct Extremes {
  std::int32_t min = kHighest;
  std::int32_t max = kLowest;
  std::int32_t sum = 0;
  std::size_t read = 0;
};

/// By reference and in locals: so the loop runs in wide registers, where there are any.
Extremes scan_all(std::span<const Millivolts> voltage) {
  std::int32_t min = kHighest, max = kLowest, sum = 0;
  for (const Millivolts& v : voltage) {
    min = std::min(min, v.count());
    max = std::max(max, v.count());
    sum += v.count();
  }
  return {min, max, sum, voltage.size()};
}

Extremes scan_read(const CellReadings& readings, std::size_t n) {
  Extremes e;
  for (std::size_t i = 0; i < n; ++i) {
    if (!readings.voltage_read.test(i)) continue;
    const std::int32_t v = readings.voltage[i].count();
    e.min = std::min(e.min, v);
    e.max = std::max(e.max, v);
    e.sum += v;
    ++e.read;
  }
  return e;
}

void summarise_temperatures(CellSummary& out, const CellReadings& readings, std::size_t sensors) {
  const std::size_t n = std::min(sensors, readings.temperature.size());
  std::int32_t coldest = kHighest;
  std::int32_t warmest = kLowest;
  std::size_t read = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (((readings.temperature_read >> i) & 1U) == 0) continue;
    const std::int32_t t = readings.temperature[i].to_deci_celsius();
    coldest = std::min(coldest, t);
    warmest = std::max(warmest, t);
    ++read;
  }
  out.any_temperature = read != 0;
  out.temperatures_known = read == sensors;
  out.missing = static_cast<std::uint16_t>(out.missing + (sensors - read));
  if (!out.any_temperature) return;
  out.coldest = Temperature::deci_celsius(coldest);
  out.warmest = Temperature::deci_celsius(warmest);
}

}  // namespace

CellSummary summarise(const CellReadings& readings, std::size_t cells, std::size_t sensors) {
  const std::size_t n = std::min(cells, readings.voltage.size());
  const bool complete = n == cells && readings.voltage_read.has_first(cells);
  const Extremes e = complete ? scan_all(readings.voltage.first(cells)) : scan_read(readings, n);
  CellSummary out;
  out.missing = static_cast<std::uint16_t>(cells - e.read);
  out.any_voltage = e.read != 0;
  out.voltages_known = e.read == cells;
  if (out.any_voltage) {
    out.min = Millivolts(e.min);
    out.max = Millivolts(e.max);
    out.sum = Millivolts(e.sum);
  }
  summarise_temperatures(out, readings, sensors);
  return out;
}

std::size_t find_cell(const CellReadings& readings, std::size_t cells, Millivolts wanted) {
  const std::size_t n = std::min(cells, readings.voltage.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (readings.voltage_read.test(i) && readings.voltage[i] == wanted) return i;
  }
  return cells;
}

}  // namespace weco::bms
