// SPDX-License-Identifier: Apache-2.0
// A journal as the one long file that devices give out over their protocols: record `q` stands at
// byte q * kRecordBytes for as long as it is kept. A place whose record was overwritten or lost to
// a power cut reads as erased flash, so nobody who reads while the ring goes on is shifted.
#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/journal/journal.hpp"

namespace weco::journal {

/// Where the newest record ends, in bytes from the very first record ever.
inline std::uint64_t file_size(const Journal& journal) {
  return std::uint64_t{journal.next_sequence()} * kRecordBytes;
}

/// Fills `into` from `offset`, at most to the end; returns how much it filled. IoError when the
/// flash cannot be read.
Result<std::size_t> read_file(const Journal& journal, std::uint64_t offset, MutableBytes into);

}  // namespace weco::journal
