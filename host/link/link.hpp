// SPDX-License-Identifier: Apache-2.0
// Two shapes of link, not one: a CAN bus is no byte stream. Transports implement them, the loopback
// and the replay implement them, everything above knows nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/protocol/can/frame.hpp"
#include "core/protocol/can/health.hpp"
#include "host/failure/failure.hpp"

namespace weco {

/// How a serial line is set; other byte links have no settings and refuse configure().
struct LineSettings {
  enum class Parity : std::uint8_t { None, Even, Odd };
  std::uint32_t bits_per_second = 9600;
  Parity parity = Parity::None;
  std::uint8_t data_bits = 8;
  std::uint8_t stop_bits = 1;
  friend bool operator==(const LineSettings&, const LineSettings&) = default;
};

/// What a byte link is like; codecs and exchanges take their timing from it.
struct LinkTraits {
  std::uint32_t bits_per_second = 0;  // 0: bytes take no noticeable time (TCP, loopback)
  bool shared_line = false;           // several devices may hear and talk (RS485)
  std::size_t write_max = 0;          // largest single write; 0: unlimited
};

/// How a radio link is doing.
struct RadioHealth {
  std::optional<std::int16_t> signal_dbm;  // as last heard; nullopt: the adapter does not say
  std::uint16_t mtu = 0;                   // largest packet with its 3 bytes of head
  unsigned reconnections = 0;              // times it was lost and got back
};

class ByteLink {
 public:
  virtual ~ByteLink() = default;
  /// Queues all of `data` or fails; never blocks.
  virtual Done write(Bytes data) = 0;
  /// What has arrived, at most room.size() bytes; 0 when nothing is there. Disconnected once gone.
  virtual Outcome<std::size_t> read(MutableBytes room) = 0;
  /// Called (from the reactor) when read() has something to say. Empty function: nobody listens.
  virtual void on_readable(std::function<void()> action) = 0;
  /// Changes a serial line's settings; Unsupported on links that have none.
  virtual Done configure(const LineSettings& settings) = 0;
  [[nodiscard]] virtual LinkTraits traits() const = 0;
  /// The endpoint as text: "serial:/dev/ttyUSB0".
  [[nodiscard]] virtual std::string describe() const = 0;
  /// Of a link through the air; empty on wires.
  [[nodiscard]] virtual std::optional<RadioHealth> radio() const { return std::nullopt; }
};

class FrameLink {
 public:
  virtual ~FrameLink() = default;
  virtual Done send(const CanFrame& frame) = 0;
  /// True and the next frame that arrived, false when none is there; Disconnected once gone.
  virtual Outcome<bool> receive(CanFrame& frame) = 0;
  virtual void on_readable(std::function<void()> action) = 0;
  [[nodiscard]] virtual std::string describe() const = 0;
  /// What the controller and the driver tell of the bus; empty where there are none (a recording).
  [[nodiscard]] virtual std::optional<BusHealth> health() const { return std::nullopt; }
};

}  // namespace weco
