// SPDX-License-Identifier: Apache-2.0
// Local days and hours of a site. The zone is said by whoever asks, an offset and whether the
// European summer time applies: a result must not depend on how the machine is set that computes
// it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"

namespace weco::statistics {

struct Zone {
  std::int64_t offset_s = 0;  // of standard time, ahead of UTC
  bool eu_summer = false;     // one hour more from the last Sunday of March to that of October
};

/// "+01:00" or "-03:30", "none" or "eu"; BadInput for anything else.
Outcome<Zone> parse_zone(std::string_view offset, std::string_view summer,
                         const std::string& where);
/// "+01:00, EU summer time"
std::string to_text(const Zone& zone);

/// The clock on the wall, counted as if it were UTC.
std::int64_t local_of(std::int64_t at, const Zone& zone);
/// The first instant at which the clock on the wall shows `local`.
std::int64_t instant_of(std::int64_t local, const Zone& zone);

enum class Period : std::uint8_t { Hour, Day, Week, Month, Year, Total };
/// "hour", "day", ...; as typed.
std::string_view name(Period period);
Period parse_period(std::string_view name);

struct Stretch {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string label;  // "2026-03-01T13:00+01:00", "2026-03-01", "2026-W09", "2026-03", "2026"
};
/// The local hour, day, ISO week, month or year that `at` lies in.
Stretch stretch_of(std::int64_t at, Period period, const Zone& zone);

}  // namespace weco::statistics
