// SPDX-License-Identifier: Apache-2.0
// How two slots lie on one flash, and what stands in the last sector of each. Everything here is
// written so that power may go at any instant: a mark is one byte, a value is followed by its
// checksum, and nothing is erased before what it said is said elsewhere.
//
//   sectors 0 .. n-1        the slot that runs; its last sector is its trailer
//   sectors n .. 2n-1       the spare slot, likewise
//   sector  2n              scratch, for the exchange of two sectors
//   sectors 2n+1, 2n+2      the rollback counter, one in use, one to come
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/journal/flash.hpp"
#include "core/protocol/image/image.hpp"

namespace weco::boot {

inline constexpr std::uint32_t kExtraSectors = 3;
inline constexpr std::uint32_t kSectorBytesMax = 4096;  // of RAM are needed to copy one

// Fields of a trailer sector, from its end.
inline constexpr std::uint32_t kMagicFromEnd = 16;
inline constexpr std::uint32_t kImageOkFromEnd = 24;
inline constexpr std::uint32_t kCopyDoneFromEnd = 32;
inline constexpr std::uint32_t kPlanFromEnd = 64;  // of a swap: kind, sectors, checksum
inline constexpr std::uint32_t kPlanBytes = 12;
/// Steps done, a mark each, from the beginning of the trailer sector.
inline constexpr std::uint32_t kMarkBytes = 4;
inline constexpr std::uint32_t kStepsPerSector = 3;

struct Area {
  journal::Flash flash;
  std::uint32_t slot_sectors = 0;  // trailer included

  [[nodiscard]] std::uint32_t sector_bytes() const { return flash.geometry.sector_bytes; }
  [[nodiscard]] std::uint32_t image_sectors() const { return slot_sectors - 1; }
  [[nodiscard]] std::uint32_t image_bytes() const { return image_sectors() * sector_bytes(); }
  [[nodiscard]] std::uint32_t first_sector(std::uint32_t slot) const { return slot * slot_sectors; }
  [[nodiscard]] std::uint32_t address(std::uint32_t sector) const {
    return sector * sector_bytes();
  }
  [[nodiscard]] std::uint32_t trailer_sector(std::uint32_t slot) const {
    return first_sector(slot) + slot_sectors - 1;
  }
  [[nodiscard]] std::uint32_t trailer_field(std::uint32_t slot, std::uint32_t from_end) const {
    return address(trailer_sector(slot) + 1) - from_end;
  }
  [[nodiscard]] std::uint32_t scratch_sector() const { return 2 * slot_sectors; }
  [[nodiscard]] std::uint32_t counter_sector(std::uint32_t n) const {
    return 2 * slot_sectors + 1 + n;
  }
  /// Whether slots, marks and the flash fit each other.
  [[nodiscard]] bool usable() const {
    const std::uint32_t bytes = sector_bytes();
    return flash.read != nullptr && flash.program != nullptr && flash.erase != nullptr &&
           bytes >= 256 && bytes <= kSectorBytesMax && slot_sectors >= 2 &&
           slot_sectors <= 0x4000 &&
           flash.geometry.sector_count >= 2 * slot_sectors + kExtraSectors &&
           image_sectors() * kStepsPerSector * kMarkBytes + kPlanFromEnd <= bytes;
  }
};

enum class Flag : std::uint8_t { Unset, Set };

struct Trailer {
  bool good = false;  // the magic is there
  Flag image_ok = Flag::Unset;
  Flag copy_done = Flag::Unset;
};

/// Unset when the flash cannot be read.
Trailer read_trailer(const Area& area, std::uint32_t slot);
bool set_flag(const Area& area, std::uint32_t slot, std::uint32_t from_end);
bool write_magic(const Area& area, std::uint32_t slot);
/// Erases unless every byte is erased already.
bool make_blank(const Area& area, std::uint32_t sector);

/// The image part of a slot as something to parse and verify.
struct SlotSource {
  const Area* area = nullptr;
  std::uint32_t slot = 0;
  [[nodiscard]] image::Source source();
};

}  // namespace weco::boot
