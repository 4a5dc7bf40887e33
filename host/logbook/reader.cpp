// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "core/base/bytes.hpp"

namespace weco::logbook {
namespace {

proof::Hash linked(const proof::Hash& before, Bytes data) {
  std::array<char, std::tuple_size_v<proof::Hash> + journal::kRecordBytes> all{};
  const auto end =
      std::copy(data.begin(), data.end(), std::copy(before.begin(), before.end(), all.begin()));
  return proof::sha256({all.begin(), end});
}

/// 512 MiB of them: whoever claims more would be asked for days.
constexpr std::uint32_t kRecordsMost = 1U << 23U;

bool erased(const Slot& slot) {
  return std::all_of(slot.begin(), slot.end(), [](std::uint8_t byte) { return byte == 0xFF; });
}

}  // namespace

std::string_view name(Loss loss) {
  constexpr std::array<std::string_view, 4> kNames = {"", "overwritten", "lost", "damaged"};
  return kNames[static_cast<std::size_t>(loss)];
}

Done Reader::look() {
  const auto told = source_.range();
  if (!told) return Unexpected{told.error()};
  if (told->next < next_ || told->oldest > told->next) {
    return failure(ErrorCode::VerificationDiffers,
                   "the device has fewer records than were read from it before", {},
                   "It is another device, or its memory was replaced: begin a new file.");
  }
  if (told->next - told->oldest > kRecordsMost) {
    return failure(ErrorCode::BadFrame,
                   fmt::format("the device claims {} records, more than any memory of one holds",
                               told->next - told->oldest),
                   {}, "Nothing that it says about its journal is trusted.");
  }
  range_ = *told;
  return {};
}

Done Reader::fill() {
  const std::size_t most = std::min<std::size_t>(slots_.size(), range_.next - next_);
  const auto got = source_.read(next_, std::span(slots_).first(most));
  if (!got) return Unexpected{got.error()};
  filled_ = *got;
  used_ = 0;
  return {};
}

Entry Reader::gap(Loss loss, std::uint32_t count) {
  std::array<std::uint8_t, 11> told{'g', 'a', 'p'};
  ByteWriter numbers(MutableBytes(told).subspan(3));
  numbers.u32(next_, Endian::Little);
  numbers.u32(count, Endian::Little);
  chain_ = linked(chain_, told);
  Entry entry{.sequence = next_, .loss = loss, .missing = count, .chain = chain_};
  next_ += count;
  return entry;
}

Entry Reader::take(const Slot& slot) {
  const auto record = journal::decode(slot);
  if (!record || record->sequence != next_) return gap(Loss::Damaged, 1);
  chain_ = linked(chain_, slot);
  return {.sequence = next_++, .record = *record, .chain = chain_};
}

Outcome<std::optional<Entry>> Reader::next() {
  if (used_ == filled_) {
    if (next_ >= range_.next) {
      if (Done done = look(); !done) return Unexpected{done.error()};
      if (next_ == range_.next) return std::optional<Entry>();
    }
    if (next_ < range_.oldest) return gap(Loss::Overwritten, range_.oldest - next_);
    if (Done done = fill(); !done) return Unexpected{done.error()};
  }
  const Slot& slot = slots_[used_];
  if (erased(slot)) {
    if (Done done = look(); !done) return Unexpected{done.error()};
  }
  ++used_;  // not before: whoever asks again after a failure gets the same line
  if (!erased(slot)) return take(slot);
  if (next_ >= range_.oldest) return gap(Loss::Lost, 1);
  used_ = filled_;  // what else was read of this piece may be older than the ring's end, too
  return gap(Loss::Overwritten, range_.oldest - next_);
}

}  // namespace weco::logbook
