// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/smp_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/protocol/smp/files.hpp"

namespace weco::logbook {
namespace {

Unexpected<Failure> unreadable(Session& session, std::string_view what) {
  return failure(ErrorCode::BadFrame, fmt::format("the answer to {} is not readable", what),
                 session.link().describe());
}

}  // namespace

SmpSource::SmpSource(Session& session, smp::Framing framing)
    : session_(session),
      client_({.framing = framing, .baud = session.link().traits().bits_per_second}) {}

Done SmpSource::ask(const char* what) {
  const Status status = session_.wait(client_);
  if (status) return {};
  const Error error = status.error();
  const std::string where = session_.link().describe();
  if (error.code != ErrorCode::DeviceException) return failure(error, what, where);
  return failure(error,
                 fmt::format("{}: the device says '{}'", what, smp::error_name(error.detail)),
                 where, "It keeps no journal that can be read this way, or not here.");
}

Outcome<smp::FilePart> SmpSource::part(std::string_view name, std::uint64_t offset) {
  smp::ask_file(client_, name, offset);
  if (Done done = ask("reading the journal"); !done) return Unexpected{done.error()};
  const auto part = smp::read_file_part(client_.response());
  if (!part || part->offset != offset) return unreadable(session_, "reading the journal");
  return *part;
}

Outcome<Range> SmpSource::range() {
  smp::ask_file_status(client_, smp::kJournalFile);
  if (Done done = ask("asking for the journal"); !done) return Unexpected{done.error()};
  const auto size = smp::read_file_status(client_.response());
  const std::uint64_t records = size.value_or(1) / journal::kRecordBytes;
  if (!size || *size % journal::kRecordBytes != 0 ||
      records > std::numeric_limits<std::uint32_t>::max()) {
    return unreadable(session_, "asking for the journal");
  }
  const auto oldest = part(smp::kJournalOldestFile, 0);
  if (!oldest) return Unexpected{oldest.error()};
  ByteReader number(oldest->data);
  Range range{number.u32(Endian::Little), static_cast<std::uint32_t>(records)};
  if (!number.ok()) return unreadable(session_, "asking for the oldest record");
  // Between the two questions the ring may have gone on.
  range.next = std::max(range.next, range.oldest);
  return range;
}

Outcome<std::size_t> SmpSource::read(std::uint32_t first, std::span<Slot> into) {
  const auto got = part(smp::kJournalFile, std::uint64_t{first} * journal::kRecordBytes);
  if (!got) return Unexpected{got.error()};
  const std::size_t whole = std::min(got->data.size() / journal::kRecordBytes, into.size());
  if (whole == 0) return unreadable(session_, "reading the journal");
  for (std::size_t i = 0; i < whole; ++i) {
    const Bytes slot = got->data.subspan(i * journal::kRecordBytes, journal::kRecordBytes);
    std::copy(slot.begin(), slot.end(), into[i].begin());
  }
  return whole;
}

}  // namespace weco::logbook
