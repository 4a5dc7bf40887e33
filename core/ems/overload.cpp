// SPDX-License-Identifier: Apache-2.0
#include "core/ems/overload.hpp"

namespace weco::ems {

OverloadVerdict watch_overload(const Ratings& ratings, Watts rated, OverloadState& state,
                               Watts load, Duration elapsed, bool reset) {
  const std::int64_t load_milli = std::int64_t{load.count()} * 1000;
  const auto above = [&](std::int32_t permille) {
    return load_milli > std::int64_t{rated.count()} * permille;
  };
  const bool alarm = above(1000);
  if (reset && !alarm) state.tripped = false;
  std::int32_t highest = 0;
  for (std::size_t i = 0; i < ratings.overload.size(); ++i) {
    const OverloadBand& band = ratings.overload[i];
    if (band.allowed == Duration{}) continue;
    highest = band.to_permille;
    Duration& used = state.used[i];
    if (above(band.above_permille)) {
      used = used + elapsed;
      if (used >= band.allowed) state.tripped = true;
    } else {
      used = used > elapsed ? used - elapsed : Duration{};
    }
  }
  if (highest != 0 && above(highest)) state.tripped = true;
  return {alarm, state.tripped};
}

}  // namespace weco::ems
