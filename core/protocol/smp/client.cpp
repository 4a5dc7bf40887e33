// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/smp/client.hpp"

#include <algorithm>

namespace weco::smp {
namespace {

/// Once something comes, the rest of an answer may take so long after the last byte.
constexpr Duration kBetweenBytes = Duration::ms(500);
constexpr std::int64_t kBitsPerByte = 10;

struct ErrorText {
  std::int32_t detail;
  std::string_view text;
};
constexpr std::int32_t image_error(std::uint16_t code) { return error_detail(1, code); }
constexpr ErrorText kErrorTexts[] = {
    {1, "unknown error"},
    {2, "out of memory"},
    {3, "invalid value"},
    {4, "timed out"},
    {5, "no such entry"},
    {6, "not in this state"},
    {7, "message too large"},
    {8, "not supported"},
    {9, "corrupt"},
    {10, "busy"},
    {11, "access denied"},
    {12, "protocol version too old"},
    {13, "protocol version too new"},
    {image_error(1), "unknown error of the image group"},
    {image_error(3), "no image"},
    {image_error(8), "no image with this hash"},
    {image_error(9), "no free slot"},
    {image_error(12), "writing flash failed"},
    {image_error(13), "erasing flash failed"},
    {image_error(20), "wrong offset"},
    {image_error(21), "wrong length"},
    {image_error(22), "wrong image header"},
    {image_error(23), "not an image"},
    {image_error(24), "wrong hash"},
    {image_error(26), "version not readable"},
    {image_error(27), "the running version is newer"},
    {image_error(28), "already pending"},
    {image_error(30), "the image is too large"},
    {image_error(31), "more data than announced"},
    {image_error(32), "confirmation denied"},
    {image_error(33), "the running image cannot be tried"},
    {error_detail(8, 3), "no such file"},
    {error_detail(8, 7), "the file could not be read"},
    {error_detail(8, 12), "the file is not that long"},
};

/// The error in an answer: 0 when there is none.
std::int32_t error_in(cbor::Reader reader, bool& readable) {
  std::int32_t found = 0;
  cbor::Container map = reader.map();
  while (reader.more(map)) {
    const std::string_view key = reader.text();
    if (key == "rc" && reader.peek() == cbor::Kind::Unsigned) {
      found = static_cast<std::int32_t>(std::min<std::uint64_t>(reader.unsigned_number(), 0xFFFF));
    } else if (key == "err" && reader.peek() == cbor::Kind::Map) {
      std::uint64_t group = 0;
      std::uint64_t code = 0;
      cbor::Container inner = reader.map();
      while (reader.more(inner)) {
        const std::string_view part = reader.text();
        if (part == "group") {
          group = reader.unsigned_number();
        } else if (part == "rc") {
          code = reader.unsigned_number();
        } else {
          reader.skip();
        }
      }
      if (code != 0) {
        found = error_detail(static_cast<std::uint16_t>(std::min<std::uint64_t>(group, 0x7FFE)),
                             static_cast<std::uint16_t>(std::min<std::uint64_t>(code, 0xFFFF)));
      }
    } else {
      reader.skip();
    }
  }
  readable = reader.ok() && reader.at_end();
  return found;
}

}  // namespace

std::string_view error_name(std::int32_t detail) {
  for (const ErrorText& row : kErrorTexts) {
    if (row.detail == detail) return row.text;
  }
  return "unknown";
}

void Client::set_request(Operation operation, Group group, std::uint8_t command, std::size_t size) {
  WECO_ASSERT(size <= kPacketMax - kHeaderBytes);
  request_.operation = operation;
  request_.group = static_cast<std::uint16_t>(group);
  request_.command = command;
  request_.length = static_cast<std::uint16_t>(size);
  packet_size_ = kHeaderBytes + size;
}

void Client::begin(Instant now) {
  request_.version = config_.version;
  ++request_.sequence;
  ByteWriter header(MutableBytes(packet_).first(kHeaderBytes));
  encode_header(request_, header);
  wire_size_ = encode_frame(config_.framing, Bytes(packet_).first(packet_size_), wire_);
  deframer_.reset();
  const Duration sending = config_.baud == 0 ? Duration{}
                                             : Duration::us(static_cast<std::int64_t>(wire_size_) *
                                                            kBitsPerByte * 1000000 / config_.baud);
  deadline_ = now + sending + config_.timeout;
  finish(State::Waiting, {});
}

void Client::take(Bytes data, Instant now) {
  if (state_ != State::Waiting || data.empty()) return;
  deadline_ = std::max(deadline_, now + kBetweenBytes);
  while (state_ == State::Waiting && deframer_.take(data)) {
    if (!judge(deframer_.packet())) ++stale_;
  }
}

bool Client::judge(Bytes packet) {
  const auto header = decode_header(packet);
  if (!header || header->length != packet.size() - kHeaderBytes) return false;
  const auto answers = static_cast<Operation>(static_cast<std::uint8_t>(request_.operation) + 1);
  if (header->operation != answers || header->group != request_.group ||
      header->command != request_.command || header->sequence != request_.sequence) {
    return false;
  }
  answer_ = packet.subspan(kHeaderBytes);
  bool readable = false;
  const std::int32_t error = error_in(cbor::Reader(answer_), readable);
  if (!readable) {
    finish(State::Failed, {ErrorCode::BadFrame});
  } else if (error != 0) {
    finish(State::Failed, {ErrorCode::DeviceException, error});
  } else {
    finish(State::Done, {});
  }
  return true;
}

}  // namespace weco::smp
