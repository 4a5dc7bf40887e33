// SPDX-License-Identifier: Apache-2.0
// CAN over any byte link that an SLCAN adapter sits behind. Adapters differ in how much they
// answer: a refusal is an error, silence to a command is not (some firmwares never confirm).
#pragma once

#include <cstdint>
#include <memory>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

/// Frames that wait while nobody receives; then the oldest go.
inline constexpr std::size_t kSlcanFramesMax = 4096;
/// How long an adapter may take to confirm a command.
inline constexpr Duration kSlcanAnswerMax = Duration::ms(250);
/// What an adapter gets to come to rest before it is set up.
inline constexpr Duration kSlcanSettle = Duration::ms(100);

struct SlcanOptions {
  std::uint32_t bits_per_second = 500000;  // of the CAN bus
  bool listen_only = false;
};

class SlcanLink : public FrameLink {
 public:
  struct Counters {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t refused = 0;    // BEL: not sent, bus off, receive only
    std::uint64_t dropped = 0;    // nobody received them in time
    std::uint64_t bad_lines = 0;  // were no SLCAN: another device, or another speed of the port
  };
  /// Closes, sets the speed and opens the channel, running the reactor for at most kSlcanSettle and
  /// twice kSlcanAnswerMax. Unsupported (speed), DeviceException (the adapter refuses),
  /// Disconnected.
  static Outcome<std::unique_ptr<SlcanLink>> open(std::unique_ptr<ByteLink> adapter,
                                                  Reactor& reactor, const SlcanOptions& options);
  [[nodiscard]] virtual Counters counters() const = 0;
  /// False when the adapter never confirmed a command.
  [[nodiscard]] virtual bool confirmed() const = 0;
};

}  // namespace weco::transports
