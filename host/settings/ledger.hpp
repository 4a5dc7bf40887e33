// SPDX-License-Identifier: Apache-2.0
// The record of a run that changes settings: a line on disk before each write and one after it, so
// that whoever comes later knows what was there. Canonical JSON, one object a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/settings/plan.hpp"

namespace weco::settings {

class Ledger {
 public:
  /// A new file in `folder`, which is made when it is missing; named by the time. `by` says who
  /// writes: "script tower/configure". IoError and the like leave nothing behind that was written
  /// to a device.
  static Outcome<Ledger> begin(const std::string& folder, const Plan& plan, std::string_view by,
                               std::int64_t wall_seconds);
  Ledger(Ledger&& other) noexcept;
  Ledger& operator=(Ledger&&) = delete;
  ~Ledger();

  Done intend(const Change& change);
  Done written(const Change& change, const Reading& found);
  Done failed(const Change& change, const Failure& why);
  Done finish();
  /// What `weco undo` is told.
  [[nodiscard]] const std::string& run() const { return run_; }

 private:
  Ledger(std::string run, std::string path, int fd);
  Done append(const std::string& line);
  std::string run_;
  std::string path_;
  int fd_ = -1;
};

struct RecordedRun {
  std::string run;
  std::string endpoint;
  std::string family;
  std::string serial;
  std::string by;
  std::uint8_t unit = 0;
  std::int64_t at = 0;
  std::vector<Change> changes;  // that were begun, in order
};

/// Of a run by its name, or by its file. NotFound names what there is; BadInput with the line. A
/// last line that was cut off is left out: its write had not begun.
Outcome<RecordedRun> read_ledger(const std::string& folder, std::string_view run);

/// The way back from a run.
struct WayBack {
  std::vector<Reading> wanted;  // the last change first; what the run did not reach is left out
  std::vector<PointRef> stay;   // had no value before and cannot be taken away again
};

/// VerificationDiffers when the device is another one or when a setting is no longer what the run
/// left.
Outcome<WayBack> way_back(const RecordedRun& run, const DeviceReport& now);

}  // namespace weco::settings
