// SPDX-License-Identifier: Apache-2.0
// Energy by period for people: one HTML page in any language there is a file for, or a table for a
// spreadsheet.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "host/profile/checklist.hpp"
#include "host/statistics/energy.hpp"

namespace weco::report {

struct EnergyReport {
  const statistics::Energy& energy;
  std::string site;    // or what the values came from
  std::string source;  // "house.csv", "readings of the site's counters"
};

/// What one kilowatt-hour of production stands for, and what all of it did.
struct Equivalent {
  std::string_view name;  // co2, coal, trees
  std::string_view unit;  // kg, kg, trees
  double amount = 0;
  std::string factor;  // "0.25 kg/kWh"
  std::string source;
  bool assumed = true;
};
std::array<Equivalent, 3> equivalents(const statistics::Energy& energy);

/// "12.345"; nothing for a flow that is not known.
std::string kWh_text(const statistics::Energy& energy, const statistics::Bucket& bucket,
                     statistics::Flow flow);
/// "-1.50", never "-0.00".
std::string money_text(double amount);

std::string statistics_html(const EnergyReport& report, const Language& language);
std::string statistics_csv(const EnergyReport& report);

}  // namespace weco::report
