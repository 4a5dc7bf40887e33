// SPDX-License-Identifier: Apache-2.0
// A journal on a small flash, appended to through several laps with power cuts in between. After
// each cut the journal is found again, and nothing that was acknowledged and not yet overwritten
// may be missing (WS-16).
#include <array>

#include "core/journal/journal.hpp"
#include "firmware/recorded.hpp"
#include "firmware/replay.hpp"
#include "firmware/report.hpp"
#include "firmware/workspace.hpp"

namespace weco::firmware {
namespace {

constexpr std::uint64_t kSeed = 0x10C5;
constexpr std::uint32_t kSectorBytes = 512;
constexpr std::uint32_t kSectors = 6;
constexpr int kAppends = 300;
constexpr int kShownEvery = 50;
constexpr std::uint32_t kCutOnceIn = 8;

/// Memory that behaves like flash, and loses power after `bytes_left` programmed bytes.
struct ChipMemory {
  std::array<std::uint8_t, kSectorBytes * kSectors> cells{};
  std::uint32_t bytes_left = 0;
  bool cutting = false;
};

bool read_chip(void* context, std::uint32_t address, MutableBytes into) {
  const auto& chip = *static_cast<ChipMemory*>(context);
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = chip.cells[address + i];
  return true;
}

bool program_chip(void* context, std::uint32_t address, Bytes data) {
  auto& chip = *static_cast<ChipMemory*>(context);
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (chip.cutting && chip.bytes_left == 0) return false;
    if (chip.cutting) --chip.bytes_left;
    chip.cells[address + i] = static_cast<std::uint8_t>(chip.cells[address + i] & data[i]);
  }
  return true;
}

bool erase_chip(void* context, std::uint32_t sector) {
  auto& chip = *static_cast<ChipMemory*>(context);
  if (chip.cutting && chip.bytes_left == 0) return false;
  for (std::uint32_t i = 0; i < kSectorBytes; ++i) chip.cells[sector * kSectorBytes + i] = 0xFF;
  return true;
}

journal::Record event_number(int n, Recording& recording) {
  journal::Stamp stamp;
  stamp.at = Instant::from_us(n * 1000000LL);
  stamp.wall_known = recording.once_in(2);
  stamp.wall_s = stamp.wall_known ? 1700000000LL + n : 0;
  journal::Event event;
  event.code = static_cast<std::uint16_t>(recording.between(1, 143));
  event.severity = static_cast<std::uint8_t>(recording.between(0, 3));
  event.set = recording.once_in(2);
  event.a = recording.between(-100000, 100000);
  event.b = n;
  return journal::make_event(stamp, event);
}

bool holds(const journal::Journal& journal, std::uint32_t sequence, int number) {
  const Result<journal::Record> record = journal.read(sequence);
  if (!record) return false;
  const Result<journal::Event> event = journal::event_of(*record);
  return event && event->b == number;
}

std::uint32_t digest_of(const journal::Journal& journal) {
  Digest digest;
  for (std::uint32_t q = journal.oldest_sequence(); q < journal.next_sequence(); ++q) {
    const Result<journal::Record> record = journal.read(q);
    digest.add(record ? static_cast<std::int64_t>(record->sequence) : -1);
    if (record) digest.add(Bytes(record->payload));
  }
  return digest.value();
}

}  // namespace

bool replay_journal() {
  auto& chip = fresh<ChipMemory>();
  chip.cells.fill(0xFF);
  const journal::Flash flash{
      {kSectorBytes, kSectors, 100000}, &chip, read_chip, program_chip, erase_chip};
  Recording recording(kSeed);
  Result<journal::Journal> journal = journal::Journal::mount(flash);
  bool ok = journal.has_value();
  int cuts = 0;
  for (int n = 0; ok && n < kAppends; ++n) {
    chip.cutting = recording.once_in(kCutOnceIn);
    chip.bytes_left = static_cast<std::uint32_t>(
        recording.between(0, static_cast<std::int32_t>(journal::kRecordBytes)));
    const Result<std::uint32_t> sequence = journal->append(event_number(n, recording));
    if (chip.cutting) {
      ++cuts;
      chip.cutting = false;
      journal = journal::Journal::mount(flash);
      ok = journal.has_value();
    }
    ok = ok && (!sequence || holds(*journal, *sequence, n));
    if (ok && n % kShownEvery == 0) {
      Line("journal")
          .with("append", n)
          .with("next", journal->next_sequence())
          .hex("digest", digest_of(*journal))
          .end();
    }
  }
  if (!ok) return false;
  Line("journal").with("cuts", cuts).with("next", journal->next_sequence()).end();
  return true;
}

}  // namespace weco::firmware
