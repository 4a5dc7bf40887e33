// SPDX-License-Identifier: Apache-2.0
// The service console of a device: a byte link that carries SMP.
#pragma once

#include <memory>

#include "cli/target.hpp"

namespace weco::cli {

/// At 115200 bit/s on a serial port, unless the endpoint says otherwise.
Outcome<std::unique_ptr<ByteLink>> open_console(const Place& place, Reactor& reactor);

}  // namespace weco::cli
