// SPDX-License-Identifier: Apache-2.0
#include "core/boot/bootloader.hpp"

#include <algorithm>

#include "core/base/crc.hpp"
#include "core/boot/counter.hpp"

namespace weco::boot {
namespace {

constexpr std::uint8_t kMark = 0x00;
constexpr std::uint32_t kCopyPiece = 256;

std::array<std::uint8_t, kPlanBytes> encode(SwapKind kind, std::uint32_t sectors) {
  std::array<std::uint8_t, kPlanBytes> bytes{};
  ByteWriter writer(bytes);
  writer.u32(static_cast<std::uint32_t>(kind), Endian::Little);
  writer.u32(sectors, Endian::Little);
  writer.u32(crc32(Bytes(bytes).first(8)), Endian::Little);
  return bytes;
}

}  // namespace

/// A plan stands in the running slot's trailer from the first step to the last.
std::optional<Bootloader::Plan> Bootloader::plan_in_progress() const {
  std::array<std::uint8_t, kPlanBytes> bytes{};
  if (!area_.flash.read(area_.flash.context, area_.trailer_field(0, kPlanFromEnd), bytes)) {
    return std::nullopt;
  }
  ByteReader reader(bytes);
  Plan plan;
  plan.kind = static_cast<SwapKind>(reader.u32(Endian::Little));
  plan.sectors = reader.u32(Endian::Little);
  if (reader.u32(Endian::Little) != crc32(Bytes(bytes).first(8))) return std::nullopt;
  if (plan.sectors > area_.image_sectors()) return std::nullopt;
  const Trailer trailer = read_trailer(area_, 0);
  if (trailer.good && trailer.copy_done == Flag::Set) return std::nullopt;  // long done
  return plan;
}

SwapKind Bootloader::wanted() const {
  const Trailer running = read_trailer(area_, 0);
  const Trailer spare = read_trailer(area_, 1);
  const bool on_trial =
      running.good && running.image_ok == Flag::Unset && running.copy_done == Flag::Set;
  // On trial nothing can be asked for but the way back.
  if (on_trial) return SwapKind::Revert;
  if (!spare.good) return SwapKind::None;
  return spare.image_ok == Flag::Set ? SwapKind::Permanent : SwapKind::Test;
}

std::uint32_t Bootloader::sectors_used() const {
  std::uint32_t bytes = 0;
  const Slots slots(area_);
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    const auto layout = slots.layout(slot);
    if (!layout) return area_.image_sectors();
    bytes = std::max(bytes, layout->size);
  }
  return std::min(area_.image_sectors(), (bytes + area_.sector_bytes() - 1) / area_.sector_bytes());
}

bool Bootloader::start(SwapKind kind) {
  const std::uint32_t sectors = sectors_used();
  if (kind == SwapKind::Revert) {
    // The way back is asked for before the trailer that demands it goes.
    if (!set_flag(area_, 1, kImageOkFromEnd) || !write_magic(area_, 1)) return false;
  }
  // An erase that is cut may leave anything: the last plan must not come back to life by it.
  const std::array<std::uint8_t, kPlanBytes> nothing{};
  if (!area_.flash.program(area_.flash.context, area_.trailer_field(0, kPlanFromEnd), nothing) ||
      !area_.flash.erase(area_.flash.context, area_.trailer_sector(0))) {
    return false;
  }
  return area_.flash.program(area_.flash.context, area_.trailer_field(0, kPlanFromEnd),
                             encode(kind, sectors));
}

bool Bootloader::copy(std::uint32_t from, std::uint32_t to) {
  const MutableBytes buffer = MutableBytes(buffer_).first(area_.sector_bytes());
  if (!area_.flash.read(area_.flash.context, area_.address(from), buffer)) return false;
  if (!area_.flash.erase(area_.flash.context, to)) return false;
  for (std::uint32_t at = 0; at < area_.sector_bytes(); at += kCopyPiece) {
    const auto n = std::min(kCopyPiece, area_.sector_bytes() - at);
    const Bytes piece = Bytes(buffer).subspan(at, n);
    if (std::all_of(piece.begin(), piece.end(), [](std::uint8_t b) { return b == 0xFF; })) continue;
    if (!area_.flash.program(area_.flash.context, area_.address(to) + at, piece)) return false;
  }
  return true;
}

