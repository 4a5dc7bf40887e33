// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/modbus_journal/journal_registers.hpp"

#include <algorithm>
#include <array>

namespace weco::modbus_journal {
namespace {

static_assert(Records::kBytes == 2 * kRecordRegisters);

}  // namespace

Status JournalRegisters::read_block(modbus::RegisterTable table, std::uint16_t address,
                                    modbus::RegisterSink out) {
  const std::size_t first = static_cast<std::uint16_t>(address - kBase);
  if (table != modbus::RegisterTable::Holding || first >= kBlockRegisters ||
      out.size() > kBlockRegisters - first) {
    return fail(ErrorCode::NotFound);
  }
  const RecordRange range = records_.range();
  std::array<std::uint16_t, kBlockRegisters> block{kMagic, kVersion};
  std::ranges::copy(modbus::halves(range.oldest), block.data() + kOldestAt);
  std::ranges::copy(modbus::halves(range.next), block.data() + kNextAt);
  for (std::size_t i = 0; i < out.size(); ++i) out.set(i, block[first + i]);
  return {};
}

Status JournalRegisters::read_records(std::uint16_t file, std::uint16_t record,
                                      modbus::RegisterSink out) {
  const std::uint32_t next = records_.range().next;
  const std::size_t count = out.size() / kRecordRegisters;
  const std::uint32_t in_file = record / kRecordRegisters;
  if (file < kFirstFile || next == 0 || record % kRecordRegisters != 0 ||
      out.size() % kRecordRegisters != 0 || count == 0 || count > kReadRecords ||
      in_file + count > kFileRecords) {
    return fail(ErrorCode::NotFound);
  }
  const std::uint32_t place =
      std::uint32_t{file - std::uint32_t{kFirstFile}} * kFileRecords + in_file;
  const std::uint32_t newest = next - 1;
  if (place > newest) return fail(ErrorCode::NotFound);
  const std::uint32_t first = newest - (newest - place) % kPlaces;
  if (count > next - first) return fail(ErrorCode::NotFound);
  std::array<std::uint8_t, kReadRecords * Records::kBytes> data{};
  const MutableBytes wanted = MutableBytes(data).first(count * Records::kBytes);
  if (Status read = records_.read(first, wanted); !read) return read;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out.set(i, static_cast<std::uint16_t>(data[2 * i] << 8 | data[2 * i + 1]));
  }
  return {};
}

}  // namespace weco::modbus_journal
