// SPDX-License-Identifier: Apache-2.0
#include "host/update/smp_updater.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/update/smp_window.hpp"

namespace weco {
namespace {

/// A device's receive buffer also holds length and checksum of a frame on the console.
constexpr std::uint32_t kFrameExtra = 8;
constexpr std::size_t kChunkMin = 32;  // the first one holds the image's header
constexpr std::uint32_t kGrowAfter = 64;
constexpr std::size_t kLanesMax = 8;
/// Emptying a slot takes seconds in real flash, and the first chunk waits for it.
constexpr Duration kAnswer = Duration::ms(2500);
constexpr Duration kEraseAnswer = Duration::s(15);

Failure failure_of(const Error& error, const char* what, const std::string& where) {
  if (error.code != ErrorCode::DeviceException) return {error, what, where, {}};
  return {error,
          fmt::format("{}: the device says '{}'", what, smp::error_name(error.detail)),
          where,
          {}};
}

/// The link or a frame; a refusal is none of it.
bool is_passing(ErrorCode code) {
  return code == ErrorCode::Timeout || code == ErrorCode::Disconnected ||
         code == ErrorCode::BadFrame || code == ErrorCode::UnexpectedReply;
}

}  // namespace

struct SmpUpdater::Upload {
  Bytes image;
  Sha256 sha{};
  UpdateProgress figures;
  Instant begun;
  Instant forward;  // when the device last had more than before
  std::size_t chunk_max = 0;
  std::uint32_t good_in_a_row = 0;
  bool probing = false;  // asks where the device stands, sends nothing
};

SmpUpdater::SmpUpdater(Reactor& reactor, ByteLink& link, SmpOptions options)
    : own_(std::make_unique<Session>(reactor, link)),
      options_(options),
      client_(
          {.framing = options.framing, .baud = link.traits().bits_per_second, .timeout = kAnswer}) {
}

SmpUpdater::SmpUpdater(Session& session, SmpOptions options)
    : lent_(&session),
      options_(options),
      client_({.framing = options.framing,
               .baud = session.link().traits().bits_per_second,
               .timeout = kAnswer}) {}

SmpUpdater::~SmpUpdater() {
  if (own_ || lent_ != nullptr) session().cancel(client_);
}

Done SmpUpdater::ask(const char* what, std::uint8_t tries) {
  const Status status = session().wait(client_, tries);
  if (status) return {};
  return Unexpected{failure_of(status.error(), what, session().link().describe())};
}

/// Which version the device speaks and how much it takes at once. Asked once.
Done SmpUpdater::agree() {
  if (packet_bytes_ != 0) return {};
  smp::ask_params(client_);
  Status status = session().wait(client_);
  const bool other =
      !status && (status.error().code == ErrorCode::Timeout ||
                  status.error() == Error{ErrorCode::DeviceException, smp::kErrTooNew});
  if (other) {
    client_.set_version(smp::Version::V1);
    smp::ask_params(client_);
    status = session().wait(client_);
    if (!status) client_.set_version(smp::Version::V2);
  }
  if (!status && status.error().code != ErrorCode::DeviceException) {
    return Unexpected{
        failure_of(status.error(), "asking for update services", session().link().describe())};
  }
  packet_bytes_ = options_.packet_bytes;
  if (!status) return {};  // it does not tell
  if (const auto params = smp::read_params(client_.response()); params) {
    packet_bytes_ = std::clamp<std::uint32_t>(params->buffer_bytes, 128, smp::kPacketMax);
    buffers_ = params->buffers;
  }
  packet_bytes_ = std::min(packet_bytes_, options_.packet_max);
  if (options_.framing == smp::Framing::Console) packet_bytes_ -= kFrameExtra;
  // Only whole writes: the last one of a packet takes as long as a full one.
  const auto piece = static_cast<std::uint32_t>(session().link().traits().write_max);
  if (piece != 0 && packet_bytes_ > piece) packet_bytes_ -= packet_bytes_ % piece;
  return {};
}

Outcome<UpdateState> SmpUpdater::read_state() {
  smp::ask_image_state(client_);
  if (Done done = ask("reading the firmware slots"); !done) return Unexpected{done.error()};
  const auto list = smp::read_image_state(client_.response());
  if (!list) {
    return failure(list.error(), "the list of firmware slots is not readable",
                   session().link().describe());
  }
  UpdateState state;
  state.board = board_;
  for (const update::Slot& slot : list->view()) {
    (slot.number == 0 ? state.active : state.spare) = slot;
  }
  return state;
}

Outcome<UpdateState> SmpUpdater::look() {
  if (Done done = agree(); !done) return Unexpected{done.error()};
  if (board_.empty()) {
    smp::ask_info(client_, "i");
    const Status told = session().wait(client_);
    if (told) {
      board_ = std::string(smp::read_text(client_.response(), "output").value_or(""));
    } else if (told.error().code != ErrorCode::DeviceException) {
      return Unexpected{
          failure_of(told.error(), "asking for the board", session().link().describe())};
    }
  }
  return read_state();
}

Outcome<smp::UploadAnswer> SmpUpdater::ask_chunk(const smp::Chunk& chunk, Upload& upload) {
  smp::ask_upload(client_, chunk);
  client_.set_timeout(chunk.offset == 0 ? kEraseAnswer : kAnswer);
  const std::uint64_t before = session().counters().attempts;
  const Status status = session().wait(client_, 1);
  client_.set_timeout(kAnswer);
  if (session().counters().attempts != before) {
    upload.figures.payload += chunk.data.size();
    upload.figures.wire += client_.to_send().size();
  }
  if (!status) {
    return Unexpected{failure_of(status.error(), "sending the image", session().link().describe())};
  }
  const auto answer = smp::read_upload(client_.response());
  if (answer && answer->offset <= upload.image.size()) return *answer;
  return failure(ErrorCode::BadFrame, "the answer to a part of the image is not readable",
                 session().link().describe());
}

/// One request of an upload: the next chunk, or where the device stands.
Status SmpUpdater::step(Upload& upload, bool probe) {
  UpdateProgress& figures = upload.figures;
  smp::Chunk chunk;
  chunk.offset = probe ? smp::kProbeOffset : figures.offset;
  chunk.total = figures.total;
  chunk.sha256 = upload.sha;
  const std::size_t room = std::min(smp::chunk_room(packet_bytes_, chunk), upload.chunk_max);
  if (!probe) {
    chunk.data =
        upload.image.subspan(chunk.offset, std::min(room, upload.image.size() - chunk.offset));
  }
  const auto answer = ask_chunk(chunk, upload);
  if (!answer) return fail(answer.error().error.code, answer.error().error.detail);
  if (answer->offset > figures.offset) upload.forward = session().reactor().now();
  figures.offset = answer->offset;
  if (answer->has_match && !answer->match) return fail(ErrorCode::VerificationDiffers);
  return {};
}

/// One buffer is left to the answers; the first part waits for the erase, alone.
bool SmpUpdater::has_window(const Upload& upload) const {
  return own_ && options_.framing == smp::Framing::Packet && buffers_ > 2 &&
         upload.figures.offset != 0 && !upload.probing && upload.chunk_max >= packet_bytes_;
}

Status SmpUpdater::send_window(Upload& upload, const OnProgress& progress) {
  Reactor& reactor = own_->reactor();
  ByteLink& link = own_->link();
  own_.reset();  // the link is lent
  Status status;
  {
    SmpWindow window(reactor, link,
                     {client_.config().version, std::min<std::size_t>(buffers_ - 1, kLanesMax),
                      packet_bytes_, kAnswer});
    status = window.run(upload.image, upload.figures, upload.begun, [&](const UpdateProgress& now) {
      upload.forward = reactor.now();
      if (progress) progress(now);
    });
  }
  own_ = std::make_unique<Session>(reactor, link);
  return status;
}

/// After a lost link or frame: waits a little and makes smaller chunks. False when patience ends.
bool SmpUpdater::recovered(const Error& error, Upload& upload) {
  const Reactor& reactor = session().reactor();
  if (!is_passing(error.code) || reactor.interrupted()) return false;
  if (reactor.now() - upload.forward >= options_.patience) return false;
  ++upload.figures.lost_links;
  upload.good_in_a_row = 0;
  upload.chunk_max = std::max(kChunkMin, upload.chunk_max / 2);
  if (error.code == ErrorCode::Disconnected) session().reactor().pause(options_.pause);
  return !reactor.interrupted();
}

Done SmpUpdater::upload(const Firmware& firmware, bool resume, const OnProgress& progress) {
  if (Done done = agree(); !done) return done;
  Reactor& reactor = session().reactor();
  Upload upload;
  upload.image = firmware.image();
  upload.sha = sha256(upload.image);
  upload.figures.total = static_cast<std::uint32_t>(upload.image.size());
  upload.begun = upload.forward = reactor.now();
  upload.chunk_max = packet_bytes_;
  upload.probing = resume;
  while (upload.figures.offset < upload.figures.total) {
    const bool probe = upload.probing;
    const bool window = has_window(upload);
    const Status status = window ? send_window(upload, progress) : step(upload, probe);
    upload.probing = false;
    upload.figures.elapsed = reactor.now() - upload.begun;
    if (status) {
      if (++upload.good_in_a_row % kGrowAfter == 0) {
        upload.chunk_max = std::min<std::size_t>(upload.chunk_max * 2, packet_bytes_);
      }
      if (progress && !window) progress(upload.figures);
      continue;
    }
    // A device that knows no question about the offset is asked by the first chunk.
    if (probe && status.error().code == ErrorCode::DeviceException) {
      upload.figures.offset = 0;
      continue;
    }
    if (!recovered(status.error(), upload)) {
      return Unexpected{
          failure_of(status.error(), "sending the image", session().link().describe())};
    }
    upload.probing = upload.figures.offset != 0;
  }
  return {};
}

Done SmpUpdater::ask_for_trial(Bytes hash) {
  smp::ask_test(client_, hash);
  return ask("asking for a trial of the new firmware");
}

Done SmpUpdater::reset() {
  smp::ask_reset(client_);
  // Asked once: when the answer is lost the device restarts nevertheless, and must not do it twice.
  return ask("restarting the device", 1);
}

Outcome<UpdateState> SmpUpdater::await(Duration limit) {
  const Reactor& reactor = session().reactor();
  const Instant until = reactor.now() + limit;
  while (true) {
    session().reactor().pause(options_.pause);
    if (reactor.interrupted()) return failure(ErrorCode::Interrupted, "waiting for the device");
    auto state = read_state();
    if (state || !is_passing(state.error().code()) || reactor.now() >= until) return state;
  }
}

Done SmpUpdater::confirm() {
  smp::ask_confirm(client_);
  return ask("confirming the new firmware");
}

}  // namespace weco
