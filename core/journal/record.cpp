// SPDX-License-Identifier: Apache-2.0
// One encoder and one decoder a kind; both walk the same fields in the same order.
#include "core/journal/record.hpp"

#include "core/base/crc.hpp"

namespace weco::journal {
namespace {

constexpr std::size_t kCrcAt = kRecordBytes - 4;
constexpr std::uint8_t kWallKnown = 0x01;
constexpr Endian kOrder = Endian::Little;
static_assert(24 + kPayloadBytes == kCrcAt, "the payload ends where the CRC begins");

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::uint32_t bits(std::int32_t value) { return static_cast<std::uint32_t>(value); }
std::int64_t signed64(std::uint64_t value) { return static_cast<std::int64_t>(value); }

Record make(Kind kind, Stamp stamp) {
  Record record;
  record.kind = kind;
  record.stamp = stamp;
  return record;
}

Record make_period(Kind kind, Stamp stamp, const Period& p) {
  Record record = make(kind, stamp);
  ByteWriter w(record.payload);
  w.u32(bits(p.date), kOrder);
  w.u8(p.hour);
  w.u16(static_cast<std::uint16_t>(p.soc_min.count()), kOrder);
  w.u16(static_cast<std::uint16_t>(p.soc_max.count()), kOrder);
  w.s16(static_cast<std::int16_t>(p.temperature_min.to_deci_celsius()), kOrder);
  // 13 bytes are taken, so a counter has 24 bits: 16.7 MWh a period is above any plant here.
  w.s16(static_cast<std::int16_t>(p.temperature_max.to_deci_celsius()), kOrder);
  for (const std::uint32_t wh :
       {p.energies.pv_wh, p.energies.import_wh, p.energies.export_wh, p.energies.load_wh,
        p.energies.charge_wh, p.energies.discharge_wh}) {
    w.u24(wh > 0xFFFFFFU ? 0xFFFFFFU : wh, kOrder);
  }
  return record;
}

// A cell takes 12 bits, two of them three bytes, so that a module's cells and sensors share a
// record.
constexpr std::uint32_t kUnreadCell = 0xFFF;
constexpr std::int32_t kCellMax_mV = 4094;
constexpr std::int16_t kUnreadSensor = -32768;

std::uint32_t stored_cell(const CellSnapshot& s, std::size_t i) {
  if (((s.voltage_read >> i) & 1U) == 0) return kUnreadCell;
  const std::int32_t mV = s.voltage[i].count();
  if (mV < 0) return 0;
  return static_cast<std::uint32_t>(mV > kCellMax_mV ? kCellMax_mV : mV);
}

void take_cell(std::uint32_t stored, std::size_t i, CellSnapshot& s) {
  if (stored == kUnreadCell) return;
  s.voltage[i] = Millivolts(static_cast<std::int32_t>(stored));
  s.voltage_read = static_cast<std::uint16_t>(s.voltage_read | (1U << i));
}

}  // namespace

void encode(const Record& record, std::array<std::uint8_t, kRecordBytes>& into) {
  ByteWriter w(into);
  w.u8(kLayoutVersion);
  w.u8(static_cast<std::uint8_t>(record.kind));
  w.u8(record.stamp.wall_known ? kWallKnown : 0);
  w.u8(0);
  w.u32(record.sequence, kOrder);
  w.u64(bits(record.stamp.at.to_us()), kOrder);
  w.u64(bits(record.stamp.wall_s), kOrder);
  w.bytes(record.payload);
  w.u32(crc32(Bytes(into).first(kCrcAt)), kOrder);
}

Result<Record> decode(const std::array<std::uint8_t, kRecordBytes>& from) {
  ByteReader crc(Bytes(from).subspan(kCrcAt));
  if (crc.u32(kOrder) != crc32(Bytes(from).first(kCrcAt))) return fail(ErrorCode::BadChecksum);
  ByteReader r(from);
  const std::uint8_t version = r.u8();
  const std::uint8_t kind = r.u8();
  if (version != kLayoutVersion) return fail(ErrorCode::BadFrame, version);
  if (kind < static_cast<std::uint8_t>(Kind::Event)) return fail(ErrorCode::BadFrame, kind);
  if (kind > static_cast<std::uint8_t>(Kind::Cells)) return fail(ErrorCode::BadFrame, kind);
  Record record;
  record.kind = static_cast<Kind>(kind);
  record.stamp.wall_known = (r.u8() & kWallKnown) != 0;
  r.skip(1);
  record.sequence = r.u32(kOrder);
  record.stamp.at = Instant::from_us(signed64(r.u64(kOrder)));
  record.stamp.wall_s = signed64(r.u64(kOrder));
  for (std::uint8_t& byte : record.payload) byte = r.u8();
  return record;
}

Record make_event(Stamp stamp, const Event& e) {
  Record record = make(Kind::Event, stamp);
  ByteWriter w(record.payload);
  w.u16(e.code, kOrder);
  w.u8(e.severity);
  w.u8(e.source);
  w.u8(e.set ? 1 : 0);
  w.u32(bits(e.a), kOrder);
  w.u32(bits(e.b), kOrder);
  return record;
}

Record make_hour(Stamp stamp, const Period& period) {
  return make_period(Kind::Hour, stamp, period);
}

Record make_day(Stamp stamp, const Period& period) { return make_period(Kind::Day, stamp, period); }

Record make_counters(Stamp stamp, const Counters& c) {
  Record record = make(Kind::Counters, stamp);
  ByteWriter w(record.payload);
  w.u32(c.operating_s, kOrder);
  w.u32(c.milli_cycles, kOrder);
  w.u64(c.charge_wh, kOrder);
  w.u64(c.discharge_wh, kOrder);
  w.u32(c.faults, kOrder);
  return record;
}

Record make_cells(Stamp stamp, const CellSnapshot& s) {
  Record record = make(Kind::Cells, stamp);
  ByteWriter w(record.payload);
  w.u8(s.source);
  w.u8(s.part);
  w.u8(s.cells);
  w.u8(s.sensors);
  for (std::size_t i = 0; i < CellSnapshot::kCells; i += 2) {
    w.u24(stored_cell(s, i) | (stored_cell(s, i + 1) << 12U), kOrder);
  }
  for (std::size_t i = 0; i < CellSnapshot::kSensors; ++i) {
    const bool read = ((s.temperature_read >> i) & 1U) != 0;
    w.s16(read ? static_cast<std::int16_t>(s.temperature[i].to_deci_celsius()) : kUnreadSensor,
          kOrder);
  }
  return record;
}

Result<Event> event_of(const Record& record) {
  if (record.kind != Kind::Event) return fail(ErrorCode::Unsupported);
  ByteReader r(record.payload);
  Event e;
  e.code = r.u16(kOrder);
  e.severity = r.u8();
  e.source = r.u8();
  e.set = r.u8() != 0;
  e.a = r.s32(kOrder);
  e.b = r.s32(kOrder);
  return e;
}

Result<Period> period_of(const Record& record) {
  if (record.kind != Kind::Hour && record.kind != Kind::Day) return fail(ErrorCode::Unsupported);
  ByteReader r(record.payload);
  Period p;
  p.date = r.s32(kOrder);
  p.hour = r.u8();
  p.soc_min = Permyriad(r.u16(kOrder));
  p.soc_max = Permyriad(r.u16(kOrder));
  p.temperature_min = Temperature::deci_celsius(r.s16(kOrder));
  p.temperature_max = Temperature::deci_celsius(r.s16(kOrder));
  p.energies.pv_wh = r.u24(kOrder);
  p.energies.import_wh = r.u24(kOrder);
  p.energies.export_wh = r.u24(kOrder);
  p.energies.load_wh = r.u24(kOrder);
  p.energies.charge_wh = r.u24(kOrder);
  p.energies.discharge_wh = r.u24(kOrder);
  return p;
}

Result<Counters> counters_of(const Record& record) {
  if (record.kind != Kind::Counters) return fail(ErrorCode::Unsupported);
  ByteReader r(record.payload);
  Counters c;
  c.operating_s = r.u32(kOrder);
  c.milli_cycles = r.u32(kOrder);
  c.charge_wh = r.u64(kOrder);
  c.discharge_wh = r.u64(kOrder);
  c.faults = r.u32(kOrder);
  return c;
}

Result<CellSnapshot> cells_of(const Record& record) {
  if (record.kind != Kind::Cells) return fail(ErrorCode::Unsupported);
  ByteReader r(record.payload);
  CellSnapshot s;
  s.source = r.u8();
  s.part = r.u8();
  s.cells = r.u8();
  s.sensors = r.u8();
  if (s.cells > CellSnapshot::kCells) return fail(ErrorCode::BadFrame, s.cells);
  if (s.sensors > CellSnapshot::kSensors) return fail(ErrorCode::BadFrame, s.sensors);
  for (std::size_t i = 0; i < CellSnapshot::kCells; i += 2) {
    const std::uint32_t two = r.u24(kOrder);
    take_cell(two & 0xFFFU, i, s);
    take_cell(two >> 12U, i + 1, s);
  }
  for (std::size_t i = 0; i < CellSnapshot::kSensors; ++i) {
    const std::int16_t deci = r.s16(kOrder);
    if (deci == kUnreadSensor) continue;
    s.temperature[i] = Temperature::deci_celsius(deci);
    s.temperature_read = static_cast<std::uint8_t>(s.temperature_read | (1U << i));
  }
  return s;
}

}  // namespace weco::journal
