// SPDX-License-Identifier: Apache-2.0
// The decoder walks the rows of kFields that belong to a frame's id. What the rows say is folded at
// compile time into steps (end of the field, plausible range in raw units), so that a frame costs
// one look-up and a few comparisons.
#include "core/protocol/canbms/decoder.hpp"

#include <algorithm>
#include <limits>

namespace weco::canbms {

struct Decoder::Step {
  std::uint16_t id;
  std::uint8_t byte;
  std::uint8_t end;  // the frame must be at least this long
  Type type;
  Rule rule;
  std::int8_t exponent;
  std::uint8_t index;
  PointId point;
  std::int64_t low;  // plausible range in raw units
  std::int64_t high;
};

struct Decoder::Compiled {
  static constexpr Step step(const Field& f) {
    const PointInfo& p = info(f.point);
    const bool limited = p.min != p.max && f.exponent <= 0;
    const std::int64_t unit = power_of_ten(-f.exponent);
    return {f.id,
            f.byte,
            static_cast<std::uint8_t>(f.byte + width(f.type)),
            f.type,
            f.rule,
            f.exponent,
            f.index,
            f.point,
            limited ? p.min * unit : std::numeric_limits<std::int64_t>::min(),
            limited ? p.max * unit : std::numeric_limits<std::int64_t>::max()};
  }
  static constexpr std::array<Step, kFieldCount> all() {
    std::array<Step, kFieldCount> steps{};
    for (std::size_t i = 0; i < kFieldCount; ++i) steps[i] = step(kFields[i]);
    return steps;
  }
  static constexpr bool sorted() {
    for (std::size_t i = 1; i < kFieldCount; ++i) {
      if (kFields[i].id < kFields[i - 1].id || kFields[i].byte > 7) return false;
    }
    return kFieldCount < 255;
  }
  static const std::array<Step, kFieldCount> kSteps;
};
constexpr std::array<Decoder::Step, kFieldCount> Decoder::Compiled::kSteps = Compiled::all();

namespace {

constexpr std::uint32_t u16(const CanFrame& f, std::size_t at) {
  return static_cast<std::uint32_t>(f.data[at] | (f.data[at + 1] << 8));
}
constexpr std::int32_t s16(const CanFrame& f, std::size_t at) {
  return static_cast<std::int16_t>(u16(f, at));
}
constexpr std::uint32_t u32(const CanFrame& f, std::size_t at) {
  return u16(f, at) | (u16(f, at + 2) << 16);
}
/// Up to four bytes from `at`, as many as the frame carries.
std::uint32_t word(const CanFrame& f, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < f.size && i < at + 4; ++i) {
    value |= static_cast<std::uint32_t>(f.data[i]) << (8 * (i - at));
  }
  return value;
}

constexpr bool printable(std::uint8_t c) { return c >= 0x20 && c < 0x7F; }

bool looks_like_text(const CanFrame& f) {
  if (f.size != 8 || !printable(f.data[0])) return false;
  bool ended = false;
  for (const std::uint8_t c : f.bytes()) {
    if (c != 0 && (ended || !printable(c))) return false;
    ended = c == 0;
  }
  return true;
}

bool looks_like_cells(const CanFrame& f) {
  if (f.size != 8) return false;
  const std::int32_t warm = s16(f, 0);
  const std::int32_t cold = s16(f, 2);
  const std::uint32_t highest = u16(f, 4);
  const std::uint32_t lowest = u16(f, 6);
  return cold <= warm && cold >= -600 && warm <= 1500 && lowest <= highest && highest >= 500 &&
         highest <= 6000;
}

bool fine_soc_agrees(const CanFrame& f) {
  if (f.size < 6) return false;
  const std::int32_t coarse = static_cast<std::int32_t>(u16(f, 0)) * 100;
  const std::int32_t fine = static_cast<std::int32_t>(u16(f, 4));
  return fine != 0 && fine - coarse <= 100 && coarse - fine <= 100;
}

template <std::size_t N>
std::uint64_t map_bits(std::uint32_t word, const BitEvent (&table)[N]) {
  std::uint64_t events = 0;
  if (word == 0) return 0;
  for (const BitEvent& row : table) {
    if ((word >> row.bit & 1U) != 0) events |= 1ULL << row.event;
  }
  return events;
}
template <std::size_t N>
consteval std::uint32_t mask_of(const BitEvent (&table)[N]) {
  std::uint32_t mask = 0;
  for (const BitEvent& row : table) mask |= 1U << row.bit;
  return mask;
}
std::uint64_t map_pairs(std::uint32_t raised) {  // raised: bit 2n for pair n
  std::uint64_t events = 0;
  if (raised == 0) return 0;
  for (const BitEvent& row : kPairs) {
    if ((raised >> (2U * row.bit) & 1U) != 0) events |= 1ULL << row.event;
  }
  return events;
}

constexpr std::uint16_t kBydHvsIds[] = {0x091, 0x0D1, 0x110, 0x111, 0x150, 0x151, 0x190,
                                        0x191, 0x1D0, 0x210, 0x250, 0x290, 0x2D0, 0x3D0};
constexpr std::uint16_t kDeyePcsIds[] = {0x200, 0x361, 0x363, 0x364};
constexpr std::uint16_t kSofarIds[] = {0x30F, 0x605, 0x705};
constexpr std::uint16_t kMakerIds[] = {0x35E, 0x40A};
constexpr std::uint16_t kGrowattIds[] = {0x311, 0x312, 0x313, 0x314, 0x315, 0x316,
                                         0x317, 0x318, 0x319, 0x320, 0x321};

}  // namespace

