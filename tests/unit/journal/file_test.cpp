// SPDX-License-Identifier: Apache-2.0
// The journal as devices give it out: one long file.
#include "core/journal/file.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/journal/fake_flash.hpp"

using namespace weco::journal;
using weco::ErrorCode;

namespace {

constexpr std::uint32_t kRecord = static_cast<std::uint32_t>(kRecordBytes);
using Slot = std::array<std::uint8_t, kRecordBytes>;

/// Four sectors of four records.
struct Ring {
  FakeFlash chip{4 * kRecord, 4};
  Journal journal = *Journal::mount(chip.flash());
  void fill(std::int32_t from, std::int32_t count) {
    for (std::int32_t n = from; n < from + count; ++n) {
      REQUIRE(journal.append(make_event({}, {1, 0, 0, true, n, ~n})));
    }
  }
};

std::vector<std::uint8_t> read_all(const Journal& journal, std::uint64_t offset, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  const auto got = read_file(journal, offset, bytes);
  REQUIRE(got);
  bytes.resize(*got);
  return bytes;
}

}  // namespace

TEST_CASE("a record stands at its number in the file, as the flash has it", "[WS-16]") {
  Ring ring;
  ring.fill(0, 10);
  CHECK(file_size(ring.journal) == 640);
  for (std::uint32_t q = 0; q < 10; ++q) {
    Slot slot;
    const auto bytes = read_all(ring.journal, q * 64U, 64);
    REQUIRE(bytes.size() == 64);
    std::copy(bytes.begin(), bytes.end(), slot.begin());
    const auto record = decode(slot);
    REQUIRE(record);
    CHECK(record->sequence == q);
    CHECK(std::equal(bytes.begin(), bytes.end(), ring.chip.bytes.begin() + q * 64));
  }
}

TEST_CASE("any piece of the file is the same bytes as the whole of it", "[WS-16]") {
  Ring ring;
  ring.fill(0, 10);
  const auto whole = read_all(ring.journal, 0, 640);
  REQUIRE(whole.size() == 640);
  for (std::size_t offset = 0; offset <= 640; offset += 13) {
    for (const std::size_t size : {1U, 63U, 64U, 65U, 200U}) {
      const auto part = read_all(ring.journal, offset, size);
      REQUIRE(part.size() == std::min<std::size_t>(size, 640 - offset));
      CHECK(std::equal(part.begin(), part.end(),
                       whole.begin() + static_cast<std::ptrdiff_t>(offset)));
    }
  }
  CHECK(read_all(ring.journal, 640, 64).empty());
  CHECK(read_all(ring.journal, 100000, 64).empty());
}

TEST_CASE("what the ring overwrote reads as erased flash and shifts nothing", "[WS-16]") {
  Ring ring;
  ring.fill(0, 30);
  const std::uint32_t oldest = ring.journal.oldest_sequence();
  REQUIRE(oldest > 0);
  const auto whole = read_all(ring.journal, 0, 30 * 64);
  REQUIRE(whole.size() == 30 * 64);
  for (std::uint32_t q = 0; q < 30; ++q) {
    const auto begin = whole.begin() + q * 64;
    const bool erased = std::all_of(begin, begin + 64, [](std::uint8_t b) { return b == 0xFF; });
    CHECK(erased == (q < oldest));
  }
}

TEST_CASE("a flash that cannot be read is an error, not erased flash", "[WS-16]") {
  Ring ring;
  ring.fill(0, 5);
  ring.chip.reads_until_failure = 0;
  std::array<std::uint8_t, 64> bytes{};
  const auto got = read_file(ring.journal, 0, bytes);
  REQUIRE_FALSE(got);
  CHECK(got.error().code == ErrorCode::IoError);
}
