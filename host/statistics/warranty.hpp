// SPDX-License-Identifier: Apache-2.0
// What a warranty asks for, from logs, counters and dates: time outside the window by cause,
// equivalent cycles, days offline, age, the end of life to be expected, and the days that are left
// for firmware and claims. Every figure says what it rests on; what nobody recorded is unknown, not
// fine (WS-30..36).
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

/// As the maker states them; limits themselves are inside.
struct WarrantyTerms {
  double cold_degC = 11;  // performance
  double hot_degC = 35;
  double functional_cold_degC = 0;
  double functional_hot_degC = 40;
  double c_rate = 0.5;
  double capacity_Ah = 100;  // of a module (WS-02)
  double depth_pct = 90;
  double humidity_pct = 80;
  int years = 10;
  double cycles = 7000;  // of `depth_pct`
  double offline_days = 60;
  int claim_days = 10;
};
/// Of a family's checklists, such as "weco_smart"; nullptr where none are published.
const WarrantyTerms* warranty_terms(std::string_view family);

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
