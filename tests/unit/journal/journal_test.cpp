// SPDX-License-Identifier: Apache-2.0
// The ring in ordinary use, on failing chips and on damaged contents.
#include "core/journal/journal.hpp"

#include <type_traits>

#include "tests/support/catch.hpp"
#include "tests/unit/journal/fake_flash.hpp"

using namespace weco::journal;
using weco::ErrorCode;

namespace {
constexpr std::uint32_t kRecord = static_cast<std::uint32_t>(kRecordBytes);

Record numbered(std::int32_t n) { return make_event({}, {1, 0, 0, true, n, ~n}); }
std::int32_t number_of(const Record& r) { return event_of(r)->a; }
void fill(Journal& journal, std::int32_t from, std::int32_t count) {
  for (std::int32_t n = from; n < from + count; ++n) REQUIRE(journal.append(numbered(n)));
}

template <class T>
concept CanLoseHistory = requires(T& j) {
  j.erase();
}
|| requires(T& j) { j.clear(); }
|| requires(T& j) { j.format(); }
|| requires(T& j) { j.truncate(); }
|| requires(T& j, Record r) { j.write(0U, r); };
}  // namespace

TEST_CASE("nothing outside can erase or alter history", "[WS-16]") {
  STATIC_REQUIRE_FALSE(CanLoseHistory<Journal>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<Journal>);
  FakeFlash chip(4 * kRecord, 4);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 5);
  const auto before = chip.bytes;
  const Journal& reader = journal;
  CHECK(reader.read(2));
  CHECK(reader.newest());
  CHECK_FALSE(reader.read(99));
  CHECK(chip.bytes == before);
}

TEST_CASE("an empty journal mounts, has no newest record and knows no number", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 3);
  const auto journal = Journal::mount(chip.flash());
  REQUIRE(journal);
  CHECK(chip.operations == 0);
  CHECK(journal->next_sequence() == 0);
  CHECK(journal->oldest_sequence() == 0);
  CHECK(journal->capacity() == 12);
  CHECK(journal->newest().error().code == ErrorCode::NotFound);
  CHECK(journal->read(0).error().code == ErrorCode::NotFound);
  CHECK(journal->wear().laps == 0);
}

TEST_CASE("records are numbered in order and the oldest give way a sector at a time", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 4);
  Journal journal = *Journal::mount(chip.flash());
  for (std::int32_t n = 0; n < 100; ++n) {
    REQUIRE(*journal.append(numbered(n)) == static_cast<std::uint32_t>(n));
    CHECK(number_of(*journal.newest()) == n);
    for (std::uint32_t q = journal.oldest_sequence(); q < journal.next_sequence(); ++q) {
      REQUIRE(journal.read(q));
      CHECK(number_of(*journal.read(q)) == static_cast<std::int32_t>(q));
    }
    const std::uint32_t kept = journal.next_sequence() - journal.oldest_sequence();
    CHECK(kept <= 16);
    if (n >= 16) CHECK(kept >= 12);
  }
  CHECK_FALSE(journal.read(3));
}

TEST_CASE("a restart at any fill level finds the same end and the same records", "[WS-16]") {
  for (const std::uint32_t per_sector : {2U, 3U, 5U}) {
    FakeFlash chip(per_sector * kRecord, 5);
    Journal journal = *Journal::mount(chip.flash());
    for (std::int32_t n = 0; n < 60; ++n) {
      fill(journal, n, 1);
      const auto again = Journal::mount(chip.flash());
      REQUIRE(again);
      CHECK(again->next_sequence() == journal.next_sequence());
      CHECK(again->oldest_sequence() == journal.oldest_sequence());
      CHECK(number_of(*again->newest()) == n);
    }
  }
}

TEST_CASE("the newest record is found with reads in the order of the logarithm", "[WS-16]") {
  for (const std::uint32_t sectors : {8U, 64U, 512U, 4096U}) {
    FakeFlash chip(8 * kRecord, sectors);
    Journal journal = *Journal::mount(chip.flash());
    fill(journal, 0, static_cast<std::int32_t>(sectors * 8 + sectors * 3 + 5));  // second lap
    chip.reads = 0;
    const auto again = Journal::mount(chip.flash());
    REQUIRE(again->newest());
    CHECK(again->next_sequence() == journal.next_sequence());
    std::size_t log2 = 0;
    while ((sectors >> log2) > 1) ++log2;
    // one read a bisection step over sectors, two neighbours, sector 0, log2(8) slots, the newest
    CHECK(chip.reads <= log2 + 2 * kProbeSlots + 1 + 3 + 1);
  }
}

TEST_CASE("a first lap that is not complete is found just as quickly", "[WS-16]") {
  FakeFlash chip(8 * kRecord, 4096);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 21);
  chip.reads = 0;
  CHECK(Journal::mount(chip.flash())->next_sequence() == 21);
  CHECK(chip.reads <= 12 * kProbeSlots + 2 * kProbeSlots + 1 + 3);
}

