// SPDX-License-Identifier: Apache-2.0
// Every loop here is bounded by the geometry; every flash operation may fail or be the last one.
#include "core/journal/journal.hpp"

namespace weco::journal {
namespace {

constexpr std::int64_t kNoLap = -1;
constexpr std::uint64_t kSequenceEnd = 0xFFFFFFFFU;  // never given: it marks a full journal

bool usable(const Geometry& g) {
  if (g.sector_count < 3) return false;
  if (g.sector_bytes < 2 * kRecordBytes) return false;
  if (g.sector_bytes % kRecordBytes != 0) return false;
  return g.sector_bytes / kRecordBytes <= 0x7FFFFFFFU / g.sector_count;
}

bool blank(const std::array<std::uint8_t, kRecordBytes>& slot) {
  for (const std::uint8_t byte : slot) {
    if (byte != 0xFF) return false;
  }
  return true;
}

}  // namespace

Journal::Journal(const Flash& flash)
    : flash_(flash),
      per_sector_(flash.geometry.sector_bytes / static_cast<std::uint32_t>(kRecordBytes)),
      slots_(per_sector_ * flash.geometry.sector_count) {}

Result<Journal> Journal::mount(const Flash& flash) {
  if (!usable(flash.geometry)) return fail(ErrorCode::OutOfRange);
  Journal journal(flash);
  const auto found = journal.locate();
  if (!found) return fail(found.error().code);
  return journal;
}

Result<bool> Journal::read_slot(std::uint32_t slot, Slot& into) const {
  const auto address = slot * static_cast<std::uint32_t>(kRecordBytes);
  if (!flash_.read(flash_.context, address, into)) return fail(ErrorCode::IoError);
  return true;
}

// The lap that the first readable record of a sector belongs to, kNoLap when there is none.
Result<std::int64_t> Journal::lap_of_sector(std::uint32_t sector) const {
  const std::uint32_t probes = per_sector_ < kProbeSlots ? per_sector_ : kProbeSlots;
  Slot bytes{};
  for (std::uint32_t i = 0; i < probes; ++i) {
    const std::uint32_t slot = sector * per_sector_ + i;
    const auto got = read_slot(slot, bytes);
    if (!got) return fail(got.error().code);
    const auto record = decode(bytes);
    if (record && record->sequence % slots_ == slot) {
      return static_cast<std::int64_t>(record->sequence / slots_);
    }
  }
  return kNoLap;
}

// The last sector that carries `lap`, given that sector 0 does; then a look at its two neighbours,
// because only an unbroken order makes the bisection right. kNoLap when the order is broken.
Result<std::int64_t> Journal::newest_sector_bisected(std::int64_t lap) const {
  std::uint32_t low = 0;
  std::uint32_t high = flash_.geometry.sector_count;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto here = lap_of_sector(middle);
    if (!here) return fail(here.error().code);
    (*here == lap ? low : high) = middle;
  }
  const std::int64_t before = lap - 1;  // kNoLap during the first lap, which is what we want
  for (std::uint32_t i = low + 1; i < flash_.geometry.sector_count && i < low + 3; ++i) {
    const auto here = lap_of_sector(i);
    if (!here) return fail(here.error().code);
    const bool being_started = i == low + 1 && *here == kNoLap;
    if (*here != before && !being_started) return kNoLap;
  }
  return static_cast<std::int64_t>(low);
}

// The sector the newest record is in, and its lap. Three ways: the usual one; sector 0 erased for a
// new lap and cut there, so the end is the last sector; anything else, by a walk.
Result<Journal::Place> Journal::newest_sector() const {
  const auto lap_first = lap_of_sector(0);
  if (!lap_first) return fail(lap_first.error().code);
  if (*lap_first != kNoLap) {
    const auto sector = newest_sector_bisected(*lap_first);
    if (!sector) return fail(sector.error().code);
    if (*sector == kNoLap) return newest_sector_by_walk();
    return Place{static_cast<std::uint32_t>(*sector), *lap_first};
  }
  const std::uint32_t last = flash_.geometry.sector_count - 1;
  const auto lap_last = lap_of_sector(last);
  if (!lap_last) return fail(lap_last.error().code);
  const auto lap_second = lap_of_sector(1);
  if (!lap_second) return fail(lap_second.error().code);
  if (*lap_last == kNoLap || *lap_second != *lap_last) return newest_sector_by_walk();
  return Place{last, *lap_last};
}

Result<Journal::Place> Journal::newest_sector_by_walk() const {
  Place best{0, kNoLap};
  for (std::uint32_t i = 0; i < flash_.geometry.sector_count; ++i) {
    const auto lap = lap_of_sector(i);
    if (!lap) return fail(lap.error().code);
    if (*lap != kNoLap && *lap >= best.lap) best = Place{i, *lap};
  }
  return best;
}

