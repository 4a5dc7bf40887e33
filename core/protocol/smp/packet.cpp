// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/smp/packet.hpp"

#include <algorithm>

#include "core/base/crc.hpp"

namespace weco::smp {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kFirstMark[] = {0x06, 0x09};
constexpr std::uint8_t kNextMark[] = {0x04, 0x14};
constexpr std::uint8_t kNoDigit = 0xFF;

consteval std::array<std::uint8_t, 256> digits() {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<std::uint8_t>(kAlphabet[i])] = i;
  return table;
}
constexpr auto kDigits = digits();

/// Writes base64 in lines, a character at a time, the stream being one.
class LineWriter {
 public:
  explicit LineWriter(MutableBytes out) : out_(out) {}

  void byte(std::uint8_t value) {
    group_ = (group_ << 8) | value;
    if (++filled_ == 3) flush();
  }
  std::size_t finish() {
    if (filled_ > 0) flush();
    if (in_line_ > 0) out_.u8('\n');
    return out_.size();
  }

 private:
  void flush() {
    const std::size_t missing = 3 - filled_;
    group_ <<= 8 * missing;
    for (std::size_t i = 0; i < 4; ++i) {
      const bool pad = i > 3 - missing;
      character(pad ? std::uint8_t{'='}
                    : static_cast<std::uint8_t>(kAlphabet[(group_ >> (18 - 6 * i)) & 0x3F]));
    }
    group_ = 0;
    filled_ = 0;
  }
  void character(std::uint8_t c) {
    if (in_line_ == 0) out_.bytes(first_ ? Bytes(kFirstMark) : Bytes(kNextMark));
    first_ = false;
    out_.u8(c);
    if (++in_line_ == kLineCharsMax) {
      out_.u8('\n');
      in_line_ = 0;
    }
  }
  ByteWriter out_;
  std::uint32_t group_ = 0;
  std::size_t filled_ = 0;
  std::size_t in_line_ = 0;
  bool first_ = true;
};

}  // namespace

void encode_header(const Header& header, ByteWriter& out) {
  out.u8(static_cast<std::uint8_t>((static_cast<unsigned>(header.version) << 3) |
                                   static_cast<unsigned>(header.operation)));
  out.u8(header.flags);
  out.u16(header.length, Endian::Big);
  out.u16(header.group, Endian::Big);
  out.u8(header.sequence);
  out.u8(header.command);
}

Result<Header> decode_header(Bytes packet) {
  ByteReader reader(packet);
  const std::uint8_t first = reader.u8();
  Header header;
  header.operation = static_cast<Operation>(first & 0x07);
  header.flags = reader.u8();
  header.length = reader.u16(Endian::Big);
  header.group = reader.u16(Endian::Big);
  header.sequence = reader.u8();
  header.command = reader.u8();
  if (!reader.ok()) return fail(ErrorCode::Truncated);
  const std::uint8_t version = static_cast<std::uint8_t>((first >> 3) & 0x03);
  if (version > 1 || (first & 0x07) > 3) return fail(ErrorCode::Unsupported, version);
  header.version = static_cast<Version>(version);
  return header;
}

std::size_t encode_frame(Framing framing, Bytes packet, MutableBytes out) {
  if (framing == Framing::Packet) {
    std::copy(packet.begin(), packet.end(), out.begin());
    return packet.size();
  }
  LineWriter lines(out);
  const std::size_t length = packet.size() + 2;
  lines.byte(static_cast<std::uint8_t>(length >> 8));
  lines.byte(static_cast<std::uint8_t>(length));
  for (const std::uint8_t byte : packet) lines.byte(byte);
  const std::uint16_t crc = crc16_xmodem(packet);
  lines.byte(static_cast<std::uint8_t>(crc >> 8));
  lines.byte(static_cast<std::uint8_t>(crc));
  return lines.finish();
}

bool Deframer::take(Bytes& data) {
  while (!data.empty()) {
    const std::uint8_t byte = data.front();
    data = data.subspan(1);
    if (framing_ == Framing::Console ? take_console(byte) : take_packet(byte)) return true;
  }
  return false;
}

void Deframer::drop() {
  fill_ = 0;
  bits_ = 0;
  bit_count_ = 0;
  started_ = false;
  in_line_ = false;
  complete_ = false;
}

bool Deframer::take_console(std::uint8_t byte) {
  const std::uint8_t before = previous_;
  previous_ = byte;
  if (before == kFirstMark[0] && byte == kFirstMark[1]) {
    if (started_ && !complete_) ++damaged_;
    drop();
    started_ = in_line_ = true;
    return false;
  }
  if (before == kNextMark[0] && byte == kNextMark[1]) {
    in_line_ = started_ && !complete_;
    return false;
  }
  if (!in_line_) return false;
  if (byte == '\n') {
    in_line_ = false;
    return line_done();
  }
  decode_character(byte);
  return false;
}

void Deframer::decode_character(std::uint8_t byte) {
  const std::uint8_t digit = kDigits[byte];
  if (digit == kNoDigit) return;  // padding, a carriage return, the beginning of a mark
  bits_ = (bits_ << 6) | digit;
  bit_count_ = static_cast<std::uint8_t>(bit_count_ + 6);
  if (bit_count_ < 8) return;
  bit_count_ = static_cast<std::uint8_t>(bit_count_ - 8);
  if (fill_ == bytes_.size()) {
    ++damaged_;
    drop();
    return;
  }
  bytes_[fill_++] = static_cast<std::uint8_t>(bits_ >> bit_count_);
}

/// At the end of a line: is the packet whole?
bool Deframer::line_done() {
  if (fill_ < 2) return false;
  const std::size_t length = static_cast<std::size_t>((bytes_[0] << 8) | bytes_[1]);
  if (length < 2 || length + 2 > bytes_.size()) {
    ++damaged_;
    drop();
    return false;
  }
  if (fill_ < length + 2) return false;  // goes on in the next line
  const Bytes body = Bytes(bytes_).subspan(2, length - 2);
  const auto crc = static_cast<std::uint16_t>((bytes_[length] << 8) | bytes_[length + 1]);
  if (fill_ > length + 2 || crc != crc16_xmodem(body)) {
    ++damaged_;
    drop();
    return false;
  }
  skip_ = 2;
  size_ = body.size();
  complete_ = true;
  return true;
}

bool Deframer::take_packet(std::uint8_t byte) {
  if (complete_) drop();
  bytes_[fill_++] = byte;
  if (fill_ < kHeaderBytes) return false;
  const std::size_t size = kHeaderBytes + static_cast<std::size_t>((bytes_[2] << 8) | bytes_[3]);
  if (size > kPacketMax) {
    ++damaged_;
    drop();
    return false;
  }
  if (fill_ < size) return false;
  skip_ = 0;
  size_ = size;
  complete_ = true;
  return true;
}

}  // namespace weco::smp
