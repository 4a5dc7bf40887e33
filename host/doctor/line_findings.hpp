// SPDX-License-Identifier: Apache-2.0
// What every way of asking over a shared line can notice beside its answers, worded once.
#pragma once

#include <cstdint>
#include <string>

#include "host/doctor/finding.hpp"

namespace weco {

inline void add_line_findings(bool echo, std::uint64_t foreign_requests, Findings& into) {
  if (echo) into.push_back({FindingId::Echo, "The adapter repeats what is sent."});
  if (foreign_requests > 0) {
    into.push_back({FindingId::SecondMaster,
                    std::to_string(foreign_requests) + " requests of another master were heard."});
  }
}

}  // namespace weco
