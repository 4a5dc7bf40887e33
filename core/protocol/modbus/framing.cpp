// SPDX-License-Identifier: Apache-2.0
// Putting PDUs into frames and taking them out, for all framings.
#include "core/protocol/modbus/framing.hpp"

#include "core/base/crc.hpp"

namespace weco::modbus {
namespace {

Extent framed(Extent pdu, std::size_t overhead) {
  if (pdu.kind == Extent::Kind::Known) pdu.size += overhead;
  return pdu;
}

Extent rtu_extent(Bytes data, Extent (*pdu_extent)(Bytes)) {
  if (data.empty()) return {Extent::Kind::NeedMore, 0};
  return framed(pdu_extent(data.subspan(1)), kRtuOverhead);
}

Result<Frame> decode_rtu(Framing framing, Bytes frame) {
  if (frame.size() < kRtuOverhead + 1) return fail(ErrorCode::Truncated);
  if (frame.size() > kRtuFrameMax) return fail(ErrorCode::TooLong);
  if (!crc_matches(framing, frame)) return fail(ErrorCode::BadChecksum);
  return Frame{frame[0], 0, frame.subspan(1, frame.size() - kRtuOverhead)};
}

Result<Frame> decode_tcp(Bytes frame) {
  if (frame.size() < kMbapSize + 1) return fail(ErrorCode::Truncated);
  if (frame.size() > kFrameMax) return fail(ErrorCode::TooLong);
  const Extent extent = tcp_extent(frame);
  if (extent.kind != Extent::Kind::Known) return fail(ErrorCode::BadFrame);
  if (extent.size != frame.size()) {
    return fail(extent.size > frame.size() ? ErrorCode::Truncated : ErrorCode::BadFrame);
  }
  const auto transaction = static_cast<std::uint16_t>((frame[0] << 8) | frame[1]);
  return Frame{frame[6], transaction, frame.subspan(kMbapSize)};
}

}  // namespace

std::uint16_t check_value(Framing framing, Bytes data) {
  const std::uint16_t crc = crc16_modbus(data);
  if (framing != Framing::WecoService) return crc;
  constexpr unsigned kAdded = 26;
  return static_cast<std::uint16_t>((~(crc | kWecoServiceKey) + kAdded) & 0xFFFFU);
}

bool crc_matches(Framing framing, Bytes frame) {
  if (frame.size() < 2) return false;
  const std::uint16_t crc = check_value(framing, frame.first(frame.size() - 2));
  return frame[frame.size() - 2] == (crc & 0xFFU) && frame[frame.size() - 1] == crc >> 8;
}

std::size_t encode_frame(Framing framing, const Frame& frame, MutableBytes out) {
  WECO_ASSERT(!frame.pdu.empty() && frame.pdu.size() <= kPduMax);
  ByteWriter w(out);
  if (!has_crc(framing)) {
    w.u16(frame.transaction, Endian::Big);
    w.u16(0, Endian::Big);
    w.u16(static_cast<std::uint16_t>(frame.pdu.size() + 1), Endian::Big);
  }
  w.u8(frame.unit);
  w.bytes(frame.pdu);
  if (has_crc(framing)) w.u16(check_value(framing, w.written()), Endian::Little);
  WECO_ASSERT(w.ok());
  return w.size();
}

Result<Frame> decode_frame(Framing framing, Bytes frame) {
  return has_crc(framing) ? decode_rtu(framing, frame) : decode_tcp(frame);
}

Extent rtu_request_extent(Bytes data) { return rtu_extent(data, request_extent); }
Extent rtu_response_extent(Bytes data) { return rtu_extent(data, response_extent); }

Extent tcp_extent(Bytes data) {
  constexpr Extent kNotOne{Extent::Kind::NotOne, 0};
  for (std::size_t i = 2; i < 4 && i < data.size(); ++i) {
    if (data[i] != 0) return kNotOne;  // protocol identifier
  }
  if (data.size() > 4 && data[4] != 0) return kNotOne;  // no length above 254
  if (data.size() < 6) return {Extent::Kind::NeedMore, 0};
  const std::size_t length = data[5];  // unit and PDU
  if (length < 2 || length > kPduMax + 1) return kNotOne;
  return {Extent::Kind::Known, kMbapSize - 1 + length};
}

}  // namespace weco::modbus