void Decoder::feed(const CanFrame& frame, ReadingSink& sink) {
  if (frame.error || frame.remote || frame.size > CanFrame::kDataMax) {
    ++(frame.remote && !frame.error ? remote_frames_ : error_frames_);
    return;
  }
  Seen* const seen = note(frame);
  if (seen == nullptr) {
    findings_.set(Finding::IdsDropped);
    return;
  }
  put_count_ = 0;
  if (seen->field_count != 0) {
    number_.at = bits_.at = text_.at = frame.at;
    const Step* step = Compiled::kSteps.data() + seen->first_field;
    for (const Step* const end = step + seen->field_count; step != end; ++step) {
      if (step->end > frame.size) continue;
      if (step->rule != Rule::Always && !applies(*step, frame)) continue;
      decode(*step, frame, sink);
    }
  }
  seen->readings = put_count_;
}

Seen* Decoder::note(const CanFrame& frame) {
  if (frame.extended) {
    Seen* const known = find_extended(frame.id);
    if (known == nullptr) return add(frame);
    touch(*known, frame);
    if (frame.id == 0x305) note_inverter(frame);
    return known;
  }
  if (frame.id >= slot_.size()) return nullptr;  // no 11-bit id: the link's mistake
  const std::uint8_t slot = slot_[frame.id];
  if (slot == 0) return add(frame);
  Seen& known = seen_[slot - 1U];
  if (known.id == 0x35E || known.id == 0x35A || known.id == 0x40A) {
    const bool changed = known.data != frame.data || known.size != frame.size;
    touch(known, frame);
    if (changed) learn(frame);
  } else {
    touch(known, frame);
    if (known.id >= 0x305 && known.id <= 0x307) note_inverter(frame);
  }
  return &known;
}

Seen* Decoder::add(const CanFrame& frame) {
  Seen fresh;
  fresh.id = frame.id;
  fresh.extended = frame.extended;
  fresh.last = frame.at;
  if (!frame.extended) {
    const auto& steps = Compiled::kSteps;
    const auto first = std::find_if(steps.begin(), steps.end(),
                                    [&](const Step& step) { return step.id == frame.id; });
    const auto last =
        std::find_if(first, steps.end(), [&](const Step& step) { return step.id != frame.id; });
    fresh.first_field = static_cast<std::uint8_t>(first - steps.begin());
    fresh.field_count = static_cast<std::uint8_t>(last - first);
  }
  if (!seen_.push_back(fresh)) return nullptr;
  if (!frame.extended) slot_[frame.id] = static_cast<std::uint8_t>(seen_.size());
  Seen& seen = seen_[seen_.size() - 1];
  touch(seen, frame);
  note_inverter(frame);
  learn(frame);
  return &seen;
}

