// SPDX-License-Identifier: Apache-2.0
// How a CAN bus is doing, as its controller and the kernel tell: the error state, the two error
// counters, and what the error frames of a run add up to. The doctor judges it.
#pragma once

#include <optional>

#include "core/protocol/can/frame.hpp"

namespace weco {

struct BusHealth {
  /// As ISO 11898-1 has them, and two of the driver.
  enum class State : std::uint8_t { Unknown, Active, Warning, Passive, BusOff, Stopped, Sleeping };

  State state = State::Unknown;
  bool listen_only = false;                      // the controller acknowledges nothing
  bool is_virtual = false;                       // a bus inside the computer: no wires, no errors
  std::uint32_t bits_per_second = 0;             // 0: not told
  std::uint32_t data_bits_per_second = 0;        // CAN FD; 0: none
  std::uint32_t restart_ms = 0;                  // automatic restart after bus-off; 0: none
  std::optional<std::uint16_t> transmit_errors;  // the controller's counters: 96 warns, 128 is
  std::optional<std::uint16_t> receive_errors;   // passive, 256 switches off

  // Counted by the driver since the interface exists, or here since the link is open.
  std::uint64_t bus_errors = 0;
  std::uint64_t bus_offs = 0;
  std::uint64_t restarts = 0;
  std::uint64_t arbitration_lost = 0;
  std::uint64_t no_acknowledge = 0;  // a frame was sent and nobody was there
  std::uint64_t damaged = 0;         // form, stuff, bit or checksum errors
  std::uint64_t send_timeouts = 0;
  std::uint64_t overruns = 0;     // the controller's own buffer
  std::uint64_t lost = 0;         // received and not read in time
  std::uint64_t long_frames = 0;  // CAN FD with more than 8 bytes
  std::uint64_t strange = 0;      // text of an adapter that is no frame
  std::uint8_t wire_fault = 0;    // what a fault-tolerant transceiver says; 0: nothing

  /// An error frame of the controller; others change nothing. The bits are Linux's
  /// (linux/can/error.h).
  void observe(const CanFrame& frame);
  /// What `other` counted is added, what it knows better is taken.
  void merge(const BusHealth& other);
};

}  // namespace weco
