// SPDX-License-Identifier: Apache-2.0
#include "host/update/modbus_updater.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace weco {
namespace {

using namespace modbus_update;

/// Ends an upload in which the device forgets again and again what it stored.
constexpr int kAgreementsMax = 100;

bool is_passing(const Error& error) {
  return error.code == ErrorCode::Timeout || error.code == ErrorCode::Disconnected ||
         error.code == ErrorCode::BadFrame || error.code == ErrorCode::BadChecksum ||
         error.code == ErrorCode::Truncated || error.code == ErrorCode::UnexpectedReply;
}

bool is_exception(const Error& error, modbus::ExceptionCode code) {
  return error == Error{ErrorCode::DeviceException, static_cast<std::int32_t>(code)};
}

std::string_view reason(update::Refusal refusal) {
  switch (refusal) {
    case update::Refusal::Busy:
      return "busy";
    case update::Refusal::NoFreeSlot:
      return "the spare slot holds the way back";
    case update::Refusal::TooLarge:
      return "too large";
    case update::Refusal::NotNewer:
      return "not newer";
    case update::Refusal::Header:
      return "no image";
    case update::Refusal::Range:
      return "outside what was announced";
    case update::Refusal::Flash:
      return "flash failed";
    case update::Refusal::NoImage:
      return "no image of that hash";
    case update::Refusal::State:
      return "not in this state";
    case update::Refusal::None:
      break;
  }
  return "refused";
}

std::uint32_t number(const std::vector<std::uint16_t>& words, std::size_t at) {
  return modbus::joined(words[at], words[at + 1]);
}

void put(std::vector<std::uint16_t>& words, std::uint32_t value) {
  const auto halves = modbus::halves(value);
  words.insert(words.end(), halves.begin(), halves.end());
}

/// Two bytes a register; the last one is filled up with zero.
void put(std::vector<std::uint16_t>& words, Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const unsigned low = i + 1 < bytes.size() ? bytes[i + 1] : 0U;
    words.push_back(static_cast<std::uint16_t>(bytes[i] << 8 | low));
  }
}

std::vector<std::uint8_t> bytes_at(const std::vector<std::uint16_t>& words, std::size_t at,
                                   std::size_t size) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint16_t word = words[at + i / 2];
    bytes.push_back(static_cast<std::uint8_t>(i % 2 == 0 ? word >> 8 : word & 0xFF));
  }
  return bytes;
}

std::optional<update::Slot> slot_in(const std::vector<std::uint16_t>& block, std::uint8_t n) {
  const std::size_t at = kSlotAt + n * kSlotRegisters;
  const std::uint16_t flags = block[at];
  const std::size_t size = block[at + 5];
  if ((flags & kValid) == 0 || size > 2 * kHashRegisters) return {};
  update::Slot slot;
  slot.number = n;
  slot.valid = true;
  slot.version.major = static_cast<std::uint8_t>(block[at + 1] >> 8);
  slot.version.minor = static_cast<std::uint8_t>(block[at + 1] & 0xFF);
  slot.version.revision = block[at + 2];
  slot.version.build = number(block, at + 3);
  for (const std::uint8_t byte : bytes_at(block, at + 6, size)) {
    if (!slot.hash.push_back(byte)) return {};
  }
  slot.active = (flags & kActive) != 0;
  slot.confirmed = (flags & kConfirmed) != 0;
  slot.pending = (flags & kPending) != 0;
  slot.permanent = (flags & kPermanent) != 0;
  return slot;
}

std::uint16_t file_of(std::uint32_t offset) {
  return static_cast<std::uint16_t>(kFirstFile + offset / kFileBytes);
}
std::uint16_t record_of(std::uint32_t offset) {
  return static_cast<std::uint16_t>(offset % kFileBytes / 2);
}

}  // namespace

struct ModbusUpdater::Upload {
  Bytes image;
  Sha256 sha{};
  UpdateProgress figures;
  Instant begun;
  Instant forward;
  bool agreed = false;  // where the device stands is known
  int agreements = 0;   // since it last went forward
};

ModbusUpdater::ModbusUpdater(Session& session, ModbusUpdateOptions options)
    : session_(session),
      options_(options),
      client_({.framing = options.framing,
               .unit = options.unit,
               .baud = session.link().traits().bits_per_second,
               .response_timeout = options.answer}) {}

ModbusUpdater::~ModbusUpdater() { session_.cancel(client_); }

