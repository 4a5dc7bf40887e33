// SPDX-License-Identifier: Apache-2.0
#include "core/protocol/isotp/pdu.hpp"

#include <algorithm>

namespace weco::isotp {
namespace {

constexpr std::uint8_t kSingle = 0x00;
constexpr std::uint8_t kFirst = 0x10;
constexpr std::uint8_t kConsecutive = 0x20;
constexpr std::uint8_t kFlowControl = 0x30;

constexpr std::uint8_t kLastMillisecond = 0x7F;
constexpr std::uint8_t kFirstFraction = 0xF1;  // 100 us
constexpr std::uint8_t kLastFraction = 0xF9;   // 900 us
constexpr std::int64_t kFraction_us = 100;

// What a CAN FD frame can be long; a size between two of them is padded up.
constexpr std::uint8_t kSizes[] = {8, 12, 16, 20, 24, 32, 48, 64};
constexpr std::uint8_t kFdPadding = 0xCC;

Data begin(const Config& config) {
  Data data;
  if (config.sends_to) static_cast<void>(data.push_back(*config.sends_to));
  return data;
}
void put(Data& data, std::uint8_t byte) {
  const bool fits = data.push_back(byte);
  WECO_ASSERT(fits);
}
void put(Data& data, Bytes bytes) {
  for (const std::uint8_t byte : bytes) put(data, byte);
}
void pad(Data& data, const Config& config) {
  if (data.size() > kClassicMax) {
    const auto* const size = std::lower_bound(std::begin(kSizes), std::end(kSizes), data.size());
    while (data.size() < *size) put(data, config.padding.value_or(kFdPadding));
    return;
  }
  while (config.padding && data.size() < kClassicMax) put(data, *config.padding);
}

Result<Pdu> parse_single(ByteReader& reader, std::uint8_t low, bool classic) {
  Pdu pdu;
  pdu.kind = Pdu::Kind::Single;
  pdu.length = low;
  if (!classic) {
    if (low != 0) return fail(ErrorCode::BadFrame);
    pdu.length = reader.u8();
  }
  if (pdu.length == 0) return fail(ErrorCode::BadFrame);
  pdu.payload = reader.take(pdu.length);
  if (!reader.ok()) return fail(ErrorCode::Truncated);
  return pdu;
}

Result<Pdu> parse_first(ByteReader& reader, std::uint8_t low, std::size_t frame_size,
                        std::size_t prefix) {
  // A message that would fit into a single frame must not come in pieces.
  const std::size_t single_max = frame_size - prefix - (frame_size > kClassicMax ? 2U : 1U);
  if (frame_size < kClassicMax) return fail(ErrorCode::Truncated);
  Pdu pdu;
  pdu.kind = Pdu::Kind::First;
  pdu.length = static_cast<std::uint32_t>(low << 8U) | reader.u8();
  if (pdu.length == 0) {
    pdu.length = reader.u32(Endian::Big);
    if (pdu.length <= kShortMax) return fail(ErrorCode::BadFrame);
  }
  if (pdu.length <= single_max) return fail(ErrorCode::BadFrame);
  pdu.payload = reader.take(reader.remaining());
  return pdu;
}

Result<Pdu> parse_flow(ByteReader& reader, std::uint8_t low) {
  Pdu pdu;
  pdu.kind = Pdu::Kind::FlowControl;
  pdu.flow = low < 3 ? static_cast<Pdu::Flow>(low) : Pdu::Flow::Unknown;
  pdu.block_size = reader.u8();
  pdu.separation = separation_of(reader.u8());
  if (!reader.ok()) return fail(ErrorCode::Truncated);
  return pdu;
}

}  // namespace

Result<Pdu> parse(Bytes data, const Config& config) {
  if (data.size() > kFrameMax) return fail(ErrorCode::TooLong);
  ByteReader reader(data);
  if (config.hears && reader.u8() != *config.hears) {
    return fail(reader.ok() ? ErrorCode::UnexpectedReply : ErrorCode::Truncated);
  }
  const std::size_t prefix = reader.position();
  const std::uint8_t control = reader.u8();
  if (!reader.ok()) return fail(ErrorCode::Truncated);
  const auto low = static_cast<std::uint8_t>(control & 0x0FU);
  switch (control & 0xF0U) {
    case kSingle:
      return parse_single(reader, low, data.size() <= kClassicMax);
    case kFirst:
      return parse_first(reader, low, data.size(), prefix);
    case kConsecutive: {
      Pdu pdu;
      pdu.kind = Pdu::Kind::Consecutive;
      pdu.sequence = low;
      pdu.payload = reader.take(reader.remaining());
      if (pdu.payload.empty()) return fail(ErrorCode::Truncated);
      return pdu;
    }
    case kFlowControl:
      return parse_flow(reader, low);
    default:
      return fail(ErrorCode::BadFrame);
  }
}

Data single(Bytes message, const Config& config) {
  WECO_ASSERT(!message.empty() && message.size() <= config.single_max());
  Data data = begin(config);
  // Even with CAN FD a message that fits into eight bytes takes the classic form.
  if (data.size() + 1 + message.size() <= kClassicMax) {
    put(data, static_cast<std::uint8_t>(kSingle | message.size()));
  } else {
    put(data, kSingle);
    put(data, static_cast<std::uint8_t>(message.size()));
  }
  put(data, message);
  pad(data, config);
  return data;
}

std::size_t first_payload(std::uint32_t length, const Config& config) {
  return config.frame_size - config.prefix() - (length > kShortMax ? 6U : 2U);
}
std::size_t consecutive_payload(const Config& config) {
  return config.frame_size - config.prefix() - 1U;
}

Data first(Bytes message, const Config& config) {
  WECO_ASSERT(message.size() > config.single_max());
  const auto length = static_cast<std::uint32_t>(message.size());
  Data data = begin(config);
  if (length <= kShortMax) {
    put(data, static_cast<std::uint8_t>(kFirst | (length >> 8U)));
    put(data, static_cast<std::uint8_t>(length));
  } else {
    put(data, kFirst);
    put(data, 0);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      put(data, static_cast<std::uint8_t>(length >> shift));
    }
  }
  put(data, message.first(first_payload(length, config)));
  return data;
}

