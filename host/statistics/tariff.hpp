// SPDX-License-Identifier: Apache-2.0
// What energy costs and earns, by hour, weekday and month, and what a kilowatt-hour stands for in
// CO2, coal and trees. A file of the user's, in the spelling that scenarios use for a tariff.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "host/statistics/zone.hpp"

namespace weco::statistics {

struct TariffWindow {
  int from_min = 0;  // of the local day
  int to_min = 1440;
  unsigned days = 0x7F;     // bit 0: Monday
  unsigned months = 0xFFF;  // bit 0: January
  double import_per_kWh = 0;
  double export_per_kWh = 0;
};

/// A factor and who says so. Nobody publishes one for every grid, so without the user's own the
/// figure is an assumption and is called one.
struct Factor {
  double value = 0;
  std::string source;
  bool assumed = true;
};
struct Factors {
  Factor co2_kg_per_kWh;
  Factor coal_kg_per_kWh;
  Factor co2_kg_per_tree_year;
};
Factors usual_factors();

struct Tariff {
  std::string currency;
  Zone zone;
  double import_per_kWh = 0;  // where no window fits
  double export_per_kWh = 0;
  std::vector<TariffWindow> windows;  // none overlaps another
  Factors factors = usual_factors();
};

struct Price {
  double import_per_kWh = 0;
  double export_per_kWh = 0;
  std::int64_t until_local = 0;  // the next moment at which it may be another
};
Price price_at(const Tariff& tariff, std::int64_t local);

/// BadInput with file and line for what is not understood or contradicts itself.
Outcome<Tariff> parse_tariff(std::string_view text, const std::string& file);

}  // namespace weco::statistics
