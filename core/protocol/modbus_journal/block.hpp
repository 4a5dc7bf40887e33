// SPDX-License-Identifier: Apache-2.0
// A device's journal over Modbus, for lines on which several devices hang: SMP has no address. Our
// devices publish it beside the block for updates (docs/adr/0034). Read only; numbers of two
// registers have the high word first.
//
//   E100       'WJ'                          E101       version of the block, 1
//   E102       number of the oldest record   E104       number of the next one
//
// Function 20 reads records of 32 registers each: record q is in file 8000 + q / 312 % 8000 (hex:
// of 32768 files), from register q % 312 * 32 on. Of the numbers that share a place, one in ten
// million, it is the newest. A record that was overwritten reads as FFFF.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weco::modbus_journal {

inline constexpr std::uint16_t kBase = 0xE100;
inline constexpr std::uint16_t kMagic = 0x574A;
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::size_t kOldestAt = 2;
inline constexpr std::size_t kNextAt = 4;
inline constexpr std::size_t kBlockRegisters = 6;

inline constexpr std::uint16_t kFirstFile = 0x8000;
inline constexpr std::uint32_t kFiles = 0x8000;
inline constexpr std::uint16_t kRecordRegisters = 32;
/// So many end below register 10000, the last that function 20 may name.
inline constexpr std::uint32_t kFileRecords = 312;
inline constexpr std::uint32_t kPlaces = kFiles * kFileRecords;
/// Of one function 20 request with one group.
inline constexpr std::uint32_t kReadRecords = 3;

}  // namespace weco::modbus_journal
