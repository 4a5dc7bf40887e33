// SPDX-License-Identifier: Apache-2.0
// Where a journal is read from, whichever protocol it is.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"
#include "core/journal/record.hpp"
#include "host/failure/failure.hpp"

namespace weco::logbook {

/// A record as the device stores it.
using Slot = std::array<std::uint8_t, journal::kRecordBytes>;

/// The numbers that a device still has: oldest .. next - 1.
struct Range {
  std::uint32_t oldest = 0;
  std::uint32_t next = 0;
};

/// As many records as are whole in `data` and have room; returns how many.
std::size_t copy_records(Bytes data, std::span<Slot> into);

class Source {
 public:
  virtual ~Source() = default;
  virtual Outcome<Range> range() = 0;
  /// Fills slots from record `first` on and returns how many, at least one where the device has it.
  /// What is not there any more comes as erased flash.
  virtual Outcome<std::size_t> read(std::uint32_t first, std::span<Slot> into) = 0;
};

}  // namespace weco::logbook
