// SPDX-License-Identifier: Apache-2.0
// Many runs of one scenario: which ones there are, which of them belong to a shard, and running
// them in processes of their own. A run's number alone decides what it is, so that any number of
// processes and any sharding give the same results in the same order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/failure/failure.hpp"

namespace weco::cli {

inline constexpr std::size_t kRunsMax = 100000;
inline constexpr std::size_t kJobsMax = 256;

/// "site.soc_pct=20,50,80" or "seed=1..100".
struct SweepAxis {
  std::string name;
  std::vector<std::string> values;
};
Outcome<std::vector<SweepAxis>> parse_sweep(std::span<const std::string> options);
/// All combinations; 1 without an axis.
std::size_t run_count(std::span<const SweepAxis> axes);
/// Of run `index` from 0; the last axis changes fastest.
std::vector<std::pair<std::string, std::string>> run_values(std::span<const SweepAxis> axes,
                                                            std::size_t index);

/// Runs first .. last - 1.
struct RunRange {
  std::size_t first = 0;
  std::size_t last = 0;
};
/// "2/8" of so many runs: a block without gaps, so that the shards' files one behind the other are
/// the file of the whole.
Outcome<RunRange> parse_shard(std::string_view text, std::size_t runs);

/// Calls `run(index, fd)` for each run in a process of its own, at most `jobs` at a time, which
/// writes what it has to say to `fd`; calls `take(index, fd)` here in order of the runs, with the
/// descriptor at its beginning. Ends early when `take` fails or when `interrupted` says so.
Done run_in_processes(RunRange runs, std::size_t jobs,
                      const std::function<void(std::size_t index, int fd)>& run,
                      const std::function<Done(std::size_t index, int fd)>& take,
                      const std::function<bool()>& interrupted);

/// Everything, or the failure of the system.
Done write_whole(int fd, std::string_view text);
Outcome<std::string> read_whole(int fd, std::size_t size);

}  // namespace weco::cli
