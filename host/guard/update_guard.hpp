// SPDX-License-Identifier: Apache-2.0
// Whether a battery may be updated now. It switches off for an update (WS-34), so it must be at
// rest and well before: what is not known is not assumed, a refusal names its rule, and there is no
// way around it for a battery.
#pragma once

#include <optional>
#include <string>

#include "host/assessment/assessment.hpp"

namespace weco {

enum class UpdateRule : std::uint8_t {
  CurrentUnknown,  // the device does not tell its current
  CurrentFlows,
  SocUnknown,
  SocOutside,     // too empty to wait switched off, or so full that it cannot take what comes
  LockedForGood,  // a permanent lock is a case for service (WS-18)
  AlarmPresent,
  MainsAbsent,   // switching off would leave the house dark
  SecondMaster,  // somebody else talks on the line
};

struct UpdateRuleInfo {
  UpdateRule rule;
  std::string_view name;     // stable, for scripts
  std::string_view reason;   // a clause without a period
  std::string_view instead;  // a full sentence: what to do
};
const UpdateRuleInfo& info(UpdateRule rule);

/// Vendors publish no window; ours leaves room both ways.
inline constexpr int kUpdateSocMin = 20;
inline constexpr int kUpdateSocMax = 95;
/// What a meter shows of a battery at rest.
inline constexpr Decimal kUpdateCurrentMax{5, -1};

struct UpdateRefusal {
  UpdateRule rule = UpdateRule::CurrentUnknown;
  std::string seen;  // the reading that spoke against it; may be empty
};

/// The first rule that refuses; nothing when it may be done.
std::optional<UpdateRefusal> judge_update(const Snapshot& snapshot, const Assessment& assessment,
                                          const Findings& findings);
/// As a failure with code RefusedByGuard.
Unexpected<Failure> refuse(const UpdateRefusal& refusal, const std::string& device);

/// What an update must not change: settings that read otherwise afterwards, and faults that are
/// new. Empty when all is as before.
std::string worse_after(const Snapshot& before, const Assessment& was, const Snapshot& after,
                        const Assessment& is);

}  // namespace weco
