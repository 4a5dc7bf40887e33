// SPDX-License-Identifier: Apache-2.0
// The third shape of link: whole messages between two ends of a CAN bus (ISO-TP), whether the
// kernel cuts them into frames or we do.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/failure/failure.hpp"
#include "host/link/link.hpp"

namespace weco {

class MessageLink {
 public:
  virtual ~MessageLink() = default;
  /// Begins to send; never blocks. Busy while the message before is on its way, TooLong beyond what
  /// the link carries.
  virtual Done send(Bytes message) = 0;
  /// True and the next message, false when none is there. A message that broke, in either
  /// direction, is a failure told once; Disconnected stays.
  virtual Outcome<bool> receive(std::vector<std::uint8_t>& message) = 0;
  /// Called (from the reactor) when receive() has something to say.
  virtual void on_readable(std::function<void()> action) = 0;
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace weco
