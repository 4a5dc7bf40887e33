// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/bluetti/handshake.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/assert.hpp"

namespace weco::bluetti {
namespace {

constexpr std::uint8_t kPrefix = 0x2A;
constexpr std::size_t kChallengeSize = 4;
constexpr std::size_t kHead = 4;

/// What a module says that has lost its controller.
constexpr std::string_view kModemTexts[] = {"AT+NAME?\r", "AT+ADV?\r"};

std::uint16_t sum_of(Bytes data) {
  unsigned sum = 0;
  for (const std::uint8_t byte : data) sum += byte;
  return static_cast<std::uint16_t>(sum);
}

/// 0: there is no such step.
std::size_t body_size(std::uint8_t step) {
  switch (static_cast<HandshakeStep>(step)) {
    case HandshakeStep::Challenge:
    case HandshakeStep::Answer:
      return kChallengeSize;
    case HandshakeStep::ChallengeAccepted:
    case HandshakeStep::KeyAccepted:
      return 1;
    case HandshakeStep::DeviceKey:
    case HandshakeStep::OurKey:
      return kSignedKeySize;
  }
  return 0;
}

bool is_acceptance(HandshakeStep step) {
  return step == HandshakeStep::ChallengeAccepted || step == HandshakeStep::KeyAccepted;
}

}  // namespace

Result<HandshakeFrame> decode_handshake(Bytes frame) {
  if (frame.size() < kHandshakeOverhead) return fail(ErrorCode::Truncated);
  if (frame[0] != kPrefix || frame[1] != kPrefix) return fail(ErrorCode::BadFrame);
  const std::size_t size = frame[3];
  if (size == 0 || size != body_size(frame[2])) return fail(ErrorCode::BadFrame);
  if (frame.size() < kHandshakeOverhead + size) return fail(ErrorCode::Truncated);
  if (frame.size() > kHandshakeOverhead + size) return fail(ErrorCode::BadFrame);
  const std::uint16_t sum = sum_of(frame.subspan(2, 2 + size));
  if (frame[kHead + size] != sum >> 8 || frame[kHead + size + 1] != (sum & 0xFFU)) {
    return fail(ErrorCode::BadChecksum);
  }
  const HandshakeFrame made{static_cast<HandshakeStep>(frame[2]), frame.subspan(kHead, size)};
  if (is_acceptance(made.step) && made.body[0] != 0) {
    return fail(ErrorCode::DeviceException, made.body[0]);
  }
  return made;
}

std::size_t encode_handshake(const HandshakeFrame& frame, MutableBytes out) {
  WECO_ASSERT(frame.body.size() == body_size(static_cast<std::uint8_t>(frame.step)));
  ByteWriter w(out);
  w.u8(kPrefix);
  w.u8(kPrefix);
  w.u8(static_cast<std::uint8_t>(frame.step));
  w.u8(static_cast<std::uint8_t>(frame.body.size()));
  w.bytes(frame.body);
  w.u16(sum_of(w.written().subspan(2)), Endian::Big);
  WECO_ASSERT(w.ok());
  return w.size();
}

bool Watch::ends_with(Bytes text) const {
  return seen_ >= text.size() && std::equal(text.begin(), text.end(), window_.end() - text.size());
}

Watch::Heard Watch::feed(Bytes data) {
  for (const std::uint8_t byte : data) {
    if (heard_ != Heard::Nothing) return heard_;
    std::copy(window_.begin() + 1, window_.end(), window_.begin());
    window_.back() = byte;
    seen_ = std::min(seen_ + 1, kWindow);
    for (const std::string_view text : kModemTexts) {
      if (ends_with({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})) {
        heard_ = Heard::ControllerLost;
      }
    }
    if (seen_ < kHandshakeOverhead + kChallengeSize) continue;
    const auto frame = decode_handshake(window_);
    if (frame && frame->step == HandshakeStep::Challenge) heard_ = Heard::Challenge;
  }
  return heard_;
}

}  // namespace weco::bluetti
