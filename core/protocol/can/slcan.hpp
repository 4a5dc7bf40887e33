// SPDX-License-Identifier: Apache-2.0
// SLCAN, the text protocol of cheap USB adapters (Lawicel's command set), so that CAN works over
// any serial port. Commands end with CR; the adapter answers CR for done and BEL for refused, and
// sends received frames in between whenever they come. Both sides are here: the host's, and an
// adapter's for simulations.
#pragma once

#include <string_view>

#include "core/base/fixed.hpp"
#include "core/base/result.hpp"
#include "core/protocol/can/frame.hpp"
#include "core/protocol/exchange.hpp"

namespace weco::slcan {

/// A command or a frame as text, its end (CR or BEL) included. The longest: T, 8 digits of id,
/// size, 16 of data, 4 of time, CR.
using Line = FixedString<31>;
inline constexpr char kOk = '\r';
inline constexpr char kRefused = '\a';

struct BitrateCode {
  char code;  // after 'S'
  std::uint32_t bits_per_second;
};
inline constexpr BitrateCode kBitrates[] = {
    {'0', 10000},  {'1', 20000},  {'2', 50000},  {'3', 100000},  {'4', 125000},
    {'5', 250000}, {'6', 500000}, {'7', 800000}, {'8', 1000000},
};

/// Bits of the answer to 'F', as the command set of the SJA1000-based adapters numbers them.
enum class StatusFlag : std::uint8_t {
  ReceiveQueueFull = 0x01,
  TransmitQueueFull = 0x02,
  ErrorWarning = 0x04,
  DataOverrun = 0x08,
  ErrorPassive = 0x20,
  ArbitrationLost = 0x40,
  BusError = 0x80,
};

/// "S6\r" for 500000 bit/s; Unsupported for a speed the protocol has no code for.
Result<Line> bitrate_command(std::uint32_t bits_per_second);
/// "O\r", or "L\r": receives only and acknowledges nothing.
Line open_command(bool listen_only);
Line close_command();
Line status_command();
Line version_command();
Line serial_command();
Line timestamps_command(bool on);

/// "t3518...\r". Unsupported for error frames, OutOfRange for an id or size that does not exist.
Result<Line> encode(const CanFrame& frame);
/// The same with the adapter's clock in ms, 0..59999.
Result<Line> encode(const CanFrame& frame, std::uint16_t clock_ms);

struct Received {
  CanFrame frame;
  bool has_clock = false;
  std::uint16_t clock_ms = 0;  // of the adapter, wraps after 59999
};
/// The inverse, without the CR. BadFrame when it is no frame, OutOfRange for an impossible id, size
/// or clock.
Result<Received> parse(std::string_view line);

/// An answer of the adapter.
struct Reply {
  enum class Kind : std::uint8_t { Done, Refused, Sent, Status, Version, Serial };
  Kind kind = Kind::Done;
  std::uint8_t status = 0;  // StatusFlag bits
  FixedString<16> text;     // version or serial number as sent: untrusted
};

/// Who takes what the host side understood.
class HostListener {
 public:
  virtual void on_frame(const Received& received) = 0;
  virtual void on_reply(const Reply& reply) = 0;

 protected:
  ~HostListener() = default;
};

/// The host's ear: splits the adapter's bytes into frames and answers, wherever they are cut.
class Host {
 public:
  void received(Bytes data, Instant now, HostListener& listener);
  /// Lines that were neither a frame nor an answer, cut or too long.
  [[nodiscard]] std::uint32_t bad_lines() const { return bad_lines_; }
  void reset() { *this = Host(); }

 private:
  void line(Instant now, HostListener& listener);
  [[nodiscard]] bool reply(std::string_view text, HostListener& listener) const;

  FixedVector<char, 30> line_;
  bool too_long_ = false;
  std::uint32_t bad_lines_ = 0;
};

/// Who takes the frames that an adapter puts on its bus.
class FrameSink {
 public:
  virtual void put(const CanFrame& frame) = 0;

 protected:
  ~FrameSink() = default;
};

/// An adapter: answers commands, hands over frames to send, turns frames of the bus into text. It
/// refuses what real ones refuse: opening without a speed, changing it while open, sending while
/// closed or listening.
class Adapter final : public Responder {
 public:
  /// `bus` must outlive the adapter.
  explicit Adapter(FrameSink& bus) : bus_(bus) {}

  Bytes respond(Bytes data, Instant now) override;
  /// A frame on the bus: the text for the host, empty while closed.
  [[nodiscard]] Line from_bus(const CanFrame& frame, Instant now) const;
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] bool listens_only() const { return listen_only_; }
  /// 0 until the host sets it.
  [[nodiscard]] std::uint32_t bits_per_second() const { return bits_per_second_; }
  /// What 'F' answers once; reading clears it.
  void set_status(std::uint8_t flags) { status_ = flags; }

 private:
  void command(std::string_view text, Instant now);
  [[nodiscard]] bool configure(std::string_view text);
  void send(std::string_view text, Instant now);
  void say(std::string_view text);

  FrameSink& bus_;
  FixedVector<char, 30> line_;
  FixedVector<std::uint8_t, 1024> out_;
  std::uint32_t bits_per_second_ = 0;
  std::uint8_t status_ = 0;
  bool too_long_ = false;
  bool open_ = false;
  bool listen_only_ = false;
  bool clock_ = false;
};

}  // namespace weco::slcan
