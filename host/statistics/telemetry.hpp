// SPDX-License-Identifier: Apache-2.0
// Rows of values over time as `weco simulate --telemetry` writes them, or as anybody else does who
// heads the columns alike: CSV with one header, or one JSON object a line. What a column does not
// say is no number, never 0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"

namespace weco::statistics {

/// What held from the row before up to `at`. NaN: not told.
struct Sample {
  std::int64_t at = 0;
  double pv_W = 0;
  double load_W = 0;
  double battery_W = 0;  // into the battery
  double grid_W = 0;     // from the grid
  double soc_pct = 0;
  double coldest_degC = 0;  // of all cells
  double warmest_degC = 0;  // of all cells
  double humidity_pct = 0;  // of the room
  double current_A = 0;     // of the pack that has most, in either direction
};

inline constexpr std::size_t kSamplesMax = 20'000'000;

/// BadInput with "file:line" for what is no such file; rows must go forward in time.
Outcome<std::vector<Sample>> read_telemetry(std::string_view text, const std::string& file);

/// The longest pause that still counts as recorded: three times the usual one, 15 minutes at least.
std::int64_t longest_pause(const std::vector<Sample>& samples);

}  // namespace weco::statistics
