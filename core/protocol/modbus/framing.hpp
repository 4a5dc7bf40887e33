// SPDX-License-Identifier: Apache-2.0
// The three ways a PDU travels, behind one set of functions: RTU (unit, PDU, CRC), TCP (MBAP
// header, PDU) and RTU over TCP (the bytes of RTU on a socket, as many RS485 gateways do it). Only
// the timing differs between the two RTU ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/protocol/modbus/pdu.hpp"

namespace weco::modbus {

enum class Framing : std::uint8_t {
  Rtu,
  Tcp,
  RtuOverTcp,
  WecoService,  // RTU with a keyed tail in the place of the CRC
};

constexpr bool has_crc(Framing framing) { return framing != Framing::Tcp; }

inline constexpr std::size_t kRtuOverhead = 3;  // unit, CRC
inline constexpr std::size_t kMbapSize = 7;     // transaction, protocol 0, length, unit
inline constexpr std::size_t kRtuFrameMax = kPduMax + kRtuOverhead;
inline constexpr std::size_t kFrameMax = kPduMax + kMbapSize;  // of any framing
inline constexpr std::uint8_t kBroadcastUnit = 0;              // serial line only

/// Bytes that the framing adds to a PDU.
constexpr std::size_t frame_overhead(Framing framing) {
  return has_crc(framing) ? kRtuOverhead : kMbapSize;
}

/// A frame taken apart; `pdu` points into the bytes given.
struct Frame {
  std::uint8_t unit = 0;
  std::uint16_t transaction = 0;  // TCP only
  Bytes pdu;
};

/// Writes a frame; `out` must have room for the PDU and its overhead (kFrameMax always does).
/// Returns the size.
std::size_t encode_frame(Framing framing, const Frame& frame, MutableBytes out);

/// Takes exactly one whole frame apart. Fails with Truncated or TooLong for a size no frame has,
/// BadChecksum (RTU), BadFrame (TCP: protocol or length field).
Result<Frame> decode_frame(Framing framing, Bytes frame);

/// How far the RTU frame at the head of `data` reaches if it is a request or an answer.
Extent rtu_request_extent(Bytes data);
Extent rtu_response_extent(Bytes data);
/// The same for TCP, where both have one header. NotOne: the header is impossible.
Extent tcp_extent(Bytes data);

/// What follows the PDU of a framing with has_crc(): the CRC, or WeCo's keyed form of it.
std::uint16_t check_value(Framing framing, Bytes data);
/// True when the last two of `frame` are the check value of the others.
bool crc_matches(Framing framing, Bytes frame);

/// The key of WeCo's service line that the vendor's own tool is known to use. The battery takes
/// whichever key it is told first; 0 and 0xFFFF did not work.
inline constexpr std::uint16_t kWecoServiceKey = 0x85F9;

/// Received bytes that no frame has used yet. Bounded: what does not fit is not taken.
template <std::size_t Capacity>
class ReceiveBuffer {
 public:
  /// Takes as much as fits and returns how much that was.
  std::size_t append(Bytes data) {
    if (begin_ > 0 && data.size() > Capacity - end_) compact();
    const std::size_t n = data.size() < Capacity - end_ ? data.size() : Capacity - end_;
    for (std::size_t i = 0; i < n; ++i) bytes_[end_ + i] = data[i];
    end_ += n;
    return n;
  }
  [[nodiscard]] Bytes view() const { return Bytes(bytes_.data() + begin_, end_ - begin_); }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void drop(std::size_t n) {
    WECO_ASSERT(n <= size());
    begin_ += n;
    if (begin_ == end_) clear();
  }
  void clear() { begin_ = end_ = 0; }

 private:
  void compact() {
    for (std::size_t i = begin_; i < end_; ++i) bytes_[i - begin_] = bytes_[i];
    end_ -= begin_;
    begin_ = 0;
  }
  std::array<std::uint8_t, Capacity> bytes_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weco::modbus
