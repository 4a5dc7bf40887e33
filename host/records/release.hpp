// SPDX-License-Identifier: Apache-2.0
// A firmware that the maker calls critical: it must be installed within 60 days of its release, and
// until then the battery had better be off (WS-33). A person says which one it is; it is kept as a
// fact of the site.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/store/store.hpp"

namespace weco::records {

inline constexpr std::int64_t kFirmwareDays = 60;

struct Release {
  std::string version;
  std::int64_t day = 0;
};
/// "2.4.1=2026-09-30"
std::optional<Release> parse_release(std::string_view text);
/// The newest that was named for a site.
std::optional<Release> release_of(const std::vector<store::FactRow>& facts);

}  // namespace weco::records
