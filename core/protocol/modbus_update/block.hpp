// SPDX-License-Identifier: Apache-2.0
// Firmware over Modbus, for lines on which several devices hang: SMP has no address. The image
// travels as file records, what is said about it in one block of holding registers that our devices
// publish (docs/adr/0034). Numbers of two registers have the high word first.
//
//   E000       'WU'                          E001       version of the block, 1
//   E002       why the last order was refused; 0: it was not
//   E004       bytes stored of the upload    E006       bytes that it has altogether
//   E008       SHA-256 of the file, 16 registers
//   E018, E03E slots that run and are spare: flags, major and minor, revision, build (2), bytes of
//              the hash, hash (32)
//   E070       orders, written in one request with what belongs to them:
//              1 size (2) sha (16)   empty the spare slot for this file, or go on with it
//              2 bytes, hash (32)    try the image with this hash at the next reset
//              3                     what runs stays
//              4                     reset
//
// Function 21 writes the file: byte n is in file 1 + n / 20000, record n % 20000 / 2, two to a
// record. In order; what was stored already is answered and not written again. Function 20 reads
// back what was stored. Function 43/14, object 5, is the board. Nothing is taken from a broadcast.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weco::modbus_update {

inline constexpr std::uint16_t kBase = 0xE000;
inline constexpr std::uint16_t kMagic = 0x5755;
inline constexpr std::uint16_t kVersion = 1;
// Places in the block.
inline constexpr std::size_t kRefusalAt = 2;
inline constexpr std::size_t kStoredAt = 4;
inline constexpr std::size_t kTotalAt = 6;
inline constexpr std::size_t kShaAt = 8;
inline constexpr std::size_t kShaRegisters = 16;
inline constexpr std::size_t kSlotAt = 24;
inline constexpr std::size_t kHashRegisters = 32;
inline constexpr std::size_t kSlotRegisters = 6 + kHashRegisters;
inline constexpr std::size_t kBlockRegisters = kSlotAt + 2 * kSlotRegisters;
inline constexpr std::uint16_t kOrder = kBase + 0x70;

enum class Order : std::uint16_t { Begin = 1, Try = 2, Confirm = 3, Reset = 4 };

enum SlotFlag : std::uint16_t {
  kValid = 0x01,
  kActive = 0x02,
  kConfirmed = 0x04,
  kPending = 0x08,
  kPermanent = 0x10,
};

inline constexpr std::uint32_t kFileBytes = 20000;
inline constexpr std::uint16_t kFirstFile = 1;
/// Of one function 21 request with one group.
inline constexpr std::size_t kWriteRegisters = 122;
/// Of one function 20 request with one group.
inline constexpr std::size_t kReadRegisters = 121;

}  // namespace weco::modbus_update
