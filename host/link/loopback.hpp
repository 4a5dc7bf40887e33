// SPDX-License-Identifier: Apache-2.0
// Wires made of nothing, for tests and simulated sites. The byte line behaves like copper where it
// matters to a protocol: bytes take their time, on RS485 everyone hears everyone, two talkers at
// once garble each other, and a receiver with other settings samples the bits at the wrong places.
// The frame bus behaves like CAN: the lowest identifier wins a busy bus.
//
// A line or bus outlives its participants; participants that leave simply hear nothing more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

/// Bytes a participant keeps while it does not read; what comes later is lost, as in a UART.
inline constexpr std::size_t kLoopbackRoomMax = 1U << 16;
/// Frames a participant keeps while it does not read.
inline constexpr std::size_t kLoopbackFramesMax = 4096;

struct LoopbackOptions {
  std::string name = "loop:a";
  /// False: bytes arrive at once, settings do not matter. True: they take the time of the sender's
  /// settings and a receiver with other settings hears what its UART would make of them.
  bool timed = false;
  LineSettings settings{};       // what participants start with
  bool shared_line = false;      // RS485: any number of participants, one talks, all others hear
  bool echo = false;             // the talker hears itself too
  std::size_t piece_bytes = 16;  // timed: bytes arrive in pieces of at most so many (1: each alone)
};

class LoopbackLine {
 public:
  LoopbackLine(Reactor& reactor, LoopbackOptions options);
  ~LoopbackLine();
  LoopbackLine(const LoopbackLine&) = delete;
  LoopbackLine& operator=(const LoopbackLine&) = delete;

  struct Join {
    std::string name;      // describe(); empty: the line's name
    bool swapped = false;  // A and B exchanged: every level inverted (timed lines only)
  };
  /// At most two without shared_line (an assertion).
  std::unique_ptr<ByteLink> join(Join how);
  std::unique_ptr<ByteLink> join() { return join(Join{}); }

  /// Cuts or mends the wire for everyone: read() and write() fail with Disconnected while cut.
  void cut();
  void mend();
  /// Cuts after so many more bytes were delivered, counted over all talkers.
  void cut_after(std::size_t bytes);
  /// Times when two talked at once.
  [[nodiscard]] std::uint64_t collisions() const;
  [[nodiscard]] std::uint64_t bytes_carried() const;

 private:
  class Wire;
  class Participant;
  std::shared_ptr<Wire> wire_;
};

/// Two ends, the usual case.
class LoopbackPair {
 public:
  explicit LoopbackPair(Reactor& reactor, LoopbackOptions options = {})
      : line_(reactor, std::move(options)), a_(line_.join()), b_(line_.join()) {}
  [[nodiscard]] ByteLink& a() { return *a_; }
  [[nodiscard]] ByteLink& b() { return *b_; }
  [[nodiscard]] LoopbackLine& line() { return line_; }
  /// Hands an end over to someone who wants to own it.
  std::unique_ptr<ByteLink> take_a() { return std::move(a_); }
  std::unique_ptr<ByteLink> take_b() { return std::move(b_); }

 private:
  LoopbackLine line_;
  std::unique_ptr<ByteLink> a_;
  std::unique_ptr<ByteLink> b_;
};

struct LoopbackBusOptions {
  std::string name = "loop:can";
  std::uint32_t bits_per_second = 0;  // 0: frames arrive at once
};

class LoopbackBus {
 public:
  explicit LoopbackBus(Reactor& reactor, LoopbackBusOptions options = {});
  ~LoopbackBus();
  LoopbackBus(const LoopbackBus&) = delete;
  LoopbackBus& operator=(const LoopbackBus&) = delete;

  std::unique_ptr<FrameLink> join(std::string name = {});
  void cut();
  void mend();
  [[nodiscard]] std::uint64_t frames_carried() const;

 private:
  class Wire;
  class Participant;
  std::shared_ptr<Wire> wire_;
};

/// What a UART set to `receiver` makes of bytes sent with `sender`, from an idle line. With equal
/// settings it is the bytes themselves. `inverted`: A and B swapped.
std::vector<std::uint8_t> resample(Bytes sent, const LineSettings& sender,
                                   const LineSettings& receiver, bool inverted = false);
/// Time of one character with these settings: start, data, parity and stop bits.
Duration character_time(const LineSettings& settings);

}  // namespace weco
