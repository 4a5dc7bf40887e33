// SPDX-License-Identifier: Apache-2.0
// The one gate for writes: everything that would change a device is judged here, before a byte of
// it exists. It refuses by default and says which rule refused. Whoever writes needs a Permit, and
// nothing but permit() makes one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "host/profile/profile.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco {

enum class GuardRule : std::uint8_t {
  ReadOnlyPoint,   // the vocabulary gives nobody the right to write it
  HistoryIsKept,   // counters, events and identity are evidence (WS-16)
  UnpublishedMap,  // a community map is for reading
  NotInProfile,    // the family has no row for it
  NotWritable,     // the family's row is read-only
  OutOfRange,      // the row's range forbids the value
  CommandOnly,     // a command belongs to the procedure that knows what it needs
  NotGranted,      // whoever asks has no right to this point
  LockedForGood,   // a permanent lock is a case for service (WS-18)
  Updating,        // firmware is being changed (WS-34)
};

struct GuardRuleInfo {
  GuardRule rule;
  std::string_view name;     // stable, for scripts and evidence
  std::string_view reason;   // a clause without a period
  std::string_view instead;  // a full sentence: what to do
};

inline constexpr std::array kGuardRules = {
    GuardRuleInfo{GuardRule::ReadOnlyPoint, "read_only_point", "nobody may write this value",
                  "See 'weco devices show' for what can be set."},
    GuardRuleInfo{GuardRule::HistoryIsKept, "history_is_kept",
                  "history, counters and identity of a battery are never altered (WS-16)",
                  "Keep the record; it is evidence for the warranty."},
    GuardRuleInfo{GuardRule::UnpublishedMap, "unpublished_map",
                  "the family's map is not published by its vendor and is for reading only",
                  "Change the setting in the vendor's own tool."},
    GuardRuleInfo{GuardRule::NotInProfile, "not_in_profile", "the family has no such value",
                  "See 'weco devices show' for what it has."},
    GuardRuleInfo{GuardRule::NotWritable, "not_writable", "the family only lets it be read",
                  "Change the setting in the vendor's own tool."},
    GuardRuleInfo{GuardRule::OutOfRange, "out_of_range", "the value is outside the allowed range",
                  "See the range in 'weco devices show'."},
    GuardRuleInfo{GuardRule::CommandOnly, "command_only",
                  "a command is given by the procedure that checks what it needs, not as a setting",
                  "Use the procedure, such as 'weco flash' or 'weco checklist'."},
    GuardRuleInfo{GuardRule::NotGranted, "not_granted",
                  "whoever asks has not declared the right to write it",
                  "Declare it in the header of the script: rights = { \"write:POINT\" }."},
    GuardRuleInfo{GuardRule::LockedForGood, "locked_for_good",
                  "a battery behind it has locked itself for good (WS-18)",
                  "Leave it as it is and open a service case."},
    GuardRuleInfo{GuardRule::Updating, "updating", "its firmware is being changed (WS-34)",
                  "Wait until the update has ended."},
};

constexpr const GuardRuleInfo& info(GuardRule rule) {
  return kGuardRules[static_cast<std::size_t>(rule)];
}

/// What a write is judged by besides the map.
struct WriteGrounds {
  std::span<const PointId> granted;  // points that whoever asks may write
  const Snapshot& now;               // what the device says of itself
};

/// The first rule that refuses this value; nothing when it may be written.
std::optional<GuardRule> judge(const Profile& profile, const Reading& value,
                               const WriteGrounds& grounds);

/// That one value may be written to one device of this family, now.
class Permit {
 public:
  [[nodiscard]] const Reading& value() const { return value_; }

 private:
  friend Outcome<Permit> permit(const Profile& profile, const Reading& value,
                                const WriteGrounds& grounds);
  explicit Permit(const Reading& value) : value_(value) {}
  Reading value_;
};

/// RefusedByGuard with the rule's reason and what to do instead.
Outcome<Permit> permit(const Profile& profile, const Reading& value, const WriteGrounds& grounds);

}  // namespace weco
