// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/smp/server.hpp"

#include <algorithm>

namespace weco::smp {
namespace {

// Management errors and those of the image group, as far as this server gives them.
constexpr std::uint16_t kInvalid = 3;
constexpr std::uint16_t kBadState = 6;
constexpr std::uint16_t kTooLarge = 7;
constexpr std::uint16_t kNotSupported = 8;
constexpr std::uint16_t kBusy = 10;
constexpr std::uint16_t kUnknown = 1;
constexpr std::uint16_t kImageGroup = 1;
constexpr std::size_t kFirstDataMin = 32;
// The file group and its errors.
constexpr std::uint16_t kFileGroup = 8;
constexpr std::uint16_t kFileNotFound = 3;
constexpr std::uint16_t kFileReadFailed = 7;
constexpr std::uint16_t kFileOffsetTooLarge = 12;
// Keys, numbers and heads around the data of a piece of a file.
constexpr std::size_t kAroundFileData = kHeaderBytes + 40;

std::uint16_t image_code(update::Refusal refusal) {
  switch (refusal) {
    case update::Refusal::NoFreeSlot:
      return 9;
    case update::Refusal::TooLarge:
      return 30;
    case update::Refusal::NotNewer:
      return 27;
    case update::Refusal::Header:
      return 22;
    case update::Refusal::Range:
      return 31;
    case update::Refusal::Flash:
      return 12;
    case update::Refusal::NoImage:
      return 8;
    default:
      return 1;
  }
}

void put_slot(const update::Slot& slot, bool indefinite, cbor::Writer& out) {
  const std::uint64_t flags = std::uint64_t{slot.active} + std::uint64_t{slot.confirmed} +
                              std::uint64_t{slot.pending} + std::uint64_t{slot.permanent};
  if (indefinite) {
    out.open_map();
  } else {
    out.map(4 + flags);
  }
  char text[24];
  std::size_t size = 0;
  const auto version = image::to_text(slot.version);
  for (const char c : version.view()) text[size++] = c == '+' ? '.' : c;
  if (slot.version.build == 0) size -= 2;  // devices write 1.2.3 then
  out.text("slot").unsigned_number(slot.number).text("version").text({text, size});
  out.text("hash").bytes(slot.hash.view()).text("bootable").boolean(true);
  if (slot.pending) out.text("pending").boolean(true);
  if (slot.confirmed) out.text("confirmed").boolean(true);
  if (slot.active) out.text("active").boolean(true);
  if (slot.permanent) out.text("permanent").boolean(true);
  if (indefinite) out.end();
}

}  // namespace

Bytes Server::process(Bytes data) {
  std::size_t size = 0;
  std::size_t answered = 0;
  while (deframer_.take(data)) {
    // A client that overtakes itself is answered as often as there are buffers; the rest is lost.
    if (answered == config_.buffers) {
      ++requests_;
      continue;
    }
    const Bytes reply = answer(deframer_.packet());
    if (reply.empty() || wire_.size() - size < 2 * reply.size()) continue;
    ++answered;
    size += encode_frame(config_.framing, reply, MutableBytes(wire_).subspan(size));
  }
  return Bytes(wire_).first(size);
}

Bytes Server::answer(Bytes packet) {
  const auto request = decode_header(packet);
  if (!request || request->length != packet.size() - kHeaderBytes) return {};
  if (request->operation != Operation::Read && request->operation != Operation::Write) return {};
  ++requests_;
  version_ = config_.old_version ? Version::V1 : request->version;
  cbor::Writer out(MutableBytes(reply_).subspan(kHeaderBytes));
  if (packet.size() > config_.buffer_bytes) {
    error(out, kTooLarge);
  } else {
    serve(*request, packet.subspan(kHeaderBytes), out);
  }
  Header header = *request;
  header.version = version_;
  header.operation = static_cast<Operation>(static_cast<std::uint8_t>(request->operation) + 1);
  header.length = static_cast<std::uint16_t>(out.size());
  ByteWriter head(MutableBytes(reply_).first(kHeaderBytes));
  encode_header(header, head);
  return out.ok() ? Bytes(reply_).first(kHeaderBytes + out.size()) : Bytes{};
}

void Server::serve(const Header& request, Bytes payload, cbor::Writer& out) {
  if (request.group == static_cast<std::uint16_t>(Group::Os))
    return serve_os(request, payload, out);
  if (request.group == static_cast<std::uint16_t>(Group::Image)) {
    return serve_image(request, payload, out);
  }
  if (request.group == kFileGroup && files_ != nullptr) return serve_file(request, payload, out);
  error(out, kNotSupported);
}

void Server::serve_file(const Header& request, Bytes payload, cbor::Writer& out) {
  cbor::Reader reader(payload);
  std::string_view name;
  std::uint64_t offset = 0;
  cbor::Container map = reader.map();
  while (reader.more(map)) {
    const std::string_view key = reader.text();
    if (key == "name") {
      name = reader.text();
    } else if (key == "off") {
      offset = reader.unsigned_number();
    } else {
      reader.skip();
    }
  }
  if (!reader.ok() || name.empty()) return error(out, kInvalid);
  const bool read = request.operation == Operation::Read;
  if (request.command == kFileTransfer && read) return send_file(name, offset, out);
  if (request.command != kFileStatus || !read) return error(out, kNotSupported);
  const auto size = files_->size(name);
  if (!size) return group_error(out, kFileGroup, kFileNotFound);
  open_map(out, 1).text("len").unsigned_number(*size);
  close(out);
}

void Server::send_file(std::string_view name, std::uint64_t offset, cbor::Writer& out) {
  const auto size = files_->size(name);
  if (!size) return group_error(out, kFileGroup, kFileNotFound);
  if (offset > *size) return group_error(out, kFileGroup, kFileOffsetTooLarge);
  std::array<std::uint8_t, sizeof(reply_)> data;
  const std::size_t most =
      std::clamp<std::size_t>(config_.buffer_bytes, kAroundFileData + 64, data.size());
  const auto filled = files_->read(name, offset, MutableBytes(data).first(most - kAroundFileData));
  if (!filled) return group_error(out, kFileGroup, kFileReadFailed);
  open_map(out, offset == 0 ? 3 : 2).text("off").unsigned_number(offset);
  out.text("data").bytes(Bytes(data).first(*filled));
  if (offset == 0) out.text("len").unsigned_number(*size);
  close(out);
}

void Server::serve_os(const Header& request, Bytes payload, cbor::Writer& out) {
  const bool write = request.operation == Operation::Write;
  if (request.command == kOsEcho && write) return echo(payload, out);
  if (request.command == kOsParams && !write && config_.has_params) {
    open_map(out, 2).text("buf_size").unsigned_number(config_.buffer_bytes);
    out.text("buf_count").unsigned_number(config_.buffers);
    return close(out);
  }
  if (request.command == kOsInfo && !write) return os_info(out);
  if (request.command == kOsReset && write) {
    target_.reset();
    open_map(out, 0);
    return close(out);
  }
  error(out, kNotSupported);
}

void Server::echo(Bytes payload, cbor::Writer& out) {
  cbor::Reader reader(payload);
  std::string_view text;
  cbor::Container map = reader.map();
  while (reader.more(map)) {
    if (reader.text() == "d") {
      text = reader.text();
    } else {
      reader.skip();
    }
  }
  if (!reader.ok() || text.size() > 512) return error(out, kInvalid);
  open_map(out, 1).text("r").text(text);
  close(out);
}

void Server::os_info(cbor::Writer& out) {
  // The hardware platform is the one of the fields that an update decides by.
  open_map(out, 1).text("output").text(target_.board());
  close(out);
}

void Server::serve_image(const Header& request, Bytes payload, cbor::Writer& out) {
  const bool write = request.operation == Operation::Write;
  if (request.command == kImageState) {
    return write ? change_state(payload, out) : image_state(out);
  }
  if (request.command == kImageUpload && write) return upload(payload, out);
  error(out, kNotSupported);
}

void Server::image_state(cbor::Writer& out) {
  std::uint64_t valid = 0;
  std::array<update::Slot, update::kSlots> slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i] = target_.slot(i);
    slots[i].number = static_cast<std::uint8_t>(i);
    valid += slots[i].valid ? 1 : 0;
  }
  open_map(out, 1).text("images");
  if (config_.indefinite) {
    out.open_array();
  } else {
    out.array(valid);
  }
  for (const update::Slot& slot : slots) {
    if (slot.valid) put_slot(slot, config_.indefinite, out);
  }
  if (config_.indefinite) out.end();
  close(out);
}

