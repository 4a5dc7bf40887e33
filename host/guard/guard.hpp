// SPDX-License-Identifier: Apache-2.0
// The one gate for writes: everything that would change a device is judged here, before a byte of
// it exists. It refuses by default and says which rule refused. In this version no rule permits
// anything, because the procedures that need writes do not exist yet; the order of the rules
// already is the one that will stay, so a reason given today is a reason that holds.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "host/profile/profile.hpp"

namespace weco {

/// A write somebody asks for.
struct IntendedWrite {
  PointRef point;
  Reading value;
};

enum class GuardRule : std::uint8_t {
  ReadOnlyPoint,   // the vocabulary gives nobody the right to write it
  HistoryIsKept,   // counters, events and identity are evidence (WS-16)
  UnpublishedMap,  // a community map is for reading
  NotInProfile,    // the family has no row for it
  NotWritable,     // the family's row is read-only
  OutOfRange,      // the row's range forbids the value
  NoProcedure,     // no procedure of this program writes yet
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
    GuardRuleInfo{GuardRule::NoProcedure, "no_procedure",
                  "this version reads only; no procedure of it writes",
                  "Change the setting in the vendor's own tool."},
};

constexpr const GuardRuleInfo& info(GuardRule rule) {
  return kGuardRules[static_cast<std::size_t>(rule)];
}

/// The first rule that refuses this write. There always is one.
GuardRule judge(const Profile& profile, const IntendedWrite& write);

/// judge() as a failure with code RefusedByGuard, for whoever asked.
Unexpected<Failure> refuse(const Profile& profile, const IntendedWrite& write);

}  // namespace weco
