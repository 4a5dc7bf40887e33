// SPDX-License-Identifier: Apache-2.0
// What a BLUETTI module says by itself. A module that wants encryption sends a challenge as soon as
// somebody listens; one that has lost its controller sends a modem command. Both are recognised so
// that they can be named. Nothing here answers: the keys belong to the vendor.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace weco::bluetti {

/// Steps of the handshake, as the frames number them.
enum class HandshakeStep : std::uint8_t {
  Challenge = 1,          // from the device, four bytes
  Answer = 2,             // ours, four bytes
  ChallengeAccepted = 3,  // from the device, one zero
  DeviceKey = 4,          // a key and its signature, 128 bytes
  OurKey = 5,
  KeyAccepted = 6,
};

/// 2A 2A, step, length, body, sum of step to body in two bytes, high first.
inline constexpr std::size_t kHandshakeOverhead = 6;
inline constexpr std::size_t kSignedKeySize = 128;

struct HandshakeFrame {
  HandshakeStep step{};
  Bytes body;  // points into the bytes given
};

/// Takes exactly one whole frame apart. Truncated, BadFrame (prefix, step or a body of another size
/// than the step has), BadChecksum; DeviceException when the device does not accept, with the
/// body's byte as detail.
Result<HandshakeFrame> decode_handshake(Bytes frame);
/// Writes a frame; `out` must have room for the body and the overhead. Returns the size.
std::size_t encode_handshake(const HandshakeFrame& frame, MutableBytes out);

/// Looks for what a module says by itself in a stream that arrives in any pieces.
class Watch {
 public:
  enum class Heard : std::uint8_t { Nothing, Challenge, ControllerLost };
  /// What the stream has said so far; once heard, it stays.
  Heard feed(Bytes data);
  [[nodiscard]] Heard heard() const { return heard_; }

 private:
  static constexpr std::size_t kWindow = 10;  // the longest of what is looked for
  [[nodiscard]] bool ends_with(Bytes text) const;
  std::array<std::uint8_t, kWindow> window_{};  // the newest bytes, the newest last
  std::size_t seen_ = 0;
  Heard heard_ = Heard::Nothing;
};

}  // namespace weco::bluetti
