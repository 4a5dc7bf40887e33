// SPDX-License-Identifier: Apache-2.0
// Rows of a run as text, written as they come: nothing is kept. Numbers have at most four decimals,
// so that the same values are the same bytes everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/site/site.hpp"

namespace weco::sim {

enum class TelemetryForm : std::uint8_t { Csv, Ndjson };

/// "12.5", "-0.0001", "0"; nothing for what is no number.
void append_number(std::string& to, double value);

/// Times are UTC. `run` counts from 1 in a sweep and is left out when 0.
void append_header(std::string& to, TelemetryForm form, std::span<const Channel> channels,
                   std::uint32_t run);
void append_row(std::string& to, TelemetryForm form, std::span<const Channel> channels,
                std::span<const double> values, std::int64_t wall_seconds, std::uint32_t run);

}  // namespace weco::sim