void Server::change_state(Bytes payload, cbor::Writer& out) {
  cbor::Reader reader(payload);
  Bytes hash;
  bool confirm = false;
  cbor::Container map = reader.map();
  while (reader.more(map)) {
    const std::string_view key = reader.text();
    if (key == "hash" && reader.peek() == cbor::Kind::Bytes) {
      hash = reader.bytes();
    } else if (key == "confirm") {
      confirm = reader.boolean();
    } else {
      reader.skip();
    }
  }
  if (!reader.ok() || (hash.empty() && !confirm)) return error(out, kInvalid);
  const auto is = [&hash](const update::Slot& slot) {
    const auto have = slot.hash.view();
    return slot.valid && std::equal(have.begin(), have.end(), hash.begin(), hash.end());
  };
  update::Refusal refusal = update::Refusal::NoImage;
  if (hash.empty() || is(target_.slot(0))) {
    refusal = confirm ? target_.confirm() : update::Refusal::State;
  } else if (is(target_.slot(1))) {
    refusal = target_.set_pending(confirm);
  }
  if (refusal != update::Refusal::None) return refuse(out, refusal);
  image_state(out);
}

/// Opens an upload, or finds that the same one is open already.
update::Refusal Server::begin(const Chunk& chunk, bool& known) {
  known = !chunk.sha.empty() && chunk.sha.size() == upload_.sha_size &&
          chunk.length == upload_.size &&
          std::equal(chunk.sha.begin(), chunk.sha.end(), upload_.sha.begin());
  if (known) return update::Refusal::None;
  if (chunk.length == 0 || chunk.length > 0xFFFFFFFFULL || chunk.data.size() < kFirstDataMin ||
      chunk.sha.size() > upload_.sha.size()) {
    return update::Refusal::Header;
  }
  ByteReader head(chunk.data);
  if (head.u32(Endian::Little) != image::kMagic) return update::Refusal::Header;
  upload_ = {};
  const update::Refusal refusal = target_.begin(static_cast<std::uint32_t>(chunk.length));
  if (refusal != update::Refusal::None) return refusal;
  upload_.size = static_cast<std::uint32_t>(chunk.length);
  upload_.sha_size = chunk.sha.size();
  std::copy(chunk.sha.begin(), chunk.sha.end(), upload_.sha.begin());
  return update::Refusal::None;
}

