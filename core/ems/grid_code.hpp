// SPDX-License-Identifier: Apache-2.0
// When an inverter must leave the grid and when it may come back, one table a grid code. Each row
// says where its figure comes from and how sure it is. A row that is `Unsure` is carried so that it
// can be seen and completed, but it is not enabled, and a code that lacks a certain figure for one
// of the four basic protections is refused for real use (make_protection in grid_protection.hpp).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "core/ems/reading.hpp"

namespace weco::ems {

enum class TripKind : std::uint8_t {
  UnderVoltage,     // any phase below the limit
  OverVoltage,      // any phase above the limit
  MeanOverVoltage,  // 10-minute mean of any phase above the limit
  UnderFrequency,
  OverFrequency,
};

/// Trips when the quantity has been beyond `limit` for `hold`. mV to neutral, or mHz.
struct TripRow {
  TripKind kind;
  std::int32_t limit;
  Duration hold;
  Confidence confidence;
  std::string_view source;
};
inline constexpr std::size_t kTripRowsMax = 8;

/// Back to the grid after `wait` (the first time `wait_first`) inside all bounds, then up to full
/// power at `ramp` of the rated power a minute; 0: no ramp is known.
struct Reconnect {
  Duration wait_first;
  Duration wait;
  Millivolts voltage_min;
  Millivolts voltage_max;
  Millihertz frequency_min;
  Millihertz frequency_max;
  Permyriad ramp_per_minute;
  Confidence confidence;
  std::string_view source;
};

/// Power against frequency. Droop: above `start`, output falls by `slope` of what it was at that
/// moment for each hertz. Points: the six frequencies of AS/NZS 4777.2:2020 for storage.
enum class FrequencyWattKind : std::uint8_t { None, Droop, Points };
struct FrequencyWatt {
  FrequencyWattKind kind;
  Millihertz start;             // Droop
  Permyriad slope_per_hertz;    // Droop
  Millihertz discharge_max_at;  // Points, falling frequency: full discharge here ...
  Millihertz charge_stop_at;    //   ... charging has ended here ...
  Millihertz under_start;       //   ... and begins to be reduced here
  Millihertz over_start;        // Points, rising frequency: discharge begins to be reduced here
  Millihertz transition_at;     //   ... has ended here ...
  Millihertz charge_max_at;     //   ... full charging here
  Confidence confidence;
  std::string_view source;
};

struct GridCode {
  std::string_view name;
  std::span<const TripRow> rows;
  Reconnect reconnect;
  FrequencyWatt frequency_watt;
  std::string_view note;  // disagreements and gaps, for people
};

namespace detail {
inline constexpr std::string_view kVde2018 =
    "certified DE_VDE4105_2018 v2.0.2 settings, read from OpenDTU issue 900";
inline constexpr std::string_view kVde2011 = "certified settings, read from OpenDTU issue 1606";
inline constexpr std::string_view kSolis = "Solis support page on CEI 0-21";
inline constexpr std::string_view kSungrow = "Sungrow SG2K5 manual, page 20";
inline constexpr std::string_view kRd = "ES RD1699 settings in OpenDTU issue 1606";
inline constexpr std::string_view kQvolt = "Q.VOLT manual, page 66";
inline constexpr std::string_view kMemory = "second hand; to be taken from the standard";
inline constexpr std::string_view kDerived = "bounds follow from the trip rows";

consteval TripRow row(TripKind kind, std::int32_t limit, std::int64_t hold_ms, Confidence sure,
                      std::string_view source) {
  return {kind, limit, Duration::ms(hold_ms), sure, source};
}

// Element counts are written out because GCC 12 puts arrays whose type is deduced into RAM.
inline constexpr std::array<TripRow, 6> kVde2018Rows{
    row(TripKind::UnderVoltage, 184000, 3000, Confidence::Decoded, kVde2018),
    row(TripKind::UnderVoltage, 103500, 300, Confidence::Decoded, kVde2018),
    row(TripKind::OverVoltage, 287500, 100, Confidence::Decoded, kVde2018),
    row(TripKind::MeanOverVoltage, 253000, 0, Confidence::Decoded, kVde2018),
    row(TripKind::UnderFrequency, 47500, 100, Confidence::Decoded, kVde2018),
    row(TripKind::OverFrequency, 51500, 100, Confidence::Decoded, kVde2018),
};
inline constexpr std::array<TripRow, 5> kVde2011Rows{
    row(TripKind::UnderVoltage, 184000, 100, Confidence::Decoded, kVde2011),
    row(TripKind::OverVoltage, 264500, 100, Confidence::Decoded, kVde2011),
    row(TripKind::MeanOverVoltage, 253000, 0, Confidence::Decoded, kVde2011),
    row(TripKind::UnderFrequency, 47500, 100, Confidence::Decoded, kVde2011),
    row(TripKind::OverFrequency, 51500, 100, Confidence::Decoded, kVde2011),
};
inline constexpr std::array<TripRow, 8> kCeiRows{
    row(TripKind::UnderVoltage, 195500, 1500, Confidence::Published, kSolis),
    row(TripKind::UnderVoltage, 34500, 200, Confidence::Published, kSolis),
    row(TripKind::OverVoltage, 264500, 200, Confidence::Published, kSolis),
    row(TripKind::MeanOverVoltage, 253000, 3000, Confidence::Published, kSolis),
    row(TripKind::UnderFrequency, 49800, 100, Confidence::Unsure, kMemory),
    row(TripKind::OverFrequency, 50200, 100, Confidence::Unsure, kMemory),
    row(TripKind::UnderFrequency, 47500, 100, Confidence::Unsure, kMemory),
    row(TripKind::OverFrequency, 51500, 100, Confidence::Unsure, kMemory),
};
inline constexpr std::array<TripRow, 5> kRdRows{
    row(TripKind::UnderVoltage, 195500, 1200, Confidence::Decoded, kRd),
    row(TripKind::OverVoltage, 253000, 1200, Confidence::Decoded, kRd),
    row(TripKind::OverVoltage, 264500, 160, Confidence::Decoded, kRd),
    row(TripKind::UnderFrequency, 48000, 3600, Confidence::Decoded, kRd),
    row(TripKind::OverFrequency, 50500, 400, Confidence::Decoded, kRd),
};
inline constexpr std::array<TripRow, 4> kEnRows{
    row(TripKind::UnderFrequency, 47500, 2000, Confidence::Published, kSungrow),
    row(TripKind::OverFrequency, 51500, 2000, Confidence::Published, kSungrow),
    row(TripKind::UnderFrequency, 47000, 100, Confidence::Published, kSungrow),
    row(TripKind::OverFrequency, 52000, 100, Confidence::Published, kSungrow),
};
// The voltage rows of AS/NZS 4777.2 and the frequency rows of regions A and B.
inline constexpr std::array<TripRow, 7> kAsRows{
    row(TripKind::MeanOverVoltage, 258000, 3000, Confidence::Published, kQvolt),
    row(TripKind::UnderVoltage, 180000, 10000, Confidence::Unsure, kMemory),
    row(TripKind::UnderVoltage, 70000, 1000, Confidence::Unsure, kMemory),
    row(TripKind::OverVoltage, 265000, 1000, Confidence::Unsure, kMemory),
    row(TripKind::OverVoltage, 275000, 200, Confidence::Unsure, kMemory),
    row(TripKind::UnderFrequency, 47000, 0, Confidence::Unsure, kMemory),
    row(TripKind::OverFrequency, 52000, 0, Confidence::Unsure, kMemory),
};
inline constexpr std::array<TripRow, 5> kAsCRows{
    row(TripKind::MeanOverVoltage, 258000, 3000, Confidence::Published, kQvolt),
    row(TripKind::UnderVoltage, 180000, 10000, Confidence::Unsure, kMemory),
    row(TripKind::UnderVoltage, 70000, 1000, Confidence::Unsure, kMemory),
    row(TripKind::OverVoltage, 265000, 1000, Confidence::Unsure, kMemory),
    row(TripKind::OverVoltage, 275000, 200, Confidence::Unsure, kMemory),
};
inline constexpr std::array<TripRow, 5> kNzRows{
    row(TripKind::MeanOverVoltage, 249000, 3000, Confidence::Published, kQvolt),
    row(TripKind::UnderVoltage, 180000, 10000, Confidence::Unsure, kMemory),
    row(TripKind::UnderVoltage, 70000, 1000, Confidence::Unsure, kMemory),
    row(TripKind::OverVoltage, 265000, 1000, Confidence::Unsure, kMemory),
    row(TripKind::OverVoltage, 275000, 200, Confidence::Unsure, kMemory),
};

inline constexpr FrequencyWatt kNoFrequencyWatt{
    FrequencyWattKind::None, {}, {}, {}, {}, {}, {}, {}, {}, Confidence::Unsure, kMemory};
inline constexpr FrequencyWatt kVdeDroop{
    FrequencyWattKind::Droop, Millihertz(50200), Permyriad(4000), {}, {}, {}, {}, {}, {},
    Confidence::Decoded,      kVde2018};
consteval FrequencyWatt points(std::int32_t p_max, std::int32_t stop_charge, std::int32_t lower,
                               std::int32_t upper, std::int32_t transition, std::int32_t p_min) {
  return {FrequencyWattKind::Points,
          {},
          {},
          Millihertz(p_max),
          Millihertz(stop_charge),
          Millihertz(lower),
          Millihertz(upper),
          Millihertz(transition),
          Millihertz(p_min),
          Confidence::Published,
          kQvolt};
}
consteval Reconnect as_reconnect(std::int32_t mean_limit_mv, std::int32_t f_min,
                                 std::int32_t f_max) {
  return {Duration::s(60),
          Duration::s(60),
          Millivolts(180000),
          Millivolts(mean_limit_mv),
          Millihertz(f_min),
          Millihertz(f_max),
          Permyriad(1600),
          Confidence::Published,
          "GE and SEANZ guides: at least 60 s, about 16 % a minute; bounds from the rows"};
}
inline constexpr Reconnect kNothingKnown{{}, {}, {}, {}, {}, {}, {}, Confidence::Unsure, kMemory};
consteval GridCode named_only(std::string_view name) {
  return {name, {}, kNothingKnown, kNoFrequencyWatt, "certified for, but no figure is at hand"};
}
}  // namespace detail

/// WS-08 names what WeCo is certified for; EP760 states VDE-AR-N 4105.
inline constexpr std::array<GridCode, 14> kGridCodes{
    GridCode{
        "VDE-AR-N 4105:2018",
        detail::kVde2018Rows,
        {Duration::s(60), Duration::s(60), Millivolts(195500), Millivolts(253000),
         Millihertz(47500), Millihertz(50100), Permyriad(0), Confidence::Decoded,
         "as the rows; the upper voltage follows from the 10-minute mean"},
        detail::kVdeDroop,
        "ABB CM-UFD settings state 1 s for the 184 V row instead of 3 s. A further word of the "
        "settings reads 49.80 Hz; its label is inferred, so it is not used."},
    GridCode{
        "VDE-AR-N 4105:2011",
        detail::kVde2011Rows,
        {Duration::s(65), Duration::s(65), Millivolts(184000), Millivolts(253000),
         Millihertz(47500), Millihertz(51500), Permyriad(0), Confidence::Decoded, detail::kDerived},
        detail::kNoFrequencyWatt,
        "superseded; for plants that were certified by it"},
    GridCode{"CEI 0-21",
             detail::kCeiRows,
             {Duration::s(30), Duration::s(300), Millivolts(195500), Millivolts(253000),
              Millihertz(49900), Millihertz(50100), Permyriad(2000), Confidence::Published,
              detail::kSungrow},
             detail::kNoFrequencyWatt,
             "frequency rows not certain: 81.S1 in restrictive mode, 81.S2 0.1-1 s and 0.1-4 s"},
    GridCode{
        "RD1699",
        detail::kRdRows,
        {Duration::s(180), Duration::s(180), Millivolts(195500), Millivolts(253000),
         Millihertz(48000), Millihertz(50500), Permyriad(0), Confidence::Decoded, detail::kDerived},
        detail::kNoFrequencyWatt,
        "older Spanish code; NTS 2.1 type A has a table of its own, which is not at hand"},
    GridCode{"EN 50549-1",
             detail::kEnRows,
             {Duration::s(60),
              Duration::s(60),
              {},
              {},
              Millihertz(47500),
              Millihertz(51500),
              Permyriad(1000),
              Confidence::Unsure,
              "10 % a minute is Sungrow's, 25 % the first time; the wait is not certain"},
             detail::kNoFrequencyWatt,
             "voltage rows are national and not at hand"},
    GridCode{"AS/NZS 4777.2 A", detail::kAsRows, detail::as_reconnect(258000, 47000, 52000),
             detail::points(48000, 49000, 49750, 50250, 50750, 52000), ""},
    GridCode{"AS/NZS 4777.2 B", detail::kAsRows, detail::as_reconnect(258000, 47000, 52000),
             detail::points(48000, 49000, 49850, 50150, 50750, 52000), ""},
    GridCode{"AS/NZS 4777.2 C", detail::kAsCRows, detail::as_reconnect(258000, 47000, 53000),
             detail::points(47000, 48250, 49500, 50500, 51750, 53000),
             "no frequency trip is at hand for region C"},
    GridCode{"AS/NZS 4777.2 NZ", detail::kNzRows, detail::as_reconnect(249000, 48000, 52000),
             detail::points(48000, 49000, 49800, 50200, 51000, 52000),
             "no frequency trip is at hand for New Zealand"},
    detail::named_only("G98"),
    detail::named_only("G99"),
    detail::named_only("NTS 2.1 type A"),
    detail::named_only("EN 50549-10"),
    detail::named_only("R25"),
};

namespace detail {
consteval bool grid_codes_hold_together() {
  for (const GridCode& code : kGridCodes) {
    if (code.name.empty() || code.rows.size() > kTripRowsMax) return false;
    const Reconnect& r = code.reconnect;
    for (const TripRow& t : code.rows) {
      if (t.limit <= 0 || t.hold < Duration{} || t.source.empty()) return false;
      // Coming back must not be possible where a row would trip at once, or is about to.
      const bool voltage_known = r.voltage_max > Millivolts(0);
      if (voltage_known && t.hold >= std::min(r.wait, r.wait_first)) return false;
      if (t.kind == TripKind::UnderVoltage && voltage_known && r.voltage_min.count() < t.limit)
        return false;
      if (t.kind == TripKind::OverVoltage && r.voltage_max.count() > t.limit) return false;
      if (t.kind == TripKind::MeanOverVoltage && r.voltage_max.count() > t.limit) return false;
      if (t.confidence == Confidence::Unsure) continue;
      if (t.kind == TripKind::UnderFrequency && r.frequency_min.count() < t.limit) return false;
      if (t.kind == TripKind::OverFrequency && r.frequency_max.count() > t.limit) return false;
    }
    const FrequencyWatt& fw = code.frequency_watt;
    if (fw.kind != FrequencyWattKind::Points) continue;
    if (fw.discharge_max_at >= fw.charge_stop_at || fw.charge_stop_at >= fw.under_start)
      return false;
    if (fw.under_start >= fw.over_start || fw.over_start >= fw.transition_at) return false;
    if (fw.transition_at >= fw.charge_max_at) return false;
  }
  return true;
}
}  // namespace detail
static_assert(detail::grid_codes_hold_together(), "release lies on the safe side of every trip");

}  // namespace weco::ems
