// SPDX-License-Identifier: Apache-2.0
// Plays a recording as a link: to a listener as if it sat on the line, or to an asker as if the
// recorded device were there. When there is nothing left, reading fails with Disconnected and says
// that the recording is at its end.
#pragma once

#include <memory>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/replay/recording.hpp"

namespace weco::transports {

struct ReplayOptions {
  enum class Speed : std::uint8_t { Instant, Recorded };
  enum class Role : std::uint8_t {
    /// Everything is heard in order, whoever sent it; what is written goes nowhere.
    Listen,
    /// A written request is answered with what followed it in the recording; the same request again
    /// gets the next recorded answer, then the first again. An unknown request is not answered.
    Answer,
  };
  Speed speed = Speed::Instant;
  Role role = Role::Listen;
};

/// NotFound when the recording has no bytes (or no frames).
Outcome<std::unique_ptr<ByteLink>> replay_bytes(Recording recording, Reactor& reactor,
                                                ReplayOptions options = {});
/// Frames are only listened to; sending is accepted and goes nowhere.
Outcome<std::unique_ptr<FrameLink>> replay_frames(Recording recording, Reactor& reactor,
                                                  ReplayOptions options = {});

}  // namespace weco::transports
