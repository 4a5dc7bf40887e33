// SPDX-License-Identifier: Apache-2.0
#include "core/boot/slots.hpp"

#include <algorithm>

namespace weco::boot {
namespace {

constexpr std::uint8_t kErased = 0xFF;
constexpr std::uint8_t kSet = 0x01;

Flag read_flag(const Area& area, std::uint32_t slot, std::uint32_t from_end) {
  std::array<std::uint8_t, 1> byte{kErased};
  if (!area.flash.read(area.flash.context, area.trailer_field(slot, from_end), byte)) {
    return Flag::Unset;
  }
  // A mark that was cut while it was written counts: whoever wrote it meant it.
  return byte[0] == kErased ? Flag::Unset : Flag::Set;
}

bool read_slot(void* context, std::uint32_t offset, MutableBytes into) {
  const auto& slot = *static_cast<const SlotSource*>(context);
  const std::uint32_t bytes = slot.area->image_bytes();
  if (offset > bytes || into.size() > bytes - offset) return false;
  const std::uint32_t start = slot.area->address(slot.area->first_sector(slot.slot));
  return slot.area->flash.read(slot.area->flash.context, start + offset, into);
}

}  // namespace

Trailer read_trailer(const Area& area, std::uint32_t slot) {
  Trailer trailer;
  std::array<std::uint8_t, image::kTrailerMagic.size()> magic{};
  trailer.good =
      area.flash.read(area.flash.context, area.trailer_field(slot, kMagicFromEnd), magic) &&
      magic == image::kTrailerMagic;
  trailer.image_ok = read_flag(area, slot, kImageOkFromEnd);
  trailer.copy_done = read_flag(area, slot, kCopyDoneFromEnd);
  return trailer;
}

bool set_flag(const Area& area, std::uint32_t slot, std::uint32_t from_end) {
  const std::array<std::uint8_t, 1> byte{kSet};
  return area.flash.program(area.flash.context, area.trailer_field(slot, from_end), byte);
}

bool write_magic(const Area& area, std::uint32_t slot) {
  return area.flash.program(area.flash.context, area.trailer_field(slot, kMagicFromEnd),
                            image::kTrailerMagic);
}

bool make_blank(const Area& area, std::uint32_t sector) {
  std::array<std::uint8_t, 256> piece{};
  const std::uint32_t start = area.address(sector);
  for (std::uint32_t at = 0; at < area.sector_bytes(); at += piece.size()) {
    const auto n = std::min<std::uint32_t>(piece.size(), area.sector_bytes() - at);
    const MutableBytes part = MutableBytes(piece).first(n);
    if (!area.flash.read(area.flash.context, start + at, part)) return false;
    if (std::any_of(part.begin(), part.end(), [](std::uint8_t b) { return b != kErased; })) {
      return area.flash.erase(area.flash.context, sector);
    }
  }
  return true;
}

image::Source SlotSource::source() { return {this, area->image_bytes(), read_slot}; }

bool Slots::confirmed() const {
  const Trailer trailer = read_trailer(area_, 0);
  return !trailer.good || trailer.image_ok == Flag::Set;
}

SlotError Slots::begin(std::uint32_t size) {
  begun_ = 0;
  if (!confirmed()) return SlotError::WayBack;
  if (size > area_.image_bytes()) return SlotError::TooLarge;
  // The trailer first: from here on nothing in this slot can be asked for.
  for (std::uint32_t i = area_.slot_sectors; i > 0; --i) {
    if (!make_blank(area_, area_.first_sector(1) + i - 1)) return SlotError::Flash;
  }
  begun_ = size;
  return SlotError::None;
}

SlotError Slots::write(std::uint32_t offset, Bytes data) {
  if (offset > begun_ || data.size() > begun_ - offset) return SlotError::Range;
  const std::uint32_t at = area_.address(area_.first_sector(1)) + offset;
  return area_.flash.program(area_.flash.context, at, data) ? SlotError::None : SlotError::Flash;
}

SlotError Slots::set_pending(bool permanent) {
  if (!confirmed()) return SlotError::State;
  if (!layout(1)) return SlotError::NoImage;
  if (permanent && !set_flag(area_, 1, kImageOkFromEnd)) return SlotError::Flash;
  return write_magic(area_, 1) ? SlotError::None : SlotError::Flash;
}

SlotError Slots::confirm() {
  if (!read_trailer(area_, 0).good) return SlotError::None;  // never on trial
  return set_flag(area_, 0, kImageOkFromEnd) ? SlotError::None : SlotError::Flash;
}

Result<image::Layout> Slots::layout(std::uint32_t slot) const {
  SlotSource source{&area_, slot};
  return image::parse(source.source(), image::TailRule::Ignore);
}

}  // namespace weco::boot
