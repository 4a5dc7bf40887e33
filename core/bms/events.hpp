// SPDX-License-Identifier: Apache-2.0
// The event table of an LFP pack. Families differ in a handful of numbers; the rest is the practice
// of the field (several makers' manuals) because the vendors have not published theirs. A vendor's
// number replaces a default here.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/bms/diagnosis.hpp"

namespace weco::bms::detail {

/// The numbers in which the families' event tables differ.
struct EventLimits {
  std::int32_t cells;
  std::int32_t charge_mA;         // rating
  std::int32_t discharge_mA;      // rating
  std::int32_t charge_low_dC;     // alarm: the first 0.1 degree at which charging is forbidden
  std::int32_t discharge_low_dC;  // the same for discharge
  std::int32_t insulation_kohm;   // fault: 100 ohm per volt of the bus (ISO 6469), rounded up
  std::string_view cold_requirement;
  std::string_view cold_source;
};

inline constexpr std::string_view kField =
    "field practice (several makers), assumption for this family";

inline constexpr LevelRow kUnused{};
inline constexpr Reaction kRecord = Reaction::Record;
inline constexpr Reaction kNoCharge = Reaction::StopCharge;
inline constexpr Reaction kNoDischarge = Reaction::StopDischarge;
inline constexpr Reaction kNoCurrent = Reaction::StopBoth;
inline constexpr Reaction kOpen = Reaction::Open;

// A level is {trip, release, bad cycles of 100 ms to raise, good ones in a row to clear, reaction};
// a row's levels are warning, alarm, fault.
// clang-format off

/// Millivolts: highest cell, lowest cell, sum of cells.
consteval std::array<EventRow, 4> voltage_rows(const EventLimits& l) {
  using enum EventId;
  using enum Sense;
  using enum Clearing;
  const std::int32_t n = l.cells;
  return {{
      {CellOverVoltage, "cell_over_voltage", High, Locks,
       {{{3580, 3500, 10, 10, kRecord}, {3600, 3450, 10, 20, kNoCharge},
         {3650, 3450, 10, 50, kOpen}}},
       "WS-17", kField},
      {CellUnderVoltage, "cell_under_voltage", Low, Locks,
       {{{2900, 3000, 10, 10, kRecord}, {2800, 3100, 10, 20, kNoDischarge},
         {2500, 3100, 10, 50, kOpen}}},
       "WS-17", kField},
      {PackOverVoltage, "pack_over_voltage", High, Locks,
       {{{3560 * n, 3500 * n, 10, 10, kRecord}, {3590 * n, 3450 * n, 10, 20, kNoCharge},
         {3640 * n, 3450 * n, 10, 50, kOpen}}},
       "WS-17", kField},
      {PackUnderVoltage, "pack_under_voltage", Low, Locks,
       {{{2950 * n, 3050 * n, 10, 10, kRecord}, {2850 * n, 3100 * n, 10, 20, kNoDischarge},
         {2550 * n, 3100 * n, 10, 50, kOpen}}},
       "WS-17", kField},
  }};
}

/// 0.1 degrees. The fault of a direction counts only while current flows that way (PackInputs).
consteval std::array<EventRow, 4> temperature_rows(const EventLimits& l) {
  using enum EventId;
  using enum Sense;
  using enum Clearing;
  const std::int32_t in = l.charge_low_dC;
  const std::int32_t out = l.discharge_low_dC;
  return {{
      {ChargeOverTemperature, "charge_over_temperature", High, Locks,
       {{{450, 430, 10, 50, kRecord}, {500, 450, 10, 50, kNoCharge}, {550, 500, 10, 50, kOpen}}},
       "WS-17", kField},
      {ChargeUnderTemperature, "charge_under_temperature", Low, Locks,
       {{{0, 20, 10, 50, kRecord}, {in, in + 20, 10, 50, kNoCharge}, {in, in + 20, 50, 50, kOpen}}},
       l.cold_requirement, l.cold_source},
      {DischargeOverTemperature, "discharge_over_temperature", High, Locks,
       {{{500, 480, 10, 50, kRecord}, {550, 500, 10, 50, kNoCurrent}, {600, 550, 10, 50, kOpen}}},
       "WS-17", kField},
      {DischargeUnderTemperature, "discharge_under_temperature", Low, Locks,
       {{{-100, -80, 10, 50, kRecord}, {out, out + 20, 10, 50, kNoDischarge},
         {out, out + 20, 50, 50, kOpen}}},
       l.cold_requirement, l.cold_source},
  }};
}

/// Milliamps, magnitude in that direction; short circuit: 1 when the front end's own microsecond
/// trip fired.
consteval std::array<EventRow, 5> current_rows(const EventLimits& l) {
  using enum EventId;
  using enum Sense;
  using enum Clearing;
  const std::int32_t in = l.charge_mA;
  const std::int32_t out = l.discharge_mA;
  return {{
      {ChargeOverCurrent1, "charge_over_current_1", High, Locks,
       {{{in / 100 * 105, in, 20, 20, kRecord}, {in / 10 * 11, in, 50, 100, kNoCharge},
         {in / 10 * 11, in, 100, 600, kOpen}}},
       "WS-17", kField},
      {ChargeOverCurrent2, "charge_over_current_2", High, Locks,
       {{kUnused, kUnused, {in / 10 * 15, in, 5, 600, kOpen}}}, "WS-17", kField},
      {DischargeOverCurrent1, "discharge_over_current_1", High, Locks,
       {{{out / 100 * 105, out, 20, 20, kRecord}, {out / 10 * 11, out, 50, 100, kNoDischarge},
         {out / 10 * 11, out, 100, 600, kOpen}}},
       "WS-17", kField},
      {DischargeOverCurrent2, "discharge_over_current_2", High, Locks,
       {{kUnused, kUnused, {out / 10 * 15, out, 5, 600, kOpen}}}, "WS-17", kField},
      {ShortCircuit, "short_circuit", High, Locks, {{kUnused, kUnused, {1, 0, 1, 600, kOpen}}},
       "WS-17", kField},
  }};
}

consteval std::array<EventRow, 7> contactor_rows() {
  using enum EventId;
  using enum Sense;
  using enum Clearing;
  return {{
      // millivolts between highest and lowest cell
      {Imbalance, "imbalance", High, Locks,
       {{{150, 100, 100, 100, kRecord}, {500, 300, 100, 100, kNoCharge},
         {1000, 500, 50, 100, kOpen}}},
       "WS-62", kField},
      // readings that did not come
      {SensorLost, "sensor_lost", High, NeedsReset,
       {{{1, 0, 3, 10, kRecord}, {1, 0, 10, 20, kNoCurrent},
         {1, 0, 50, 50, kOpen}}}, "WS-13", kField},
      // milliseconds since the inverter was heard; the running state itself ends after 60 s
      {LinkLost, "link_lost", High, SelfClears,
       {{{2000, 1500, 1, 10, kRecord}, {5000, 1500, 1, 20, kNoCurrent}, kUnused}}, "WS-21",
       "WeCo SMART manual demands the line; the seconds are field practice"},
      // 1 when the feedback says closed while the coil is off
      {ContactorWelded, "contactor_welded", High, Locks,
       {{kUnused, kUnused, {1, 0, 10, 50, kOpen}}}, "WS-63", kField},
      // 1 when the feedback says open in a state that needs it closed
      {ContactorNoClose, "contactor_no_close", High, NeedsReset,
       {{kUnused, kUnused, {1, 0, 5, 1, kOpen}}}, "WS-63", kField},
      // 1 for the cycle after the machine has found it
      {PrechargeFailed, "precharge_failed", High, NeedsReset,
       {{kUnused, kUnused, {1, 0, 1, 1, kOpen}}}, "WS-17", kField},
      {SelfTestFailed, "self_test_failed", High, NeedsReset,
       {{kUnused, kUnused, {1, 0, 1, 1, kOpen}}}, "WS-17", kField},
  }};
}

consteval std::array<EventRow, 10> other_rows(const EventLimits& l) {
  using enum EventId;
  using enum Sense;
  using enum Clearing;
  const std::int32_t iso = l.insulation_kohm;
  return {{
      // kiloohms against earth
      {Insulation, "insulation", Low, Locks,
       {{{iso * 10, iso * 12, 10, 50, kRecord}, {iso * 2, iso * 4, 30, 50, kNoCurrent},
         {iso, iso * 4, 30, 50, kOpen}}},
       "WS-62", "ISO 6469 floor of 100 ohm per volt; vendor value unpublished"},
      // millivolts, lowest cell
      {DeepDischarge, "deep_discharge", Low, Permanent, {{kUnused, kUnused,
       {2000, 3100, 5, 50, kOpen}}},
       "WS-19", "cell makers' absolute minimum of 2.0 V; vendor value unpublished, assumption"},
      // milliseconds since the last good cycle of the front end
      {AfeCommunication, "afe_communication", High, NeedsReset,
       {{{300, 200, 1, 10, kRecord}, {500, 200, 1, 20, kNoCurrent}, {1000, 200, 1, 50, kOpen}}},
       "WS-17", kField},
      {Interlock, "interlock", High, SelfClears, {{kUnused, kUnused,
       {1, 0, 1, 10, kOpen}}}, "WS-63",
       kField},
      {TypeMismatch, "type_mismatch", High, NeedsReset, {{kUnused, kUnused, {1, 0, 1, 10, kOpen}}},
       "WS-22", "WeCo SMART manual"},
      // milliseconds since the master was heard; open at most 60 s after it is gone
      {MasterLost, "master_lost", High, SelfClears,
       {{{10000, 5000, 1, 10, kRecord}, {30000, 5000, 1, 20, kNoCurrent},
         {59000, 5000, 1, 20, kOpen}}},
       "WS-03", "WeCo 5K3-XP manual: red after 10 s, off within 60 s"},
      // millivolts between this pack and its tower while joined
      {TowerDrift, "tower_drift", High, NeedsReset,
       {{{1000, 800, 20, 20, kRecord}, kUnused, {1500, 1000, 50, 50, kOpen}}}, "WS-03",
       "join limit of 1.5 V of the WeCo chain manuals, applied to joined packs too"},
      // trips of the pack's circuit breaker since service
      {BreakerTripping, "breaker_tripping", High, Locks,
       {{{1, 0, 1, 10, kRecord}, kUnused, {2, 0, 1, 10, kOpen}}}, "EP-20",
       "EP760 manual: not reset by hand when it keeps tripping; two trips is our reading"},
      {Fire, "fire", High, Locks, {{kUnused, kUnused, {1, 0, 2, 600, kOpen}}}, "CM-15", kField},
      {CoolingFailed, "cooling_failed", High, SelfClears,
       {{{1, 0, 10, 50, kRecord}, {1, 0, 600, 50, kNoCharge}, kUnused}}, "CM-15", kField},
  }};
}
// clang-format on

consteval EventRows lfp_rows(const EventLimits& l) {
  EventRows rows{};
  std::size_t at = 0;
  const auto append = [&rows, &at](const auto& some) {
    for (const EventRow& row : some) rows[at++] = row;
  };
  append(voltage_rows(l));
  append(temperature_rows(l));
  append(current_rows(l));
  append(contactor_rows());
  append(other_rows(l));
  return rows;
}

}  // namespace weco::bms::detail
