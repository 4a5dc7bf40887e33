// SPDX-License-Identifier: Apache-2.0
// One update from the look at the device to the confirmation. The order is what keeps a device
// alive: nothing is sent before everything is known, nothing is confirmed before it was seen
// running, and whatever goes wrong after the restart ends with the old firmware.
//
//   look -> already there? -> hardware -> version -> guard -> upload -> listed -> trial -> reset
//        -> returned -> healthy -> confirm -> looked at again
//
// It begins where the device stands: an image that lies ready is not sent again, one that runs on
// trial is examined and confirmed. So a run that was cut anywhere is finished by the same run
// again.
#pragma once

#include "host/update/journal.hpp"
#include "host/update/updater.hpp"

namespace weco {

struct FlashJob {
  const Firmware* firmware = nullptr;
  std::string device;  // as the journal names it
  /// What the person says the board is, for images that do not say what they are for.
  std::string board;
  bool resume = false;  // the journal knows of a part that was sent
  Duration return_limit = Duration::s(120);
};

struct FlashHooks {
  /// Before anything is changed: the guard, and the question to the person.
  std::function<Done(const UpdateState&)> permit;
  /// While the new firmware is on trial. A failure takes it back.
  std::function<Done(const UpdateState&)> healthy;
  /// The image lies ready; the device switches off next. A failure leaves it at that, and the old
  /// firmware runs on.
  std::function<Done()> turn;
  Updater::OnProgress progress;
  FlashJournal journal;
  std::function<std::int64_t()> wall;
};

enum class FlashEnd : std::uint8_t { Confirmed, AlreadyThere };

/// The hash that devices call an image by; empty when it has none.
std::vector<std::uint8_t> hash_of(const Firmware& firmware);

/// Whether the image may go onto this device at all: hardware, version. RefusedByGuard.
Done fits(const Firmware& firmware, const UpdateState& state, const std::string& board);

/// Reverted when the device went back; then nothing has changed for good.
Outcome<FlashEnd> flash(Updater& updater, const FlashJob& job, const FlashHooks& hooks);

}  // namespace weco