Status ModbusUpdater::ask(const Result<modbus::Request>& request, std::uint8_t tries) {
  if (!request) return Unexpected{request.error()};
  client_.set_request(*request);
  return session_.wait(client_, tries);
}

Status ModbusUpdater::order(const std::vector<std::uint16_t>& words, std::uint8_t tries) {
  return ask(modbus::Request::write_multiple_registers(kOrder, words), tries);
}

Status ModbusUpdater::read_block() {
  if (Status read = ask(modbus::Request::read_holding_registers(kBase, kBlockRegisters)); !read) {
    return read;
  }
  const modbus::RegisterView words = client_.response().registers();
  block_.clear();
  for (std::size_t i = 0; i < words.size(); ++i) block_.push_back(words[i]);
  if (block_[0] != kMagic || block_[1] != kVersion) return fail(ErrorCode::Unsupported);
  return {};
}

Failure ModbusUpdater::failure_of(const Error& error, const char* what) {
  const std::string where = fmt::format("{}, unit {}", session_.link().describe(), options_.unit);
  if (error.code == ErrorCode::Unsupported) {
    return {error, "it has no register block for updates", where,
            "Check the unit; devices without it take firmware on their console."};
  }
  if (!is_exception(error, modbus::ExceptionCode::DeviceFailure) || !read_block()) {
    return {error, what, where, {}};
  }
  const auto why = static_cast<update::Refusal>(block_[kRefusalAt]);
  return {error, fmt::format("{}: the device says '{}'", what, reason(why)), where, {}};
}

Done ModbusUpdater::obeyed(const Status& status, const char* what) {
  if (status) return {};
  return Unexpected{failure_of(status.error(), what)};
}

Outcome<UpdateState> ModbusUpdater::read_state() {
  if (const Status read = read_block(); !read) {
    return Unexpected{failure_of(read.error(), "reading the firmware slots")};
  }
  return UpdateState{board_, slot_in(block_, 0), slot_in(block_, 1)};
}

Outcome<UpdateState> ModbusUpdater::look() {
  // The block first: its answer cannot be taken for an echo of the adapter's, and tells whether
  // there is one.
  if (auto state = read_state(); !state || !board_.empty()) return state;
  const Status told = ask(modbus::Request::read_device_identification(
      modbus::DeviceIdCode::Individual,
      static_cast<std::uint8_t>(modbus::DeviceIdObjectId::ModelName)));
  if (told && client_.response().device_id().size() > 0) {
    const Bytes value = client_.response().device_id()[0].value;
    board_.assign(value.begin(), value.end());
  } else if (!told && told.error().code != ErrorCode::DeviceException) {
    return Unexpected{failure_of(told.error(), "asking for the board")};
  }
  return UpdateState{board_, slot_in(block_, 0), slot_in(block_, 1)};
}

/// Whether the end of what the device stored is of this image.
Result<bool> ModbusUpdater::keeps_ours(const Upload& upload) {
  const std::uint32_t stored = upload.figures.offset & ~1U;
  const std::uint32_t in_file = stored % kFileBytes == 0 ? kFileBytes : stored % kFileBytes;
  const std::uint32_t size = std::min<std::uint32_t>(2 * kReadRegisters, std::min(stored, in_file));
  if (size == 0) return true;
  const std::uint32_t from = stored - size;
  const std::array<modbus::FileRange, 1> range = {
      {{file_of(from), record_of(from), static_cast<std::uint16_t>(size / 2)}}};
  if (const Status read = ask(modbus::Request::read_file_records(range)); !read) {
    return Unexpected{read.error()};
  }
  const Bytes have = client_.response().file_record(0).bytes();
  const Bytes ours = upload.image.subspan(from, size);
  return std::equal(have.begin(), have.end(), ours.begin(), ours.end());
}