Seen* Decoder::find_extended(std::uint32_t id) {
  for (Seen& seen : seen_) {
    if (seen.extended && seen.id == id) return &seen;
  }
  return nullptr;
}

void Decoder::touch(Seen& seen, const CanFrame& frame) const {
  const std::int64_t gap = (frame.at - seen.last).to_us();
  if (gap > 0) {
    const std::int64_t period = seen.period.to_us();
    seen.period = Duration::us(period == 0 ? gap : period + (gap - period) / 4);
    seen.last = frame.at;
  }
  ++seen.frames;
  seen.size = frame.size;
  seen.data = frame.data;
}

void Decoder::note_inverter(const CanFrame& frame) {
  const bool keep_alive = frame.id == 0x305;
  if (!keep_alive && (frame.extended || (frame.id != 0x306 && frame.id != 0x307))) return;
  inverter_seen_ = true;
  if (!keep_alive) return;
  keep_alive_seen_ = true;
  keep_alive_last_ = frame.at;
}

void Decoder::learn(const CanFrame& frame) {
  if (!frame.extended && (frame.id == kMakerIds[0] || frame.id == kMakerIds[1])) note_maker(frame);
  const Dialect now = recognise();
  if (now == dialect_) return;
  dialect_ = now;
  assumptions_.clear();  // those still in use come back with the next frames
}

void Decoder::note_maker(const CanFrame& frame) {
  const auto begins = [&](std::string_view name) {
    if (frame.size < name.size()) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
      if (frame.data[i] != static_cast<std::uint8_t>(name[i])) return false;
    }
    return true;
  };
  if (frame.id == 0x40A) {
    pytes_named_ = begins("PYTES");
    return;
  }
  maker_ = begins("PYLON") ? Maker::Pylontech : (begins("BYD") ? Maker::Byd : Maker::Other);
  // Deye's own text: PYLON, then binary. An emulator's PYLONxyz is text all through.
  maker_padded_ = true;
  for (std::size_t i = 5; i < frame.size; ++i) {
    if (frame.data[i] != 0 && !printable(frame.data[i])) maker_padded_ = false;
  }
}

int Decoder::count(std::span<const std::uint16_t> list) const {
  return static_cast<int>(
      std::count_if(list.begin(), list.end(), [this](std::uint16_t id) { return seen(id); }));
}

bool Decoder::any(std::uint16_t first, std::uint16_t last) const {
  for (std::uint16_t id = first; id <= last; ++id) {
    if (seen(id)) return true;
  }
  return false;
}

Dialect Decoder::recognise() const {
  if (seen(0x351) || seen(0x355) || seen(0x356)) return recognise_35x();
  if (seen(0x35A) || (seen(0x359) && seen(0x35C))) return recognise_35x();
  return recognise_foreign();
}

Dialect Decoder::recognise_35x() const {
  if (count(kDeyePcsIds) >= 2) return Dialect::DeyePcs;
  if (seen(0x354) && seen(0x35A) && seen_[slot_[0x35A] - 1U].size == 7) {
    return Dialect::DiscoverLynk2;
  }
  if (seen(0x359) && seen(0x35C)) {
    return any(0x370, 0x379) ? Dialect::PylontechPlus : Dialect::Pylontech12;
  }
  if (maker_ == Maker::Pylontech && !maker_padded_) return Dialect::DeyeLv;
  if (seen(0x35A) && maker_ == Maker::Pylontech && !seen(0x359)) return Dialect::Pylontech13;
  if (seen(0x35A) && maker_ != Maker::Unknown) return Dialect::SmaVictron;
  if (seen(0x35A) && any(0x372, 0x382)) return Dialect::SmaVictron;
  if (count(kSofarIds) > 0 || any(0x670, 0x6C0) || any(0x770, 0x7C0)) return Dialect::Sofar;
  return Dialect::Common35x;
}

