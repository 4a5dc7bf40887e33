// SPDX-License-Identifier: Apache-2.0
// What a warranty asks for, from logs, counters and dates: time outside the window by cause,
// equivalent cycles, days offline, age, the end of life to be expected, and the days that are left
// for firmware and claims, and whether it was charged to the top as often as it must be. Every
// figure says what it rests on; what nobody recorded is unknown, not fine (WS-13, WS-30..36).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/records/release.hpp"
#include "host/statistics/telemetry.hpp"
#include "host/store/store.hpp"

namespace weco::statistics {

/// As the maker states them; limits themselves are inside. What no document at hand states is not
/// there: a row without a limit is never fine, and says why.
struct WarrantyTerms {
  std::optional<double> cold_degC{};  // performance
  std::optional<double> hot_degC{};
  std::optional<double> functional_cold_degC{};
  std::optional<double> functional_hot_degC{};
  std::optional<double> current_A{};  // of a module
  std::optional<double> depth_pct{};
  std::optional<double> humidity_pct{};
  std::optional<int> years{};
  std::optional<double> cycles{};  // of `depth_pct`
  std::optional<double> offline_days{};
  std::optional<double> full_charge_days{};     // 100 % at least once in so many
  std::optional<std::int64_t> firmware_days{};  // until a critical release has to be installed
  std::optional<int> claim_days{};
};
/// Of a family's checklists, such as "weco_smart".
const WarrantyTerms& warranty_terms(std::string_view family);

/// What is known of a site; the newest of each.
struct WarrantyFacts {
  std::optional<std::int64_t> produced;
  std::optional<std::int64_t> event;  // of a claim
  std::optional<records::Release> release;
};
/// Facts as they are kept: "produced", "event", "released".
WarrantyFacts warranty_facts(const std::vector<store::FactRow>& rows);

struct WarrantyRow {
  enum class State : std::uint8_t { Ok, Warning, Unknown };
  std::string name;   // stable: "outside_cold", "cycles", "end_of_life"
  std::string needs;  // requirement
  State state = State::Unknown;
  std::optional<double> value;
  std::string unit;
  std::optional<double> limit;
  std::string until;  // a day; empty: none
  std::string basis;  // what it rests on, or what would be needed
};
std::string_view name(WarrantyRow::State state);

struct WarrantyCase {
  const WarrantyTerms& terms;
  WarrantyFacts facts;
  std::vector<Sample> samples;
  std::vector<store::CounterRow> counters;
  std::vector<store::DeviceRow> devices;
  std::int64_t now = 0;
};
/// Always the same rows in the same order.
std::vector<WarrantyRow> judge_warranty(const WarrantyCase& warranty);

}  // namespace weco::statistics