Result<bool> Journal::locate() {
  const auto place = newest_sector();
  if (!place) return fail(place.error().code);
  if (place->lap == kNoLap) return true;  // nothing stored: the first record goes to sector 0
  std::uint32_t low = 0;                  // the sector's first record is somewhere at its start
  std::uint32_t high = per_sector_;
  Slot bytes{};
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto got = read_slot(place->sector * per_sector_ + middle, bytes);
    if (!got) return fail(got.error().code);
    (blank(bytes) ? high : low) = middle;
  }
  const auto start = static_cast<std::uint64_t>(place->lap) * slots_;
  advance_to(start + place->sector * per_sector_ + high);
  return true;
}

void Journal::advance_to(std::uint64_t sequence) {
  full_ = sequence >= kSequenceEnd;
  next_ = static_cast<std::uint32_t>(full_ ? kSequenceEnd : sequence);
}

// One attempt in the slot that `next_` owns; moves `next_` past whatever is now spent. True when
// the record stands there. A sector that cannot be erased, or whose first slot does not hold, is
// left out as a whole: a sector's beginning is what a restart finds it by.
Result<bool> Journal::attempt(Record& record) {
  const std::uint32_t slot = next_ % slots_;
  const std::uint32_t sector = slot / per_sector_;
  const bool first_in_sector = slot % per_sector_ == 0;
  const std::uint64_t after_sector = std::uint64_t{next_} + (per_sector_ - slot % per_sector_);
  if (first_in_sector) {
    ++erases_;
    if (!flash_.erase(flash_.context, sector)) {
      advance_to(after_sector);
      return false;
    }
  }
  Slot wanted{};
  record.sequence = next_;
  encode(record, wanted);
  const auto address = slot * static_cast<std::uint32_t>(kRecordBytes);
  const bool accepted = flash_.program(flash_.context, address, wanted);
  Slot held{};
  const auto got = read_slot(slot, held);
  if (!got) return fail(got.error().code);
  const bool stands = accepted && held == wanted;
  if (!stands && blank(held) && !first_in_sector)
    return false;  // untouched: the slot is still good
  advance_to(!stands && first_in_sector ? after_sector : std::uint64_t{next_} + 1);
  return stands;
}

// A slot that is not blank although nothing was stored in it (a program that failed and touched it)
// is stepped over: a record is never programmed over another.
Result<bool> Journal::skip_spent_slots() {
  Slot bytes{};
  while (!full_ && next_ % per_sector_ != 0) {
    const auto got = read_slot(next_ % slots_, bytes);
    if (!got) return fail(got.error().code);
    if (blank(bytes)) return true;
    advance_to(std::uint64_t{next_} + 1);
  }
  return true;
}

Result<std::uint32_t> Journal::append(Record record) {
  for (std::uint32_t i = 0; i < kAppendTries; ++i) {
    const auto ready = skip_spent_slots();
    if (!ready) return fail(ready.error().code);
    if (full_) return fail(ErrorCode::Full);
    const auto stored = attempt(record);
    if (!stored) return fail(stored.error().code);
    if (*stored) return record.sequence;
  }
  return fail(ErrorCode::IoError);
}

Result<Record> Journal::read(std::uint32_t sequence) const {
  if (sequence >= next_) return fail(ErrorCode::NotFound);
  Slot bytes{};
  const auto got = read_slot(sequence % slots_, bytes);
  if (!got) return fail(got.error().code);
  const auto record = decode(bytes);
  if (!record || record->sequence != sequence) return fail(ErrorCode::NotFound);
  return *record;
}

Result<Record> Journal::newest() const {
  const std::uint32_t oldest = oldest_sequence();
  for (std::uint32_t at = next_; at > oldest; --at) {
    const auto record = read(at - 1);
    if (record || record.error().code == ErrorCode::IoError) return record;
  }
  return fail(ErrorCode::NotFound);
}

std::uint32_t Journal::oldest_sequence() const {
  const std::uint32_t head_start = next_ - next_ % per_sector_;
  const std::uint32_t kept = slots_ - per_sector_;
  return head_start > kept ? head_start - kept : 0;
}

Wear Journal::wear() const {
  Wear wear;
  wear.erases_since_mount = erases_;
  wear.laps = next_ / slots_ + (next_ % slots_ != 0 ? 1 : 0);
  const std::uint32_t rated = flash_.geometry.erase_limit;
  wear.beyond_rating = rated != 0 && wear.laps > rated;
  return wear;
}

}  // namespace weco::journal
