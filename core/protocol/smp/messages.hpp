// SPDX-License-Identifier: Apache-2.0
// The requests that an update needs, written for a client, and their answers, read.
#pragma once

#include "core/protocol/smp/client.hpp"
#include "core/protocol/update/target.hpp"

namespace weco::smp {

void ask_echo(Client& client, std::string_view text);
void ask_params(Client& client);
/// `format` as the os group knows it: "i" the board, "v" the version.
void ask_info(Client& client, std::string_view format);
void ask_reset(Client& client);
void ask_image_state(Client& client);
void ask_test(Client& client, Bytes hash);
/// The running image stays.
void ask_confirm(Client& client);

struct Chunk {
  std::uint32_t offset = 0;
  Bytes data;
  std::uint32_t total = 0;  // offset 0 only, as what follows
  Bytes sha256;
  bool upgrade_only = false;
};
void ask_upload(Client& client, const Chunk& chunk);
/// How many bytes of data fit a packet of `packet_bytes` at that offset.
std::size_t chunk_room(std::size_t packet_bytes, const Chunk& chunk);
/// An offset that no upload has: the answer tells the one that is expected, and nothing changes.
inline constexpr std::uint32_t kProbeOffset = 0x7FFFFF00;

struct Params {
  std::uint32_t buffer_bytes = 0;
  std::uint32_t buffers = 1;
};
struct UploadAnswer {
  std::uint32_t offset = 0;
  bool has_match = false;
  bool match = false;
};
using ImageList = FixedVector<update::Slot, 8>;

/// The file `name` from `offset` on, as much as the device puts into one answer.
void ask_file(Client& client, std::string_view name, std::uint64_t offset);
/// How long it is.
void ask_file_status(Client& client, std::string_view name);

/// A piece of a file; `data` is a view into the answer.
struct FilePart {
  std::uint64_t offset = 0;
  Bytes data;
};

/// Each fails with BadFrame when the answer lacks what it must have.
Result<Params> read_params(cbor::Reader answer);
Result<UploadAnswer> read_upload(cbor::Reader answer);
Result<ImageList> read_image_state(cbor::Reader answer);
Result<FilePart> read_file_part(cbor::Reader answer);
/// Bytes of the file.
Result<std::uint64_t> read_file_status(cbor::Reader answer);
/// The text under `key` ("r" of an echo, "output" of an info); views into the answer.
Result<std::string_view> read_text(cbor::Reader answer, std::string_view key);

}  // namespace weco::smp
