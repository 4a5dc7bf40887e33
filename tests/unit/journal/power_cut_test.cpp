// SPDX-License-Identifier: Apache-2.0
// Power is cut in every single flash operation of a run, at several depths of that operation, and
// again in every operation that follows the restart. Nothing acknowledged may be lost or altered.
#include <vector>

#include "core/journal/journal.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/journal/fake_flash.hpp"

using namespace weco::journal;

namespace {
constexpr std::uint32_t kRecord = static_cast<std::uint32_t>(kRecordBytes);
constexpr std::int32_t kRun = 40;  // two and a half turns of the ring below

FakeFlash new_chip() { return FakeFlash(4 * kRecord, 4); }
Record numbered(std::int32_t n) { return make_event({}, {1, 0, 0, true, n, ~n}); }

struct Acknowledged {
  std::uint32_t sequence;
  std::int32_t number;
};

// Appends until the power goes or `count` are stored.
void run(FakeFlash& chip, Journal& journal, std::int32_t& number, std::int32_t count,
         std::vector<Acknowledged>& done) {
  for (std::int32_t i = 0; i < count && chip.powered; ++i) {
    const auto sequence = journal.append(numbered(number));
    if (sequence) done.push_back({*sequence, number});
    ++number;
  }
}

// Everything acknowledged that the ring still promises to keep is there, unaltered and in order;
// whatever else can be read is a record that was really handed in.
bool history_is_true(const Journal& journal, const std::vector<Acknowledged>& done,
                     std::int32_t handed_in) {
  bool good = true;
  for (const Acknowledged& a : done) {
    if (a.sequence < journal.oldest_sequence()) continue;
    const auto record = journal.read(a.sequence);
    good = good && record && event_of(*record)->a == a.number && event_of(*record)->b == ~a.number;
  }
  std::int32_t before = -1;
  for (std::uint32_t q = journal.oldest_sequence(); q < journal.next_sequence(); ++q) {
    const auto record = journal.read(q);
    if (!record) continue;
    good = good && event_of(*record)->a > before && event_of(*record)->a < handed_in;
    before = event_of(*record)->a;
  }
  return good;
}

std::size_t operations_of_a_run() {
  FakeFlash chip = new_chip();
  Journal journal = *Journal::mount(chip.flash());
  std::int32_t number = 0;
  std::vector<Acknowledged> done;
  run(chip, journal, number, kRun, done);
  return chip.operations;
}
}  // namespace

TEST_CASE("power may go in any flash operation at any depth: no acknowledged record is lost",
          "[WS-16]") {
  const std::size_t operations = operations_of_a_run();
  CHECK(operations == 40 + 10);  // one program a record, one erase a sector entered
  for (std::size_t cut = 0; cut < operations; ++cut) {
    for (std::size_t depth = 0; depth <= 4 * kRecord; depth += depth < 68 ? 1 : 33) {
      FakeFlash chip = new_chip();
      Journal journal = *Journal::mount(chip.flash());
      std::int32_t number = 0;
      std::vector<Acknowledged> done;
      chip.cut_at(cut, depth);
      run(chip, journal, number, kRun, done);
      REQUIRE_FALSE(chip.powered);
      chip.power_on();
      auto again = Journal::mount(chip.flash());
      REQUIRE(again);
      CHECK(history_is_true(*again, done, number));
      run(chip, *again, number, 10, done);
      CHECK(history_is_true(*again, done, number));
      CHECK(again->newest());
    }
  }
}

TEST_CASE("power may go again in any operation after the restart", "[WS-16]") {
  const std::size_t operations = operations_of_a_run();
  for (std::size_t cut = 0; cut < operations; ++cut) {
    for (std::size_t second = 0; second < 7; ++second) {
      for (const std::size_t depth :
           {std::size_t{0}, std::size_t{1}, std::size_t{40}, std::size_t{63}, std::size_t{200}}) {
        FakeFlash chip = new_chip();
        Journal journal = *Journal::mount(chip.flash());
        std::int32_t number = 0;
        std::vector<Acknowledged> done;
        for (const std::size_t at : {cut, second, second}) {
          chip.cut_at(at, depth);
          run(chip, journal, number, kRun, done);
          chip.power_on();
          const auto again = Journal::mount(chip.flash());
          REQUIRE(again);
          journal = *again;
          CHECK(history_is_true(journal, done, number));
        }
        run(chip, journal, number, 20, done);
        CHECK(history_is_true(journal, done, number));
        CHECK(event_of(*journal.newest())->a == number - 1);
      }
    }
  }
}

TEST_CASE("power that goes in every append still lets the journal go on afterwards", "[WS-16]") {
  for (const std::size_t depth : {std::size_t{0}, std::size_t{5}, std::size_t{100}}) {
    FakeFlash chip = new_chip();
    std::int32_t number = 0;
    std::vector<Acknowledged> done;
    for (int i = 0; i < 50; ++i) {
      Journal journal = *Journal::mount(chip.flash());
      chip.cut_at(static_cast<std::size_t>(i % 3), depth);
      run(chip, journal, number, 3, done);
      chip.power_on();
      CHECK(history_is_true(*Journal::mount(chip.flash()), done, number));
    }
    Journal journal = *Journal::mount(chip.flash());
    CHECK(journal.append(numbered(number)));
  }
}
