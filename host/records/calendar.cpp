// SPDX-License-Identifier: Apache-2.0
#include "host/records/calendar.hpp"

#include <charconv>
#include <chrono>

namespace weco::records {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

sys_days day_at(std::int64_t seconds) {
  const std::int64_t whole = seconds / kDay_s - (seconds % kDay_s < 0 ? 1 : 0);
  return sys_days(days(whole));
}

/// Digits of a fixed width; -1 for anything else.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = -1;
  if (at + count > text.size() || text[at] < '0' || text[at] > '9') return -1;
  const char* end = text.data() + at + count;
  const auto parsed = std::from_chars(text.data() + at, end, value);
  return parsed.ec == std::errc{} && parsed.ptr == end ? value : -1;
}

}  // namespace

std::optional<std::int64_t> parse_utc(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int y = digits(text, 0, 4);
  const int m = digits(text, 5, 2);
  const int d = digits(text, 8, 2);
  if (y < 1970 || m < 1 || d < 1) return std::nullopt;
  const year_month_day ymd(std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)),
                           std::chrono::day(static_cast<unsigned>(d)));
  if (!ymd.ok()) return std::nullopt;
  std::int64_t seconds = sys_days(ymd).time_since_epoch().count() * kDay_s;
  if (text.size() == 10) return seconds;
  const bool with_seconds = text.size() == 19;
  if (text.size() != 16 && !with_seconds) return std::nullopt;
  if ((text[10] != 'T' && text[10] != ' ') || text[13] != ':') return std::nullopt;
  if (with_seconds && text[16] != ':') return std::nullopt;
  const int hour = digits(text, 11, 2);
  const int minute = digits(text, 14, 2);
  const int second = with_seconds ? digits(text, 17, 2) : 0;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  return seconds + hour * 3600 + minute * 60 + second;
}

Day day_of(std::int64_t seconds) {
  const sys_days at = day_at(seconds);
  const year_month_day ymd(at);
  Day day;
  day.year = static_cast<int>(ymd.year());
  day.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  day.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  day.weekday = static_cast<int>(std::chrono::weekday(at).iso_encoding()) - 1;
  const sys_days thursday = at + days(3 - day.weekday);  // decides which year a week belongs to
  const year_month_day of(thursday);
  day.week_year = static_cast<int>(of.year());
  const sys_days new_year(of.year() / std::chrono::January / 1);
  day.week = static_cast<int>((thursday - new_year).count() / 7) + 1;
  return day;
}

}  // namespace weco::records
