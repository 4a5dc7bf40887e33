// SPDX-License-Identifier: Apache-2.0
#include "sim/site/bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/base/assert.hpp"
#include "core/bms/cells.hpp"
#include "core/ems/parallel.hpp"

namespace weco::sim {
namespace {

using C = const SiteConfig&;

/// The value of a profile that is outside of its bounds if any is; without rows, their middle.
double furthest(const std::vector<ProfileRow>& rows, double middle) {
  const auto distance = [middle](const ProfileRow& row) { return std::abs(row.value - middle); };
  const auto at = std::ranges::max_element(rows, {}, distance);
  return at == rows.end() ? middle : at->value;
}

constexpr double kPowerMost_W = 1e7;
constexpr double kPriceMost = 1000;  // a kWh; negative prices exist

constexpr Bounds kBounds[] = {
    {"inverters", 1, double(ems::kInvertersMax), [](C c) { return double(c.inverters); }},  // WS-03
    {"towers", 1, 3, [](C c) { return double(c.towers); }},
    {"modules", 1, 4, [](C c) { return double(c.modules); }},
    {"cabinets", 1, double(ems::kCabinetsMax), [](C c) { return double(c.cabinets); }},  // CM-01
    {"packs", 1, double(ems::kEp760PacksMax), [](C c) { return double(c.packs); }},      // EP-02
    {"cells", 0, double(bms::kCellsMax), [](C c) { return double(c.cells); }},
    {"capacity_Ah", 0, 2000, [](C c) { return c.capacity_Ah; }},
    {"cabinet_W", 1000, 1e6, [](C c) { return c.cabinet_W; }},
    {"soh_pct", 50, 100, [](C c) { return c.soh_pct; }},
    {"soc_pct", 0, 100, [](C c) { return c.soc_pct; }},
    {"cell_degC", -40, 80, [](C c) { return c.cell_degC.value_or(20); }},
    {"spread", 0, 10, [](C c) { return c.spread; }},
    {"start", 0, 4102444800.0, [](C c) { return double(c.start_s); }},
    {"latitude_deg", -90, 90, [](C c) { return c.environment.latitude_deg; }},
    {"longitude_deg", -180, 180, [](C c) { return c.environment.longitude_deg; }},
    {"utc_offset_s", -14 * 3600, 14 * 3600, [](C c) { return double(c.environment.utc_offset_s); }},
    {"peak_W", 0, kPowerMost_W, [](C c) { return c.environment.pv.peak_W; }},
    {"ac_coupled_W", 0, kPowerMost_W, [](C c) { return c.environment.pv.ac_coupled_W; }},
    {"tilt_deg", 0, 90, [](C c) { return c.environment.pv.tilt_deg; }},
    {"azimuth_deg", 0, 360, [](C c) { return c.environment.pv.azimuth_deg; }},
    {"performance", 0, 1, [](C c) { return c.environment.pv.performance; }},
    {"annual_Wh", 0, 1e11, [](C c) { return c.environment.load.annual_Wh; }},
    {"noise", 0, 10, [](C c) { return c.environment.load.noise; }},
    {"reactive", 0, 10, [](C c) { return c.environment.load.reactive; }},
    {"backup_share", 0, 1, [](C c) { return c.environment.load.backup_share; }},
    {"rows_W", 0, kPowerMost_W,
     [](C c) { return furthest(c.environment.load.rows, kPowerMost_W / 2); }},
    {"cloudiness", 0, 1, [](C c) { return c.environment.weather.cloudiness; }},
    {"mean_degC", -60, 60, [](C c) { return c.environment.weather.mean_degC; }},
    {"season_K", 0, 60, [](C c) { return c.environment.weather.season_K; }},
    {"day_K", 0, 60, [](C c) { return c.environment.weather.day_K; }},
    {"room_mean_degC", -60, 60, [](C c) { return c.environment.weather.room_mean_degC; }},
    {"room_season_K", 0, 60, [](C c) { return c.environment.weather.room_season_K; }},
    {"rows_degC", -60, 80, [](C c) { return furthest(c.environment.weather.rows, 10); }},
    {"voltage_V", 0, 400, [](C c) { return c.environment.grid.voltage_V; }},
    {"voltage_noise_V", 0, 100, [](C c) { return c.environment.grid.voltage_noise_V; }},
    {"frequency_Hz", 40, 70, [](C c) { return c.environment.grid.frequency_Hz; }},
    {"frequency_noise_Hz", 0, 5, [](C c) { return c.environment.grid.frequency_noise_Hz; }},
    {"import_per_kWh", -kPriceMost, kPriceMost,
     [](C c) { return c.environment.tariff.import_per_kWh; }},
    {"export_per_kWh", -kPriceMost, kPriceMost,
     [](C c) { return c.environment.tariff.export_per_kWh; }},
};

}  // namespace

std::span<const Bounds> site_bounds() { return kBounds; }

const Bounds& bounds_of(std::string_view field) {
  const auto at = std::ranges::find(kBounds, field, &Bounds::field);
  WECO_ASSERT(at != std::end(kBounds));
  return *at;
}

Unexpected<Failure> outside(std::string_view field, double value, double least, double most) {
  return failure(ErrorCode::OutOfRange, fmt::format("{} is no value for {}", value, field),
                 std::string(field), fmt::format("Give {} to {}.", least, most));
}

Done check(const Bounds& bounds, double value) {
  if (value >= bounds.least && value <= bounds.most) return {};
  return outside(bounds.field, value, bounds.least, bounds.most);
}

Done check_bounds(const SiteConfig& config) {
  for (const Bounds& bounds : kBounds) {
    if (Done done = check(bounds, bounds.of(config)); !done) return done;
  }
  return {};
}

}  // namespace weco::sim
