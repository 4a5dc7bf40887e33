// SPDX-License-Identifier: Apache-2.0
// A journal whose power goes where the input says, on flash that begins as anything and may rot: it
// stays on its flash. While the flash only loses power, a record that was acknowledged is there
// after every restart until the ring has run over it, and none is there that was never written.
#include <algorithm>
#include <array>

#include "core/journal/journal.hpp"

namespace {

using weco::journal::Journal;

constexpr std::uint32_t kSector = 4 * weco::journal::kRecordBytes;
constexpr std::uint32_t kSectors = 4;
constexpr std::uint32_t kSlots = kSector / weco::journal::kRecordBytes * kSectors;
constexpr std::uint32_t kKept = kSlots - kSector / weco::journal::kRecordBytes;
constexpr std::size_t kAppendsMax = 256;

struct Flash {
  std::array<std::uint8_t, kSector * kSectors> bytes{};
  std::size_t bytes_left = 0;  // that are still done before the power goes

  std::size_t spend(std::size_t size) {
    const std::size_t done = std::min(size, bytes_left);
    bytes_left -= done;
    return done;
  }
  static bool read(void* context, std::uint32_t address, weco::MutableBytes into) {
    const auto& self = *static_cast<Flash*>(context);
    WECO_ASSERT(address <= self.bytes.size() && into.size() <= self.bytes.size() - address);
    std::copy_n(self.bytes.begin() + address, into.size(), into.begin());
    return true;
  }
  static bool program(void* context, std::uint32_t address, weco::Bytes data) {
    auto& self = *static_cast<Flash*>(context);
    WECO_ASSERT(address <= self.bytes.size() && data.size() <= self.bytes.size() - address);
    const std::size_t done = self.spend(data.size());
    for (std::size_t i = 0; i < done; ++i) {
      self.bytes[address + i] = static_cast<std::uint8_t>(self.bytes[address + i] & data[i]);
    }
    return done == data.size();
  }
  static bool erase(void* context, std::uint32_t sector) {
    auto& self = *static_cast<Flash*>(context);
    WECO_ASSERT(sector < kSectors);
    const std::size_t done = self.spend(kSector);
    std::fill_n(self.bytes.begin() + sector * kSector, done, std::uint8_t{0xFF});
    return done == kSector;
  }
};

struct Acknowledged {
  std::array<std::uint32_t, kAppendsMax> sequences{};
  std::size_t count = 0;
};

weco::journal::Record record_of(std::size_t number) {
  weco::journal::Event event;
  event.a = static_cast<std::int32_t>(number);
  return weco::journal::make_event({}, event);
}

/// Everything that was acknowledged and that the ring still keeps.
void check(const Journal& journal, const Acknowledged& known) {
  for (std::size_t i = 0; i < known.count; ++i) {
    const std::uint32_t sequence = known.sequences[i];
    WECO_ASSERT(sequence < journal.next_sequence());
    if (sequence < journal.oldest_sequence()) {
      WECO_ASSERT(journal.next_sequence() - sequence > kKept);
      continue;
    }
    const auto record = journal.read(sequence);
    WECO_ASSERT(record.has_value());
    WECO_ASSERT(weco::journal::event_of(*record)->a == static_cast<std::int32_t>(i));
  }
}

/// Two bytes a step: what to do, and how many bytes the flash still takes or where it rots.
void play(Flash& flash, const std::uint8_t* steps, std::size_t size, bool sound) {
  const weco::journal::Flash access{
      {kSector, kSectors, 0}, &flash, &Flash::read, &Flash::program, &Flash::erase};
  Acknowledged known;
  for (std::size_t i = 0; i + 1 < size && known.count < kAppendsMax; i += 2) {
    auto journal = Journal::mount(access);
    WECO_ASSERT(journal.has_value());
    if (sound) check(*journal, known);
    const std::uint8_t what = steps[i];
    if (!sound && (what & 0x80U) != 0) {
      const std::size_t at = (std::size_t{what & 0x7FU} << 8U | steps[i + 1]) % flash.bytes.size();
      flash.bytes[at] = static_cast<std::uint8_t>(flash.bytes[at] ^ 1U);
      continue;
    }
    for (int n = 0; n < (what & 0x0F) && known.count < kAppendsMax; ++n) {
      const bool last = n + 1 == (what & 0x0F);
      flash.bytes_left = last && (what & 0x10U) != 0 ? std::size_t{steps[i + 1]} * 2 : 4096;
      const auto stored = journal->append(record_of(known.count));
      if (!stored) break;
      WECO_ASSERT(journal->read(*stored).has_value());
      known.sequences[known.count++] = *stored;
    }
  }
}

/// Any payload is refused, or is a snapshot that its own record gives back.
void check_cells(const std::uint8_t* data, std::size_t size) {
  weco::journal::Record record;
  record.kind = weco::journal::Kind::Cells;
  std::copy_n(data, std::min(size, record.payload.size()), record.payload.begin());
  const auto cells = weco::journal::cells_of(record);
  if (!cells) return;
  WECO_ASSERT(*weco::journal::cells_of(weco::journal::make_cells({}, *cells)) == *cells);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Flash flash;
  flash.bytes.fill(0xFF);
  const bool sound = (data[0] & 1U) == 0;
  std::size_t used = 1;
  if (!sound) {
    used += std::min<std::size_t>(size - 1, flash.bytes.size());
    std::copy_n(data + 1, used - 1, flash.bytes.begin());
  }
  play(flash, data + used, size - used, sound);
  check_cells(data, size);
  return 0;
}