Dialect Decoder::recognise_foreign() const {
  if (pytes_named_ || (seen(0x400) && (seen(0x404) || seen(0x405)))) return Dialect::PytesNative;
  const Dialect extended = recognise_extended();
  if (extended != Dialect::Unknown) return extended;
  if (count(kDeyePcsIds) >= 2) return Dialect::DeyePcs;
  if (seen(0x301) || count(kGrowattIds) >= 2) return Dialect::GrowattLv;
  if (count(kBydHvsIds) >= 2) return Dialect::BydHvs;
  return Dialect::Unknown;
}

Dialect Decoder::recognise_extended() const {
  for (const Seen& seen : seen_) {
    if (!seen.extended) continue;
    const std::uint32_t id = seen.id;
    if ((id >= 0x4200 && id <= 0x42FF && (id & 0xEU) == 0) || (id >= 0x7300 && id <= 0x73FF)) {
      return Dialect::PylontechHv;
    }
    if ((id >= 0x1871 && id <= 0x1882) || id == 0x1801 || id == 0x100A001) return Dialect::SolaX;
    const bool battery = id >= 0x3110 && id <= 0x3290 && (id & 0xFU) == 0;
    if (battery || id == 0x3F00 || id == 0x3010 || id == 0x3020 || id == 0x3030) {
      return Dialect::GrowattHv;
    }
  }
  return Dialect::Unknown;
}

const Seen* Decoder::find(std::uint16_t id) const {
  if (id >= slot_.size() || slot_[id] == 0) return nullptr;
  return &seen_[slot_[id] - 1U];
}

bool Decoder::stale(std::uint16_t id, Instant now) const {
  const Seen* const seen = find(id);
  if (seen == nullptr) return true;
  const Duration allowed = std::max(kStaleAfter, seen->period * 3);
  return now - seen->last > allowed;
}

bool Decoder::applies(const Step& step, const CanFrame& frame) const {
  switch (step.rule) {
    case Rule::Always:
      return true;
    case Rule::LooksLikeText:
      return looks_like_text(frame);
    case Rule::LooksLikeCells:
      return looks_like_cells(frame);
    case Rule::LongerThan4:
      return frame.size > 4;
    case Rule::MakerIsPylontech:
      return maker_ == Maker::Pylontech;
    case Rule::MakerIsOther:
      return maker_ == Maker::Byd || maker_ == Maker::Other;
    case Rule::DialectIsDeyePcs:
      return dialect_ == Dialect::DeyePcs;
  }
  return false;
}

void Decoder::decode(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  const std::size_t at = step.byte;
  const Assumption cells =
      step.rule == Rule::DialectIsDeyePcs ? Assumption::DeyePcsCells : Assumption::None;
  switch (step.type) {
    case Type::U8:
      return put_checked(step, frame.data[at], false, Assumption::None, sink);
    case Type::U16: {
      const std::uint32_t raw = u16(frame, at);
      return put_checked(step, raw, raw == 0xFFFF, cells, sink);
    }
    case Type::S16: {
      const std::int32_t raw = s16(frame, at);
      return put_checked(step, raw, raw == -0x8000, Assumption::None, sink);
    }
    case Type::Temperature: {
      const std::int32_t raw = s16(frame, at);
      return put_checked(step, raw, raw == -0x8000 || raw == -1500, cells, sink);
    }
    case Type::U32: {
      const std::uint32_t raw = u32(frame, at);
      const auto taken = step.id == 0x378 ? Assumption::EnergyTenthKwh : Assumption::None;
      return put_checked(step, raw, raw == 0xFFFFFFFF, taken, sink);
    }
    case Type::Word8:
      return put_bits(step, ValueKind::Raw, frame.data[at], Quality::Good, sink);
    case Type::Word16:
      return put_bits(step, ValueKind::Raw, u16(frame, at), Quality::Good, sink);
    case Type::Word32:
      return put_bits(step, ValueKind::Raw, word(frame, at), Quality::Good, sink);
    default:
      return decode_named(step, frame, sink);
  }
}

