// SPDX-License-Identifier: Apache-2.0
// What a journal remembers, in records of one size. One size makes the place of a record a function
// of its sequence number, which is what lets the newest be found by bisection and a gap be seen.
//
// Layout, little endian, 64 bytes:
//   0 layout version   1 kind   2 flags   3 zero   4 sequence (u32)
//   8 monotonic time in microseconds (i64)   16 wall time in seconds since 1970 UTC (i64)
//  24 payload (36 bytes, unused bytes zero)  60 CRC-32 of bytes 0..59
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/base/units.hpp"

namespace weco::journal {

inline constexpr std::size_t kRecordBytes = 64;
inline constexpr std::size_t kPayloadBytes = 36;
inline constexpr std::uint8_t kLayoutVersion = 0xA1;

/// Append only: the values are part of stored evidence.
enum class Kind : std::uint8_t { Event = 1, Hour = 2, Day = 3, Counters = 4, Cells = 5 };

/// When a record was made. The wall time may be unknown (no clock set yet): then it is not there.
struct Stamp {
  Instant at{};
  std::int64_t wall_s = 0;
  bool wall_known = false;
  friend constexpr bool operator==(const Stamp&, const Stamp&) = default;
};

struct Record {
  Kind kind = Kind::Event;
  std::uint32_t sequence = 0;
  Stamp stamp{};
  std::array<std::uint8_t, kPayloadBytes> payload{};
  friend constexpr bool operator==(const Record&, const Record&) = default;
};

/// Something happened. `code` and the arguments are numbers of the family; text is made elsewhere.
struct Event {
  std::uint16_t code = 0;
  std::uint8_t severity = 0;  // 0 note, 1 warning, 2 alarm, 3 fault
  std::uint8_t source = 0;    // 0 system, 1.. module, inverter or cabinet
  bool set = true;            // false: it cleared
  std::int32_t a = 0;
  std::int32_t b = 0;
  friend constexpr bool operator==(const Event&, const Event&) = default;
};

/// Energy through a period, each direction counted upward from zero.
struct Energies {
  std::uint32_t pv_wh = 0;
  std::uint32_t import_wh = 0;
  std::uint32_t export_wh = 0;
  std::uint32_t load_wh = 0;
  std::uint32_t charge_wh = 0;
  std::uint32_t discharge_wh = 0;
  friend constexpr bool operator==(const Energies&, const Energies&) = default;
};

/// One hour (`hour` 0..23) or, with the same fields, one day (`hour` is then 0).
struct Period {
  std::int32_t date = 0;  // day number, counted by whoever keeps the calendar
  std::uint8_t hour = 0;
  Permyriad soc_min{};
  Permyriad soc_max{};
  Temperature temperature_min{};
  Temperature temperature_max{};
  Energies energies{};
  friend constexpr bool operator==(const Period&, const Period&) = default;
};

/// Lifetime counters; they only grow.
struct Counters {
  std::uint32_t operating_s = 0;
  std::uint32_t milli_cycles = 0;  // equivalent full cycles x 1000
  std::uint64_t charge_wh = 0;
  std::uint64_t discharge_wh = 0;
  std::uint32_t faults = 0;
  friend constexpr bool operator==(const Counters&, const Counters&) = default;
};

/// What the front end of one pack read at one moment, as many of its cells and sensors as a record
/// holds. Part p has the cells from number 16 p + 1 and the sensors from number 4 p + 1, as far as
/// the pack has so many; which sensor sits at which cells it does not say.
struct CellSnapshot {
  static constexpr std::size_t kCells = 16;
  static constexpr std::size_t kSensors = 4;
  std::uint8_t source = 0;   // pack, from 1
  std::uint8_t part = 0;     // from 0
  std::uint8_t cells = 0;    // in this part, 0 .. kCells
  std::uint8_t sensors = 0;  // in this part, 0 .. kSensors
  /// Those without their bit in the masks were not read, and are zero.
  std::array<Millivolts, kCells> voltage{};  // 0 .. 4094 mV; what is beyond is stored as the bound
  std::array<Temperature, kSensors> temperature{};
  std::uint16_t voltage_read = 0;
  std::uint8_t temperature_read = 0;
  friend constexpr bool operator==(const CellSnapshot&, const CellSnapshot&) = default;
};

/// The 64 bytes of a record, CRC included.
void encode(const Record& record, std::array<std::uint8_t, kRecordBytes>& into);
/// BadChecksum for a torn or damaged slot, BadFrame for another layout or kind.
Result<Record> decode(const std::array<std::uint8_t, kRecordBytes>& from);

/// The record of each kind; the journal sets the sequence number when it appends.
Record make_event(Stamp stamp, const Event& event);
Record make_hour(Stamp stamp, const Period& period);
Record make_day(Stamp stamp, const Period& period);
Record make_counters(Stamp stamp, const Counters& counters);
Record make_cells(Stamp stamp, const CellSnapshot& cells);

/// What a record says; Unsupported when it is of another kind.
Result<Event> event_of(const Record& record);
Result<Period> period_of(const Record& record);  // Hour and Day
Result<Counters> counters_of(const Record& record);
/// BadFrame, too, when it claims more cells or sensors than a record holds.
Result<CellSnapshot> cells_of(const Record& record);

}  // namespace weco::journal
