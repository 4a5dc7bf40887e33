// SPDX-License-Identifier: Apache-2.0
#include "core/boot/counter.hpp"

#include <algorithm>

#include "core/base/crc.hpp"

namespace weco::boot {
namespace {

constexpr std::uint32_t kEntryBytes = 8;
using Entry = std::array<std::uint8_t, kEntryBytes>;

Entry encode(std::uint32_t value) {
  Entry entry{};
  ByteWriter writer(entry);
  writer.u32(value, Endian::Little);
  writer.u32(crc32(Bytes(entry).first(4)), Endian::Little);
  return entry;
}

struct SectorState {
  std::uint32_t value = 0;  // the highest whole entry
  std::uint32_t free = 0;   // the first place where nothing was written; kFull: none
};
constexpr std::uint32_t kFull = 0xFFFFFFFF;

SectorState look(const Area& area, std::uint32_t n) {
  SectorState state;
  const std::uint32_t start = area.address(area.counter_sector(n));
  for (std::uint32_t at = 0; at + kEntryBytes <= area.sector_bytes(); at += kEntryBytes) {
    Entry entry{};
    if (!area.flash.read(area.flash.context, start + at, entry)) break;
    if (std::all_of(entry.begin(), entry.end(), [](std::uint8_t b) { return b == 0xFF; })) {
      state.free = at;
      return state;
    }
    ByteReader reader(entry);
    const std::uint32_t value = reader.u32(Endian::Little);
    if (reader.u32(Endian::Little) == crc32(Bytes(entry).first(4))) {
      state.value = std::max(state.value, value);
    }
  }
  state.free = kFull;
  return state;
}

}  // namespace

std::uint32_t read_counter(const Area& area) {
  return std::max(look(area, 0).value, look(area, 1).value);
}

bool raise_counter(const Area& area, std::uint32_t value) {
  const std::array states = {look(area, 0), look(area, 1)};
  if (std::max(states[0].value, states[1].value) >= value) return true;
  // Into the sector that holds the newest; when it is full, into the other one, emptied.
  std::uint32_t n = states[1].value > states[0].value ? 1 : 0;
  std::uint32_t at = states[n].free;
  if (at == kFull) {
    n = 1 - n;
    if (!area.flash.erase(area.flash.context, area.counter_sector(n))) return false;
    at = 0;
  }
  const std::uint32_t address = area.address(area.counter_sector(n)) + at;
  if (!area.flash.program(area.flash.context, address, encode(value))) return false;
  return read_counter(area) >= value;
}

}  // namespace weco::boot
