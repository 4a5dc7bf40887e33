// SPDX-License-Identifier: Apache-2.0
#include "host/text/utc.hpp"

#include <algorithm>
#include <chrono>

namespace weco {
namespace {

constexpr std::int64_t kDay_s = 86400;

/// A list of all that is due has tens of thousands of times: digits are put where they belong.
void put(std::string& text, std::size_t end, unsigned value) {
  for (; value > 0; value /= 10) text[--end] = static_cast<char>('0' + value % 10);
}

std::int64_t second_of_day(std::int64_t seconds) { return ((seconds % kDay_s) + kDay_s) % kDay_s; }

void put_date(std::string& text, std::int64_t seconds) {
  const std::int64_t days = (seconds - second_of_day(seconds)) / kDay_s;
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(days))};
  put(text, 4, static_cast<unsigned>(std::clamp(static_cast<int>(day.year()), 0, 9999)));
  put(text, 7, static_cast<unsigned>(day.month()));
  put(text, 10, static_cast<unsigned>(day.day()));
}

}  // namespace

std::string date_text(std::int64_t seconds) {
  std::string text = "0000-00-00";
  put_date(text, seconds);
  return text;
}

std::string utc_text(std::int64_t seconds) {
  std::string text = "0000-00-00T00:00:00Z";
  put_date(text, seconds);
  const auto second = static_cast<unsigned>(second_of_day(seconds));
  put(text, 13, second / 3600);
  put(text, 16, second / 60 % 60);
  put(text, 19, second % 60);
  return text;
}

}  // namespace weco
