// SPDX-License-Identifier: Apache-2.0
// A person's word before something on a device changes.
#pragma once

#include <string>

#include "lua/modules/world.hpp"

namespace weco::lua {

struct Agreement {
  std::string name;      // what a file of answers calls it
  std::string question;  // "Write these settings to serial:/dev/ttyUSB0?"
  std::string place;     // what would change
};

/// `given`: it was agreed to beforehand, nobody is asked. Interrupted for a no; BadUsage with what
/// to do when nobody is there to be asked.
Done agree(World& world, Person& person, bool given, const Agreement& about);

}  // namespace weco::lua