TEST_CASE("a geometry that cannot hold a ring is refused", "[WS-16]") {
  const auto refused = [](std::uint32_t sector_bytes, std::uint32_t sectors) {
    Flash flash;
    flash.geometry = {sector_bytes, sectors, 0};
    return Journal::mount(flash).error().code == ErrorCode::OutOfRange;
  };
  CHECK(refused(4 * kRecord, 2));
  CHECK(refused(1 * kRecord, 8));
  CHECK(refused(2 * kRecord + 1, 8));
  CHECK(refused(0x80000000U, 0x80000000U));
  FakeFlash smallest(2 * kRecord, 3);
  CHECK(Journal::mount(smallest.flash()));
}

TEST_CASE("wear is counted in turns of the ring and reported beyond the rating", "[WS-16]") {
  FakeFlash chip(2 * kRecord, 3, 2);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 12);
  CHECK(journal.wear().laps == 2);
  CHECK_FALSE(journal.wear().beyond_rating);
  fill(journal, 12, 1);
  CHECK(journal.wear().laps == 3);
  CHECK(journal.wear().beyond_rating);
  CHECK(journal.wear().erases_since_mount == 7);
  CHECK(chip.erases[0] == 3);
  CHECK(chip.erases[2] == 2);
  FakeFlash unrated(2 * kRecord, 3);
  Journal other = *Journal::mount(unrated.flash());
  fill(other, 0, 50);
  CHECK_FALSE(other.wear().beyond_rating);
}

TEST_CASE("a slot that does not hold is left as a gap and the record goes to the next", "[WS-16]") {
  for (const bool lie : {false, true}) {
    FakeFlash chip(8 * kRecord, 3);
    Journal journal = *Journal::mount(chip.flash());
    fill(journal, 0, 2);
    chip.programs_fail = 2;
    chip.fail_keeps = 20;
    chip.programs_lie = lie;
    CHECK(*journal.append(numbered(2)) == 4);
    CHECK(journal.read(2).error().code == ErrorCode::NotFound);
    CHECK(journal.read(3).error().code == ErrorCode::NotFound);
    CHECK(number_of(*journal.newest()) == 2);
    CHECK(Journal::mount(chip.flash())->next_sequence() == 5);
  }
}

TEST_CASE("a program that did nothing is repeated in the same slot", "[WS-16]") {
  FakeFlash chip(8 * kRecord, 3);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 2);
  chip.programs_fail = 2;
  CHECK(*journal.append(numbered(2)) == 2);
}

TEST_CASE("a chip that never holds a record gives an error after a bounded number of tries",
          "[WS-16]") {
  FakeFlash chip(8 * kRecord, 3);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 2);
  chip.programs_fail = 100;
  CHECK(journal.append(numbered(2)).error().code == ErrorCode::IoError);
  CHECK(100 - chip.programs_fail == static_cast<int>(kAppendTries));
  CHECK(number_of(*journal.newest()) == 1);
}

TEST_CASE("a sector that cannot be used is left out and found again after a restart", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 6);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 8);
  SECTION("because its erase fails") { chip.dead_sectors = {2}; }
  SECTION("because its first slot does not hold") {
    chip.programs_fail = 1;
    chip.fail_keeps = 30;
  }
  CHECK(*journal.append(numbered(8)) == 12);
  CHECK(Journal::mount(chip.flash())->next_sequence() == 13);
  fill(journal, 9, 30);
  const auto again = Journal::mount(chip.flash());
  CHECK(again->next_sequence() == journal.next_sequence());
  CHECK(number_of(*again->newest()) == 38);
}

TEST_CASE("every read failure is reported, at whatever read it comes", "[WS-16]") {
  for (const std::int32_t stored : {0, 1, 13, 21}) {
    for (const bool sector_0_lost : {false, true}) {
      FakeFlash chip(4 * kRecord, 4);
      Journal filled = *Journal::mount(chip.flash());
      fill(filled, 0, stored);
      if (sector_0_lost) std::fill_n(chip.bytes.begin(), 4 * kRecord, std::uint8_t{0xFF});
      chip.reads = 0;
      REQUIRE(Journal::mount(chip.flash()));
      const std::size_t needed = chip.reads;
      for (std::size_t good = 0; good < needed; ++good) {
        chip.reads_until_failure = good;
        CHECK(Journal::mount(chip.flash()).error().code == ErrorCode::IoError);
      }
    }
  }
  FakeFlash chip(4 * kRecord, 4);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 2);
  chip.reads_until_failure = 0;
  CHECK(journal.read(0).error().code == ErrorCode::IoError);
  CHECK(journal.newest().error().code == ErrorCode::IoError);
  CHECK(journal.append(numbered(2)).error().code == ErrorCode::IoError);
  chip.reads_until_failure = 1;  // the look at the slot works, the one after the program does not
  CHECK(journal.append(numbered(2)).error().code == ErrorCode::IoError);
}

