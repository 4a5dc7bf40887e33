// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/smp_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/protocol/smp/files.hpp"

namespace weco::logbook {

SmpQuestion::SmpQuestion(ByteLink& link, smp::Framing framing)
    : link_(link), client_({.framing = framing, .baud = link.traits().bits_per_second}) {}

void SmpQuestion::ask_range() {
  part_ = Part::Size;
  smp::ask_file_status(client_, smp::kJournalFile);
}

void SmpQuestion::ask_records(std::uint32_t first) {
  part_ = Part::Records;
  offset_ = std::uint64_t{first} * journal::kRecordBytes;
  smp::ask_file(client_, smp::kJournalFile, offset_);
}

std::string_view SmpQuestion::title() const {
  if (part_ == Part::Records) return "reading the journal";
  return part_ == Part::Size ? "asking for the journal" : "asking for the oldest record";
}

Unexpected<Failure> SmpQuestion::unreadable() const {
  return failure(ErrorCode::BadFrame, fmt::format("the answer to {} is not readable", title()),
                 link_.describe());
}

Outcome<bool> SmpQuestion::take(Status status) {
  if (!status) {
    const Error error = status.error();
    if (error.code != ErrorCode::DeviceException) {
      return failure(error, std::string(title()), link_.describe());
    }
    return failure(error,
                   fmt::format("{}: the device says '{}'", title(), smp::error_name(error.detail)),
                   link_.describe(), "It keeps no journal that can be read this way, or not here.");
  }
  if (part_ == Part::Size) return take_size();
  return part_ == Part::Oldest ? take_oldest() : Outcome<bool>(true);
}

Outcome<bool> SmpQuestion::take_size() {
  const auto size = smp::read_file_status(client_.response());
  const std::uint64_t records = size.value_or(1) / journal::kRecordBytes;
  if (!size || *size % journal::kRecordBytes != 0 ||
      records > std::numeric_limits<std::uint32_t>::max()) {
    return unreadable();
  }
  range_.next = static_cast<std::uint32_t>(records);
  part_ = Part::Oldest;
  smp::ask_file(client_, smp::kJournalOldestFile, 0);
  return false;
}

Outcome<bool> SmpQuestion::take_oldest() {
  const auto part = smp::read_file_part(client_.response());
  if (!part || part->offset != 0) return unreadable();
  ByteReader number(part->data);
  range_.oldest = number.u32(Endian::Little);
  if (!number.ok()) return unreadable();
  // Between the two questions the ring may have gone on.
  range_.next = std::max(range_.next, range_.oldest);
  return true;
}

Outcome<std::size_t> SmpQuestion::records(std::span<Slot> into) {
  const auto part = smp::read_file_part(client_.response());
  if (!part || part->offset != offset_) return unreadable();
  const std::size_t whole = copy_records(part->data, into);
  if (whole == 0) return unreadable();
  return whole;
}

}  // namespace weco::logbook
