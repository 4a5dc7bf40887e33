// SPDX-License-Identifier: Apache-2.0
// How a script has a device go through what takes long: new firmware, a calibration. What it may
// say about it, and who is asked.
#pragma once

#include <string>

#include "lua/modules/world.hpp"

namespace weco::lua {

/// What a script says: the image's file, and key, console and board. BadInput says what is wrong.
Outcome<FlashOrder> read_flash_order(const std::string& image, const Value& given);

/// Asks, installs, and waits until it has ended: { verdict, version, hash, payload_bytes,
/// wire_bytes }. `agreed`: nobody is asked.
Outcome<Value> flash_device(World& world, Person& person, ScriptDevice& device,
                            const FlashOrder& order, bool agreed);

/// Asks, watches, and waits until it has ended, see ScriptDevice::calibrate.
Outcome<Value> calibrate_device(World& world, Person& person, ScriptDevice& device,
                                const CalibrationOrder& order, bool agreed);

}  // namespace weco::lua
