// SPDX-License-Identifier: Apache-2.0
// The device's end of a pseudo-terminal: a simulated device is served on it and any program may
// open the other end as a serial port. It survives clients that come and go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::transports {

struct PtyOptions {
  /// Where a symbolic link to the terminal is made, removed at the end; empty: none. A dangling
  /// link of an earlier run is replaced, anything else there is Busy.
  std::string link_path;
  /// The speed of the device's line in bit/s. With it, a client set to another speed hears garbage
  /// and is heard as garbage, as on copper. Without it every speed works.
  std::optional<std::uint32_t> bits_per_second;
};

class PtyServer : public ByteLink {
 public:
  static Outcome<std::unique_ptr<PtyServer>> open(const PtyOptions& options, Reactor& reactor);
  /// "/dev/pts/7"
  [[nodiscard]] virtual std::string terminal() const = 0;
  /// The speed that the client's end is set to now, in bit/s; 0 when it has none.
  [[nodiscard]] virtual std::uint32_t client_speed() const = 0;
};

}  // namespace weco::transports
