// SPDX-License-Identifier: Apache-2.0
#include "host/update/uds_updater.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weco {
namespace {

constexpr int kTries = 3;

/// The bus or the session; a refusal is none of it.
bool is_passing(const Error& error) {
  if (error.code == ErrorCode::DeviceException) {
    const auto nrc = static_cast<uds::Nrc>(error.detail);
    // A device that restarted, or whose session ran out, has forgotten the transfer.
    return nrc == uds::Nrc::WrongBlockCounter || nrc == uds::Nrc::SequenceError ||
           nrc == uds::Nrc::NotInSession || nrc == uds::Nrc::BusyRepeat;
  }
  return error.code == ErrorCode::Timeout || error.code == ErrorCode::Disconnected ||
         error.code == ErrorCode::BadFrame || error.code == ErrorCode::UnexpectedReply;
}

using Message = std::vector<std::uint8_t>;

Message message(uds::Service service, std::initializer_list<std::uint8_t> bytes) {
  Message out{static_cast<std::uint8_t>(service)};
  out.insert(out.end(), bytes);
  return out;
}

void put(Message& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint8_t high(std::uint16_t id) { return static_cast<std::uint8_t>(id >> 8); }
std::uint8_t low(std::uint16_t id) { return static_cast<std::uint8_t>(id & 0xFF); }

}  // namespace

struct UdsUpdater::Upload {
  Bytes image;
  Sha256 sha{};
  UpdateProgress figures;
  Instant begun;
  Instant forward;
  std::uint64_t wire_before = 0;
  std::size_t block = 0;  // bytes of the image in one
  std::uint8_t counter = 0;
};

UdsUpdater::UdsUpdater(Reactor& reactor, FrameLink& link, UdsOptions options)
    : reactor_(reactor), link_(link), options_(options), line_(reactor, link, options.timing) {}

/// What is safe to ask twice.
Result<Bytes> UdsUpdater::ask_again(Bytes request, std::size_t echo) {
  for (int tried = 1;; ++tried) {
    const auto answer = line_.ask(request, echo);
    if (answer || tried == kTries || answer.error().code != ErrorCode::Timeout) return answer;
  }
}

Outcome<Bytes> UdsUpdater::ask(Bytes request, std::size_t echo, const char* what) {
  const auto answer = ask_again(request, echo);
  if (answer) return *answer;
  return Unexpected{uds_failure(answer.error(), what, link_.describe())};
}

Outcome<std::optional<update::Slot>> UdsUpdater::read_slot(std::uint16_t id) {
  const auto answer =
      ask(message(uds::Service::ReadData, {high(id), low(id)}), 2, "reading the firmware slots");
  if (!answer) return Unexpected{answer.error()};
  ByteReader in(answer->subspan(3));
  const std::uint8_t flags = in.u8();
  update::Slot slot;
  slot.number = id == uds::kSpareSlot ? 1 : 0;
  slot.version.major = in.u8();
  slot.version.minor = in.u8();
  slot.version.revision = in.u16(Endian::Big);
  slot.version.build = in.u32(Endian::Big);
  for (const std::uint8_t byte : in.take(in.u8())) {
    if (!slot.hash.push_back(byte)) break;
  }
  if (!in.ok()) {
    return failure(ErrorCode::BadFrame, "the state of a firmware slot is not readable",
                   link_.describe());
  }
  if ((flags & uds::kValid) == 0) return std::optional<update::Slot>{};
  slot.valid = true;
  slot.active = (flags & uds::kActive) != 0;
  slot.confirmed = (flags & uds::kConfirmed) != 0;
  slot.pending = (flags & uds::kPending) != 0;
  slot.permanent = (flags & uds::kPermanent) != 0;
  return std::optional<update::Slot>{slot};
}

Outcome<UpdateState> UdsUpdater::look() {
  const auto board = ask(message(uds::Service::ReadData, {high(uds::kBoard), low(uds::kBoard)}), 2,
                         "asking for the board");
  if (!board) return Unexpected{board.error()};
  UpdateState state;
  state.board.assign(board->begin() + 3, board->end());
  auto running = read_slot(uds::kRunningSlot);
  if (!running) return Unexpected{running.error()};
  auto spare = read_slot(uds::kSpareSlot);
  if (!spare) return Unexpected{spare.error()};
  state.active = *running;
  state.spare = *spare;
  return state;
}

/// The programming session, and an upload open where the device stands.
Status UdsUpdater::begin(Upload& upload) {
  const auto session = ask_again(message(uds::Service::Session, {uds::kProgrammingSession}), 1);
  if (!session) return Unexpected{session.error()};
  const auto stored = ask_again(
      message(uds::Service::ReadData, {high(uds::kUploadState), low(uds::kUploadState)}), 2);
  if (!stored) return Unexpected{stored.error()};
  ByteReader in(stored->subspan(3));
  std::uint32_t offset = in.u32(Endian::Big);
  const std::uint32_t total = in.u32(Endian::Big);
  const Bytes sha = in.take(upload.sha.size());
  if (!in.ok()) return fail(ErrorCode::BadFrame);
  if (total != upload.figures.total || !std::equal(sha.begin(), sha.end(), upload.sha.begin())) {
    Message erase =
        message(uds::Service::Routine, {1, high(uds::kEraseRoutine), low(uds::kEraseRoutine)});
    put(erase, upload.figures.total);
    erase.insert(erase.end(), upload.sha.begin(), upload.sha.end());
    if (const auto done = ask_again(erase, 3); !done) return Unexpected{done.error()};
    offset = 0;
  }
  if (offset > upload.figures.offset) upload.forward = reactor_.now();
  upload.figures.offset = offset;
  Message download = message(uds::Service::RequestDownload, {0, 0x44});
  put(download, offset);
  put(download, upload.figures.total - offset);
  const auto opened = ask_again(download, 0);
  if (!opened) return Unexpected{opened.error()};
  if (opened->size() != 4) return fail(ErrorCode::BadFrame);
  const std::size_t longest = std::min<std::size_t>(
      static_cast<std::size_t>(((*opened)[2] << 8) | (*opened)[3]), uds::kMessageMax);
  if (longest < 3) return fail(ErrorCode::BadFrame);
  upload.block = longest - 2;  // service and counter are counted
  upload.counter = 1;
  return {};
}

Status UdsUpdater::send_blocks(Upload& upload, const OnProgress& progress) {
  UpdateProgress& figures = upload.figures;
  Message block;
  while (figures.offset < figures.total) {
    const std::size_t size = std::min<std::size_t>(upload.block, figures.total - figures.offset);
    const Bytes data = upload.image.subspan(figures.offset, size);
    block = message(uds::Service::TransferData, {upload.counter});
    block.insert(block.end(), data.begin(), data.end());
    figures.payload += size;
    // Twice is safe: the device knows a block that it has.
    const auto answer = line_.ask(block, 1);
    figures.wire = line_.wire_bytes() - upload.wire_before;
    figures.elapsed = reactor_.now() - upload.begun;
    if (!answer) return Unexpected{answer.error()};
    figures.offset += static_cast<std::uint32_t>(size);
    upload.forward = reactor_.now();
    ++upload.counter;
    if (progress) progress(figures);
  }
  const auto closed = ask_again(message(uds::Service::TransferExit, {}), 0);
  if (!closed) return Unexpected{closed.error()};
  return {};
}

Done UdsUpdater::upload(const Firmware& firmware, bool, const OnProgress& progress) {
  Upload upload;
  upload.image = firmware.image();
  upload.sha = sha256(upload.image);
  upload.figures.total = static_cast<std::uint32_t>(upload.image.size());
  upload.begun = upload.forward = reactor_.now();
  upload.wire_before = line_.wire_bytes();
  while (true) {
    Status status = begin(upload);
    if (status) status = send_blocks(upload, progress);
    if (status) return {};
    if (!is_passing(status.error()) || reactor_.interrupted() ||
        reactor_.now() - upload.forward >= options_.patience) {
      return Unexpected{uds_failure(status.error(), "sending the image", link_.describe())};
    }
    ++upload.figures.lost_links;
    reactor_.pause(options_.pause);
  }
}

Done UdsUpdater::routine(std::uint16_t id, Bytes option, const char* what) {
  const auto session = ask(message(uds::Service::Session, {uds::kProgrammingSession}), 1, what);
  if (!session) return Unexpected{session.error()};
  Message start = message(uds::Service::Routine, {1, high(id), low(id)});
  start.insert(start.end(), option.begin(), option.end());
  const auto done = ask(start, 3, what);
  if (!done) return Unexpected{done.error()};
  return {};
}

Done UdsUpdater::ask_for_trial(Bytes hash) {
  return routine(uds::kTrialRoutine, hash, "asking for a trial of the new firmware");
}

Done UdsUpdater::reset() {
  // Asked once: when the answer is lost the device restarts nevertheless, and must not do it twice.
  const auto answer = line_.ask(message(uds::Service::Reset, {1}), 1);
  if (answer) return {};
  return Unexpected{uds_failure(answer.error(), "restarting the device", link_.describe())};
}

Outcome<UpdateState> UdsUpdater::await(Duration limit) {
  const Instant until = reactor_.now() + limit;
  while (true) {
    reactor_.pause(options_.pause);
    if (reactor_.interrupted()) return failure(ErrorCode::Interrupted, "waiting for the device");
    auto state = look();
    if (state || !is_passing(state.error().error) || reactor_.now() >= until) return state;
  }
}

Done UdsUpdater::confirm() {
  return routine(uds::kConfirmRoutine, {}, "confirming the new firmware");
}

}  // namespace weco
