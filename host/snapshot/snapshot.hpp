// SPDX-License-Identifier: Apache-2.0
// Everything that is known of a device at one moment: one reading a point, newest wins. It is the
// sink every decoder writes into, the source every encoder reads from, and what renderers show.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/points/vocabulary.hpp"

namespace weco {

/// Order for people: by node, then as the vocabulary lists, then by index.
struct ByNode {
  bool operator()(const PointRef& a, const PointRef& b) const {
    if (a.node != b.node) return a.node < b.node;
    if (a.id != b.id) return a.id < b.id;
    return a.index < b.index;
  }
};

class Snapshot final : public ReadingSink, public ReadingSource {
 public:
  using Readings = std::map<PointRef, Reading, ByNode>;

  void put(const Reading& reading) override { readings_.insert_or_assign(reading.ref, reading); }
  [[nodiscard]] const Reading* get(const PointRef& ref) const override;
  [[nodiscard]] const Readings& readings() const { return readings_; }
  [[nodiscard]] bool empty() const { return readings_.empty(); }
  void clear() { readings_.clear(); }
  /// Marks what is older than `age` as stale; nothing else changes.
  void mark_stale(Instant now, Duration age);

  /// Every node that has a reading, and the nodes above it, in order; the device itself comes
  /// first.
  [[nodiscard]] std::vector<NodePath> nodes() const;

  // Short ways to what is often asked. Absent and not-implemented values are nullopt.
  [[nodiscard]] std::optional<Decimal> number(const PointRef& ref) const;
  [[nodiscard]] std::optional<std::uint64_t> bits(const PointRef& ref) const;
  [[nodiscard]] std::string text(const PointRef& ref) const;  // raw device text; empty when absent
  /// The device's own text of this kind, or that of its first part that has one.
  [[nodiscard]] std::string identity(PointId id) const;

 private:
  Readings readings_;
};

/// "tower[1].module[2]"; the device itself is "".
std::string to_text(const NodePath& path);
/// "tower[1].module[2].cell_voltage[5]".
std::string to_text(const PointRef& ref);
/// The inverse of both; fails with BadInput or NotFound and says which part is wrong.
Result<PointRef> parse_point_ref(std::string_view text);
Result<NodePath> parse_node_path(std::string_view text);

/// "soc_pct", "pack_voltage_V", "serial_number": the name with its unit, as scripts see it.
std::string name_with_unit(PointId id);

}  // namespace weco
