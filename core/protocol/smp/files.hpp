// SPDX-License-Identifier: Apache-2.0
// The files that a device gives out over SMP's file group. There is no way to write one.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weco::smp {

class Files {
 public:
  /// Bytes of the file now; NotFound for a name that is not there.
  virtual Result<std::uint64_t> size(std::string_view name) = 0;
  /// Fills `into` from `offset`, at most to the end; returns how much. NotFound, or IoError when
  /// the store behind it fails.
  virtual Result<std::size_t> read(std::string_view name, std::uint64_t offset,
                                   MutableBytes into) = 0;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

 protected:
  Files() = default;
  ~Files() = default;
};

/// What our own devices call them. The journal is laid out as core/journal/file.hpp says, and the
/// other one is the number of its oldest record, four bytes, little endian.
inline constexpr std::string_view kJournalFile = "/journal";
inline constexpr std::string_view kJournalOldestFile = "/journal.oldest";

}  // namespace weco::smp
