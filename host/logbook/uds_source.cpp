// SPDX-License-Identifier: Apache-2.0
#include "host/logbook/uds_source.hpp"

#include <algorithm>
#include <array>

namespace weco::logbook {
namespace {

constexpr int kTries = 3;

}  // namespace

UdsSource::UdsSource(Reactor& reactor, FrameLink& bus, const UdsTiming& timing)
    : bus_(bus), line_(reactor, bus, timing) {}

/// Reading changes nothing, so it is asked again.
Outcome<Bytes> UdsSource::ask(Bytes request, std::size_t echo, const char* what) {
  for (int tried = 1;; ++tried) {
    const auto answer = line_.ask(request, echo);
    if (answer) return *answer;
    if (tried < kTries && answer.error().code == ErrorCode::Timeout) continue;
    Failure failed = uds_failure(answer.error(), what, bus_.describe());
    if (answer.error().code == ErrorCode::DeviceException) {
      failed.hint = "It keeps no journal that can be read this way, or not here.";
    }
    return Unexpected{std::move(failed)};
  }
}

Outcome<Range> UdsSource::range() {
  std::array<std::uint8_t, 3> request{};
  ByteWriter out(request);
  out.u8(static_cast<std::uint8_t>(uds::Service::ReadData));
  out.u16(uds::kJournalRange, Endian::Big);
  const auto answer = ask(request, 2, "asking for the journal");
  if (!answer) return Unexpected{answer.error()};
  ByteReader in(answer->subspan(request.size()));
  const Range range{in.u32(Endian::Big), in.u32(Endian::Big)};
  if (in.ok() && in.remaining() == 0) return range;
  return failure(ErrorCode::BadFrame, "the answer to asking for the journal is not readable",
                 bus_.describe());
}

Outcome<std::size_t> UdsSource::read(std::uint32_t first, std::span<Slot> into) {
  const std::size_t count = std::min<std::size_t>(into.size(), uds::kJournalRecords);
  std::array<std::uint8_t, 9> request{};
  ByteWriter out(request);
  out.u8(static_cast<std::uint8_t>(uds::Service::Routine));
  out.u8(uds::kStartRoutine);
  out.u16(uds::kJournalRoutine, Endian::Big);
  out.u32(first, Endian::Big);
  out.u8(static_cast<std::uint8_t>(count));
  const auto answer = ask(request, request.size() - 1, "reading the journal");
  if (!answer) return Unexpected{answer.error()};
  const Bytes data = answer->subspan(request.size());
  if (data.size() != count * journal::kRecordBytes) {
    return failure(ErrorCode::BadFrame, "the answer to reading the journal is not readable",
                   bus_.describe());
  }
  return copy_records(data, into);
}

}  // namespace weco::logbook
