// SPDX-License-Identifier: Apache-2.0
// How far a calibration came, a line for each step that is behind it, on disk before it is told.
// Whoever reads it after a crash goes on from its last line.
//
//   2026-11-26T00:10:28Z t=1795651828 phase=holding leg=1 missed=0 highest=10000 [...]
//   device=tower-1
#pragma once

#include "host/calibration/calibration.hpp"

namespace weco::calibration {

struct Entry {
  Progress progress;
  std::string device;                   // as the person named it
  std::int64_t at = 0;                  // seconds since 1970, UTC
  std::vector<std::string> standing{};  // runs of settings not yet put back, oldest first
};

std::string to_line(const Entry& entry);
/// BadInput when it is no line of such a journal.
Outcome<Entry> parse_entry(std::string_view line);

/// IoError; the line is on disk when it returns.
Done append(const std::string& path, const Entry& entry);
/// The last whole line about the device; one that was torn is left out. NotFound.
Outcome<Entry> last_entry(const std::string& path, std::string_view device);

}  // namespace weco::calibration
