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

/// A temperature and its place in one number, so that of equal ones the first wins without a
/// branch.
constexpr std::int64_t kPlaces = 256;
static_assert(kSensorsMax <= kPlaces);
std::int64_t placed(Temperature t, std::size_t place) {
  return t.to_deci_celsius() * kPlaces + static_cast<std::int64_t>(place);
}
std::uint8_t place_in(std::int64_t placed) {
  return static_cast<std::uint8_t>(placed & (kPlaces - 1));
}
Temperature temperature_in(std::int64_t placed) {
  return Temperature::deci_celsius(
      static_cast<std::int32_t>((placed - place_in(placed)) / kPlaces));
}

}  // namespace

void summarise_temperatures(const CellReadings& readings, std::size_t sensors, CellSummary& out) {
  const std::size_t n = std::min(sensors, readings.temperature.size());
  std::int64_t coldest = kHighest * kPlaces, warmest = kLowest * kPlaces;
  std::size_t read = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (((readings.temperature_read >> i) & 1U) == 0) continue;
    const Temperature t = readings.temperature[i];
    coldest = std::min(coldest, placed(t, i));
    warmest = std::max(warmest, placed(t, kPlaces - 1 - i));
    ++read;
  }
  out.any_temperature = read != 0;
  out.temperatures_known = read == sensors;
  out.missing = static_cast<std::uint16_t>(out.missing + (sensors - read));
  if (read == 0) {
    coldest = 0;
    warmest = kPlaces - 1;
  }
  out.coldest = temperature_in(coldest);
  out.warmest = temperature_in(warmest);
  out.coldest_at = place_in(coldest);
  out.warmest_at = static_cast<std::uint8_t>(kPlaces - 1 - place_in(warmest));
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
