// SPDX-License-Identifier: Apache-2.0
// A ring of fixed-size records on flash that survives a power cut at any instant and that nobody
// outside can shorten (WS-16): there is a way to append and ways to read, and no other.
//
// Shape. With N slots in all, record `q` lives in slot q mod N and q / N is its lap, so after a
// restart the newest is found by two bisections: over the sectors (those of the current lap come
// first), then over the slots of one sector (written ones come first). A sector is erased only
// when the ring enters it. A program that was cut leaves a slot whose CRC fails: the slot is spent,
// its sequence number stays missing, and a reader sees the gap. A cut erase leaves a sector without
// a valid beginning: it is erased again. When damage breaks the order that bisection needs, mount
// notices and walks all sectors instead.
#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/journal/flash.hpp"
#include "core/journal/record.hpp"

namespace weco::journal {

/// Slots at the start of a sector that are tried before it counts as having no lap: one damaged
/// record must not hide a sector.
inline constexpr std::uint32_t kProbeSlots = 3;
/// Attempts of one append when the chip does not hold what was programmed.
inline constexpr std::uint32_t kAppendTries = 4;

struct Wear {
  std::uint32_t erases_since_mount = 0;
  // Turns of the ring begun: the erases of sector 0, less those repeated after power cuts.
  std::uint32_t laps = 0;
  bool beyond_rating = false;  // laps passed the geometry's erase limit
};

class Journal {
 public:
  /// Finds the end of what is stored. Nothing is written. OutOfRange for an unusable geometry,
  /// IoError when the flash cannot be read.
  static Result<Journal> mount(const Flash& flash);

  /// Writes one record and reads it back; returns its sequence number. IoError when the flash
  /// fails or does not hold the data after kAppendTries slots; Full after 2^32 - 1 numbers.
  Result<std::uint32_t> append(Record record);

  /// The record with this number. NotFound when it was overwritten, lost to a power cut or is yet
  /// to come; IoError when the flash cannot be read.
  [[nodiscard]] Result<Record> read(std::uint32_t sequence) const;
  /// The newest record that can be read; NotFound when there is none.
  [[nodiscard]] Result<Record> newest() const;
  /// Numbers worth asking for: oldest .. next-1; some may be gaps.
  [[nodiscard]] std::uint32_t oldest_sequence() const;
  [[nodiscard]] std::uint32_t next_sequence() const { return next_; }
  [[nodiscard]] std::uint32_t capacity() const { return slots_; }
  [[nodiscard]] Wear wear() const;

 private:
  using Slot = std::array<std::uint8_t, kRecordBytes>;
  struct Place {
    std::uint32_t sector;
    std::int64_t lap;
  };
  explicit Journal(const Flash& flash);
  Result<bool> read_slot(std::uint32_t slot, Slot& into) const;
  Result<std::int64_t> lap_of_sector(std::uint32_t sector) const;
  Result<std::int64_t> newest_sector_bisected(std::int64_t lap) const;
  Result<Place> newest_sector_by_walk() const;
  Result<Place> newest_sector() const;
  Result<bool> locate();
  Result<bool> skip_spent_slots();
  Result<bool> attempt(Record& record);
  void advance_to(std::uint64_t sequence);

  Flash flash_{};
  std::uint32_t per_sector_ = 0;
  std::uint32_t slots_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t erases_ = 0;
  bool full_ = false;
};

}  // namespace weco::journal
