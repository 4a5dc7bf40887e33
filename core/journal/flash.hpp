// SPDX-License-Identifier: Apache-2.0
// The flash under a journal, as the journal needs it: sectors that are erased to ones, bytes that
// are programmed from one to zero, and a number of erases after which the maker promises nothing.
// Plain function pointers, because a target fills them from ROM and nothing here may allocate.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace weco::journal {

/// Where and how much. Checked by Journal::mount, which refuses what it cannot use.
struct Geometry {
  std::uint32_t sector_bytes = 0;  // a multiple of the record size, at least two records
  std::uint32_t sector_count = 0;  // at least 3
  std::uint32_t erase_limit = 0;   // erases a sector is rated for; 0 = not published
};

/// Every function answers false when the chip reports a failure. An address is an offset from the
/// first sector. A power cut may end any program or erase half-way; the journal lives with it.
struct Flash {
  Geometry geometry{};
  void* context = nullptr;
  bool (*read)(void* context, std::uint32_t address, MutableBytes into) = nullptr;
  bool (*program)(void* context, std::uint32_t address, Bytes data) = nullptr;
  bool (*erase)(void* context, std::uint32_t sector) = nullptr;
};

}  // namespace weco::journal
