// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/source.hpp"

#include <algorithm>

namespace weco::logbook {

std::size_t copy_records(Bytes data, std::span<Slot> into) {
  const std::size_t whole = std::min(data.size() / journal::kRecordBytes, into.size());
  for (std::size_t i = 0; i < whole; ++i) {
    const Bytes record = data.subspan(i * journal::kRecordBytes, journal::kRecordBytes);
    std::copy(record.begin(), record.end(), into[i].begin());
  }
  return whole;
}

}  // namespace weco::logbook
