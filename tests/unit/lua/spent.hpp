// SPDX-License-Identifier: Apache-2.0
// What a script costs, whatever else the machine is doing: processor time instead of the clock.
#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace weco::test {

/// What an attempt may cost that uses up three million instructions: well under 200 ms, and with
/// sanitizers up to thirty times that, because they make each error that is caught expensive, some
/// compilers' more than others'.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::int64_t kAttemptMost_ms = 20000;
#else
inline constexpr std::int64_t kAttemptMost_ms = 1500;
#endif

inline std::int64_t spent_ms() {
  struct rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

}  // namespace weco::test
