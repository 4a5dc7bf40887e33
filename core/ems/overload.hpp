// SPDX-License-Identifier: Apache-2.0
// How long the backup output carries more than its rating (WS-06: 150 % for 10 s; EP-04: up to 110
// % for 10 minutes, up to 150 % for 10 s). The time used up comes back at the rate it was spent
// while the load is lower; the vendors publish no recovery rule, so this one is ours. A trip stays
// until it is reset with the load back inside the rating.
#pragma once

#include <array>

#include "core/ems/ratings.hpp"

namespace weco::ems {

struct OverloadState {
  std::array<Duration, kOverloadBandsMax> used{};
  bool tripped = false;
};
struct OverloadVerdict {
  bool alarm = false;    // above the rating now
  bool tripped = false;  // output is off
};

/// `elapsed` since the last call, never negative. `reset`: a restart was asked for.
OverloadVerdict watch_overload(const Ratings& ratings, Watts rated, OverloadState& state,
                               Watts load, Duration elapsed, bool reset);

}  // namespace weco::ems
