// SPDX-License-Identifier: Apache-2.0
// A BLE device as a byte link: notifications in, writes out, a packet at a time, so that everything
// that runs over a serial line runs over it unchanged. A lost device is sought again with growing
// pauses for as long as the link lives.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "host/link/back_off.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/ble/attachment.hpp"

namespace weco::transports::ble {

/// Its radio() tells the MTU as negotiated, kMtuDefault while not connected.
class GattLink : public ByteLink {};

using Connected = std::function<void(Outcome<std::unique_ptr<GattLink>>)>;

/// Connects; `done` is called once, from the reactor, within the deadlines of target.patience. The
/// attempt lives until then; destroying what is returned gives it up.
class Attempt {
 public:
  virtual ~Attempt() = default;
};
std::unique_ptr<Attempt> connect(Reactor& reactor, Target target, Connected done,
                                 BackOff back_off = {});
/// The same, running the reactor until it is decided.
Outcome<std::unique_ptr<GattLink>> open(Reactor& reactor, const Target& target,
                                        BackOff back_off = {});

}  // namespace weco::transports::ble
