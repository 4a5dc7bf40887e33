// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/smp/messages.hpp"

#include <algorithm>

namespace weco::smp {
namespace {

void finish(Client& client, const cbor::Writer& payload, Operation operation, Group group,
            std::uint8_t command) {
  WECO_ASSERT(payload.ok());
  client.set_request(operation, group, command, payload.size());
}

Unexpected<Error> broken() { return fail(ErrorCode::BadFrame); }

update::Slot read_slot(cbor::Reader& reader) {
  update::Slot slot;
  slot.valid = true;
  bool has_version = false;
  cbor::Container map = reader.map();
  while (reader.more(map)) {
    const std::string_view key = reader.text();
    if (key == "version") {
      const auto version = image::parse_version(reader.text());
      has_version = version.has_value();
      if (has_version) slot.version = *version;
    } else if (key == "hash") {
      for (const std::uint8_t byte : reader.bytes()) {
        if (!slot.hash.push_back(byte)) reader.fail();
      }
    } else if (key == "slot") {
      slot.number =
          static_cast<std::uint8_t>(std::min<std::uint64_t>(reader.unsigned_number(), 255));
    } else if (key == "active") {
      slot.active = reader.boolean();
    } else if (key == "confirmed") {
      slot.confirmed = reader.boolean();
    } else if (key == "pending") {
      slot.pending = reader.boolean();
    } else if (key == "permanent") {
      slot.permanent = reader.boolean();
    } else {
      reader.skip();
    }
  }
  if (!has_version) reader.fail();
  return slot;
}

}  // namespace

void ask_echo(Client& client, std::string_view text) {
  cbor::Writer payload = client.payload();
  payload.map(1).text("d").text(text);
  finish(client, payload, Operation::Write, Group::Os, kOsEcho);
}

void ask_params(Client& client) {
  cbor::Writer payload = client.payload();
  payload.map(0);
  finish(client, payload, Operation::Read, Group::Os, kOsParams);
}

void ask_info(Client& client, std::string_view format) {
  cbor::Writer payload = client.payload();
  payload.map(1).text("format").text(format);
  finish(client, payload, Operation::Read, Group::Os, kOsInfo);
}

void ask_reset(Client& client) {
  cbor::Writer payload = client.payload();
  payload.map(0);
  finish(client, payload, Operation::Write, Group::Os, kOsReset);
}

void ask_image_state(Client& client) {
  cbor::Writer payload = client.payload();
  payload.map(0);
  finish(client, payload, Operation::Read, Group::Image, kImageState);
}

void ask_test(Client& client, Bytes hash) {
  cbor::Writer payload = client.payload();
  payload.map(2).text("hash").bytes(hash).text("confirm").boolean(false);
  finish(client, payload, Operation::Write, Group::Image, kImageState);
}

void ask_confirm(Client& client) {
  cbor::Writer payload = client.payload();
  payload.map(1).text("confirm").boolean(true);
  finish(client, payload, Operation::Write, Group::Image, kImageState);
}

void ask_upload(Client& client, const Chunk& chunk) {
  cbor::Writer payload = client.payload();
  if (chunk.offset == 0) {
    payload.map(chunk.upgrade_only ? 5 : 4).text("len").unsigned_number(chunk.total);
    payload.text("off").unsigned_number(0).text("sha").bytes(chunk.sha256);
    payload.text("data").bytes(chunk.data);
    if (chunk.upgrade_only) payload.text("upgrade").boolean(true);
  } else {
    payload.map(2).text("off").unsigned_number(chunk.offset).text("data").bytes(chunk.data);
  }
  finish(client, payload, Operation::Write, Group::Image, kImageUpload);
}

void ask_file(Client& client, std::string_view name, std::uint64_t offset) {
  cbor::Writer payload = client.payload();
  payload.map(2).text("off").unsigned_number(offset).text("name").text(name);
  finish(client, payload, Operation::Read, Group::File, kFileTransfer);
}

void ask_file_status(Client& client, std::string_view name) {
  cbor::Writer payload = client.payload();
  payload.map(1).text("name").text(name);
  finish(client, payload, Operation::Read, Group::File, kFileStatus);
}

std::size_t chunk_room(std::size_t packet_bytes, const Chunk& chunk) {
  // Map head, "off" with its number, "data" with its length.
  std::size_t around =
      kHeaderBytes + 1 + 4 + cbor::head_size(chunk.offset) + 5 + cbor::head_size(packet_bytes);
  if (chunk.offset == 0) {
    around += 4 + cbor::head_size(chunk.total) + 4 + 2 + chunk.sha256.size();
    if (chunk.upgrade_only) around += 8 + 1;
  }
  return packet_bytes > around ? packet_bytes - around : 0;
}

Result<Params> read_params(cbor::Reader answer) {
  Params params;
  cbor::Container map = answer.map();
  while (answer.more(map)) {
    const std::string_view key = answer.text();
    if (key == "buf_size") {
      params.buffer_bytes =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(answer.unsigned_number(), kPacketMax));
    } else if (key == "buf_count") {
      params.buffers =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(answer.unsigned_number(), 64));
    } else {
      answer.skip();
    }
  }
  if (!answer.ok() || params.buffer_bytes == 0) return broken();
  return params;
}

