// SPDX-License-Identifier: Apache-2.0
#include "core/journal/file.hpp"

#include <algorithm>

namespace weco::journal {

Result<std::size_t> read_file(const Journal& journal, std::uint64_t offset, MutableBytes into) {
  const std::uint64_t end = file_size(journal);
  std::size_t done = 0;
  while (done < into.size() && offset < end) {
    std::array<std::uint8_t, kRecordBytes> slot;
    slot.fill(0xFF);
    const auto record = journal.read(static_cast<std::uint32_t>(offset / kRecordBytes));
    if (record) {
      encode(*record, slot);
    } else if (record.error().code != ErrorCode::NotFound) {
      return fail(record.error().code);
    }
    const std::size_t begin = offset % kRecordBytes;
    const std::size_t part = std::min(kRecordBytes - begin, into.size() - done);
    std::copy_n(slot.begin() + static_cast<std::ptrdiff_t>(begin), part,
                into.begin() + static_cast<std::ptrdiff_t>(done));
    done += part;
    offset += part;
  }
  return done;
}

}  // namespace weco::journal