void Server::upload(Bytes payload, cbor::Writer& out) {
  cbor::Reader reader(payload);
  Chunk chunk;
  cbor::Container map = reader.map();
  while (reader.more(map)) {
    const std::string_view key = reader.text();
    if (key == "off") {
      chunk.offset = reader.unsigned_number();
      chunk.has_offset = true;
    } else if (key == "len") {
      chunk.length = reader.unsigned_number();
    } else if (key == "data") {
      chunk.data = reader.bytes();
    } else if (key == "sha") {
      chunk.sha = reader.bytes();
    } else if (key == "upgrade") {
      chunk.upgrade_only = reader.boolean();
    } else {
      reader.skip();
    }
  }
  if (!reader.ok() || !chunk.has_offset) return error(out, kInvalid);
  if (chunk.offset == 0) {
    bool known = false;
    const update::Refusal refusal = begin(chunk, known);
    if (refusal != update::Refusal::None) return refuse(out, refusal);
    if (known && upload_.offset != 0) return upload_answer(out);
  }
  if (chunk.offset == upload_.offset && !chunk.data.empty() && upload_.size != 0) {
    if (chunk.data.size() > upload_.size - upload_.offset) {
      return refuse(out, update::Refusal::Range);
    }
    const bool last = upload_.offset + chunk.data.size() == upload_.size;
    const std::size_t size =
        chunk.data.size() - (last ? 0 : chunk.data.size() % config_.write_unit);
    const update::Refusal refusal = target_.write(upload_.offset, chunk.data.first(size));
    if (refusal != update::Refusal::None) return refuse(out, refusal);
    upload_.offset += static_cast<std::uint32_t>(size);
  }
  upload_answer(out);
}

void Server::upload_answer(cbor::Writer& out) {
  const bool whole = upload_.size != 0 && upload_.offset == upload_.size;
  const bool tells = whole && upload_.sha_size == upload_.sha.size();
  open_map(out, (version_ == Version::V1 ? 2 : 1) + (tells ? 1 : 0));
  if (version_ == Version::V1) out.text("rc").unsigned_number(0);
  out.text("off").unsigned_number(upload_.offset);
  if (tells) out.text("match").boolean(target_.matches(upload_.size, upload_.sha));
  close(out);
}

void Server::refuse(cbor::Writer& out, update::Refusal refusal) {
  if (refusal == update::Refusal::Busy) return error(out, kBusy);
  if (refusal == update::Refusal::State) return error(out, kBadState);
  group_error(out, kImageGroup, image_code(refusal));
}

void Server::error(cbor::Writer& out, std::uint16_t code) {
  open_map(out, 1).text("rc").unsigned_number(code);
  close(out);
}

void Server::group_error(cbor::Writer& out, std::uint16_t group, std::uint16_t code) {
  // Version 1 has no errors of groups: everything becomes "unknown" or "invalid".
  if (version_ == Version::V1) return error(out, code == 9 ? kBadState : kUnknown);
  open_map(out, 1).text("err").map(2).text("group").unsigned_number(group);
  out.text("rc").unsigned_number(code);
  close(out);
}

cbor::Writer& Server::open_map(cbor::Writer& out, std::uint64_t pairs) {
  return config_.indefinite ? out.open_map() : out.map(pairs);
}

}  // namespace weco::smp