Data consecutive(Bytes rest, std::uint8_t sequence, const Config& config) {
  Data data = begin(config);
  put(data, static_cast<std::uint8_t>(kConsecutive | (sequence & 0x0FU)));
  put(data, rest.first(std::min(rest.size(), consecutive_payload(config))));
  pad(data, config);
  return data;
}

Data flow_control(Pdu::Flow flow, const Config& config) {
  WECO_ASSERT(flow != Pdu::Flow::Unknown);
  Data data = begin(config);
  put(data, static_cast<std::uint8_t>(kFlowControl | static_cast<std::uint8_t>(flow)));
  put(data, config.block_size);
  put(data, separation_code(config.separation));
  pad(data, config);
  return data;
}

std::uint8_t separation_code(Duration separation) {
  const std::int64_t us = std::max<std::int64_t>(separation.to_us(), 0);
  if (us > 0 && us <= 9 * kFraction_us) {
    return static_cast<std::uint8_t>(kFirstFraction + (us + kFraction_us - 1) / kFraction_us - 1);
  }
  return static_cast<std::uint8_t>(std::min<std::int64_t>((us + 999) / 1000, kLastMillisecond));
}

Duration separation_of(std::uint8_t code) {
  if (code <= kLastMillisecond) return Duration::ms(code);
  if (code >= kFirstFraction && code <= kLastFraction) {
    return Duration::us((code - kFirstFraction + 1) * kFraction_us);
  }
  return Duration::ms(kLastMillisecond);
}

CanFrame Address::frame(Bytes data) const {
  WECO_ASSERT(data.size() <= CanFrame::kDataMax);
  CanFrame frame;
  frame.id = tx_id;
  frame.extended = wide;
  frame.size = static_cast<std::uint8_t>(data.size());
  std::copy(data.begin(), data.end(), frame.data.begin());
  return frame;
}

}  // namespace weco::isotp
