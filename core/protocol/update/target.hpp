// SPDX-License-Identifier: Apache-2.0
// What a device lets an update conversation do, whichever protocol it is: look at its slots, fill
// the spare one, ask for a trial, confirm, restart. The servers of SMP, UDS and Modbus sit on top
// of it and a bootloader's slots below, and neither knows the other.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/fixed.hpp"
#include "core/base/result.hpp"
#include "core/protocol/image/image.hpp"

namespace weco::update {

inline constexpr std::size_t kSlots = 2;

struct Slot {
  std::uint8_t number = 0;
  bool valid = false;  // holds a whole image; nothing else means anything without it
  image::Version version;
  FixedVector<std::uint8_t, image::kHashMax> hash;
  bool active = false;     // runs now
  bool confirmed = false;  // stays after a reset
  bool pending = false;    // will be tried at the next reset
  bool permanent = false;  // and kept without a trial
};

/// Why a device would not. Each protocol has its own number for each.
enum class Refusal : std::uint8_t {
  None,
  Busy,        // now, not in principle
  NoFreeSlot,  // the spare slot holds the way back
  TooLarge,
  NotNewer,  // the device compares versions and this one is older
  Header,    // no image
  Range,     // outside what was announced
  Flash,     // erase or program failed
  NoImage,   // no image of that hash
  State,     // not in this state
};

class Target {
 public:
  /// Slot 0 runs, slot 1 is the spare one.
  virtual Slot slot(std::size_t n) = 0;
  /// Empties the spare slot for an image of this size. May take seconds in real flash.
  virtual Refusal begin(std::uint32_t size) = 0;
  /// In order of offsets and without gaps.
  virtual Refusal write(std::uint32_t offset, Bytes data) = 0;
  /// What was written at `offset`, for conversations that read back.
  virtual Refusal read(std::uint32_t /*offset*/, MutableBytes /*into*/) { return Refusal::State; }
  /// Whether the first `size` bytes of the spare slot have this SHA-256.
  virtual bool matches(std::uint32_t size, Bytes sha256) = 0;
  /// Tries the spare slot's image at the next reset, or keeps it at once.
  virtual Refusal set_pending(bool permanent) = 0;
  /// The running image stays.
  virtual Refusal confirm() = 0;
  /// Soon, after the answer has left.
  virtual void reset() = 0;
  /// Who the device is: for os info, identifiers and device identification.
  [[nodiscard]] virtual std::string_view board() const = 0;
  [[nodiscard]] virtual std::string_view serial_number() const = 0;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

 protected:
  Target() = default;
  ~Target() = default;
};

}  // namespace weco::update
