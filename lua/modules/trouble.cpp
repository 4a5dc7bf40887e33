// SPDX-License-Identifier: Apache-2.0
#include "lua/modules/trouble.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "core/ems/troubleshooting.hpp"
#include "host/failure/nearest.hpp"

namespace weco::lua {
namespace {

// In the order of the core's enumerations.
constexpr std::string_view kComplaints[] = {
    "no_bluetooth",      "no_remote_access", "no_backup_output",      "does_not_start",
    "no_solar_charging", "no_grid_charging", "wrong_state_of_charge", "breaker_trips"};
constexpr std::string_view kFacts[] = {
    "controller_lights", "app_may_use_bluetooth", "bluetooth_on", "app_may_use_location",
    "wifi_configured",   "wifi_password",         "wifi_band",    "ac_switch_on",
    "packs_usable",      "start_time_over",       "pv_switch_on", "pv_cables_sound",
    "no_pv_message",     "grid_charging_on",      "schedule_set", "two_full_cycles"};
static_assert(std::size(kComplaints) == ems::kComplaints && std::size(kFacts) == ems::kFacts);

Outcome<std::size_t> find(std::span<const std::string_view> words, const std::string& wanted,
                          std::string_view what) {
  const auto at = std::ranges::find(words, wanted);
  if (at != words.end()) return static_cast<std::size_t>(at - words.begin());
  const std::string_view close = nearest(wanted, words);
  return failure(ErrorCode::BadInput, "there is no " + std::string(what) + " '" + wanted + "'", {},
                 close.empty() ? "" : "Did you mean '" + std::string(close) + "'?");
}

}  // namespace

Outcome<Value> next_trouble(const std::string& complaint, const Value& answers) {
  const auto about = find(kComplaints, complaint, "complaint");
  if (!about) return Unexpected{about.error()};
  ems::Answers known;
  for (const Entry& entry : answers.entries) {
    const auto fact = find(kFacts, entry.name, "fact");
    if (!fact) return Unexpected{fact.error()};
    known.set(static_cast<ems::Fact>(*fact), entry.value.truth);
  }
  const ems::Advice advice = ems::next_advice(static_cast<ems::Complaint>(*about), known);
  const bool service = advice.kind == ems::AdviceKind::CallService;
  Value value = Value::table();
  if (advice.row != nullptr) {
    value.set("fact", Value::of(std::string(kFacts[static_cast<std::size_t>(advice.row->fact)])));
  }
  value.set("kind", Value::of(std::string(service                               ? "service"
                                          : advice.kind == ems::AdviceKind::Ask ? "ask"
                                                                                : "do")));
  if (advice.row != nullptr) {
    value.set("question", Value::of(std::string(advice.row->question)));
    value.set("remedy", Value::of(std::string(advice.row->remedy)));
  }
  return value;
}

}  // namespace weco::lua
