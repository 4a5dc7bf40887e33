// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/bluetti/records.hpp"

#include <array>

#include "core/base/assert.hpp"

namespace weco::bluetti {
namespace {

constexpr std::size_t kPackedRegisters = 5;

/// The packed part as a row of bits, lowest bit of the lowest register first.
struct Packed {
  std::array<std::uint16_t, kPackedRegisters> registers{};
  std::size_t at = 0;

  std::uint32_t take(std::size_t bits) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bits; ++i, ++at) {
      value |= static_cast<std::uint32_t>(registers[at / 16] >> at % 16 & 1U) << i;
    }
    return value;
  }
  /// False when the value is wider.
  bool put(std::uint32_t value, std::size_t bits) {
    for (std::size_t i = 0; i < bits; ++i, ++at) {
      registers[at / 16] =
          static_cast<std::uint16_t>(registers[at / 16] | (value >> i & 1U) << at % 16);
    }
    return value >> bits == 0;
  }
};

constexpr std::size_t kSecondBits = 17;
constexpr std::size_t kWeekdayBits = 7;
constexpr std::size_t kDayBits = 31;
constexpr std::size_t kMonthBits = 12;
constexpr std::size_t kKindBits = 2;
constexpr std::size_t kTargetBits = 8;
constexpr std::size_t kTimeKindBits = 3;
static_assert(kSecondBits + kWeekdayBits + kDayBits + kMonthBits + kKindBits + kTargetBits +
                  kTimeKindBits ==
              16 * kPackedRegisters);

}  // namespace

Result<ScheduleRecord> decode_schedule(Bytes registers) {
  if (registers.size() < kScheduleRecordSize) return fail(ErrorCode::Truncated);
  ByteReader r(registers);
  Packed packed;
  for (std::uint16_t& each : packed.registers) each = r.u16(Endian::Big);
  ScheduleRecord record;
  record.second_of_day = packed.take(kSecondBits);
  record.weekdays = static_cast<std::uint8_t>(packed.take(kWeekdayBits));
  record.days_of_month = packed.take(kDayBits);
  record.months = static_cast<std::uint16_t>(packed.take(kMonthBits));
  record.register_kind = static_cast<std::uint8_t>(packed.take(kKindBits));
  record.target = static_cast<std::uint8_t>(packed.take(kTargetBits));
  record.time_kind = static_cast<std::uint8_t>(packed.take(kTimeKindBits));
  record.address = r.u16(Endian::Big);
  record.value = r.u16(Endian::Big);
  return record;
}

Status encode_schedule(const ScheduleRecord& record, MutableBytes registers) {
  if (registers.size() < kScheduleRecordSize) return fail(ErrorCode::Truncated);
  Packed packed;
  bool fits = packed.put(record.second_of_day, kSecondBits);
  fits = packed.put(record.weekdays, kWeekdayBits) && fits;
  fits = packed.put(record.days_of_month, kDayBits) && fits;
  fits = packed.put(record.months, kMonthBits) && fits;
  fits = packed.put(record.register_kind, kKindBits) && fits;
  fits = packed.put(record.target, kTargetBits) && fits;
  fits = packed.put(record.time_kind, kTimeKindBits) && fits;
  if (!fits) return fail(ErrorCode::OutOfRange);
  ByteWriter w(registers);
  for (const std::uint16_t each : packed.registers) w.u16(each, Endian::Big);
  w.u16(record.address, Endian::Big);
  w.u16(record.value, Endian::Big);
  return {};
}

Result<BulkItem> take_bulk_item(Bytes& data) {
  if (data.size() < kBulkOverhead) return fail(ErrorCode::Truncated);
  ByteReader r(data);
  BulkItem item;
  item.unit = r.u8();
  item.address = r.u16(Endian::Big);
  const std::size_t size = r.u16(Endian::Big);
  if (data.size() - kBulkOverhead < size) return fail(ErrorCode::Truncated);
  item.value = data.subspan(kBulkOverhead - 2, size);
  const Bytes tail = data.subspan(kBulkOverhead - 2 + size);
  item.checksum = static_cast<std::uint16_t>(tail[0] << 8 | tail[1]);
  data = tail.subspan(2);
  return item;
}

std::size_t encode_bulk_item(const BulkItem& item, MutableBytes out) {
  WECO_ASSERT(item.value.size() <= 0xFFFF);
  ByteWriter w(out);
  w.u8(item.unit);
  w.u16(item.address, Endian::Big);
  w.u16(static_cast<std::uint16_t>(item.value.size()), Endian::Big);
  w.bytes(item.value);
  w.u16(item.checksum, Endian::Big);
  WECO_ASSERT(w.ok());
  return w.size();
}

}  // namespace weco::bluetti
