// SPDX-License-Identifier: Apache-2.0
// The course of a run in bounded memory: a fixed number of buckets for each curve, whose width
// doubles whenever they are full. Each keeps the least, the most and the mean of what fell into it,
// so that a short peak of a long year is still seen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/stage.hpp"

namespace weco::sim {

inline constexpr std::size_t kBuckets = 720;

struct Bucket {
  double least = 0;
  double most = 0;
  double sum = 0;
  std::uint32_t count = 0;
  [[nodiscard]] double mean() const { return count != 0 ? sum / count : 0; }
};

class Curve {
 public:
  Curve(std::string name, Duration width) : name_(std::move(name)), width_(width) {}
  /// Times must not go backwards.
  void add(Instant at, double value);
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Duration width() const { return width_; }
  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] const Bucket& bucket(std::size_t index) const { return buckets_[index]; }

 private:
  void halve();
  std::string name_;
  Duration width_;
  std::size_t used_ = 0;
  std::array<Bucket, kBuckets> buckets_{};
};

/// What a report draws. Powers are those of the ledger: means of what really flowed.
class Charts {
 public:
  explicit Charts(const Stage& stage);
  /// Call it after steps; looks at most once a minute.
  void look();

  [[nodiscard]] const std::vector<Curve>& power() const { return power_; }  // W
  [[nodiscard]] const std::vector<Curve>& soc() const { return soc_; }      // %
  [[nodiscard]] const std::vector<Curve>& heat() const { return heat_; }    // degC
  [[nodiscard]] const std::vector<Curve>& cells() const { return cells_; }  // mV, highest - lowest

 private:
  const Stage& stage_;
  Instant next_{};
  Instant last_{};
  Energies before_{};
  std::vector<Curve> power_;
  std::vector<Curve> soc_;
  std::vector<Curve> heat_;
  std::vector<Curve> cells_;
};

}  // namespace weco::sim
