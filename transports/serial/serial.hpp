// SPDX-License-Identifier: Apache-2.0
// Serial ports and USB adapters through libserialport, its descriptor in the reactor. A
// pseudo-terminal is accepted as well, so that a simulated device is reached like a real one; it
// has no modem lines and no parity, which libserialport insists on, so it is set up directly.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

/// A port that is present now. Texts come from the device: untrusted.
struct SerialPort {
  std::string path;         // "/dev/ttyUSB0"
  std::string description;  // "FT232R USB UART - A50285BI"; may be empty like the rest
  std::string manufacturer;
  std::string product;
  std::string serial_number;
  std::optional<std::uint16_t> usb_vendor;
  std::optional<std::uint16_t> usb_product;
};

/// Sorted by path. Empty when there are none or the system cannot tell.
std::vector<SerialPort> list_serial_ports();

/// Opens `path` for this program alone. NotFound (the hint lists the ports that are there),
/// PermissionDenied, Busy, BadInput (no serial port), Unsupported (settings), IoError. The link's
/// configure() changes the settings; what was in the buffers before is thrown away.
Outcome<std::unique_ptr<ByteLink>> open_serial(const std::string& path,
                                               const LineSettings& settings, Reactor& reactor);

}  // namespace weco::transports
