// SPDX-License-Identifier: Apache-2.0
// A virtual RS485 line: several participants on one pair of wires, each with its own settings. What
// makes field lines hard is in it: bytes take their time, a listener at another speed hears
// garbage, swapped wires garble everything, two who talk at once destroy each other, adapters echo.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco::sim {

class Rs485Bus {
 public:
  struct PortOptions {
    LineSettings line;
    bool echo = false;     // the adapter hears itself
    bool swapped = false;  // A and B exchanged at this participant
  };

  explicit Rs485Bus(Reactor& reactor) : reactor_(reactor) {}
  Rs485Bus(const Rs485Bus&) = delete;
  Rs485Bus& operator=(const Rs485Bus&) = delete;

  /// A new participant. It must not outlive the bus.
  std::unique_ptr<ByteLink> attach(std::string name, PortOptions options);

  /// Time that `bytes` characters take on the wire with these settings.
  static Duration time_on_wire(const LineSettings& line, std::size_t bytes);

 private:
  class Port;
  struct Transmission {
    Port* sender;  // null once the sender has left
    LineSettings line;
    bool garbled;  // collided, or sent with swapped wires
    Instant start;
    Instant end;
    std::vector<std::uint8_t> data;
  };
  void transmit(Port& sender, Bytes data);
  void deliver();
  void detach(Port& port);

  Reactor& reactor_;
  std::vector<Port*> ports_;
  std::deque<Transmission> on_wire_;
};

}  // namespace weco::sim
