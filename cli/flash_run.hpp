// SPDX-License-Identifier: Apache-2.0
// One firmware onto one device, for whoever asks for it, a command or a script. What may be done is
// the guard's and the procedure's to say; who is there agrees and sees how far it is.
#pragma once

#include <functional>
#include <string>

#include "cli/flash_device.hpp"
#include "host/update/procedure.hpp"

namespace weco::cli {

struct Installation {
  const Firmware& firmware;
  std::string device;   // as it was named
  std::string board;    // that an image is for which does not say so itself; empty: none
  std::string journal;  // path
};

struct InstallHooks {
  /// What would happen now, as a text for a person. A failure leaves everything as it is.
  std::function<Done(const std::string& what)> agree;
  Updater::OnProgress progress;
};

struct Installed {
  FlashEnd end = FlashEnd::Confirmed;
  UpdateProgress figures;
};

/// "1.3.0+0"
std::string version_of(const Firmware& firmware);

/// `telemetry`: the battery's readings; nullptr: a bare board on a bench. As flash().
Outcome<Installed> install(const Installation& what, Updater& updater, Telemetry* telemetry,
                           const Reactor& reactor, const InstallHooks& hooks);

}  // namespace weco::cli