/// Finds out where the device stands, and begins where it knows of no such upload.
Status ModbusUpdater::agree(Upload& upload) {
  if (++upload.agreements > kAgreementsMax) return fail(ErrorCode::UnexpectedReply);
  if (Status read = read_block(); !read) return read;
  const auto sha = bytes_at(block_, kShaAt, upload.sha.size());
  std::uint32_t stored = number(block_, kStoredAt);
  if (number(block_, kTotalAt) != upload.figures.total || stored > upload.figures.total ||
      !std::equal(sha.begin(), sha.end(), upload.sha.begin())) {
    stored = 0;
    std::vector<std::uint16_t> words = {static_cast<std::uint16_t>(Order::Begin)};
    put(words, upload.figures.total);
    put(words, upload.sha);
    modbus::ClientConfig patient = client_.config();
    patient.response_timeout = options_.erase_answer;
    client_.configure(patient);
    const Status begun = order(words);
    patient.response_timeout = options_.answer;
    client_.configure(patient);
    if (!begun) return begun;
    // Its answer says what is stored now, and tells an echo of the adapter's from an answer before
    // the first write whose answer repeats it.
    if (Status read = read_block(); !read) return read;
    stored = number(block_, kStoredAt);
  }
  if (stored > upload.figures.offset) upload.forward = session_.reactor().now();
  upload.figures.offset = stored;
  const auto ours = keeps_ours(upload);
  if (!ours) return Unexpected{ours.error()};
  if (!*ours) return fail(ErrorCode::VerificationDiffers);
  upload.agreed = true;
  return {};
}

Status ModbusUpdater::send(Upload& upload) {
  UpdateProgress& figures = upload.figures;
  const std::uint32_t size =
      std::min({static_cast<std::uint32_t>(2 * kWriteRegisters), figures.total - figures.offset,
                kFileBytes - figures.offset % kFileBytes});
  std::vector<std::uint16_t> words;
  put(words, upload.image.subspan(figures.offset, size));
  const std::array<modbus::FileWrite, 1> writes = {
      {{file_of(figures.offset), record_of(figures.offset), words}}};
  const std::uint64_t before = session_.counters().attempts;
  const Status written = ask(modbus::Request::write_file_records(writes), 1);
  if (session_.counters().attempts != before) {
    figures.payload += size;
    figures.wire += client_.to_send().size();
  }
  figures.elapsed = session_.reactor().now() - upload.begun;
  if (!written) return written;
  figures.offset += size;
  upload.forward = session_.reactor().now();
  upload.agreements = 0;
  return {};
}

Done ModbusUpdater::upload(const Firmware& firmware, bool, const OnProgress& progress) {
  const Reactor& reactor = session_.reactor();
  Upload upload;
  upload.image = firmware.image();
  upload.sha = sha256(upload.image);
  upload.figures.total = static_cast<std::uint32_t>(upload.image.size());
  upload.begun = upload.forward = reactor.now();
  while (!upload.agreed || upload.figures.offset < upload.figures.total) {
    const bool sends = upload.agreed;
    const Status status = sends ? send(upload) : agree(upload);
    if (status) {
      if (sends && progress) progress(upload.figures);
      continue;
    }
    const Error& error = status.error();
    // Another place than the one it waits for: a repetition it had already, or it restarted.
    const bool astray = sends && is_exception(error, modbus::ExceptionCode::IllegalAddress);
    if ((!is_passing(error) && !astray) || reactor.interrupted() ||
        upload.agreements > kAgreementsMax || reactor.now() - upload.forward >= options_.patience) {
      return Unexpected{failure_of(error, "sending the image")};
    }
    if (!astray) ++upload.figures.lost_links;
    upload.agreed = false;
    if (error.code == ErrorCode::Disconnected) session_.reactor().pause(options_.pause);
  }
  return {};
}

Done ModbusUpdater::ask_for_trial(Bytes hash) {
  std::vector<std::uint16_t> words = {static_cast<std::uint16_t>(Order::Try),
                                      static_cast<std::uint16_t>(hash.size())};
  put(words, hash);
  words.resize(2 + kHashRegisters);
  return obeyed(order(words), "asking for a trial of the new firmware");
}

Done ModbusUpdater::reset() {
  // Asked once: when the answer is lost the device restarts nevertheless, and must not do it twice.
  return obeyed(order({static_cast<std::uint16_t>(Order::Reset)}, 1), "restarting the device");
}

Outcome<UpdateState> ModbusUpdater::await(Duration limit) {
  const Reactor& reactor = session_.reactor();
  const Instant until = reactor.now() + limit;
  while (true) {
    session_.reactor().pause(options_.pause);
    if (reactor.interrupted()) return failure(ErrorCode::Interrupted, "waiting for the device");
    auto state = read_state();
    if (state || !is_passing(state.error().error) || reactor.now() >= until) return state;
  }
}

Done ModbusUpdater::confirm() {
  return obeyed(order({static_cast<std::uint16_t>(Order::Confirm)}), "confirming the new firmware");
}

}  // namespace weco
