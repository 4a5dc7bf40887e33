// SPDX-License-Identifier: Apache-2.0
// A calibration from its first reading to its end: reads the device again and again, hands what it
// read to the procedure, writes down how far it came. Guided, it tells a person what to set.
// Commanded, it sets that itself, by host/settings with the guard's permit, and whatever ends it,
// the device gets back what was there before; where that cannot be, it says which runs still stand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/calibration/journal.hpp"
#include "host/device/live_device.hpp"
#include "host/reactor/reactor.hpp"
#include "host/settings/plan.hpp"

namespace weco::calibration {

/// Who is there: the person and the line to the device.
class Attendance {
 public:
  virtual ~Attendance() = default;
  [[nodiscard]] virtual Reactor& reactor() = 0;
  [[nodiscard]] virtual LiveDevice& device() = 0;
  /// Opens the line again after a loss or a stop; what was said before is answered then. After a
  /// failure device() may be asked for no more.
  virtual Done reopen() = 0;
  /// The person said stop.
  [[nodiscard]] virtual bool stopped() const = 0;
  /// A leg begins that wants other settings than the one before: a Charge or a Discharge.
  virtual void begins(const Place& place) = 0;
  virtual void saw(const SiteReading& reading, const Progress& progress) = 0;
  /// The link is lost, and somebody's settings stand on the device.
  virtual void waits() = 0;
};

struct Order {
  Rule rule;
  std::string device;   // as the person named it
  std::string journal;  // path
  Duration interval;    // from one reading to the next
  std::string changes;  // folder of the records of what is set; empty: guided
};

struct Ending {
  Progress progress;
  Refusal refusal;  // why it is Stopped
  SiteReading last;
  std::optional<Failure> cut;         // what ended it before its time
  std::vector<std::string> standing;  // runs that nobody has put back, the first to undo first
  std::optional<Failure> stands;      // why they stand
};

/// A device that is silent for so long is asked once more; its link counts as lost after three.
inline constexpr Duration kLookPatience = Duration::s(10);
inline constexpr int kSilentMost = 3;
/// So long a lost link is waited for, to put back what was set.
inline constexpr Duration kComesBack = Duration::minutes(30);

/// The Charge or Discharge whose settings are in force in this leg.
Place settings_of(const Rule& rule, std::int32_t leg);

/// Every setting that a commanded run may write.
std::vector<PointId> written_by(const Rule& rule);

/// What a commanded run would change now for this leg. As settings::make_plan.
Outcome<settings::Plan> plan_wishes(const Rule& rule, Leg leg, const Profile& profile,
                                    const DeviceReport& now);

/// `standing`: runs of an earlier part of it whose settings are still in force, oldest first.
Ending supervise(const Order& order, Procedure procedure, std::vector<std::string> standing,
                 Attendance& attendance);

}  // namespace weco::calibration
