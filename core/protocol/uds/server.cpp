// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/uds/server.hpp"

#include <algorithm>
#include <utility>

namespace weco::uds {
namespace {

constexpr std::uint8_t kHardReset = 1;
constexpr std::uint8_t kNoAnswerWanted = 0x80;
constexpr std::uint16_t kP2Ms = 50;
constexpr std::uint16_t kP2StarTenMs = 500;
constexpr std::uint8_t kFourByFour = 0x44;

}  // namespace

Bytes Server::respond(Bytes request, Instant now) {
  answer_size_ = 0;
  pending_left_ = 0;
  if (request.empty()) return {};
  ++requests_;
  if (now - heard_ >= config_.s3) {
    session_ = kDefaultSession;
    upload_.open = false;
  }
  heard_ = now;
  nrc_ = Nrc::None;
  ByteReader in(request);
  const std::uint8_t service = in.u8();
  ByteWriter out(answer_);
  out.u8(static_cast<std::uint8_t>(service + kPositive));
  serve(in, static_cast<Service>(service), out);
  answer_size_ = out.size();
  if (!in.ok() && nrc_ == Nrc::None) nrc_ = Nrc::WrongLength;
  if (nrc_ != Nrc::None) {
    answer_ = {kNegative, service, static_cast<std::uint8_t>(nrc_)};
    answer_size_ = 3;
  }
  pending_answer_ = {kNegative, service, static_cast<std::uint8_t>(Nrc::Pending)};
  return next();
}

Bytes Server::next() {
  if (pending_left_ > 0) {
    --pending_left_;
    return pending_answer_;
  }
  return Bytes(answer_).first(std::exchange(answer_size_, 0));
}

void Server::serve(ByteReader& in, Service service, ByteWriter& out) {
  switch (service) {
    case Service::Session:
      return session(in, out);
    case Service::Reset: {
      const std::uint8_t kind = in.u8();
      if (kind != kHardReset) {
        nrc_ = Nrc::SubFunctionNotSupported;
        return;
      }
      out.u8(kind);
      target_.reset();
      return;
    }
    case Service::ReadData:
      return read_data(in, out);
    case Service::Routine:
      return routine(in, out);
    case Service::RequestDownload:
      return download(in, out);
    case Service::TransferData:
      return transfer(in, out);
    case Service::TransferExit:
      return transfer_exit(out);
    case Service::TesterPresent:
      out.u8(static_cast<std::uint8_t>(in.u8() & ~kNoAnswerWanted));
      return;
  }
  nrc_ = Nrc::ServiceNotSupported;
}

void Server::session(ByteReader& in, ByteWriter& out) {
  const std::uint8_t wanted = in.u8();
  if (wanted != kDefaultSession && wanted != kProgrammingSession) {
    nrc_ = Nrc::SubFunctionNotSupported;
    return;
  }
  session_ = wanted;
  out.u8(wanted);
  out.u16(kP2Ms, Endian::Big);
  out.u16(kP2StarTenMs, Endian::Big);
}

bool Server::programming() {
  if (session_ == kProgrammingSession) return true;
  nrc_ = Nrc::NotInSession;
  return false;
}

void Server::put_slot(std::size_t n, ByteWriter& out) {
  const update::Slot slot = target_.slot(n);
  out.u8(static_cast<std::uint8_t>(
      (slot.valid ? kValid : 0) | (slot.active ? kActive : 0) | (slot.confirmed ? kConfirmed : 0) |
      (slot.pending ? kPending : 0) | (slot.permanent ? kPermanent : 0)));
  out.u8(slot.version.major);
  out.u8(slot.version.minor);
  out.u16(slot.version.revision, Endian::Big);
  out.u32(slot.version.build, Endian::Big);
  out.u8(static_cast<std::uint8_t>(slot.hash.size()));
  out.bytes(slot.hash.view());
}

void Server::read_data(ByteReader& in, ByteWriter& out) {
  const std::uint16_t id = in.u16(Endian::Big);
  out.u16(id, Endian::Big);
  const auto text = [&out](std::string_view value) {
    for (const char c : value.substr(0, 64)) out.u8(static_cast<std::uint8_t>(c));
  };
  if (id == kBoard) return text(target_.board());
  if (id == kSerialNumber) return text(target_.serial_number());
  if (id == kRunningSlot || id == kSpareSlot) return put_slot(id == kSpareSlot ? 1 : 0, out);
  if (id == kUploadState) {
    out.u32(upload_.offset, Endian::Big);
    out.u32(upload_.size, Endian::Big);
    out.bytes(upload_.sha);
    return;
  }
  if (id == kJournalRange && records_ != nullptr) {
    const RecordRange range = records_->range();
    out.u32(range.oldest, Endian::Big);
    out.u32(range.next, Endian::Big);
    return;
  }
  nrc_ = Nrc::OutOfRange;
}

/// What was asked for comes back before the records: a late answer to another question shows.
void Server::read_journal(ByteReader& in, ByteWriter& out) {
  const std::uint32_t first = in.u32(Endian::Big);
  const std::uint8_t count = in.u8();
  if (!in.ok()) return;
  const std::uint32_t next = records_->range().next;
  if (count == 0 || count > kJournalRecords || first >= next || count > next - first) {
    nrc_ = Nrc::OutOfRange;
    return;
  }
  out.u32(first, Endian::Big);
  out.u8(count);
  std::array<std::uint8_t, kJournalRecords * Records::kBytes> data{};
  const MutableBytes wanted = MutableBytes(data).first(count * Records::kBytes);
  if (!records_->read(first, wanted)) {
    nrc_ = Nrc::ConditionsNotCorrect;
    return;
  }
  out.bytes(wanted);
}

void Server::refuse(update::Refusal refusal) {
  switch (refusal) {
    case update::Refusal::None:
      return;
    case update::Refusal::Busy:
      nrc_ = Nrc::BusyRepeat;
      return;
    case update::Refusal::NoFreeSlot:
    case update::Refusal::State:
    case update::Refusal::NotNewer:
      nrc_ = Nrc::ConditionsNotCorrect;
      return;
    case update::Refusal::Flash:
      nrc_ = Nrc::ProgrammingFailure;
      return;
    case update::Refusal::TooLarge:
    case update::Refusal::Header:
    case update::Refusal::Range:
    case update::Refusal::NoImage:
      nrc_ = Nrc::OutOfRange;
      return;
  }
}

void Server::routine(ByteReader& in, ByteWriter& out) {
  const std::uint8_t what = in.u8();
  const std::uint16_t id = in.u16(Endian::Big);
  out.u8(what);
  out.u16(id, Endian::Big);
  if (!in.ok()) return;
  if (what != kStartRoutine) {
    nrc_ = Nrc::SubFunctionNotSupported;
    return;
  }
  if (id == kJournalRoutine && records_ != nullptr) return read_journal(in, out);
  if (!programming()) return;
  if (id == kEraseRoutine) return erase(in);
  if (id == kTrialRoutine) return try_hash(in);
  if (id == kConfirmRoutine) return refuse(target_.confirm());
  nrc_ = Nrc::OutOfRange;
}

void Server::erase(ByteReader& in) {
  const std::uint32_t size = in.u32(Endian::Big);
  const Bytes sha = in.take(upload_.sha.size());
  if (!in.ok()) return;
  upload_ = {};
  refuse(size == 0 ? update::Refusal::Range : target_.begin(size));
  if (nrc_ != Nrc::None) return;
  upload_.size = size;
  std::copy(sha.begin(), sha.end(), upload_.sha.begin());
  pending_left_ = config_.pending;
}

void Server::try_hash(ByteReader& in) {
  const Bytes hash = in.take(in.remaining());
  const update::Slot spare = target_.slot(1);
  const auto have = spare.hash.view();
  const bool there = spare.valid && std::equal(have.begin(), have.end(), hash.begin(), hash.end());
  refuse(there ? target_.set_pending(false) : update::Refusal::NoImage);
}

void Server::download(ByteReader& in, ByteWriter& out) {
  const std::uint8_t format = in.u8();
  const std::uint8_t lengths = in.u8();
  const std::uint32_t offset = in.u32(Endian::Big);
  const std::uint32_t rest = in.u32(Endian::Big);
  if (!in.ok() || !programming()) return;
  if (format != 0 || lengths != kFourByFour || upload_.size == 0 || offset != upload_.offset ||
      rest != upload_.size - upload_.offset) {
    nrc_ = Nrc::OutOfRange;
    return;
  }
  upload_.open = true;
  upload_.counter = 0;
  out.u8(0x20);  // the length that follows has two bytes
  out.u16(config_.message_bytes, Endian::Big);
}

void Server::transfer(ByteReader& in, ByteWriter& out) {
  const std::uint8_t counter = in.u8();
  const Bytes data = in.take(in.remaining());
  if (!in.ok() || !programming()) return;
  out.u8(counter);
  if (!upload_.open) {
    nrc_ = Nrc::SequenceError;
  } else if (counter == upload_.counter && upload_.offset != 0) {
    return;  // the answer was lost: acknowledged again, not written again
  } else if (counter != static_cast<std::uint8_t>(upload_.counter + 1)) {
    nrc_ = Nrc::WrongBlockCounter;
  } else if (data.empty() || data.size() + 2 > config_.message_bytes ||
             data.size() > upload_.size - upload_.offset) {
    nrc_ = Nrc::OutOfRange;
  } else {
    refuse(target_.write(upload_.offset, data));
    if (nrc_ != Nrc::None) return;
    upload_.offset += static_cast<std::uint32_t>(data.size());
    upload_.counter = counter;
  }
}

void Server::transfer_exit(ByteWriter&) {
  if (!programming()) return;
  if (!upload_.open || upload_.offset != upload_.size) {
    nrc_ = Nrc::SequenceError;
    return;
  }
  upload_.open = false;
  if (!target_.matches(upload_.size, upload_.sha)) nrc_ = Nrc::ProgrammingFailure;
}

}  // namespace weco::uds
