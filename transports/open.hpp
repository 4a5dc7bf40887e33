// SPDX-License-Identifier: Apache-2.0
// From an endpoint to a link: the only place that knows every transport. For the composition root
// (cli) alone; everything below works with the links it is given.
#pragma once

#include <cstdint>
#include <memory>

#include "host/link/endpoint.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"
#include "transports/ble/attachment.hpp"
#include "transports/tcp/lasting_link.hpp"

namespace weco::transports {

/// serial (any terminal), tcp, replay (role Answer when the recording tells requests from answers,
/// else Listen) and pty (the device's end, for serving). Unsupported with a hint for the others:
/// CAN endpoints carry frames; sim and loop are made by the caller. ble connects, which takes
/// seconds; ble::connect() does the same while other work goes on.
Outcome<std::unique_ptr<ByteLink>> open_byte_link(const Endpoint& endpoint, Reactor& reactor);
/// Where a tcp endpoint leads, with its deadline.
TcpPlace tcp_place(const Endpoint& endpoint);
/// The device that a ble endpoint names. BadUsage when it names none: is_ble_search().
Outcome<ble::Target> ble_target(const Endpoint& endpoint);
/// The speed of the bus that an slcan endpoint names, in bit/s; 500000 where it names none.
std::uint32_t slcan_bitrate(const Endpoint& endpoint);
/// "ble:" and "ble:hci0": every device that an adapter hears, for looking, not for opening.
bool is_ble_search(const Endpoint& endpoint);
/// can, slcan and replay (candump, evidence with CAN frames).
Outcome<std::unique_ptr<FrameLink>> open_frame_link(const Endpoint& endpoint, Reactor& reactor);
/// The same for somebody who asks on it: a real interface is opened to send as well.
Outcome<std::unique_ptr<FrameLink>> open_talking_bus(const Endpoint& endpoint, Reactor& reactor);
/// True for endpoints that carry frames: slcan, can, and a replay whose file holds CAN frames.
/// Fails when the recording cannot be read.
Outcome<bool> carries_frames(const Endpoint& endpoint);

}  // namespace weco::transports
