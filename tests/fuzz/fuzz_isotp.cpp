// SPDX-License-Identifier: Apache-2.0
// Arbitrary frames at an ISO-TP channel that sends and receives at once: it must stay inside its
// room, always come to rest, and never deliver more than was announced.
#include <array>

#include "core/protocol/isotp/channel.hpp"

namespace {

weco::isotp::Config config_of(std::uint8_t choice) {
  weco::isotp::Config config;
  if ((choice & 1U) != 0) {
    config.sends_to = 1;
    config.hears = 2;
  }
  if ((choice & 2U) != 0) config.frame_size = 64;
  config.block_size = choice >> 4U;
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static std::array<std::uint8_t, 300> message{};
  std::array<std::uint8_t, 200> room{};
  weco::isotp::Channel channel(config_of(data[0]), room);
  weco::Instant now;
  static_cast<void>(channel.start(message, now));
  weco::ByteReader reader({data + 1, size - 1});
  while (reader.remaining() > 0) {
    // A byte says how long the frame is and how much time passes before it.
    const std::uint8_t step = reader.u8();
    const weco::Bytes frame = reader.take(std::min<std::size_t>(step & 0x7FU, reader.remaining()));
    if ((step & 0x80U) != 0) now = std::min(channel.deadline(), now + weco::Duration::s(2));
    channel.advance(now);
    channel.received(frame, now);
    WECO_ASSERT(channel.receiver().message().size() <= room.size());
    if (!channel.pending().empty()) channel.sent(now);
    if (channel.sender().state() != weco::isotp::Sender::State::Sending) {
      WECO_ASSERT(channel.start(message, now).has_value());
    }
  }
  return 0;
}
