// SPDX-License-Identifier: Apache-2.0
// Calendar days, and times as people and files give them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weco::records {

inline constexpr std::int64_t kDay_s = 86400;

/// The inverse of utc_text() and date_text(), a blank instead of the T allowed, the Z optional;
/// nullopt for what is no time.
std::optional<std::int64_t> parse_utc(std::string_view text);

struct Day {
  int year = 1970;
  int month = 1;
  int day = 1;
  int weekday = 0;  // 0: Monday
  int week = 1;     // of ISO 8601
  int week_year = 1970;
};
Day day_of(std::int64_t seconds);

}  // namespace weco::records