void Decoder::decode_named(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  switch (step.type) {
    case Type::ChargeVoltage:
    case Type::EndVoltage:
    case Type::ChargeLimit:
    case Type::DischargeLimit:
      return decode_limit(step, frame, sink);
    case Type::SocCoarse:
    case Type::SocFine:
    case Type::AhBesideSoc:
      return decode_soc(step, frame, sink);
    case Type::PackVoltage:
      return decode_voltage(step, frame, sink);
    case Type::PackCurrent: {
      const std::int32_t raw = s16(frame, step.byte);
      Assumption taken = Assumption::None;
      if (step.id == 0x405) taken = Assumption::PytesCurrentScale;
      if (!info(dialect_).current_sign_known) taken = Assumption::CurrentSign;
      return put_checked(step, raw, raw == -0x8000, taken, sink);
    }
    case Type::Kelvin:
      return decode_kelvin(step, frame, sink);
    case Type::PositiveAh:
    case Type::Version:
      return decode_identity(step, frame, sink);
    case Type::Text:
    case Type::TextHead:
    case Type::TextTail:
      return decode_text(step, frame, sink);
    default:
      return decode_bits(step, frame, sink);
  }
}

void Decoder::decode_limit(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  if (step.type == Type::ChargeVoltage || step.type == Type::EndVoltage) {
    const std::uint32_t volts = u16(frame, step.byte);
    const bool absent = volts == 0xFFFF || volts == 0x8000;
    (step.type == Type::ChargeVoltage ? charge_voltage_ : end_voltage_) = absent ? 0 : volts;
    return put_checked(step, volts, absent, Assumption::None, sink);
  }
  const bool charge = step.type == Type::ChargeLimit;
  std::int32_t raw = s16(frame, step.byte);
  const bool absent = raw == -0x8000 || raw == -1;
  findings_.set(charge ? Finding::ChargeLimitZero : Finding::DischargeLimitZero, raw == 0);
  Assumption taken = Assumption::None;
  if (!charge && raw < 0 && !absent) {
    raw = -raw;
    taken = Assumption::NegativeDischargeLimit;
  }
  put_checked(step, raw, absent, taken, sink);
}

void Decoder::decode_soc(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  const bool fine = fine_soc_agrees(frame);
  const std::uint32_t raw = u16(frame, step.byte);
  if (step.type == Type::SocCoarse) {
    if (!fine) put_checked(step, raw, raw == 0xFFFF, Assumption::None, sink);
    return;
  }
  if (step.type == Type::AhBesideSoc) {
    if (fine && raw != 0) {
      put_checked(step, raw, raw == 0xFFFF, Assumption::RemainingAhAt355, sink);
    }
    return;
  }
  findings_.set(Finding::FineSocDisagrees, !fine && raw != 0 && raw != 0xFFFF);
  if (fine) put_checked(step, raw, false, Assumption::None, sink);
}

/// The exponent of 0x356's voltage, 0 when neither scale can be. With 0x351 known: the scale that
/// puts the voltage between half of the discharge limit and one and a half of the charge limit; the
/// two scales are ten times apart, the window less, so at most one fits.
int Decoder::voltage_exponent(std::int32_t raw) {
  if (charge_voltage_ != 0 && raw != 0) {
    const auto top = static_cast<std::int64_t>(charge_voltage_) * 15;  // in 0.01 V
    const bool use_end = end_voltage_ * 2 >= charge_voltage_ && end_voltage_ <= charge_voltage_;
    const auto bottom =
        static_cast<std::int64_t>(use_end ? end_voltage_ * 10 : charge_voltage_ * 5) / 2;
    const auto fits = [&](std::int64_t hundredths) {
      return hundredths >= bottom && hundredths <= top;
    };
    if (fits(raw)) return -2;
    return fits(static_cast<std::int64_t>(raw) * 10) ? -1 : 0;
  }
  assume(Assumption::VoltageScaleByMagnitude);
  if (raw >= 1500 || raw == 0) return -2;
  return raw > 0 && raw < 1000 ? -1 : 0;
}