TEST_CASE("damage anywhere never hides the newest record nor gets a number used twice", "[WS-16]") {
  for (std::int32_t stored = 30; stored < 54; ++stored) {
    for (std::uint32_t lost = 0; lost < 6; ++lost) {
      FakeFlash chip(4 * kRecord, 6);
      Journal journal = *Journal::mount(chip.flash());
      fill(journal, 0, stored);
      const std::uint32_t head = (journal.next_sequence() - 1) % 24 / 4;
      if (lost == head) continue;
      for (std::uint32_t i = 0; i < 4 * kRecord; ++i) chip.bytes[lost * 4 * kRecord + i] = 0x5A;
      const auto again = Journal::mount(chip.flash());
      REQUIRE(again);
      CHECK(again->next_sequence() == journal.next_sequence());
      CHECK(number_of(*again->newest()) == stored - 1);
    }
  }
}

TEST_CASE("one damaged record does not hide its sector", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 6);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 30);
  for (std::uint32_t slot = 0; slot < 24; ++slot) {
    FakeFlash copy = chip;
    copy.bytes[slot * kRecord + 30] ^= 0x10;
    const auto again = Journal::mount(copy.flash());
    const bool dirt_in_the_next_slot = slot == 6;  // counts as spent
    CHECK(again->next_sequence() == (dirt_in_the_next_slot ? 31U : 30U));
    CHECK(again->newest());
  }
}

TEST_CASE("foreign contents are no history: the ring starts over them", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 3);
  for (std::size_t i = 0; i < chip.bytes.size(); ++i) {
    chip.bytes[i] = static_cast<std::uint8_t>(i * 31);
  }
  Journal journal = *Journal::mount(chip.flash());
  CHECK(journal.next_sequence() == 0);
  CHECK(journal.newest().error().code == ErrorCode::NotFound);
  fill(journal, 0, 9);
  CHECK(number_of(*Journal::mount(chip.flash())->newest()) == 8);
}

TEST_CASE("a valid record in the wrong slot is not believed", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 3);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 6);
  for (std::uint32_t i = 0; i < kRecord; ++i) chip.bytes[5 * kRecord + i] = chip.bytes[i];
  CHECK(journal.read(5).error().code == ErrorCode::NotFound);
  CHECK(number_of(*journal.newest()) == 4);
}

TEST_CASE("a leftover in the next slot is stepped over, never written over", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 3);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 1);
  for (std::uint32_t slot = 1; slot < 4; ++slot) chip.bytes[slot * kRecord] = 0x00;
  CHECK(*journal.append(numbered(1)) == 4);
  CHECK(chip.bytes[1 * kRecord] == 0x00);
  CHECK(chip.bytes[1 * kRecord + 1] == 0xFF);
}

TEST_CASE("numbers end before they would repeat", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 3);
  Record last = numbered(7);
  const std::uint32_t slots = 12;
  const std::uint32_t laps = 0xFFFFFFFFU / slots;  // the lap in which the numbers end
  last.sequence = laps * slots;
  for (std::uint32_t sector = 0; sector < 3; ++sector) {
    Record first = numbered(static_cast<std::int32_t>(sector));
    first.sequence = (sector == 0 ? laps : laps - 1) * slots + sector * 4;
    std::array<std::uint8_t, kRecordBytes> bytes{};
    encode(first, bytes);
    std::copy(bytes.begin(), bytes.end(), chip.bytes.begin() + sector * 4 * kRecord);
  }
  Journal journal = *Journal::mount(chip.flash());
  REQUIRE(journal.next_sequence() == last.sequence + 1);
  int stored = 0;
  while (journal.append(numbered(stored))) REQUIRE(++stored < 12);
  CHECK(journal.append(last).error().code == ErrorCode::Full);
  CHECK(journal.next_sequence() == 0xFFFFFFFFU);
  CHECK(number_of(*journal.newest()) == stored - 1);
}

TEST_CASE("a valid record in the wrong place gives a sector no lap", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 4);
  Journal journal = *Journal::mount(chip.flash());
  fill(journal, 0, 6);
  for (std::uint32_t i = 0; i < kRecord; ++i) chip.bytes[12 * kRecord + i] = chip.bytes[i];
  CHECK(Journal::mount(chip.flash())->next_sequence() == 6);
}

TEST_CASE("a sector whose first slot stays blank is left out", "[WS-16]") {
  FakeFlash chip(4 * kRecord, 4);
  Journal journal = *Journal::mount(chip.flash());
  chip.programs_fail = 1;
  CHECK(*journal.append(numbered(0)) == 4);
}
