// SPDX-License-Identifier: Apache-2.0
// The journal of a simulated controller as its protocols give it out.
#pragma once

#include "core/journal/file.hpp"
#include "core/protocol/records.hpp"

namespace weco::sim {

class JournalRecords final : public Records {
 public:
  /// The journal outlives it.
  explicit JournalRecords(const journal::Journal& journal) : journal_(journal) {}
  [[nodiscard]] RecordRange range() const override {
    return {journal_.oldest_sequence(), journal_.next_sequence()};
  }
  Status read(std::uint32_t first, MutableBytes into) const override {
    static_assert(kBytes == journal::kRecordBytes);
    const auto got = journal::read_file(journal_, std::uint64_t{first} * kBytes, into);
    if (!got) return Unexpected{got.error()};
    return *got == into.size() ? Status{} : fail(ErrorCode::NotFound);
  }

 private:
  const journal::Journal& journal_;
};

}  // namespace weco::sim
