// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/modbus_update/update_registers.hpp"

#include <algorithm>

namespace weco::modbus_update {
namespace {

constexpr std::uint8_t kVendorName = 0;
constexpr std::uint8_t kProductCode = 1;
constexpr std::uint8_t kRevision = 2;
constexpr std::uint8_t kModelName = 5;

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void put(std::uint16_t* at, std::uint32_t value) { std::ranges::copy(modbus::halves(value), at); }

void put(std::uint16_t* at, Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    at[i / 2] = static_cast<std::uint16_t>(at[i / 2] | bytes[i] << (i % 2 == 0 ? 8 : 0));
  }
}

/// Where a record is in the image; beyond every image when there is no such file.
std::uint64_t place_of(std::uint16_t file, std::uint16_t record) {
  return std::uint64_t{static_cast<std::uint16_t>(file - kFirstFile)} * kFileBytes +
         2U * std::uint64_t{record};
}

}  // namespace

bool UpdateRegisters::serves_function(modbus::Function function) {
  return function == modbus::Function::ReadHoldingRegisters ||
         function == modbus::Function::WriteMultipleRegisters ||
         function == modbus::Function::ReadFileRecord ||
         function == modbus::Function::WriteFileRecord ||
         function == modbus::Function::ReadDeviceIdentification;
}

void UpdateRegisters::put_slot(std::size_t n, std::uint16_t* at) {
  const update::Slot slot = target_.slot(n);
  if (!slot.valid) return;
  at[0] = static_cast<std::uint16_t>(
      kValid | (slot.active ? kActive : 0) | (slot.confirmed ? kConfirmed : 0) |
      (slot.pending ? kPending : 0) | (slot.permanent ? kPermanent : 0));
  at[1] = static_cast<std::uint16_t>(slot.version.major << 8 | slot.version.minor);
  at[2] = slot.version.revision;
  put(at + 3, slot.version.build);
  at[5] = static_cast<std::uint16_t>(slot.hash.size());
  put(at + 6, slot.hash.view());
}

Status UpdateRegisters::read_block(modbus::RegisterTable table, std::uint16_t address,
                                   modbus::RegisterSink out) {
  const std::size_t first = static_cast<std::uint16_t>(address - kBase);
  if (table != modbus::RegisterTable::Holding || first >= kBlockRegisters ||
      out.size() > kBlockRegisters - first) {
    return fail(ErrorCode::NotFound);
  }
  std::array<std::uint16_t, kBlockRegisters> block{};
  block[0] = kMagic;
  block[1] = kVersion;
  block[kRefusalAt] = static_cast<std::uint16_t>(refusal_);
  put(block.data() + kStoredAt, stored_);
  put(block.data() + kTotalAt, total_);
  put(block.data() + kShaAt, sha_);
  for (std::size_t n = 0; n < update::kSlots; ++n) {
    put_slot(n, block.data() + kSlotAt + n * kSlotRegisters);
  }
  for (std::size_t i = 0; i < out.size(); ++i) out.set(i, block[first + i]);
  return {};
}

/// Refused orders are exceptions; the block keeps why.
Status UpdateRegisters::judged(update::Refusal refusal) {
  refusal_ = refusal;
  if (refusal == update::Refusal::None) return {};
  return fail(refusal == update::Refusal::Busy ? ErrorCode::Busy : ErrorCode::IoError);
}

Status UpdateRegisters::obey(std::uint16_t address, modbus::RegisterView values) {
  if (address != kOrder) return fail(ErrorCode::NotFound);
  switch (static_cast<Order>(values[0])) {
    case Order::Begin:
      return values.size() == 3 + kShaRegisters ? judged(begin(values)) : fail(ErrorCode::BadInput);
    case Order::Try:
      if (values.size() != 2 + kHashRegisters) return fail(ErrorCode::BadInput);
      return judged(try_hash(values));
    case Order::Confirm:
      return judged(target_.confirm());
    case Order::Reset:
      target_.reset();
      return judged(update::Refusal::None);
  }
  return fail(ErrorCode::BadInput);
}

update::Refusal UpdateRegisters::begin(modbus::RegisterView values) {
  const std::uint32_t size = modbus::joined(values[1], values[2]);
  const Bytes sha = values.part(3, kShaRegisters).bytes();
  const bool known = size == total_ && std::equal(sha.begin(), sha.end(), sha_.begin());
  if (known && total_ != 0) return update::Refusal::None;
  stored_ = total_ = 0;
  const update::Refusal refusal = target_.begin(size);
  if (refusal != update::Refusal::None) return refusal;
  total_ = size;
  std::copy(sha.begin(), sha.end(), sha_.begin());
  return refusal;
}

update::Refusal UpdateRegisters::try_hash(modbus::RegisterView values) {
  const Bytes wanted = values.part(2, kHashRegisters).bytes();
  const update::Slot spare = target_.slot(1);
  const auto have = spare.hash.view();
  const bool same = spare.valid && have.size() == values[1] &&
                    std::equal(have.begin(), have.end(), wanted.begin());
  return same ? target_.set_pending(false) : update::Refusal::NoImage;
}

Status UpdateRegisters::store(std::uint16_t file, std::uint16_t record,
                              modbus::RegisterView values) {
  const std::uint64_t offset = place_of(file, record);
  if (offset >= total_) return fail(ErrorCode::NotFound);
  // The last record of a file with an odd size is filled up.
  const std::uint64_t size = std::min<std::uint64_t>(2 * values.size(), total_ - offset);
  if (2 * values.size() > size + size % 2) return fail(ErrorCode::NotFound);
  if (offset + size <= stored_) return {};  // an answer was lost
  if (offset != stored_) return fail(ErrorCode::NotFound);
  const auto at = static_cast<std::uint32_t>(offset);
  const Bytes data = values.bytes().first(static_cast<std::size_t>(size));
  if (Status done = judged(target_.write(at, data)); !done) return done;
  stored_ = at + static_cast<std::uint32_t>(size);
  return {};
}

Status UpdateRegisters::read_stored(std::uint16_t file, std::uint16_t record,
                                    modbus::RegisterSink out) {
  const std::uint64_t offset = place_of(file, record);
  std::array<std::uint8_t, 2 * kReadRegisters> data{};
  const std::size_t size = 2 * out.size();
  if (size > data.size() || offset + size > stored_) return fail(ErrorCode::NotFound);
  const update::Refusal refusal =
      target_.read(static_cast<std::uint32_t>(offset), MutableBytes(data).first(size));
  if (refusal != update::Refusal::None) return judged(refusal);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out.set(i, static_cast<std::uint16_t>(data[2 * i] << 8 | data[2 * i + 1]));
  }
  return {};
}

Result<Bytes> UpdateRegisters::identify(std::uint8_t object) const {
  switch (object) {
    case kVendorName:
      return bytes_of("weco");
    case kProductCode:
      return bytes_of(target_.serial_number());
    case kRevision:
      return bytes_of("1");
    case kModelName:
      return bytes_of(target_.board());
    default:
      return fail(ErrorCode::NotFound);
  }
}

}  // namespace weco::modbus_update
