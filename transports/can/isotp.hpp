// SPDX-License-Identifier: Apache-2.0
// Whole messages over a CAN interface of Linux: by the kernel's ISO-TP where it is loaded, by ours
// otherwise. Both keep to the same promises and the same tests.
#pragma once

#include "host/link/isotp_link.hpp"
#include "transports/can/can.hpp"

namespace weco::transports {

struct IsotpOptions {
  enum class By : std::uint8_t { Best, Kernel, Us };
  isotp::Address address;
  isotp::Config config;
  By by = By::Best;
};

/// Unsupported when the kernel has no ISO-TP and only that was asked for; else as CanLink::open.
Outcome<std::unique_ptr<MessageLink>> open_isotp(const std::string& interface,
                                                 const IsotpOptions& options, Reactor& reactor);

}  // namespace weco::transports
