// SPDX-License-Identifier: Apache-2.0
// Days of the calendar, from seconds since 1970 and nothing else: no time zone database, because
// the clock of a site knows no summer time.
#pragma once

#include <chrono>
#include <cstdint>

namespace weco::sim {

inline constexpr std::int64_t kDay_s = 86400;

struct Date {
  std::int64_t day = 0;      // since 1970-01-01, which is 0
  std::int32_t second = 0;   // of the day
  std::int32_t weekday = 0;  // 0 Monday .. 6 Sunday
  std::int32_t year = 1970;
  std::int32_t month = 1;  // 1 .. 12
  std::int32_t month_day = 1;
  std::int32_t year_day = 0;  // 0 on January 1
};

constexpr bool leap_year(std::int32_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/// `local_s`: seconds since 1970 on the clock of the site; not negative.
constexpr Date date_of(std::int64_t local_s) {
  Date d;
  d.day = local_s / kDay_s;
  d.second = static_cast<std::int32_t>(local_s % kDay_s);
  d.weekday = static_cast<std::int32_t>((d.day + 3) % 7);  // 1970-01-01 was a Thursday
  const std::chrono::sys_days day{std::chrono::days{d.day}};
  const std::chrono::year_month_day at{day};
  const std::chrono::sys_days new_year{at.year() / std::chrono::January / 1};
  d.year = static_cast<int>(at.year());
  d.month = static_cast<std::int32_t>(static_cast<unsigned>(at.month()));
  d.month_day = static_cast<std::int32_t>(static_cast<unsigned>(at.day()));
  d.year_day = static_cast<std::int32_t>((day - new_year).count());
  return d;
}

}  // namespace weco::sim
