// SPDX-License-Identifier: Apache-2.0
// The inverse of the decoder, row by row. What the source does not have goes out as the family's
// own "no value"; a current limit it does not have goes out as 0 A, which stops the inverter, never
// as "use your default".
#include "core/protocol/canbms/encoder.hpp"

#include <algorithm>
#include <limits>

namespace weco::canbms {
namespace {

void store(CanFrame& frame, std::size_t at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes && at + i < frame.size; ++i) {
    frame.data[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
}

struct Range {
  std::int64_t low;
  std::int64_t high;
  std::uint64_t absent;
  std::uint8_t bytes;
};
constexpr Range range(Type type) {
  switch (type) {
    case Type::U8:
      return {0, 255, 0, 1};
    case Type::U32:
      return {0, 0xFFFFFFFE, 0xFFFFFFFF, 4};
    case Type::S16:
    case Type::PackVoltage:
    case Type::PackCurrent:
    case Type::Temperature:
      return {-0x7FFF, 0x7FFF, 0x8000, 2};
    case Type::ChargeLimit:
    case Type::DischargeLimit:
      return {0, 0x7FFF, 0, 2};
    case Type::SocFine:
    case Type::AhBesideSoc:
    case Type::PositiveAh:
      return {0, 0xFFFE, 0, 2};
    case Type::ChargeVoltage:
    case Type::EndVoltage:
      return {0, 0x7FFF, 0xFFFF, 2};
    default:
      return {0, 0xFFFE, 0xFFFF, 2};
  }
}

/// Events that a table does not name go out under their wider name.
struct Wider {
  std::uint8_t event;
  std::uint8_t as;
};
constexpr Wider kWider[] = {
    {symbol("alarms", "cell_overvoltage"), symbol("alarms", "high_voltage")},
    {symbol("alarms", "pack_overvoltage"), symbol("alarms", "high_voltage")},
    {symbol("alarms", "cell_undervoltage"), symbol("alarms", "low_voltage")},
    {symbol("alarms", "pack_undervoltage"), symbol("alarms", "low_voltage")},
    {symbol("alarms", "deep_discharge"), symbol("alarms", "low_voltage")},
    {symbol("alarms", "charge_temperature_high"), symbol("alarms", "temperature_high")},
    {symbol("alarms", "discharge_temperature_high"), symbol("alarms", "temperature_high")},
    {symbol("alarms", "charge_temperature_low"), symbol("alarms", "temperature_low")},
    {symbol("alarms", "discharge_temperature_low"), symbol("alarms", "temperature_low")},
    {symbol("alarms", "short_circuit"), symbol("alarms", "discharge_overcurrent")},
    {symbol("alarms", "system_error"), symbol("alarms", "internal")},
    {symbol("alarms", "sensor"), symbol("alarms", "internal")},
    {symbol("alarms", "fuse"), symbol("alarms", "internal")},
    {symbol("alarms", "precharge"), symbol("alarms", "contactor")},
    {symbol("alarms", "internal"), symbol("alarms", "system_error")},
    {symbol("alarms", "contactor"), symbol("alarms", "system_error")},
};

template <std::size_t N>
constexpr std::uint64_t events_of(const BitEvent (&table)[N]) {
  std::uint64_t events = 0;
  for (const BitEvent& row : table) events |= 1ULL << row.event;
  return events;
}
template <std::size_t N>
std::uint32_t to_bits(std::uint64_t events, const BitEvent (&table)[N]) {
  const std::uint64_t named = events_of(table);
  for (const Wider& row : kWider) {
    if ((events >> row.event & 1U) != 0 && (named >> row.event & 1U) == 0) events |= 1ULL << row.as;
  }
  std::uint32_t bits = 0;
  for (const BitEvent& row : table) {
    if ((events >> row.event & 1U) != 0) bits |= 1U << row.bit;
  }
  return bits;
}
std::uint32_t to_pairs(std::uint64_t events) {
  const std::uint32_t raised = to_bits(events, kPairs);
  std::uint32_t pairs = 0;
  for (const BitEvent& row : kPairs) {
    pairs |= ((raised >> row.bit & 1U) != 0 ? 1U : 2U) << (2U * row.bit);
  }
  return pairs;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::size_t count_frames(Dialect dialect) {
  std::size_t n = 0;
  for (const FrameSpec& spec : kFrames) n += spec.dialect == dialect ? 1U : 0U;
  return n;
}
static_assert(count_frames(Dialect::SmaVictron) <= Encoder::kFramesMax);
static_assert(count_frames(Dialect::PylontechPlus) <= Encoder::kFramesMax);

constexpr std::uint8_t kNoIndex = 0;
constexpr Instant kAtOnce = Instant::from_us(std::numeric_limits<std::int64_t>::min());

}  // namespace

Encoder::Encoder(const Config& config, const ReadingSource& source)
    : config_(config), source_(source) {
  WECO_ASSERT(can_encode(config.dialect));
  next_.fill(kAtOnce);
}

void Encoder::received(const CanFrame& frame, Instant now) {
  if (frame.id != 0x305 || frame.error || frame.remote) return;
  heard_ = true;
  heard_last_ = now;
}

bool Encoder::talking(Instant now) const {
  if (config_.keep_alive == KeepAlive::Ignored) return true;
  return heard_ && now - heard_last_ <= config_.patience;
}

void Encoder::due(Instant now, Frames& out) {
  if (!talking(now)) return;
  std::size_t place = 0;
  for (const FrameSpec& spec : kFrames) {
    if (spec.dialect != config_.dialect) continue;
    Instant& next = next_[place++];
    if (now < next || out.full()) continue;
    const bool first = next == kAtOnce;
    next = first || next + spec.period <= now ? now + spec.period : next + spec.period;
    Result<CanFrame> frame = encode(spec.id);
    if (!frame) continue;
    frame->at = now;
    static_cast<void>(out.push_back(*frame));
  }
}

Instant Encoder::next_due() const {
  if (config_.keep_alive == KeepAlive::Required && !heard_) return Instant::never();
  Instant first = Instant::never();
  for (std::size_t i = 0; i < count_frames(config_.dialect); ++i) first = std::min(first, next_[i]);
  if (config_.keep_alive == KeepAlive::Required && first > heard_last_ + config_.patience) {
    return Instant::never();
  }
  return first;
}

Result<CanFrame> Encoder::encode(std::uint16_t id) const {
  const auto spec = std::find_if(std::begin(kFrames), std::end(kFrames), [&](const FrameSpec& row) {
    return row.dialect == config_.dialect && row.id == id;
  });
  if (spec == std::end(kFrames)) return fail(ErrorCode::Unsupported);
  CanFrame frame;
  frame.id = id;
  frame.size = spec->size;
  bool any = false;
  for (const Field& field : kFields) {
    if (field.id != id || (field.dialects & set_of(config_.dialect)) == 0) continue;
    if (field.byte + width(field.type) > spec->size) continue;
    const bool known = put(field, frame);
    if (field.type == Type::ChargeVoltage && !known) return fail(ErrorCode::NotFound);
    any = any || known;
  }
  if (!any && id != 0x35B) return fail(ErrorCode::NotFound);
  if (id == 0x359) {
    frame.data[5] = 'P';
    frame.data[6] = 'N';
  }
  return frame;
}

const Reading* Encoder::value(const Field& field) const {
  const Reading* const reading = source_.get({field.point, kNoIndex, {}});
  if (reading == nullptr || reading->quality == Quality::NotImplemented) return nullptr;
  return reading;
}

bool Encoder::put(const Field& field, CanFrame& frame) const {
  switch (field.type) {
    case Type::Word8:
    case Type::Word16:
    case Type::Word32:
      return false;  // the raw form of what the named rows write
    case Type::Text:
    case Type::TextHead:
    case Type::TextTail:
      return put_text(field, frame);
    case Type::Version:
      return put_version(field, frame);
    case Type::Protections:
    case Type::Warnings:
    case Type::AlarmPairs:
    case Type::WarningPairs:
    case Type::Requests:
    case Type::BmsRequests:
      return put_bits(field, frame);
    default:
      return put_number(field, frame);
  }
}

bool Encoder::put_number(const Field& field, CanFrame& frame) const {
  const Range bounds = range(field.type);
  const Reading* const reading = value(field);
  const Result<std::int64_t> scaled = reading == nullptr
                                          ? Result<std::int64_t>(fail(ErrorCode::NotFound))
                                          : rescale(reading->number, field.exponent);
  if (!scaled) {
    store(frame, field.byte, bounds.absent, bounds.bytes);
    return false;
  }
  std::int64_t raw = *scaled;
  // High-voltage packs send tenths of a volt where hundredths do not fit.
  if (field.type == Type::PackVoltage && raw > bounds.high) raw /= 10;
  if (field.type == Type::Kelvin) raw += is_byd() ? 272 : 273;
  raw = std::clamp(raw, bounds.low, bounds.high);
  store(frame, field.byte, static_cast<std::uint64_t>(raw), bounds.bytes);
  return true;
}

bool Encoder::is_byd() const {
  const Reading* const vendor = source_.get({point("vendor"), kNoIndex, {}});
  return vendor != nullptr && vendor->text().substr(0, 3) == "BYD";
}

bool Encoder::put_text(const Field& field, CanFrame& frame) const {
  const bool maker = field.id == 0x35E;
  const bool pylontech =
      config_.dialect == Dialect::Pylontech12 || config_.dialect == Dialect::PylontechPlus;
  const Reading* const reading = value(field);
  std::string_view text = reading == nullptr ? std::string_view{} : reading->text();
  if (maker && pylontech) text = "PYLON";  // inverters of these dialects accept nothing else
  if (field.type == Type::TextTail) text.remove_prefix(std::min<std::size_t>(8, text.size()));
  for (std::size_t i = 0; i < frame.size; ++i) {
    const char pad = maker && pylontech ? ' ' : '\0';
    frame.data[i] = static_cast<std::uint8_t>(i < text.size() ? text[i] : pad);
  }
  return !text.empty();
}

bool Encoder::put_version(const Field& field, CanFrame& frame) const {
  const Reading* const reading = value(field);
  if (reading == nullptr) return false;
  std::uint32_t parts[2] = {0, 0};
  std::size_t part = 0;
  for (const char c : reading->text()) {
    const int digit = hex_digit(c);
    if (c == '.' && part == 0) {
      part = 1;
    } else if (digit < 0) {
      break;
    } else {
      parts[part] = (parts[part] << 4 | static_cast<std::uint32_t>(digit)) & 0xFFU;
    }
  }
  store(frame, field.byte, parts[0] | parts[1] << 8, 2);
  return true;
}

std::uint64_t Encoder::flags(PointId id, bool& known) const {
  const Reading* const reading = source_.get({id, kNoIndex, {}});
  if (reading == nullptr || reading->quality == Quality::NotImplemented) return 0;
  known = true;
  return reading->bits;
}

bool Encoder::put_bits(const Field& field, CanFrame& frame) const {
  bool known = false;
  // What stops one direction and what stops both are the same words on this wire.
  const auto stops = [&] {
    return flags(point("alarms"), known) | flags(point("protections"), known);
  };
  switch (field.type) {
    case Type::Protections:
      store(frame, field.byte, to_bits(stops(), kProtectionBits), 2);
      return known;
    case Type::Warnings:
      store(frame, field.byte, to_bits(flags(point("warnings"), known), kWarningBits), 2);
      return known;
    case Type::AlarmPairs:
      store(frame, field.byte, to_pairs(stops()), 4);
      return known;
    case Type::WarningPairs:
      store(frame, field.byte, to_pairs(flags(point("warnings"), known)), 4);
      return known;
    case Type::Requests:
      store(frame, field.byte, to_bits(flags(point("permissions"), known), kRequestBits), 1);
      return known;
    default: {  // BmsRequests
      const std::uint64_t wanted = flags(point("permissions"), known);
      const bool shutdown = (wanted >> symbol("permissions", "shutdown_request") & 1U) != 0;
      store(frame, field.byte, shutdown ? 0x10U : 0U, 1);
      return known;
    }
  }
}

}  // namespace weco::canbms
