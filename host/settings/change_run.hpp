// SPDX-License-Identifier: Apache-2.0
// Carries out a plan: looks again, asks the guard again, and then for each change in turn writes
// down what it intends, writes, reads back and writes down what it found. The first that fails ends
// it; what is behind it stays as it was. Where the device is recorded, its evidence says beside the
// frames what they were for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/device/live_device.hpp"
#include "host/evidence/event.hpp"
#include "host/settings/ledger.hpp"
#include "host/settings/plan.hpp"

namespace weco::settings {

class ChangeRun {
 public:
  struct Setup {
    LiveDevice& device;  // outlives the run
    Plan plan;           // at least one change
    std::vector<PointId> granted;
    std::string folder;  // of the ledgers
    std::string by;      // who writes, for the ledger
    std::int64_t wall_seconds = 0;
    /// Called with the name of the run when it is on disk, before the first write; a failure ends
    /// it there. Empty: nobody wants to know before the end.
    std::function<Done(const std::string& run)> begun = {};
  };
  struct Result {
    std::string run;                // for `weco undo`; empty: nothing was begun
    std::vector<Change> changed;    // written and read back
    std::optional<Failure> failed;  // why it ended before its time
  };
  using Finished = std::function<void(Result)>;

  explicit ChangeRun(Setup setup) : setup_(std::move(setup)) {}
  ChangeRun(const ChangeRun&) = delete;
  ChangeRun& operator=(const ChangeRun&) = delete;

  /// `done` is called once, from the reactor, unless this is destroyed before. In Result::failed:
  /// VerificationDiffers when the device is not as the plan says or holds another value than the
  /// one written, RefusedByGuard, and what the device, the link or the disk said.
  void start(Finished done);

 private:
  void looked(Outcome<DeviceReport> report);
  void next();
  void wrote(Outcome<Reading> found);
  void end(std::optional<Failure> why);
  void note(EventKind kind, std::string_view text);
  [[nodiscard]] const Change& current() const { return setup_.plan.changes[at_]; }

  Setup setup_;
  Finished done_;
  std::optional<Ledger> ledger_;
  DeviceReport now_;
  Result result_;
  std::size_t at_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace weco::settings
