// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/pylontech/frame.hpp"

namespace weco::pylontech {
namespace {

constexpr char kStart = '~';
constexpr char kEnd = '\r';

constexpr int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `count` digits at `at`; the caller has checked that they are digits.
std::uint32_t number(std::string_view text, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (const char c : text.substr(at, count)) {
    value = value << 4 | static_cast<std::uint32_t>(digit(c));
  }
  return value;
}

void put(ByteWriter& out, std::uint32_t value, int digits) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (int i = digits - 1; i >= 0; --i) {
    out.u8(static_cast<std::uint8_t>(kDigits[value >> (4 * i) & 0xFU]));
  }
}

}  // namespace

std::uint16_t length_field(std::size_t characters) {
  WECO_ASSERT(characters <= 0xFFF);
  const auto n = static_cast<std::uint32_t>(characters);
  const std::uint32_t sum = (n >> 8) + (n >> 4 & 0xFU) + (n & 0xFU);
  return static_cast<std::uint16_t>(((0U - sum) & 0xFU) << 12 | n);
}

std::uint16_t checksum(std::string_view text) {
  std::uint32_t sum = 0;
  for (const char c : text) sum += static_cast<std::uint8_t>(c);
  return static_cast<std::uint16_t>(0U - sum);
}

Result<Bytes> encode(const Frame& frame, MutableBytes room) {
  ByteWriter out(room);
  out.u8(kStart);
  put(out, frame.version, 2);
  put(out, frame.address, 2);
  put(out, frame.cid1, 2);
  put(out, frame.cid2, 2);
  put(out, length_field(2 * frame.info.size()), 4);
  for (const std::uint8_t byte : frame.info) put(out, byte, 2);
  if (!out.ok()) return fail(ErrorCode::Full);
  std::uint32_t sum = 0;
  for (const std::uint8_t c : out.written().subspan(1)) sum += c;
  put(out, (0U - sum) & 0xFFFFU, 4);
  out.u8(kEnd);
  if (!out.ok()) return fail(ErrorCode::Full);
  return out.written();
}

Status parse(std::string_view text, Frame& frame) {
  if (text.size() < kHeaderChars + 4) return fail(ErrorCode::BadFrame);
  for (const char c : text) {
    if (digit(c) < 0) return fail(ErrorCode::BadFrame);
  }
  const std::size_t end = text.size() - 4;
  if (number(text, end, 4) != checksum(text.substr(0, end))) return fail(ErrorCode::BadChecksum);
  const std::uint32_t length = number(text, 8, 4);
  const std::size_t characters = length & 0xFFFU;
  if (length_field(characters) != length) return fail(ErrorCode::BadChecksum);
  if (characters != end - kHeaderChars || characters % 2 != 0) return fail(ErrorCode::BadFrame);
  frame.version = static_cast<std::uint8_t>(number(text, 0, 2));
  frame.address = static_cast<std::uint8_t>(number(text, 2, 2));
  frame.cid1 = static_cast<std::uint8_t>(number(text, 4, 2));
  frame.cid2 = static_cast<std::uint8_t>(number(text, 6, 2));
  frame.info.clear();
  for (std::size_t at = kHeaderChars; at < end; at += 2) {
    static_cast<void>(frame.info.push_back(static_cast<std::uint8_t>(number(text, at, 2))));
  }
  return {};
}

Receiver::Event Receiver::feed(std::uint8_t byte) {
  const char c = static_cast<char>(byte);
  if (c == kStart) {
    if (inside_) ++cut_;
    inside_ = true;
    text_.clear();
    return Event::None;
  }
  if (!inside_) {
    if (c != kEnd && c != '\n') ++noise_;
    return Event::None;
  }
  if (c == kEnd) {
    inside_ = false;
    return Event::Frame;
  }
  if (!text_.push_back(c)) {
    ++cut_;
    inside_ = false;
  }
  return Event::None;
}

void Receiver::clear() {
  text_.clear();
  inside_ = false;
}

}  // namespace weco::pylontech
