// SPDX-License-Identifier: Apache-2.0
#include "host/guard/update_guard.hpp"

#include <algorithm>
#include <array>

#include "core/points/vocabulary.hpp"

namespace weco {
namespace {

constexpr std::array kRules = {
    UpdateRuleInfo{UpdateRule::CurrentUnknown, "current_unknown",
                   "nobody knows whether current flows",
                   "Name an endpoint that tells it, with --telemetry."},
    UpdateRuleInfo{UpdateRule::CurrentFlows, "current_flows",
                   "current flows, and the pack will switch off",
                   "Let the system come to rest: no load, no charging."},
    UpdateRuleInfo{UpdateRule::SocUnknown, "soc_unknown", "the state of charge is not known",
                   "Name an endpoint that tells it, with --telemetry."},
    UpdateRuleInfo{UpdateRule::SocOutside, "soc_outside",
                   "the state of charge is outside 20 to 95 %", "Charge or discharge it first."},
    UpdateRuleInfo{UpdateRule::LockedForGood, "locked_for_good",
                   "the battery has locked itself for good (WS-18)",
                   "Isolate it and call service."},
    UpdateRuleInfo{UpdateRule::AlarmPresent, "alarm_present", "an alarm is present",
                   "See 'weco status'; an update cures nothing."},
    UpdateRuleInfo{UpdateRule::MainsAbsent, "mains_absent",
                   "there are no mains, and the battery feeds the house alone",
                   "Wait until the mains are back."},
    UpdateRuleInfo{UpdateRule::SecondMaster, "second_master", "somebody else talks on the line",
                   "Stop or unplug the other master."},
};

bool is_known(const Reading& reading) {
  return reading.kind == ValueKind::Number &&
         (reading.quality == Quality::Good || reading.quality == Quality::Assumed);
}

std::string shown(const Reading& reading) {
  return to_text(reading.ref) + " " + std::string(to_text(reading.number).view());
}

bool flows(const Reading& reading) {
  const Decimal size{
      reading.number.mantissa < 0 ? -reading.number.mantissa : reading.number.mantissa,
      reading.number.exponent};
  return compare(size, kUpdateCurrentMax) > 0;
}

bool outside(const Reading& reading) {
  return compare(reading.number, {kUpdateSocMin, 0}) < 0 ||
         compare(reading.number, {kUpdateSocMax, 0}) > 0;
}

using Judge = bool (*)(const Reading&);
/// Every reading of the point is looked at: towers and modules have their own.
std::optional<UpdateRefusal> all_of(const Snapshot& snapshot, PointId id, UpdateRule unknown,
                                    UpdateRule against, Judge is_bad) {
  bool any = false;
  for (const auto& [ref, reading] : snapshot.readings()) {
    if (ref.id != id || !is_known(reading)) continue;
    any = true;
    if (is_bad(reading)) return UpdateRefusal{against, shown(reading)};
  }
  if (any) return std::nullopt;
  return UpdateRefusal{unknown, {}};
}

bool reads(const Snapshot& snapshot, PointId id, std::uint64_t value) {
  return std::any_of(snapshot.readings().begin(), snapshot.readings().end(), [&](const auto& row) {
    return row.first.id == id && row.second.bits == value;
  });
}

}  // namespace

const UpdateRuleInfo& info(UpdateRule rule) { return kRules[static_cast<std::size_t>(rule)]; }

std::optional<UpdateRefusal> judge_update(const Snapshot& snapshot, const Assessment& assessment,
                                          const Findings& findings) {
  if (reads(snapshot, point("lock"), symbol("lock", "permanent"))) {
    return UpdateRefusal{UpdateRule::LockedForGood, {}};
  }
  for (const ActiveFault& fault : assessment.faults) {
    if (fault.level == Level::Alarm) {
      return UpdateRefusal{UpdateRule::AlarmPresent, fault.code + " " + fault.name};
    }
  }
  if (reads(snapshot, point("grid_state"), symbol("grid_state", "absent"))) {
    return UpdateRefusal{UpdateRule::MainsAbsent, {}};
  }
  for (const Finding& finding : findings) {
    if (finding.id == FindingId::SecondMaster) {
      return UpdateRefusal{UpdateRule::SecondMaster, finding.symptom};
    }
  }
  if (auto refusal = all_of(snapshot, point("pack_current"), UpdateRule::CurrentUnknown,
                            UpdateRule::CurrentFlows, flows)) {
    return refusal;
  }
  return all_of(snapshot, point("soc"), UpdateRule::SocUnknown, UpdateRule::SocOutside, outside);
}

Unexpected<Failure> refuse(const UpdateRefusal& refusal, const std::string& device) {
  const UpdateRuleInfo& rule = info(refusal.rule);
  std::string what = "the update was not begun: " + std::string(rule.reason);
  if (!refusal.seen.empty()) what += " (" + refusal.seen + ")";
  return failure(ErrorCode::RefusedByGuard, std::move(what), device, std::string(rule.instead));
}

std::string worse_after(const Snapshot& before, const Assessment& was, const Snapshot& after,
                        const Assessment& is) {
  for (const auto& [ref, reading] : before.readings()) {
    if (info(ref.id).access != Access::Setting || ref.id == point("device_time")) continue;
    const Reading* now = after.get(ref);
    if (now == nullptr) return "the setting " + to_text(ref) + " is gone";
    if (now->kind != reading.kind || compare(now->number, reading.number) != 0 ||
        now->bits != reading.bits || now->text() != reading.text()) {
      return "the setting " + to_text(ref) + " is another than before";
    }
  }
  for (const ActiveFault& fault : is.faults) {
    const bool old = std::any_of(was.faults.begin(), was.faults.end(), [&](const ActiveFault& f) {
      return f.code == fault.code && f.name == fault.name && f.node == fault.node;
    });
    if (!old) return "a fault is new: " + fault.code + " " + fault.name;
  }
  return {};
}

}  // namespace weco
