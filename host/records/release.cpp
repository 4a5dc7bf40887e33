// SPDX-License-Identifier: Apache-2.0
#include "host/records/release.hpp"

#include "host/records/calendar.hpp"

namespace weco::records {

std::optional<Release> parse_release(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string_view::npos || equals == 0 || equals > 64) return std::nullopt;
  const std::string_view written = text.substr(equals + 1);
  const auto day = written.size() == 10 ? parse_utc(written) : std::nullopt;
  if (!day) return std::nullopt;
  return Release{std::string(text.substr(0, equals)), *day};
}

std::optional<Release> release_of(const std::vector<store::FactRow>& facts) {
  std::optional<Release> newest;
  for (const store::FactRow& fact : facts) {  // in the order of time
    if (fact.name == "released") newest = parse_release(fact.value);
  }
  return newest;
}

}  // namespace weco::records
