// SPDX-License-Identifier: Apache-2.0
// Two structures that BLUETTI devices keep in registers and frames beside plain values: the record
// of a time-of-use entry, packed bit by bit, and the list that answers a bulk read. Read here, and
// made for tests; nothing writes them to a device.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weco::bluetti {

/// One entry of the schedule: seven registers, the packed part low register first. Known of the
/// Balco family; not confirmed on an EP760.
struct ScheduleRecord {
  std::uint32_t second_of_day = 0;  // 17 bits
  std::uint8_t weekdays = 0;        // 7 bits, bit 0 = Sunday
  std::uint32_t days_of_month = 0;  // 31 bits, bit 0 = the first
  std::uint16_t months = 0;         // 12 bits, bit 0 = January
  std::uint8_t register_kind = 0;   // 2 bits
  std::uint8_t target = 0;          // who is told, 8 bits
  std::uint8_t time_kind = 0;       // 3 bits
  std::uint16_t address = 0;        // register that is set
  std::uint16_t value = 0;
  friend bool operator==(const ScheduleRecord&, const ScheduleRecord&) = default;
};
inline constexpr std::size_t kScheduleRecordSize = 14;

/// From registers as Modbus carries them. Truncated when there are fewer than seven.
Result<ScheduleRecord> decode_schedule(Bytes registers);
/// Truncated: no room; OutOfRange: a field is wider than its bits.
Status encode_schedule(const ScheduleRecord& record, MutableBytes registers);

/// One item of a bulk read's answer.
struct BulkItem {
  std::uint8_t unit = 0;
  std::uint16_t address = 0;
  Bytes value;                 // points into the bytes given
  std::uint16_t checksum = 0;  // what it covers is unpublished; not judged
};
inline constexpr std::size_t kBulkOverhead = 7;

/// Takes the first item off `data`. Truncated when it is not whole.
Result<BulkItem> take_bulk_item(Bytes& data);
/// Returns the size written; `out` must have room.
std::size_t encode_bulk_item(const BulkItem& item, MutableBytes out);

}  // namespace weco::bluetti
