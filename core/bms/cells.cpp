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

}  // namespace

void summarise_temperatures(const CellReadings& readings, std::size_t sensors, CellSummary& out) {
  const std::size_t n = std::min(sensors, readings.temperature.size());
  std::int32_t coldest = kHighest, warmest = kLowest;
  std::size_t coldest_at = 0, warmest_at = 0, read = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (((readings.temperature_read >> i) & 1U) == 0) continue;
    const std::int32_t t = readings.temperature[i].to_deci_celsius();
    coldest_at = t < coldest ? i : coldest_at;
    warmest_at = t > warmest ? i : warmest_at;
    coldest = std::min(coldest, t);
    warmest = std::max(warmest, t);
    ++read;
  }
  out.any_temperature = read != 0;
  out.temperatures_known = read == sensors;
  out.missing = static_cast<std::uint16_t>(out.missing + (sensors - read));
  out.coldest = Temperature::deci_celsius(read != 0 ? coldest : 0);
  out.warmest = Temperature::deci_celsius(read != 0 ? warmest : 0);
  out.coldest_at = static_cast<std::uint8_t>(coldest_at);
  out.warmest_at = static_cast<std::uint8_t>(warmest_at);
}

void summarise(const CellReadings& readings, std::size_t cells, std::size_t sensors,
               CellSummary& out) {
  const std::size_t n = std::min(cells, readings.voltage.size());
  const bool complete = n == cells && readings.voltage_read.has_first(cells);
  const Extremes e = complete ? scan_all(readings.voltage.first(cells)) : scan_read(readings, n);
  out.any_voltage = e.read != 0;
  out.voltages_known = e.read == cells;
  out.missing = static_cast<std::uint16_t>(cells - e.read);
  out.min = Millivolts(out.any_voltage ? e.min : 0);
  out.max = Millivolts(out.any_voltage ? e.max : 0);
  out.sum = Millivolts(e.sum);
  summarise_temperatures(readings, sensors, out);
}

std::size_t find_cell(const CellReadings& readings, std::size_t cells, Millivolts wanted) {
  const std::size_t n = std::min(cells, readings.voltage.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (readings.voltage_read.test(i) && readings.voltage[i] == wanted) return i;
  }
  return cells;
}

}  // namespace weco::bms
