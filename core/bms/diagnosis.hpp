// SPDX-License-Identifier: Apache-2.0
// The diagnosis is a table: one row an event, three levels a row. Warning = recorded, alarm = the
// direction stops (limit 0), fault = contactors open. One engine evaluates all rows; it has no
// knowledge of any event. Thresholds are compared inclusively: a value AT the trip counts as bad, a
// value AT the release counts as good.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace weco::bms {

/// Append only: the numbers are part of stored state and recorded evidence. At most 32.
enum class EventId : std::uint8_t {
  CellOverVoltage = 0,
  CellUnderVoltage,
  PackOverVoltage,
  PackUnderVoltage,
  ChargeOverTemperature,
  ChargeUnderTemperature,
  DischargeOverTemperature,
  DischargeUnderTemperature,
  ChargeOverCurrent1,
  ChargeOverCurrent2,
  DischargeOverCurrent1,
  DischargeOverCurrent2,
  ShortCircuit,
  Imbalance,
  SensorLost,
  LinkLost,
  ContactorWelded,
  ContactorNoClose,
  PrechargeFailed,
  SelfTestFailed,
  Insulation,
  DeepDischarge,
  AfeCommunication,
  Interlock,
  TypeMismatch,
  MasterLost,
  TowerDrift,
  BreakerTripping,
  Fire,
  CoolingFailed,
};
inline constexpr std::size_t kEvents = 30;

constexpr std::uint32_t bit(EventId id) { return std::uint32_t{1} << static_cast<unsigned>(id); }

enum class Level : std::uint8_t { Warning, Alarm, Fault };
inline constexpr std::size_t kLevels = 3;

/// Is a high value bad, or a low one?
enum class Sense : std::uint8_t { High, Low };

enum class Reaction : std::uint8_t { Record, StopCharge, StopDischarge, StopBoth, Open };

/// How a fault goes away again, in rising severity.
enum class Clearing : std::uint8_t {
  SelfClears,  // when its cause is gone
  NeedsReset,  // cause gone and a reset command
  Locks,       // WS-17: the locked state; reset by a qualified person within 24 hours (WS-18)
  Permanent,   // WS-18, WS-19: never
};

/// One level of a row. Trip and release in the unit of the event's value; the counts are cycles of
/// the 100 ms task: so many net bad ones raise the level (good ones in between count back), so many
/// good ones in a row clear it. A trip count of 0 means the level is not used.
struct LevelRow {
  std::int32_t trip = 0;
  std::int32_t release = 0;
  std::uint16_t trip_count = 0;
  std::uint16_t release_count = 0;
  Reaction reaction = Reaction::Record;
  [[nodiscard]] constexpr bool used() const { return trip_count != 0; }
};

struct EventRow {
  EventId id{};
  std::string_view name;  // stable, for scripts
  Sense sense{};
  Clearing clearing{};  // of its fault level
  std::array<LevelRow, kLevels> levels{};
  std::string_view requirement;  // requirement id
  std::string_view source;       // where the numbers come from
};

using EventRows = std::array<EventRow, kEvents>;
/// By event, padded for the comparison of all at once.
inline constexpr std::size_t kEventSlots = 32;
using EventValues = std::array<std::int32_t, kEventSlots>;

/// Readings strictly inside reach no trip of any level and release none; see window.hpp. Units of
/// the events.
struct QuietBand {
  std::int32_t cell_low, cell_high;
  std::int32_t sum_low, sum_high;
  std::int32_t spread_high;
  std::int32_t apart_low, apart_high;  // while the warning of the spread stands: it goes on
  std::int32_t charge_high, discharge_high;
  std::int32_t cold, hot;
  std::int32_t insulation_low;
  std::int32_t link_high, afe_high, master_high;
  std::int32_t drift_high;
};

/// The rows, and what the engine and the window want to know about them at once.
struct EventTable {
  EventRows rows{};
  EventValues first_trip{};  // the least severe trip, sign turned so that higher is worse
  EventValues sign{};        // +1 or -1
  EventValues flip{};        // 0 or -1: (v ^ flip) - flip turns the sign
  QuietBand quiet{};
  std::array<std::uint32_t, 4> clearing{};            // events by Clearing
  std::array<std::uint32_t, kLevels> stops_charge{};  // events by level
  std::array<std::uint32_t, kLevels> stops_discharge{};
};

