// SPDX-License-Identifier: Apache-2.0
// Energy that was made, used, stored, bought and sold, by local hour, day, week, month or year, and
// what it cost and earned. Fed with telemetry or with readings of a device's counters; what was not
// recorded is said, never filled in.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/statistics/tariff.hpp"
#include "host/statistics/telemetry.hpp"
#include "host/statistics/zone.hpp"
#include "host/store/store.hpp"

namespace weco::statistics {

enum class Flow : std::uint8_t { Production, Consumption, Charge, Discharge, Import, Export };
inline constexpr std::size_t kFlows = 6;
inline constexpr std::array<std::string_view, kFlows> kFlowNames = {
    "production", "consumption", "charge", "discharge", "import", "export"};

struct Bucket {
  Stretch stretch;
  std::array<double, kFlows> Wh{};
  std::array<std::int64_t, kFlows> covered_s{};
  double import_cost = 0;
  double export_revenue = 0;
  double consumption_value = 0;  // what the consumption would have cost without the plant
  bool estimated = false;        // a longer reading was divided over several periods or prices

  [[nodiscard]] double kWh(Flow flow) const { return Wh[static_cast<std::size_t>(flow)] / 1000; }
  /// What the plant was worth: the bill without it less the bill with it.
  [[nodiscard]] double benefit() const { return consumption_value - import_cost + export_revenue; }
};

struct Question {
  Period by = Period::Day;
  Zone zone{};
  std::optional<Tariff> tariff{};
  std::optional<std::int64_t> since{};  // the first instant that counts
  std::optional<std::int64_t> until{};  // the first one that does not any more
};

/// The point of a device's counter for a flow, as "energy_pv_total".
std::optional<Flow> flow_of_counter(std::string_view point);

class Energy {
 public:
  explicit Energy(Question question) : question_(std::move(question)) {}

  void add(const std::vector<Sample>& samples);
  /// Readings of counters; the part of the device and the counter are in `point`.
  void add(const std::vector<store::CounterRow>& readings);

  [[nodiscard]] const Question& question() const { return question_; }
  [[nodiscard]] std::vector<Bucket> buckets() const;
  [[nodiscard]] const Bucket& total() const { return total_; }
  [[nodiscard]] bool known(Flow flow) const { return known_[static_cast<std::size_t>(flow)]; }
  /// The first and last instant of which anything is known; equal when nothing is.
  [[nodiscard]] std::int64_t from() const { return from_; }
  [[nodiscard]] std::int64_t to() const { return to_; }
  [[nodiscard]] std::int64_t missing_s() const { return missing_s_; }
  [[nodiscard]] int restarts() const { return restarts_; }
  /// The share of a period that was recorded, by its best known flow, 0 .. 1.
  [[nodiscard]] double covered(const Bucket& bucket) const;

 private:
  void put(Flow flow, std::int64_t from, std::int64_t to, double Wh);
  void put_piece(Flow flow, std::int64_t from, std::int64_t to, double Wh, bool divided);
  Bucket& bucket_at(std::int64_t at);
  void widen(std::int64_t from, std::int64_t to);

  Question question_;
  std::map<std::int64_t, Bucket> buckets_;
  Bucket* last_ = nullptr;
  Bucket total_;
  std::array<bool, kFlows> known_{};
  bool any_ = false;
  std::int64_t from_ = 0;
  std::int64_t to_ = 0;
  std::int64_t missing_s_ = 0;
  int restarts_ = 0;
};

}  // namespace weco::statistics
