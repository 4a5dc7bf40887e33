// SPDX-License-Identifier: Apache-2.0
// What an average household draws: the standard profile H0 with its dynamisation over the year.
#pragma once

#include <cstdint>

#include "sim/environment/calendar.hpp"

namespace weco::sim {

/// Power in watts of a household of 1 Wh a year during the quarter of an hour in which `date` lies.
/// Holidays count as the weekday they are (the profile would make them Sundays).
class Household {
 public:
  [[nodiscard]] double power_W(const Date& date);

 private:
  std::int32_t year_ = 0;
  double year_sum_ = 1.0;  // of the static profile over that year, in its own unit
};

}  // namespace weco::sim