void Decoder::decode_voltage(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  const std::int32_t raw = s16(frame, step.byte);
  if (raw == -0x8000) return put_checked(step, raw, true, Assumption::None, sink);
  const int exponent = voltage_exponent(raw);
  findings_.set(Finding::VoltageScaleUndecided, exponent == 0);
  if (exponent == 0) return;
  const bool guessed = charge_voltage_ == 0 || raw == 0;
  const bool possible = raw <= (exponent == -2 ? step.high : step.high / 10);
  const Quality quality =
      !possible ? Quality::OutOfRange : (guessed ? Quality::Assumed : Quality::Good);
  put_number(step, raw, exponent, quality, sink);
}

void Decoder::decode_kelvin(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  const std::uint32_t raw = u16(frame, step.byte);
  const bool byd = maker_ == Maker::Byd;
  put_checked(step, static_cast<std::int64_t>(raw) - (byd ? 272 : 273), raw == 0 || raw == 0xFFFF,
              byd ? Assumption::KelvinOffset272 : Assumption::KelvinOffset273, sink);
}

void Decoder::decode_identity(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  if (step.type == Type::PositiveAh) {
    const std::uint32_t raw = u16(frame, step.byte);
    const auto taken = step.rule == Rule::MakerIsPylontech ? Assumption::IdentityAhIsCapacity
                                                           : Assumption::IdentityAhIsRemaining;
    return put_checked(step, raw, raw == 0 || raw == 0xFFFF, taken, sink);
  }
  const std::uint8_t major = frame.data[step.byte];
  const std::uint8_t minor = frame.data[step.byte + 1U];
  const std::array<std::uint8_t, 4> digits{
      static_cast<std::uint8_t>(major >> 4U), static_cast<std::uint8_t>(major & 0xFU),
      static_cast<std::uint8_t>(minor >> 4U), static_cast<std::uint8_t>(minor & 0xFU)};
  FixedVector<std::uint8_t, 8> text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] > 9) return;  // no printed digits: some other coding, shown raw
    if (i == 0 && digits[i] == 0) continue;
    if (i == 2) static_cast<void>(text.push_back('.'));
    static_cast<void>(text.push_back(static_cast<std::uint8_t>('0' + digits[i])));
  }
  put_text(step, text.view(), assume(Assumption::FirmwareDigits), sink);
}

void Decoder::decode_bits(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  switch (step.type) {
    case Type::Protections: {
      const std::uint32_t bits = u16(frame, 0);
      const std::uint32_t warnings = frame.size >= 4 ? u16(frame, 2) : 0;
      const bool strange =
          (bits & ~mask_of(kProtectionBits)) != 0 || (warnings & ~mask_of(kWarningBits)) != 0;
      findings_.set(Finding::NonStandardAlarmBits, strange);
      return put_bits(step, ValueKind::Flags, map_bits(bits, kProtectionBits), Quality::Good, sink);
    }
    case Type::Warnings:
      return put_bits(step, ValueKind::Flags, map_bits(u16(frame, step.byte), kWarningBits),
                      Quality::Good, sink);
    case Type::AlarmPairs:
    case Type::WarningPairs: {
      // 1 raised, 2 normal, 0 and 3 say nothing: when no pair says anything, there is no value.
      const std::uint32_t pairs = word(frame, step.byte);
      const std::uint32_t low = pairs & 0x55555555U;
      const std::uint32_t high = (pairs >> 1) & 0x55555555U;
      return put_bits(step, ValueKind::Flags, map_pairs(low & ~high),
                      (low ^ high) == 0 ? Quality::NotImplemented : Quality::Good, sink);
    }
    case Type::Requests:
      return put_bits(step, ValueKind::Flags, map_bits(frame.data[step.byte], kRequestBits),
                      Quality::Good, sink);
    default:  // BmsRequests
      findings_.set(Finding::ShutdownRequested, (frame.data[step.byte] & 0x10U) != 0);
      return put_bits(step, ValueKind::Raw, frame.data[step.byte], Quality::Good, sink);
  }
}

