// SPDX-License-Identifier: Apache-2.0
// Numbered records of one size that a device gives out: its journal, as protocols see it. Numbers
// only grow; the newest are kept.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weco {

/// The numbers that are kept: oldest .. next - 1.
struct RecordRange {
  std::uint32_t oldest = 0;
  std::uint32_t next = 0;
};

class Records {
 public:
  static constexpr std::size_t kBytes = 64;  // of each

  [[nodiscard]] virtual RecordRange range() const = 0;
  /// Record `first` and those behind it, as many as `into` holds whole; all are before next. A
  /// place whose record is not there any more reads as erased flash, all ones. IoError when the
  /// flash cannot be read.
  virtual Status read(std::uint32_t first, MutableBytes into) const = 0;

  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

 protected:
  Records() = default;
  ~Records() = default;
};

}  // namespace weco
