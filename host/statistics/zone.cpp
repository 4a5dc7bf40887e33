// SPDX-License-Identifier: Apache-2.0
#include "host/statistics/zone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

#include "host/records/calendar.hpp"
#include "host/text/utc.hpp"

namespace weco::statistics {
namespace {

using records::day_of;
using records::kDay_s;

constexpr std::int64_t kHour_s = 3600;
constexpr std::array<std::string_view, 6> kPeriods = {"hour",  "day",  "week",
                                                      "month", "year", "total"};

std::int64_t midnight(std::int64_t local) { return local - ((local % kDay_s) + kDay_s) % kDay_s; }

std::int64_t first_of(int year, int month) {
  return records::parse_utc(fmt::format("{:04}-{:02}-01", year, month)).value_or(0);
}

/// 01:00 UTC on the last Sunday of a month with 31 days.
std::int64_t last_sunday(int year, int month) {
  const std::int64_t last = first_of(year, month) + 30 * kDay_s;
  return last - (day_of(last).weekday + 1) % 7 * kDay_s + kHour_s;
}

bool is_summer(std::int64_t at, const Zone& zone) {
  if (!zone.eu_summer) return false;
  const int year = day_of(at).year;
  return at >= last_sunday(year, 3) && at < last_sunday(year, 10);
}

std::string offset_text(std::int64_t offset_s) {
  const std::int64_t minutes = std::abs(offset_s) / 60;
  return fmt::format("{}{:02}:{:02}", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

Stretch between(std::int64_t from_local, std::int64_t to_local, const Zone& zone,
                std::string label) {
  return {instant_of(from_local, zone), instant_of(to_local, zone), std::move(label)};
}

Stretch hour_of(std::int64_t at, std::int64_t local, const Zone& zone) {
  // Counted from the instant, not from the clock: the hour that comes twice in autumn is two.
  const std::int64_t from = at - ((local % kHour_s) + kHour_s) % kHour_s;
  const std::int64_t clock = local_of(from, zone);
  return {from, from + kHour_s, utc_text(clock).substr(0, 16) + offset_text(clock - from)};
}

}  // namespace

Outcome<Zone> parse_zone(std::string_view offset, std::string_view summer,
                         const std::string& where) {
  Zone zone;
  const auto digit = [&](std::size_t i) { return offset[i] >= '0' && offset[i] <= '9'; };
  const bool shaped = offset.size() == 6 && (offset[0] == '+' || offset[0] == '-') &&
                      offset[3] == ':' && digit(1) && digit(2) && digit(4) && digit(5);
  const auto two = [&](std::size_t i) { return (offset[i] - '0') * 10 + offset[i + 1] - '0'; };
  if (!shaped || two(1) > 14 || two(4) > 59) {
    return failure(ErrorCode::BadInput, "the offset from UTC is not understood", where,
                   "Write it as +01:00, at most 14 hours.");
  }
  zone.offset_s = (two(1) * 60 + two(4)) * 60 * (offset[0] == '-' ? -1 : 1);
  if (summer != "none" && summer != "eu") {
    return failure(ErrorCode::BadInput, "the summer time is not known", where, "Use none or eu.");
  }
  zone.eu_summer = summer == "eu";
  return zone;
}

std::string to_text(const Zone& zone) {
  return "UTC" + offset_text(zone.offset_s) + (zone.eu_summer ? ", EU summer time" : "");
}

std::int64_t local_of(std::int64_t at, const Zone& zone) {
  return at + zone.offset_s + (is_summer(at, zone) ? kHour_s : 0);
}

std::int64_t instant_of(std::int64_t local, const Zone& zone) {
  const std::int64_t summer = local - zone.offset_s - kHour_s;
  return is_summer(summer, zone) ? summer : local - zone.offset_s;
}

std::string_view name(Period period) { return kPeriods[static_cast<std::size_t>(period)]; }

Period parse_period(std::string_view name) {
  const auto found = std::ranges::find(kPeriods, name);
  return found == kPeriods.end() ? Period::Day : static_cast<Period>(found - kPeriods.begin());
}

Stretch stretch_of(std::int64_t at, Period period, const Zone& zone) {
  const std::int64_t local = local_of(at, zone);
  const std::int64_t today = midnight(local);
  const records::Day day = day_of(local);
  switch (period) {
    case Period::Hour:
      return hour_of(at, local, zone);
    case Period::Day:
      return between(today, today + kDay_s, zone, date_text(local));
    case Period::Week: {
      const std::int64_t monday = today - day.weekday * kDay_s;
      return between(monday, monday + 7 * kDay_s, zone,
                     fmt::format("{:04}-W{:02}", day.week_year, day.week));
    }
    case Period::Month:
      return between(
          first_of(day.year, day.month),
          day.month == 12 ? first_of(day.year + 1, 1) : first_of(day.year, day.month + 1), zone,
          fmt::format("{:04}-{:02}", day.year, day.month));
    case Period::Year:
      return between(first_of(day.year, 1), first_of(day.year + 1, 1), zone,
                     fmt::format("{:04}", day.year));
    case Period::Total:
      break;
  }
  return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
          "total"};
}

}  // namespace weco::statistics
