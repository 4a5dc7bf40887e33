// SPDX-License-Identifier: Apache-2.0
// ISO-TP (ISO 15765-2): messages longer than a CAN frame. Here is what one frame's data field says,
// and what both ends agree on. Identifiers are the caller's business (Address below maps them);
// the same rules hold for frames of 8 bytes and for CAN FD frames of up to 64.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fixed.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/protocol/can/frame.hpp"

namespace weco::isotp {

inline constexpr std::size_t kFrameMax = 64;      // CAN FD
inline constexpr std::size_t kClassicMax = 8;     // CAN
inline constexpr std::uint32_t kShortMax = 4095;  // the length that fits into 12 bits
/// The largest message that the standard can announce.
inline constexpr std::uint32_t kMessageMax = 0xFFFFFFFF;

/// Why a message did not arrive, as the `detail` of the error that says it.
enum class Fault : std::uint8_t {
  None = 0,
  NoTransmission,   // N_As, N_Ar: the bus did not take our frame
  NoFlowControl,    // N_Bs: the receiver did not answer
  NoConsecutive,    // N_Cr: the sender fell silent
  WrongSequence,    // a consecutive frame is missing
  WrongFlowStatus,  // a flow control that does not exist
  ReceiverFull,     // the receiver refuses the length
  TooManyWaits,     // the receiver said "wait" more often than we do
  NewMessage,       // another message began before this one was complete
  TooLarge,         // longer than our own room
};

struct FaultInfo {
  Fault fault;
  std::string_view name;  // as ISO 15765-2 calls it, for scripts
  ErrorCode code;
  std::string_view sentence;
};
inline constexpr FaultInfo kFaults[] = {
    {Fault::None, "none", ErrorCode::None, "No error."},
    {Fault::NoTransmission, "N_TIMEOUT_A", ErrorCode::Timeout,
     "The CAN bus did not take a frame in time."},
    {Fault::NoFlowControl, "N_TIMEOUT_Bs", ErrorCode::Timeout,
     "The receiver did not answer the beginning of a long message."},
    {Fault::NoConsecutive, "N_TIMEOUT_Cr", ErrorCode::Timeout,
     "The sender fell silent in the middle of a message."},
    {Fault::WrongSequence, "N_WRONG_SN", ErrorCode::BadFrame,
     "A part of a message is missing or came twice."},
    {Fault::WrongFlowStatus, "N_INVALID_FS", ErrorCode::BadFrame,
     "The receiver answered with a flow status that does not exist."},
    {Fault::ReceiverFull, "N_BUFFER_OVFLW", ErrorCode::TooLong,
     "The receiver has no room for a message of this length."},
    {Fault::TooManyWaits, "N_WFT_OVRN", ErrorCode::Busy,
     "The receiver asked to wait again and again."},
    {Fault::NewMessage, "N_UNEXP_PDU", ErrorCode::UnexpectedReply,
     "A new message began before the last one was complete."},
    {Fault::TooLarge, "N_BUFFER_OVFLW", ErrorCode::TooLong,
     "A message was announced that is longer than there is room for."},
};
constexpr const FaultInfo& info(Fault fault) { return kFaults[static_cast<std::size_t>(fault)]; }
constexpr Error error_of(Fault fault) {
  return {info(fault).code, static_cast<std::int32_t>(fault)};
}

/// The time-outs of the standard, all one second there.
struct Timing {
  Duration n_as = Duration::s(1);  // our frame of a message is on the bus
  Duration n_ar = Duration::s(1);  // our flow control is on the bus
  Duration n_bs = Duration::s(1);  // until the receiver's flow control
  Duration n_cr = Duration::s(1);  // until the sender's next consecutive frame
};

/// How one end behaves. The defaults suit a diagnostic tool on a classic bus.
struct Config {
  /// Data bytes of a full frame that we send: 8, or up to 64 with CAN FD. Received frames may have
  /// any size.
  std::uint8_t frame_size = kClassicMax;
  /// Extended addressing: the first data byte of every frame, ours and theirs. Both or neither.
  std::optional<std::uint8_t> sends_to;
  std::optional<std::uint8_t> hears;
  /// Fills short frames; without it they are as short as they can be.
  std::optional<std::uint8_t> padding = 0xCC;
  /// What our flow control asks for: frames until the next one (0: all) and their distance.
  std::uint8_t block_size = 0;
  Duration separation{};
  std::uint8_t waits_max = 10;  // N_WFTmax
  Timing timing{};

  [[nodiscard]] constexpr std::size_t prefix() const { return sends_to.has_value() ? 1 : 0; }
  /// The longest message that fits into a single frame.
  [[nodiscard]] constexpr std::size_t single_max() const {
    return frame_size - prefix() - (frame_size > kClassicMax ? 2U : 1U);
  }
};

/// A frame's data field.
using Data = FixedVector<std::uint8_t, kFrameMax>;

struct Pdu {
  enum class Kind : std::uint8_t { Single, First, Consecutive, FlowControl };
  enum class Flow : std::uint8_t { Continue, Wait, Overflow, Unknown };
  Kind kind = Kind::Single;
  std::uint32_t length = 0;    // Single, First: of the whole message
  Bytes payload;               // Single, First, Consecutive: without padding where length tells
  std::uint8_t sequence = 0;   // Consecutive
  Flow flow = Flow::Continue;  // FlowControl
  std::uint8_t block_size = 0;
  Duration separation{};
};

/// What a data field says. Truncated or BadFrame when it says nothing that the standard knows,
/// UnexpectedReply when it is for another extended address.
Result<Pdu> parse(Bytes data, const Config& config);

/// Frames to send. `rest` is what is still to go of the message; as much as fits is taken.
Data single(Bytes message, const Config& config);
Data first(Bytes message, const Config& config);
Data consecutive(Bytes rest, std::uint8_t sequence, const Config& config);
Data flow_control(Pdu::Flow flow, const Config& config);

/// How many bytes of the message a full frame of each kind carries.
std::size_t first_payload(std::uint32_t length, const Config& config);
std::size_t consecutive_payload(const Config& config);

/// STmin as one byte: whole milliseconds up to 127, or 100 to 900 us. Rounded up, never down.
std::uint8_t separation_code(Duration separation);
/// The inverse. Reserved codes mean the longest time, as the standard says.
Duration separation_of(std::uint8_t code);

/// Whom a channel talks to: the identifiers of both directions.
struct Address {
  std::uint32_t tx_id = 0x7E0;
  std::uint32_t rx_id = 0x7E8;
  bool wide = false;  // 29 bits
  [[nodiscard]] constexpr bool hears(const CanFrame& frame) const {
    return !frame.error && !frame.remote && frame.id == rx_id && frame.extended == wide;
  }
  /// A data field of at most 8 bytes as a frame to send.
  [[nodiscard]] CanFrame frame(Bytes data) const;
};

}  // namespace weco::isotp
