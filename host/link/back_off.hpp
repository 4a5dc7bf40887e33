// SPDX-License-Identifier: Apache-2.0
// Pauses before the tries to get something back that was lost: doubled from the first to the last.
#pragma once

#include <algorithm>

#include "core/base/time.hpp"

namespace weco {

struct BackOff {
  Duration first = Duration::s(1);
  Duration last = Duration::s(60);
  /// The pause behind one of `pause`; behind none the first.
  [[nodiscard]] constexpr Duration next(Duration pause) const {
    return pause == Duration{} ? first : std::min(pause * 2, last);
  }
};

}  // namespace weco
