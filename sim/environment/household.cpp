// SPDX-License-Identifier: Apache-2.0
#include "sim/environment/household.hpp"

#include "sim/environment/household_table.hpp"

namespace weco::sim {
namespace {

enum Season : std::size_t { kWinter, kSummer, kTransition };

/// The profile's own seasons: summer from May 15 to September 14, winter from November 1 to March
/// 20, transition between them.
Season season_of(const Date& d) {
  const std::int32_t at = d.month * 100 + d.month_day;
  if (at >= 1101 || at <= 320) return kWinter;
  return at >= 515 && at <= 914 ? kSummer : kTransition;
}

std::size_t day_row(const Date& d) {
  const std::size_t kind = d.weekday == 5 ? 1 : d.weekday == 6 ? 2 : 0;
  return static_cast<std::size_t>(season_of(d)) * 3 + kind;
}

double static_value(const Date& d) {
  const auto quarter = static_cast<std::size_t>(d.second / 900);
  return kHouseholdDays[day_row(d)][quarter];
}

/// BDEW's polynomial; `day` counts from 0 at the beginning of the year.
double dynamisation(double day) {
  double f = -3.916649251e-10;
  f = f * day + 3.2e-7;
  f = f * day - 7.02e-5;
  f = f * day + 0.0021;
  return f * day + 1.24;
}

double sum_of_year(const Date& d) {
  double sum = 0.0;
  const std::int32_t days = leap_year(d.year) ? 366 : 365;
  for (std::int32_t i = 0; i < days; ++i) {
    const Date at = date_of((d.day - d.year_day + i) * kDay_s);
    for (const std::int32_t value : kHouseholdDays[day_row(at)]) sum += value;
  }
  return sum;
}

}  // namespace

double Household::power_W(const Date& d) {
  if (d.year != year_) {
    year_ = d.year;
    year_sum_ = sum_of_year(d);
  }
  const double quarter = d.year_day * 96 + d.second / 900;
  // a quarter's share of the year, four of which make an hour
  return 4.0 * static_value(d) / year_sum_ * dynamisation((quarter + 1.0) / 96.0);
}

}  // namespace weco::sim
