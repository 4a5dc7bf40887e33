// SPDX-License-Identifier: Apache-2.0
// What an update needs of a device, whichever protocol it speaks. Every call waits for its answer
// by running the reactor; none of them decides whether it may be done, that is the procedure's
// part.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/protocol/update/target.hpp"
#include "host/failure/failure.hpp"
#include "host/image/firmware.hpp"

namespace weco {

/// What a device says about itself.
struct UpdateState {
  std::string board;                   // empty: it does not say
  std::optional<update::Slot> active;  // what runs
  std::optional<update::Slot> spare;   // what lies ready, when it is an image
};

struct UpdateProgress {
  std::uint32_t offset = 0;      // the device has so much
  std::uint32_t total = 0;       // of so much
  std::uint64_t payload = 0;     // bytes of the image sent in this run, repetitions included
  std::uint64_t wire = 0;        // bytes put on the wire for it
  Duration elapsed{};            // since the upload began in this run
  std::uint32_t lost_links = 0;  // how often the link was lost and found again

  /// Bytes a second; 0 before anything can be said.
  [[nodiscard]] std::int64_t payload_rate() const { return rate(payload); }
  [[nodiscard]] std::int64_t wire_rate() const { return rate(wire); }
  [[nodiscard]] Duration remaining() const {
    const std::int64_t each = payload_rate();
    return each == 0 ? Duration{} : Duration::s((total - offset + each - 1) / each);
  }

 private:
  [[nodiscard]] std::int64_t rate(std::uint64_t bytes) const {
    const std::int64_t ms = elapsed.to_ms();
    return ms <= 0 ? 0 : static_cast<std::int64_t>(bytes) * 1000 / ms;
  }
};

class Updater {
 public:
  using OnProgress = std::function<void(const UpdateProgress&)>;
  virtual ~Updater() = default;
  /// Reads only.
  virtual Outcome<UpdateState> look() = 0;
  /// Until the device has all of it. A link that is lost is waited for; what the device already has
  /// is not sent again. `resume`: an earlier run sent a part of this image.
  virtual Done upload(const Firmware& firmware, bool resume, const OnProgress& progress) = 0;
  /// The image with this hash is tried at the next reset, and only tried.
  virtual Done ask_for_trial(Bytes hash) = 0;
  virtual Done reset() = 0;
  /// Looks again and again until the device answers; Timeout after `limit`.
  virtual Outcome<UpdateState> await(Duration limit) = 0;
  /// What runs stays.
  virtual Done confirm() = 0;
};

}  // namespace weco