/// Deye puts binary bytes (a limit again) behind the maker's name in the same frame.
constexpr std::uint16_t kMakerId = 0x35E;
Bytes printable_head(Bytes text) {
  std::size_t n = 0;
  while (n < text.size() && text[n] >= 0x20 && text[n] < 0x7F) ++n;
  return text.first(n);
}

void Decoder::decode_text(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  if (step.type == Type::Text) {
    const Bytes text = step.id == kMakerId ? printable_head(frame.bytes()) : frame.bytes();
    return put_text(step, text, Quality::Good, sink);
  }
  decode_half(step, frame, sink);
}

void Decoder::decode_half(const Step& step, const CanFrame& frame, ReadingSink& sink) {
  const std::size_t which = step.id < 0x380 ? 0 : 1;
  const std::size_t offset = step.type == Type::TextHead ? 0 : 8;
  auto& whole = halves_[which];
  for (std::size_t i = 0; i < 8; ++i) {
    whole[offset + i] = i < frame.size ? frame.data[i] : std::uint8_t{0};
  }
  halves_known_[which] = static_cast<std::uint8_t>(halves_known_[which] | (offset == 0 ? 1 : 2));
  if ((halves_known_[which] & 1) == 0) return;  // a tail alone is no name
  // A first half that ends in padding is a whole name; the rest does not belong inside it.
  const std::size_t size = whole[7] == 0 ? 8 : 16;
  put_text(step, Bytes(whole).first(size), Quality::Good, sink);
}

void Decoder::put_checked(const Step& step, std::int64_t raw, bool absent, Assumption assumption,
                          ReadingSink& sink) {
  if (absent) return put_number(step, 0, step.exponent, Quality::NotImplemented, sink);
  Quality quality = assumption == Assumption::None ? Quality::Good : assume(assumption);
  if (raw < step.low || raw > step.high) quality = Quality::OutOfRange;
  put_number(step, raw, step.exponent, quality, sink);
}

void Decoder::put_number(const Step& step, std::int64_t raw, int exponent, Quality quality,
                         ReadingSink& sink) {
  number_.ref.id = step.point;
  number_.ref.index = step.index;
  number_.quality = quality;
  number_.number = {raw, static_cast<std::int8_t>(exponent)};
  ++put_count_;
  sink.put(number_);
}

void Decoder::put_bits(const Step& step, ValueKind kind, std::uint64_t bits, Quality quality,
                       ReadingSink& sink) {
  bits_.ref.id = step.point;
  bits_.ref.index = step.index;
  bits_.kind = kind;
  bits_.quality = quality;
  bits_.bits = bits;
  ++put_count_;
  sink.put(bits_);
}

void Decoder::put_text(const Step& step, Bytes text, Quality quality, ReadingSink& sink) {
  while (!text.empty() && (text.back() == 0 || text.back() == ' '))
    text = text.first(text.size() - 1);
  text_.ref.id = step.point;
  text_.ref.index = step.index;
  text_.kind = ValueKind::Text;
  text_.quality = text.empty() ? Quality::NotImplemented : quality;
  text_.text_bytes = {};
  text_.text_size = static_cast<std::uint8_t>(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) text_.text_bytes[i] = static_cast<char>(text[i]);
  ++put_count_;
  sink.put(text_);
}

Quality Decoder::assume(Assumption assumption) {
  assumptions_.set(assumption);
  return Quality::Assumed;
}

}  // namespace weco::canbms
