// SPDX-License-Identifier: Apache-2.0
// The names under which scenarios, hooks and expectations read a site: every channel by its own
// name, and beside them what a person would ask of the whole: pack[2].cell_min_V,
// energy.import_kWh, fidelity.violations, panel.buzzer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"
#include "sim/scenario/stage.hpp"

namespace weco::sim {

/// A name that has been looked up.
struct Point {
  enum class Kind : std::uint8_t { Channel, Pack, Energy, Site };
  Kind kind = Kind::Channel;
  std::uint16_t field = 0;  // which channel or row
  std::uint16_t pack = 0;   // from 0
};

class Points {
 public:
  explicit Points(const Stage& stage);

  /// NotFound with the nearest name and what there is.
  [[nodiscard]] Outcome<Point> find(std::string_view name) const;
  /// The value now. Channels are sampled once for an instant, however many are read.
  double read(Point point);
  /// All channels now.
  std::span<const double> channels();
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  const Stage& stage_;
  std::vector<double> values_;
  Instant sampled_ = Instant::never();
};

/// Every name that a site has, packs as pack[N], with what it is.
struct PointText {
  std::string name;
  std::string_view doc;
};
std::vector<PointText> point_texts();

}  // namespace weco::sim
