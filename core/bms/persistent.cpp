// SPDX-License-Identifier: Apache-2.0
// Written field by field, so that the stored bytes do not depend on a compiler's layout.
#include "core/bms/persistent.hpp"

#include "core/base/crc.hpp"

namespace weco::bms {
namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kChecked = kPersistentSize - 4;
constexpr Endian kOrder = Endian::Little;

void put(ByteWriter& w, std::int64_t v) { w.u64(static_cast<std::uint64_t>(v), kOrder); }
std::int64_t get(ByteReader& r) { return static_cast<std::int64_t>(r.u64(kOrder)); }

void put_soc(ByteWriter& w, const SocState& s) {
  put(w, s.charge);
  put(w, s.capacity);
  put(w, s.base_band);
  put(w, s.anchor_charge);
  put(w, s.since_full);
  w.u64(s.throughput_mAs, kOrder);
  w.u32(s.since_full_s, kOrder);
  w.u32(s.half_cycles, kOrder);
  w.u32(static_cast<std::uint32_t>(s.resistance_uohm), kOrder);
  w.u16(s.capacity_runs, kOrder);
  w.u8(static_cast<std::uint8_t>(s.anchor));
  w.u8(static_cast<std::uint8_t>((s.full_known ? 1U : 0U) | (s.full ? 2U : 0U)));
}

SocState get_soc(ByteReader& r) {
  SocState s;
  s.charge = get(r);
  s.capacity = get(r);
  s.base_band = get(r);
  s.anchor_charge = get(r);
  s.since_full = get(r);
  s.throughput_mAs = r.u64(kOrder);
  s.since_full_s = r.u32(kOrder);
  s.half_cycles = r.u32(kOrder);
  s.resistance_uohm = r.s32(kOrder);
  s.capacity_runs = r.u16(kOrder);
  s.anchor = static_cast<Anchor>(r.u8());
  const std::uint8_t flags = r.u8();
  s.full_known = (flags & 1U) != 0;
  s.full = (flags & 2U) != 0;
  return s;
}

/// A good checksum with impossible content is a programming error elsewhere; it must not become a
/// division by zero here.
bool plausible(const Persistent& p) {
  return p.latch <= Latch::Permanent && p.soc.capacity >= 10000 && p.soc.charge >= 0 &&
         p.soc.charge <= p.soc.capacity && p.soc.base_band >= 0 && p.soc.anchor <= Anchor::Empty;
}

}  // namespace

PersistentBytes encode(const Persistent& p) {
  PersistentBytes bytes{};
  ByteWriter w(MutableBytes(bytes).first(kChecked));
  w.u16(kVersion, kOrder);
  w.u16(p.type_code, kOrder);
  w.u8(static_cast<std::uint8_t>(p.latch));
  w.u32(p.latched_events, kOrder);
  w.u32(p.pending_s, kOrder);
  w.u32(p.operating_s, kOrder);
  put_soc(w, p.soc);
  ByteWriter tail(MutableBytes(bytes).subspan(kChecked));
  tail.u32(crc32(Bytes(bytes).first(kChecked)), kOrder);
  return bytes;
}

Result<Persistent> decode(Bytes data, std::uint16_t type_code) {
  if (data.size() < kPersistentSize) return fail(ErrorCode::Truncated);
  ByteReader tail(data.subspan(kChecked, 4));
  if (tail.u32(kOrder) != crc32(data.first(kChecked))) return fail(ErrorCode::BadChecksum);
  ByteReader r(data.first(kChecked));
  const std::uint16_t version = r.u16(kOrder);
  Persistent p;
  p.type_code = r.u16(kOrder);
  p.latch = static_cast<Latch>(r.u8());
  p.latched_events = r.u32(kOrder);
  p.pending_s = r.u32(kOrder);
  p.operating_s = r.u32(kOrder);
  p.soc = get_soc(r);
  if (version != kVersion || p.type_code != type_code) return fail(ErrorCode::BadInput, version);
  if (!plausible(p)) return fail(ErrorCode::BadInput, version);
  return p;
}

}  // namespace weco::bms