/// One of the three moves of a sector. Its source is whole until its mark stands, so that it can be
/// repeated.
bool Bootloader::step(std::uint32_t sector, std::uint32_t part) {
  const std::uint32_t running = area_.first_sector(0) + sector;
  const std::uint32_t spare = area_.first_sector(1) + sector;
  if (part == 0) return copy(spare, area_.scratch_sector());
  if (part == 1) return copy(running, spare);
  return copy(area_.scratch_sector(), running);
}

bool Bootloader::exchange(const Plan& plan) {
  for (std::uint32_t n = 0; n < plan.sectors * kStepsPerSector; ++n) {
    const std::uint32_t at = area_.address(area_.trailer_sector(0)) + n * kMarkBytes;
    std::array<std::uint8_t, 1> mark{0xFF};
    if (!area_.flash.read(area_.flash.context, at, mark)) return false;
    if (mark[0] == kMark) continue;
    // A mark that was cut stands for a step that was done; repeating the step could spoil it.
    const bool done = mark[0] != 0xFF;
    if (!done && !step(n / kStepsPerSector, n % kStepsPerSector)) return false;
    const std::array<std::uint8_t, 1> set{kMark};
    if (!area_.flash.program(area_.flash.context, at, set)) return false;
  }
  return true;
}

/// Each part may be repeated; the last one ends the plan.
bool Bootloader::finish(const Plan& plan) {
  if (!make_blank(area_, area_.trailer_sector(1))) return false;
  if (plan.kind != SwapKind::Test && !set_flag(area_, 0, kImageOkFromEnd)) return false;
  return set_flag(area_, 0, kCopyDoneFromEnd) && write_magic(area_, 0);
}

/// The trailer last: as long as it stands the rest is emptied again after a power cut.
bool Bootloader::discard_spare() {
  for (std::uint32_t i = 0; i < area_.slot_sectors; ++i) {
    if (!make_blank(area_, area_.first_sector(1) + i)) return false;
  }
  return true;
}

bool Bootloader::acceptable(std::uint32_t slot, bool against_counter, Boot& boot) {
  const Slots slots(area_);
  const auto layout = slots.layout(slot);
  if (!layout) {
    boot.refused = image::Finding::Unreadable;
    return false;
  }
  SlotSource source{&area_, slot};
  boot.refused = image::verify(source.source(), *layout, crypto_, config_.accepts).finding;
  if (boot.refused != image::Finding::Good) return false;
  boot.version = layout->version;
  if ((layout->flags & image::kNonBootable) != 0) {
    boot.refused = image::Finding::Refused;
    return false;
  }
  if (config_.class_id && layout->class_id != config_.class_id) {
    boot.refused_by_class = true;
    return false;
  }
  if (config_.rollback_protection && against_counter &&
      (!layout->security_counter || *layout->security_counter < read_counter(area_))) {
    boot.refused_by_counter = true;
    return false;
  }
  return true;
}

Result<Boot> Bootloader::run(Boot boot) {
  Boot judged;
  boot.runs = acceptable(0, false, judged);
  boot.version = judged.version;
  if (!boot.runs) return boot;
  const Slots slots(area_);
  const auto layout = slots.layout(0);
  // The window for going back closes with the first boot after the confirmation.
  if (config_.rollback_protection && slots.confirmed() && layout && layout->security_counter &&
      !raise_counter(area_, *layout->security_counter)) {
    return fail(ErrorCode::IoError);
  }
  return boot;
}

Result<Boot> Bootloader::boot() {
  if (!area_.usable()) return fail(ErrorCode::OutOfRange);
  Boot boot;
  if (const auto plan = plan_in_progress()) {
    boot.resumed = true;
    boot.kind = plan->kind;
    if (!exchange(*plan) || !finish(*plan)) return fail(ErrorCode::IoError);
    return run(boot);
  }
  const SwapKind kind = wanted();
  if (kind == SwapKind::None) return run(boot);
  // The way back needs no counter: it is what ran before.
  if (!acceptable(1, kind != SwapKind::Revert, boot)) {
    boot.kind = SwapKind::Fail;
    if (kind != SwapKind::Revert && !discard_spare()) return fail(ErrorCode::IoError);
    return run(boot);
  }
  boot.kind = kind;
  if (!start(kind)) return fail(ErrorCode::IoError);
  const auto plan = plan_in_progress();
  if (!plan || !exchange(*plan) || !finish(*plan)) return fail(ErrorCode::IoError);
  return run(boot);
}

}  // namespace weco::boot
