// SPDX-License-Identifier: Apache-2.0
// The two slots as the running firmware sees them: it fills the spare one, asks for a trial at the
// next reset and confirms itself. It never touches the slot that it runs from, except for the one
// mark that says "stay".
#pragma once

#include "core/boot/layout.hpp"

namespace weco::boot {

enum class SlotError : std::uint8_t { None, WayBack, TooLarge, Range, Flash, NoImage, State };

class Slots {
 public:
  explicit Slots(const Area& area) : area_(area) {}

  [[nodiscard]] const Area& area() const { return area_; }
  /// The running image was confirmed (or never had to be).
  [[nodiscard]] bool confirmed() const;
  [[nodiscard]] bool pending() const { return read_trailer(area_, 1).good; }
  [[nodiscard]] bool permanent() const {
    return pending() && read_trailer(area_, 1).image_ok == Flag::Set;
  }
  /// Empties the spare slot. WayBack while the running image is on trial: the spare slot then holds
  /// the only firmware that is known to work.
  SlotError begin(std::uint32_t size);
  /// Into the spare slot; what was begun bounds it.
  SlotError write(std::uint32_t offset, Bytes data);
  /// Asks for the spare slot's image at the next reset.
  SlotError set_pending(bool permanent);
  SlotError confirm();
  [[nodiscard]] Result<image::Layout> layout(std::uint32_t slot) const;

 private:
  Area area_;
  std::uint32_t begun_ = 0;
};

}  // namespace weco::boot
