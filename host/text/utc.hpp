// SPDX-License-Identifier: Apache-2.0
// The one spelling of times, wherever people or programs read them.
#pragma once

#include <cstdint>
#include <string>

namespace weco {

/// "2026-11-20T10:00:00Z" for seconds since 1970-01-01 UTC, of the years 0 to 9999.
std::string utc_text(std::int64_t seconds);
/// "2026-11-20".
std::string date_text(std::int64_t seconds);

}  // namespace weco