constexpr QuietBand quiet_band(const EventRows& rows, const EventValues& first_trip) {
  const auto high = [&](EventId id) { return first_trip[static_cast<std::size_t>(id)]; };
  const auto low = [&](EventId id) { return -first_trip[static_cast<std::size_t>(id)]; };
  using enum EventId;
  const std::array<LevelRow, kLevels>& spread = rows[static_cast<std::size_t>(Imbalance)].levels;
  return {
      .cell_low = std::max(low(CellUnderVoltage), low(DeepDischarge)),
      .cell_high = high(CellOverVoltage),
      .sum_low = low(PackUnderVoltage),
      .sum_high = high(PackOverVoltage),
      .spread_high = high(Imbalance),
      .apart_low = spread[static_cast<std::size_t>(Level::Warning)].release,
      .apart_high = spread[static_cast<std::size_t>(Level::Alarm)].trip,
      .charge_high = std::min(high(ChargeOverCurrent1), high(ChargeOverCurrent2)),
      .discharge_high = std::min(high(DischargeOverCurrent1), high(DischargeOverCurrent2)),
      .cold = std::max(low(ChargeUnderTemperature), low(DischargeUnderTemperature)),
      .hot = std::min(high(ChargeOverTemperature), high(DischargeOverTemperature)),
      .insulation_low = low(Insulation),
      .link_high = high(LinkLost),
      .afe_high = high(AfeCommunication),
      .master_high = high(MasterLost),
      .drift_high = high(TowerDrift),
  };
}

/// Everything beside the rows follows from them; a table whose rows were scaled is made anew.
constexpr EventTable make_event_table(const EventRows& rows) {
  EventTable table;
  table.rows = rows;
  table.first_trip.fill(std::numeric_limits<std::int32_t>::max());
  for (std::size_t i = 0; i < kEvents; ++i) {
    const EventRow& row = rows[i];
    const std::int32_t sign = row.sense == Sense::High ? 1 : -1;
    std::int32_t first = std::numeric_limits<std::int32_t>::max();
    for (std::size_t l = 0; l < kLevels; ++l) {
      if (!row.levels[l].used()) continue;
      if (row.levels[l].trip * sign < first) first = row.levels[l].trip * sign;
      const Reaction r = row.levels[l].reaction;
      const bool both = r == Reaction::StopBoth || r == Reaction::Open;
      if (both || r == Reaction::StopCharge) table.stops_charge[l] |= bit(row.id);
      if (both || r == Reaction::StopDischarge) table.stops_discharge[l] |= bit(row.id);
    }
    table.sign[i] = sign;
    table.flip[i] = sign < 0 ? -1 : 0;
    table.first_trip[i] = first;
    table.clearing[static_cast<std::size_t>(row.clearing)] |= bit(row.id);
  }
  table.quiet = quiet_band(table.rows, table.first_trip);
  return table;
}

/// Rows in the order of their ids, each with a requirement and a source; every used level has a
/// release on the safe side of its trip and holds both ways; levels get worse; faults open. Nothing
/// is wrong at a high value's 0 (a flag that is not set).
consteval bool event_table_sound(const EventTable& table) {
  for (std::size_t i = 0; i < kEvents; ++i) {
    const EventRow& row = table.rows[i];
    if (static_cast<std::size_t>(row.id) != i || row.name.empty()) return false;
    if (row.requirement.empty() || row.source.empty()) return false;
    bool any = false;
    std::int32_t worst = std::numeric_limits<std::int32_t>::min();
    for (std::size_t l = 0; l < kLevels; ++l) {
      const LevelRow& level = row.levels[l];
      if (!level.used()) continue;
      any = true;
      if (level.release_count == 0) return false;
      if (level.release * table.sign[i] >= level.trip * table.sign[i]) return false;
      if (level.trip * table.sign[i] < worst) return false;
      worst = level.trip * table.sign[i];
      const bool fault = l == static_cast<std::size_t>(Level::Fault);
      if (fault != (level.reaction == Reaction::Open)) return false;
    }
    if (!any) return false;
    if (row.sense == Sense::High && table.first_trip[i] <= 0) return false;
    const bool has_fault = row.levels[static_cast<std::size_t>(Level::Fault)].used();
    if (!has_fault && row.clearing != Clearing::SelfClears) return false;
  }
  return true;
}

/// What the engine remembers. Trivially copyable.
struct Diagnosis {
  std::array<std::array<std::uint16_t, kLevels>, kEvents> counter{};
  std::array<std::uint32_t, kLevels> active{};  // events by level
  std::uint32_t busy = 0;                       // rows with a running counter or an active level
  [[nodiscard]] constexpr std::uint32_t at(Level level) const {
    return active[static_cast<std::size_t>(level)];
  }
};

/// The values of one cycle in the unit of each event. A value that is not known this cycle moves no
/// counter either way; that it is missing is itself an event (SensorLost, AfeCommunication).
struct EventSignals {
  EventValues value{};
  std::uint32_t known = 0;
  std::uint32_t idle = 0;  // rows of a direction without current: their fault level counts as good
};

/// What changed in this cycle, by level.
struct EventChanges {
  std::array<std::uint32_t, kLevels> raised{};
  std::array<std::uint32_t, kLevels> cleared{};
  [[nodiscard]] constexpr bool any() const {
    return (raised[0] | raised[1] | raised[2] | cleared[0] | cleared[1] | cleared[2]) != 0;
  }
};

/// One cycle of the 100 ms task.
EventChanges diagnose(const EventTable& table, Diagnosis& state, const EventSignals& signals);

/// The worst clearing among the events of `faults`; `faults` must not be empty.
Clearing worst_clearing(const EventTable& table, std::uint32_t faults);

}  // namespace weco::bms
