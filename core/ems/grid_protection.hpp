// SPDX-License-Identifier: Apache-2.0
// Leaves the grid when a grid code says so and comes back when it allows it. Called at the pace of
// the measurement (the shortest hold is 100 ms, so every 20 to 100 ms); time is an argument. A grid
// that cannot be measured is treated as lost.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/result.hpp"
#include "core/ems/dispatch.hpp"
#include "core/ems/grid_code.hpp"

namespace weco::ems {

/// WithUnsure is for simulation and study: it also enables rows whose figures are not certain.
enum class Trust : std::uint8_t { CertainOnly, WithUnsure };

struct ProtectionConfig {
  const GridCode* code = nullptr;
  std::uint16_t enabled = 0;  // bit i: row i
  std::uint8_t phases = 3;    // 1 .. 3
  Watts rated{};
};
Result<const GridCode*> find_grid_code(std::string_view name);
/// Unsupported, with the missing TripKind as detail, when the code lacks a figure that may be
/// used; OutOfRange for a power or number of phases that cannot be.

Result<ProtectionConfig> make_protection(const GridCode& code, Watts rated, std::uint8_t phases,
                                         Trust trust);

struct GridSample {
  std::array<Millivolts, 3> voltage{};  // phase to neutral
  Millihertz frequency{};
  Quality quality = Quality::Absent;
};

/// Sliding mean over ten minutes in steps of three seconds, each phase. Until ten minutes have been
/// seen it is the mean of what has been.
class TenMinuteMean {
 public:
  void add(const GridSample& sample, std::uint8_t phases, Instant now);
  /// The highest mean of any phase; zero before the first step is complete.
  [[nodiscard]] Millivolts highest() const { return highest_; }

 private:
  static constexpr std::size_t kSteps = 200;
  void complete_step(std::uint8_t phases, Instant now);
  std::array<std::array<std::uint16_t, kSteps>, 3> ring_{};  // 10 mV
  std::array<std::uint32_t, 3> sum_{};
  std::array<std::int64_t, 3> step_sum_mv_{};
  std::int32_t step_samples_ = 0;
  Instant step_start_{};
  bool started_ = false;
  std::uint16_t filled_ = 0;
  std::uint16_t at_ = 0;
  Millivolts highest_{};
};

enum class GridCause : std::uint8_t { None, Starting, NotMeasured, Row, Commanded, Blackout };
/// No phase at this voltage: the grid is gone, and backup takes over in the same sample instead of
/// after a trip row's hold (ours; WS-06 and EP-04 want it within 20 and 10 ms). Below every row.
inline constexpr Millivolts kBlackout{20000};

namespace detail {
consteval std::array<Instant, kTripRowsMax> never_beyond() {
  std::array<Instant, kTripRowsMax> all{};
  for (Instant& instant : all) instant = Instant::never();
  return all;
}
}  // namespace detail

struct ProtectionState {
  bool connected = false;
  bool was_connected = false;
  GridCause cause = GridCause::Starting;
  std::uint8_t row = 0;  // with GridCause::Row: which one tripped last
  std::array<Instant, kTripRowsMax> beyond_since = detail::never_beyond();
  Instant inside_since = Instant::never();
  Instant connected_at{};
  TenMinuteMean mean{};
  bool over = false;  // frequency-watt is acting
  bool under = false;
  Watts reference{};  // AC power when it began
};

/// One step. `commanded_off` is DRM0 or a person; reconnection then waits as after a trip.
/// Returns whether the grid relay is to be closed.
bool protect(const ProtectionConfig& config, ProtectionState& state, const GridSample& sample,
             bool commanded_off, Instant now);

struct AcBounds {
  Bound max{kNoLimit};
  Bound min{-kNoLimit};
};
/// Frequency-watt and the ramp after reconnection, as bounds on the AC power. `ac_now` is what the
/// inverter gives at this moment (the reference when frequency-watt begins).
AcBounds grid_support(const ProtectionConfig& config, ProtectionState& state, Millihertz frequency,
                      Watts ac_now, Instant now);

}  // namespace weco::ems