Result<UploadAnswer> read_upload(cbor::Reader answer) {
  UploadAnswer upload;
  bool has_offset = false;
  cbor::Container map = answer.map();
  while (answer.more(map)) {
    const std::string_view key = answer.text();
    if (key == "off") {
      const std::uint64_t offset = answer.unsigned_number();
      if (offset > 0xFFFFFFFFULL) answer.fail();
      upload.offset = static_cast<std::uint32_t>(offset);
      has_offset = true;
    } else if (key == "match") {
      upload.has_match = true;
      upload.match = answer.boolean();
    } else {
      answer.skip();
    }
  }
  if (!answer.ok() || !has_offset) return broken();
  return upload;
}

Result<ImageList> read_image_state(cbor::Reader answer) {
  ImageList list;
  bool has_list = false;
  cbor::Container map = answer.map();
  while (answer.more(map)) {
    if (answer.text() != "images") {
      answer.skip();
      continue;
    }
    has_list = true;
    cbor::Container images = answer.array();
    while (answer.more(images)) {
      if (!list.push_back(read_slot(answer))) answer.fail();
    }
  }
  if (!answer.ok() || !has_list) return broken();
  return list;
}

Result<FilePart> read_file_part(cbor::Reader answer) {
  FilePart part;
  bool has_offset = false, has_data = false;
  cbor::Container map = answer.map();
  while (answer.more(map)) {
    const std::string_view key = answer.text();
    if (key == "off") {
      part.offset = answer.unsigned_number();
      has_offset = true;
    } else if (key == "data") {
      part.data = answer.bytes();
      has_data = true;
    } else {
      answer.skip();
    }
  }
  if (!answer.ok() || !has_offset || !has_data) return broken();
  return part;
}

Result<std::uint64_t> read_file_status(cbor::Reader answer) {
  std::uint64_t size = 0;
  bool has = false;
  cbor::Container map = answer.map();
  while (answer.more(map)) {
    if (answer.text() == "len") {
      size = answer.unsigned_number();
      has = true;
    } else {
      answer.skip();
    }
  }
  if (!answer.ok() || !has) return broken();
  return size;
}

Result<std::string_view> read_text(cbor::Reader answer, std::string_view wanted) {
  std::string_view found;
  bool has = false;
  cbor::Container map = answer.map();
  while (answer.more(map)) {
    if (answer.text() == wanted) {
      found = answer.text();
      has = true;
    } else {
      answer.skip();
    }
  }
  if (!answer.ok() || !has) return broken();
  return found;
}

}  // namespace weco::smp
