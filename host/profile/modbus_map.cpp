// SPDX-License-Identifier: Apache-2.0
#include "host/profile/modbus_map.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "host/profile/expand.hpp"
#include "host/profile/f32.hpp"
#include "host/profile/row_loader.hpp"
#include "host/profile/wire_text.hpp"

namespace weco {
namespace {

constexpr std::uint16_t kBitsPerReadMax = 2000;
constexpr std::uint32_t kF32Nan = 0x7FC00000;
constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

/// The largest mantissa with `exponent` whose value is at most `whole` (or the smallest at least,
/// with `up`), saturated.
std::int64_t mantissa_bound(std::int64_t whole, int exponent, bool up) {
  if (exponent <= 0) {
    std::int64_t scaled = 0;
    if (__builtin_mul_overflow(whole, power_of_ten(-exponent), &scaled)) {
      return whole < 0 ? kInt64Min : kInt64Max;
    }
    return scaled;
  }
  const std::int64_t p = power_of_ten(exponent);
  std::int64_t quotient = whole / p;
  if (whole % p != 0 && up && whole > 0) ++quotient;
  if (whole % p != 0 && !up && whole < 0) --quotient;
  return quotient;
}

/// a / b, half away from zero; b > 0.
std::int64_t divide_rounded(std::int64_t a, std::int64_t b) {
  const std::int64_t whole = a / b;
  const std::int64_t rest = a % b;
  if (rest > 0 && rest >= b - rest) return whole + 1;
  if (rest < 0 && -rest >= b + rest) return whole - 1;
  return whole;
}

bool is_bit_table(RegisterTable table) {
  return table == RegisterTable::Coil || table == RegisterTable::Discrete;
}

std::uint32_t word(Bytes data, std::size_t i) {
  return static_cast<std::uint32_t>(data[2 * i]) << 8 | data[2 * i + 1];
}

/// The pattern of 1, 2 or 4 registers.
std::uint64_t pattern(Bytes data, std::size_t registers, bool low_word_first) {
  if (registers == 1) return word(data, 0);
  if (registers == 2) {
    const std::uint32_t a = word(data, 0);
    const std::uint32_t b = word(data, 1);
    return low_word_first ? b << 16 | a : a << 16 | b;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < registers; ++i) {
    value = value << 16 | word(data, low_word_first ? registers - 1 - i : i);
  }
  return value;
}

}  // namespace

struct ModbusMap::Row {
  std::uint16_t address = 0;
  std::uint8_t registers = 1;
  WireType type = WireType::U16;
  ValueKind kind = ValueKind::Number;
  std::int8_t exponent = 0;
  std::uint8_t absent_count = 0;
  bool negated = false;
  bool assumed = false;
  std::uint8_t part_low = 0;
  std::uint8_t part_bits = 0;
  PointRef ref;
  std::int32_t numerator = 1;
  std::int32_t offset = 0;
  std::uint16_t symbol_count = 0;
  bool checked = true;           // the vocabulary has a range
  std::int64_t low = kInt64Min;  // of the mantissa (Number), of the symbol (Choice)
  std::int64_t high = kInt64Max;
  std::uint64_t names = 0;   // Flags without a map: the bits that have a name
  std::uint64_t absent = 0;  // when there is one; more are in absents_
  std::uint32_t first_symbol = 0;
  std::uint32_t first_absent = 0;
};

struct ModbusMap::Rule {
  RegisterTable table = RegisterTable::Input;
  bool writable = false;
  bool ranged = false;
  std::uint32_t instance = 0;
  std::optional<PointId> count_from;
  std::uint8_t number = 1;  // which of the row's values, for count_from
  bool proves_instance = false;
  std::int64_t range_min = 0;
  std::int64_t range_max = 0;
};

struct ModbusMap::Instance {
  std::uint32_t parent = 0;
  std::uint8_t number = 0;
  std::optional<PointId> count_from;
  NodePath parent_node;
};

ModbusMap::~ModbusMap() = default;
ModbusMap::ModbusMap(ModbusMap&&) noexcept = default;
ModbusMap& ModbusMap::operator=(ModbusMap&&) noexcept = default;

ModbusMap::ModbusMap(const Profile& profile)
    : borders_(profile.protocol.borders),
      registers_per_read_max_(profile.protocol.registers_per_read_max),
      gap_max_(profile.protocol.gap_max),
      low_word_first_(profile.protocol.low_word_first),
      text_low_byte_first_(profile.protocol.text_low_byte_first),
      zero_for_missing_(profile.status == ProfileStatus::Community) {
  WECO_ASSERT(profile.protocol.kind == ProtocolKind::Modbus);
  expand(
      profile,
      [this](const GroupInstance& instance, std::uint32_t position) {
        WECO_ASSERT(position == instances_.size());
        const NodePath above = instance.number > 0 ? instance.node.parent() : instance.node;
        instances_.push_back({instance.parent, instance.number, instance.group->count_from, above});
      },
      [this](const ProfileRow& row, const PointRef& ref, std::uint32_t address,
             std::uint32_t instance) { add_row(row, ref, address, instance); });
  sort_rows();
}

void ModbusMap::add_row(const ProfileRow& row, const PointRef& ref, std::uint32_t address,
                        std::uint32_t instance) {
  const PointInfo& point = info(row.id);
  Row r;
  r.address = static_cast<std::uint16_t>(address);
  r.registers = row.registers;
  r.type = row.type;
  r.kind = point.kind;
  r.exponent = row.symbols.empty() ? row.exponent : std::int8_t{0};
  r.negated = row.negated;
  r.assumed = row.confidence == Confidence::Assumed;
  r.part_low = row.part_low;
  r.part_bits = row.part_bits;
  r.ref = ref;
  r.numerator = row.numerator;
  r.offset = row.offset;
  r.checked = point.min != 0 || point.max != 0;
  if (point.kind == ValueKind::Number && r.checked) {
    r.low = mantissa_bound(point.min, r.exponent, true);
    r.high = mantissa_bound(point.max, r.exponent, false);
  }
  if (point.kind == ValueKind::Choice) {
    r.low = 0;
    r.high = static_cast<std::int64_t>(point.symbols.size()) - 1;
  }
  const std::size_t named = point.symbols.size();
  r.names = named == 0 || named >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << named) - 1;
  r.first_symbol = static_cast<std::uint32_t>(symbols_.size());
  r.symbol_count = static_cast<std::uint16_t>(row.symbols.size());
  symbols_.insert(symbols_.end(), row.symbols.begin(), row.symbols.end());
  r.first_absent = static_cast<std::uint32_t>(absents_.size());
  r.absent_count = static_cast<std::uint8_t>(row.absent.size());
  absents_.insert(absents_.end(), row.absent.begin(), row.absent.end());
  if (!row.absent.empty()) r.absent = row.absent.front();
  rows_.push_back(r);
  rules_.push_back({row.table, row.writable, row.range_min < row.range_max, instance,
                    row.count_from, static_cast<std::uint8_t>(ref.index - row.index + 1),
                    row.proves_node, row.range_min, row.range_max});
}

void ModbusMap::sort_rows() {
  std::vector<std::uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    return std::pair(rules_[a].table, rows_[a].address) <
           std::pair(rules_[b].table, rows_[b].address);
  });
  std::vector<Row> rows;
  std::vector<Rule> rules;
  rows.reserve(order.size());
  rules.reserve(order.size());
  for (const std::uint32_t i : order) {
    rows.push_back(rows_[i]);
    rules.push_back(rules_[i]);
  }
  rows_ = std::move(rows);
  rules_ = std::move(rules);
  for (std::size_t table = 0; table < table_begin_.size(); ++table) {
    const auto below = [table](const Rule& rule) {
      return static_cast<std::size_t>(rule.table) < table;
    };
    table_begin_[table] =
        static_cast<std::uint32_t>(std::count_if(rules_.begin(), rules_.end(), below));
  }
  by_ref_.resize(rows_.size());
  std::iota(by_ref_.begin(), by_ref_.end(), 0U);
  std::sort(by_ref_.begin(), by_ref_.end(),
            [this](std::uint32_t a, std::uint32_t b) { return rows_[a].ref < rows_[b].ref; });
}

std::size_t ModbusMap::first_at(RegisterTable table, std::uint32_t address) const {
  const auto t = static_cast<std::size_t>(table);
  const auto begin = rows_.begin() + table_begin_[t];
  const auto end = rows_.begin() + table_begin_[t + 1];
  const auto at = std::lower_bound(begin, end, address,
                                   [](const Row& row, std::uint32_t a) { return row.address < a; });
  return static_cast<std::size_t>(at - rows_.begin());
}

const ModbusMap::Row* ModbusMap::row_of(const PointRef& ref) const {
  const auto at = std::lower_bound(
      by_ref_.begin(), by_ref_.end(), ref,
      [this](std::uint32_t i, const PointRef& wanted) { return rows_[i].ref < wanted; });
  if (at == by_ref_.end() || rows_[*at].ref != ref) return nullptr;
  return &rows_[*at];
}

Result<RegisterBlock> ModbusMap::where(const PointRef& ref) const {
  const Row* row = row_of(ref);
  if (row == nullptr) return fail(ErrorCode::NotFound);
  const Rule& rule = rules_[static_cast<std::size_t>(row - rows_.data())];
  return RegisterBlock{rule.table, row->address, row->registers};
}

bool ModbusMap::writable(const PointRef& ref) const {
  const Row* row = row_of(ref);
  return row != nullptr && rules_[static_cast<std::size_t>(row - rows_.data())].writable;
}

std::vector<PointRef> ModbusMap::points() const {
  std::vector<PointRef> refs;
  refs.reserve(rows_.size());
  for (const Row& row : rows_) refs.push_back(row.ref);
  return refs;
}

namespace {
/// Whether a counted thing exists: the count is known and reaches to it.
bool counted(const ReadingSource& known, const PointRef& count, std::uint8_t number) {
  const Reading* reading = known.get(count);
  return reading != nullptr &&
         (reading->quality == Quality::Good || reading->quality == Quality::Assumed) &&
         compare(reading->number, {number, 0}) >= 0;
}
}  // namespace

std::vector<bool> ModbusMap::active(const ReadingSource& known) const {
  std::vector<bool> on(instances_.size());
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const Instance& instance = instances_[i];
    on[i] = i == 0 || on[instance.parent];
    if (!on[i] || !instance.count_from) continue;
    on[i] = counted(known, {*instance.count_from, 0, instance.parent_node}, instance.number);
  }
  return on;
}

/// Whether a border separates two addresses, first <= last.
bool ModbusMap::border_between(std::uint32_t first, std::uint32_t last) const {
  const auto border = std::upper_bound(borders_.begin(), borders_.end(), first);
  return border != borders_.end() && *border <= last;
}

std::vector<RegisterBlock> ModbusMap::blocks(const ReadingSource& known) const {
  const std::vector<bool> on = active(known);
  std::vector<RegisterBlock> blocks;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Rule& rule = rules_[i];
    if (!on[rule.instance]) continue;
    if (rule.count_from) {
      const PointRef& ref = rows_[i].ref;
      if (!counted(known, {*rule.count_from, 0, ref.node}, rule.number)) continue;
    }
    const std::uint32_t end = std::uint32_t{rows_[i].address} + rows_[i].registers;
    if (!blocks.empty() && blocks.back().table == rule.table) {
      RegisterBlock& last = blocks.back();
      const std::uint32_t last_end = std::uint32_t{last.first} + last.count;
      const std::uint32_t most =
          is_bit_table(rule.table) ? kBitsPerReadMax : registers_per_read_max_;
      if (rows_[i].address <= last_end + gap_max_ && end - last.first <= most &&
          !border_between(last.first, rows_[i].address)) {
        last.count = static_cast<std::uint16_t>(std::max(end, last_end) - last.first);
        continue;
      }
    }
    blocks.push_back({rule.table, rows_[i].address, rows_[i].registers});
  }
  return blocks;
}

bool ModbusMap::is_absent(const Row& row, std::uint64_t wire) const {
  if (row.absent_count == 0) return false;
  if (wire == row.absent) return true;
  for (std::size_t i = 1; i < row.absent_count; ++i) {
    if (absents_[row.first_absent + i] == wire) return true;
  }
  return false;
}

void ModbusMap::decode_integer(const Row& row, std::uint64_t wire, Reading& reading) const {
  std::int64_t value = static_cast<std::int64_t>(wire);
  switch (row.type) {
    case WireType::S16:
      value = static_cast<std::int16_t>(wire);
      break;
    case WireType::S32:
      value = static_cast<std::int32_t>(wire);
      break;
    case WireType::HourMinute:
      if ((wire & 0xFFU) > 59) reading.quality = Quality::OutOfRange;
      value = static_cast<std::int64_t>((wire >> 8) * 60 + (wire & 0xFFU));
      break;
    case WireType::U64:
      if (value < 0) {
        reading.quality = Quality::OutOfRange;
        value = kInt64Max;
      }
      break;
    default:
      break;
  }
  if (row.symbol_count > 0) return decode_coded(row, static_cast<std::uint64_t>(value), reading);
  std::int64_t mantissa = 0;
  if (__builtin_mul_overflow(value, std::int64_t{row.numerator}, &mantissa) ||
      __builtin_add_overflow(mantissa, std::int64_t{row.offset}, &mantissa) ||
      mantissa == kInt64Min) {
    reading.quality = Quality::OutOfRange;
    mantissa = kInt64Max;
  }
  if (row.negated) mantissa = -mantissa;
  if (mantissa < row.low || mantissa > row.high) reading.quality = Quality::OutOfRange;
  reading.number = {mantissa, row.exponent};
}

void ModbusMap::decode_f32(const Row& row, std::uint32_t wire, Reading& reading) const {
  if ((wire & 0x7F800000U) == 0x7F800000U && (wire & 0x7FFFFFU) != 0) {
    reading.quality = Quality::NotImplemented;  // NaN
    return;
  }
  const Result<Decimal> value = decimal_from_f32(wire);
  reading.quality = value ? Quality::Good : Quality::OutOfRange;
  if (!value) return;
  if (row.symbol_count > 0 || row.kind == ValueKind::Choice) {
    const auto whole = rescale(*value, 0);
    if (!whole || compare({*whole, 0}, *value) != 0) {
      reading.quality = Quality::OutOfRange;
      return;
    }
    return decode_coded(row, static_cast<std::uint64_t>(*whole), reading);
  }
  Decimal d = *value;
  const int exponent = d.exponent + row.exponent;
  if (exponent < -kDecimalExponentMax || exponent > kDecimalExponentMax) {
    reading.quality = Quality::OutOfRange;
    return;
  }
  d.exponent = static_cast<std::int8_t>(exponent);
  if (row.negated) d.mantissa = -d.mantissa;
  reading.number = d;
  if (!row.checked) return;
  if (d.mantissa < mantissa_bound(info(row.ref.id).min, exponent, true) ||
      d.mantissa > mantissa_bound(info(row.ref.id).max, exponent, false)) {
    reading.quality = Quality::OutOfRange;
  }
}

void ModbusMap::decode_coded(const Row& row, std::uint64_t wire, Reading& reading) const {
  const std::span<const WireSymbol> map{symbols_.data() + row.first_symbol, row.symbol_count};
  const auto value = static_cast<std::int64_t>(wire);
  if (row.kind == ValueKind::Raw) {
    reading.bits = wire;
    return;
  }
  if (row.kind == ValueKind::Flags) {
    reading.bits = map.empty() ? wire & row.names : 0;
    std::uint64_t unnamed = map.empty() ? wire & ~row.names : wire;
    for (const WireSymbol& symbol : map) {
      const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(symbol.wire);
      if ((wire & bit) == 0) continue;
      reading.bits |= std::uint64_t{1} << static_cast<unsigned>(symbol.means);
      unnamed &= ~bit;
    }
    if (unnamed != 0) reading.quality = Quality::OutOfRange;
    return;
  }
  for (const WireSymbol& symbol : map) {
    if (symbol.wire != value) continue;
    reading.bits = static_cast<std::uint64_t>(symbol.means);
    reading.number = {symbol.means, 0};
    return;
  }
  reading.bits = wire;
  reading.number = {value, 0};
  if (!map.empty() || value < row.low || value > row.high) reading.quality = Quality::OutOfRange;
}

void ModbusMap::decode_number(const Row& row, std::uint64_t wire, Reading& reading) const {
  reading.quality = Quality::Good;
  if (row.type == WireType::F32) return decode_f32(row, static_cast<std::uint32_t>(wire), reading);
  if (row.part_bits > 0) {
    wire = (wire >> row.part_low) & ((std::uint64_t{1} << row.part_bits) - 1);
  }
  if (is_absent(row, wire)) {
    reading.quality = Quality::NotImplemented;
    return;
  }
  if (row.kind == ValueKind::Number) return decode_integer(row, wire, reading);
  if (row.type == WireType::S16) {
    wire = static_cast<std::uint64_t>(static_cast<std::int16_t>(wire));
  } else if (row.type == WireType::S32) {
    wire = static_cast<std::uint64_t>(static_cast<std::int32_t>(wire));
  }
  decode_coded(row, wire, reading);
}

void ModbusMap::decode_text(const Row& row, Bytes data, Reading& reading) const {
  if (row.type == WireType::Text) {
    reading = text_from_wire(row.ref, data, text_low_byte_first_, reading.at);
  } else if (is_decimal(row.type)) {
    const std::uint64_t wire = pattern(data, row.registers, low_word_first_);
    reading = decimal_text(row.ref, wire, row.exponent, reading.at);
    if (is_absent(row, wire)) reading.quality = Quality::NotImplemented;
  } else {
    reading = clock_text(row.ref, data, reading.at);
  }
  if (row.assumed && reading.quality == Quality::Good) reading.quality = Quality::Assumed;
}

namespace {
Reading nothing(const PointRef& ref, ValueKind kind, Instant at) {
  Reading reading;
  reading.ref = ref;
  reading.kind = kind;
  reading.at = at;
  reading.quality = Quality::NotImplemented;
  return reading;
}
}  // namespace

void ModbusMap::decode(RegisterBlock block, Bytes data, Instant at, ReadingSink& sink) const {
  const bool bits = is_bit_table(block.table);
  const std::size_t room = bits ? data.size() * 8 : data.size() / 2;
  const auto stop = std::uint32_t{block.first} +
                    static_cast<std::uint32_t>(std::min<std::size_t>(block.count, room));
  const std::size_t end = table_begin_[static_cast<std::size_t>(block.table) + 1];
  Reading reading;
  reading.at = at;
  std::uint32_t missing = 0;  // an instance that is not there; the device itself always is
  for (std::size_t i = first_at(block.table, block.first); i < end; ++i) {
    const Row& row = rows_[i];
    if (row.address >= stop) break;
    if (std::uint32_t{row.address} + row.registers > stop) break;
    const std::size_t place = std::size_t{row.address} - block.first;
    const Rule& rule = rules_[i];
    if (missing != 0 && rule.instance == missing) {
      sink.put(nothing(row.ref, row.kind, at));
      continue;
    }
    if (is_text(row.type)) {
      Reading text;
      text.at = at;
      decode_text(row, data.subspan(2 * place, std::size_t{2} * row.registers), text);
      sink.put(text);
      continue;
    }
    const std::uint64_t wire =
        bits ? (data[place / 8] >> (place % 8)) & 1U
             : pattern(data.subspan(2 * place), row.registers, low_word_first_);
    reading.ref = row.ref;
    reading.kind = row.kind;
    reading.number = {};
    reading.bits = 0;
    decode_number(row, wire, reading);
    if (row.assumed && reading.quality == Quality::Good) reading.quality = Quality::Assumed;
    if (row.kind == ValueKind::Number) {
      reading.bits = 0;
    } else {
      reading.number = {};
    }
    sink.put(reading);
    const bool there = reading.quality != Quality::NotImplemented;
    if (rule.proves_instance && !there) missing = rule.instance;
  }
}

ModbusMap::Fit ModbusMap::wire_number(const Row& row, const Reading& value,
                                      std::int64_t& number) const {
  if (row.symbol_count > 0) {
    for (std::size_t i = 0; i < row.symbol_count; ++i) {
      const WireSymbol& symbol = symbols_[row.first_symbol + i];
      if (compare({symbol.means, 0}, value.number) != 0) continue;
      number = symbol.wire;
      return Fit::Fits;
    }
    return Fit::DoesNotFit;
  }
  const Result<std::int64_t> mantissa = rescale(value.number, row.exponent);
  if (!mantissa || *mantissa == kInt64Min) return Fit::DoesNotFit;
  std::int64_t scaled = row.negated ? -*mantissa : *mantissa;
  if (__builtin_sub_overflow(scaled, std::int64_t{row.offset}, &scaled)) return Fit::DoesNotFit;
  number = divide_rounded(scaled, row.numerator);
  if (row.type == WireType::HourMinute) {
    if (number < 0 || number > 1440) return Fit::DoesNotFit;
    number = number / 60 * 256 + number % 60;
  }
  return Fit::Fits;
}

ModbusMap::Fit ModbusMap::wire_coded(const Row& row, const Reading& value,
                                     std::uint64_t& wire) const {
  const std::span<const WireSymbol> map{symbols_.data() + row.first_symbol, row.symbol_count};
  if (row.kind == ValueKind::Flags && !map.empty()) {
    std::uint64_t rest = value.bits;
    wire = 0;
    for (const WireSymbol& symbol : map) {
      const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(symbol.means);
      if ((value.bits & bit) == 0) continue;
      wire |= std::uint64_t{1} << static_cast<unsigned>(symbol.wire);
      rest &= ~bit;
    }
    return rest == 0 ? Fit::Fits : Fit::DoesNotFit;
  }
  wire = value.bits;
  if (row.kind == ValueKind::Flags) return (wire & ~row.names) == 0 ? Fit::Fits : Fit::DoesNotFit;
  if (row.kind == ValueKind::Raw) return Fit::Fits;
  if (map.empty()) {
    return static_cast<std::int64_t>(wire) <= row.high ? Fit::Fits : Fit::DoesNotFit;
  }
  for (const WireSymbol& symbol : map) {
    if (static_cast<std::uint64_t>(symbol.means) != value.bits) continue;
    wire = static_cast<std::uint64_t>(symbol.wire);
    return Fit::Fits;
  }
  return Fit::DoesNotFit;
}

ModbusMap::Fit ModbusMap::wire_of(const Row& row, const Reading& value, std::uint64_t& wire) const {
  if (value.kind != row.kind) return Fit::WrongKind;
  const int bits = row.type == WireType::F32 ? 32 : wire_bits(row.type);
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  std::int64_t number = 0;
  if (row.type == WireType::F32 && row.kind == ValueKind::Number && row.symbol_count == 0) {
    Decimal d = value.number;
    const int exponent = d.exponent - row.exponent;
    if (exponent < -18 || exponent > 18) return Fit::DoesNotFit;
    d.exponent = static_cast<std::int8_t>(exponent);
    if (row.negated) d.mantissa = -d.mantissa;
    const auto single = f32_from_decimal(d);
    if (!single) return Fit::DoesNotFit;
    wire = *single;
    return Fit::Fits;
  }
  if (row.kind == ValueKind::Number) {
    const Fit fit = wire_number(row, value, number);
    if (fit != Fit::Fits) return fit;
  } else {
    const Fit fit = wire_coded(row, value, wire);
    if (fit != Fit::Fits) return fit;
    if (row.part_bits > 0 && wire >> row.part_bits != 0) return Fit::DoesNotFit;
    if (row.kind != ValueKind::Choice) {
      return (wire & ~mask) == 0 && !is_absent(row, wire) ? Fit::Fits : Fit::DoesNotFit;
    }
    number = static_cast<std::int64_t>(wire);
  }
  if (row.type == WireType::F32) {
    wire = f32_from_decimal({number, 0}).value_or(kF32Nan);
    return Fit::Fits;
  }
  WireLimits limits = wire_limits(row.type);
  if (row.part_bits > 0) limits.max = (std::int64_t{1} << row.part_bits) - 1;
  if (number < limits.min || number > limits.max) return Fit::DoesNotFit;
  wire = static_cast<std::uint64_t>(number) & mask;
  return is_absent(row, wire) ? Fit::DoesNotFit : Fit::Fits;
}

bool ModbusMap::absent_wire(const Row& row, std::uint64_t& wire) const {
  wire = row.type == WireType::F32 ? kF32Nan : row.absent;
  return row.type == WireType::F32 || row.type == WireType::Text || row.absent_count > 0 ||
         zero_for_missing_;
}

void ModbusMap::put_wire(const Row& row, std::uint64_t wire, MutableBytes out) const {
  const std::size_t n = row.registers;
  if (row.part_bits > 0) {  // the other parts of the register are other rows
    const auto part = static_cast<std::uint16_t>(wire << row.part_low);
    out[0] = static_cast<std::uint8_t>(out[0] | part >> 8);
    out[1] = static_cast<std::uint8_t>(out[1] | (part & 0xFFU));
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t place = low_word_first_ ? i : n - 1 - i;
    const auto part = static_cast<std::uint16_t>(wire >> (16 * place));
    out[2 * i] = static_cast<std::uint8_t>(part >> 8);
    out[2 * i + 1] = static_cast<std::uint8_t>(part & 0xFFU);
  }
}

ModbusMap::Fit ModbusMap::put_text(const Row& row, const Reading& value, MutableBytes out) const {
  if (value.kind != ValueKind::Text) return Fit::WrongKind;
  if (row.type == WireType::Text) {
    return text_to_wire(value.text(), text_low_byte_first_, out) ? Fit::Fits : Fit::DoesNotFit;
  }
  if (!is_decimal(row.type)) {
    return clock_to_wire(value.text(), out) ? Fit::Fits : Fit::DoesNotFit;
  }
  const Result<std::uint64_t> wire = decimal_from_text(value.text(), row.exponent);
  const int bits = wire_bits(row.type);
  if (!wire || (bits < 64 && *wire >> bits != 0) || is_absent(row, *wire)) return Fit::DoesNotFit;
  put_wire(row, *wire, out);
  return Fit::Fits;
}

ModbusMap::Fit ModbusMap::put_value(const Row& row, const Reading* value, MutableBytes out) const {
  std::uint64_t wire = 0;
  const bool there = value != nullptr && value->quality != Quality::NotImplemented;
  if (!there) {
    if (!absent_wire(row, wire)) return Fit::Missing;
    if (row.type == WireType::Text) {
      std::fill(out.begin(), out.end(), std::uint8_t{0});
      return Fit::Fits;
    }
  } else if (is_text(row.type)) {
    return put_text(row, *value, out);
  } else {
    const Fit fit = wire_of(row, *value, wire);
    if (fit != Fit::Fits) return fit;
  }
  if (row.type == WireType::Bit) {
    out[0] = static_cast<std::uint8_t>(wire & 1U);
  } else {
    put_wire(row, wire, out);
  }
  return Fit::Fits;
}

Outcome<std::size_t> ModbusMap::encode(const PointRef& ref, const Reading& value,
                                       MutableBytes out) const {
  const Row* row = row_of(ref);
  const std::string_view point = info(ref.id).name;
  const auto refuse = [point](ErrorCode code, const char* why) {
    return failure(code, "\"" + std::string(point) + "\" " + why);
  };
  if (row == nullptr) return refuse(ErrorCode::NotFound, "is not in the map of this family");
  const std::size_t size = row->type == WireType::Bit ? 1U : std::size_t{2} * row->registers;
  if (out.size() < size) return refuse(ErrorCode::Truncated, "does not fit into the room given");
  const Rule& rule = rules_[static_cast<std::size_t>(row - rows_.data())];
  if (rule.writable && rule.ranged && value.kind == ValueKind::Number &&
      value.quality != Quality::NotImplemented) {
    std::int64_t number = 0;
    const bool inside = wire_number(*row, value, number) == Fit::Fits && number >= rule.range_min &&
                        number <= rule.range_max;
    if (!inside) return refuse(ErrorCode::OutOfRange, "is outside the range its row allows");
  }
  std::fill_n(out.begin(), size, std::uint8_t{0});
  switch (put_value(*row, &value, out.first(size))) {
    case Fit::Fits:
      return size;
    case Fit::WrongKind:
      return refuse(ErrorCode::BadInput, "is a value of another kind");
    case Fit::Missing:
      return refuse(ErrorCode::OutOfRange, "has no way to say \"not there\"");
    case Fit::DoesNotFit:
      break;
  }
  return refuse(ErrorCode::OutOfRange, "does not fit its registers");
}

Status ModbusMap::serve_row(const Row& row, std::uint16_t first, const ReadingSource& values,
                            MutableBytes out) const {
  const std::size_t place = std::size_t{row.address} - first;
  const Reading* value = values.get(row.ref);
  if (row.type == WireType::Bit) {
    std::array<std::uint8_t, 1> bit{};
    if (put_value(row, value, bit) != Fit::Fits) return fail(ErrorCode::DeviceException, 4);
    out[place / 8] = static_cast<std::uint8_t>(out[place / 8] | bit[0] << (place % 8));
    return {};
  }
  const MutableBytes room = out.subspan(2 * place, std::size_t{2} * row.registers);
  if (put_value(row, value, room) == Fit::Fits) return {};
  if (put_value(row, nullptr, room) == Fit::Fits) return {};  // it does not fit: "not there"
  return fail(ErrorCode::DeviceException, 4);
}

Status ModbusMap::serve(RegisterTable table, std::uint16_t first, std::uint16_t count,
                        const ReadingSource& values, MutableBytes out) const {
  const bool bits = is_bit_table(table);
  const std::size_t size = bits ? (std::size_t{count} + 7) / 8 : std::size_t{2} * count;
  if (count == 0 || out.size() < size) return fail(ErrorCode::TooLong);
  if (border_between(first, std::uint32_t{first} + count - 1)) {
    return fail(ErrorCode::DeviceException, 2);
  }
  std::fill(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size), std::uint8_t{0});
  const std::size_t begin = table_begin_[static_cast<std::size_t>(table)];
  const std::size_t end = table_begin_[static_cast<std::size_t>(table) + 1];
  const std::uint32_t stop = std::uint32_t{first} + count;
  std::size_t i = first_at(table, first);
  // Where the map is known to answer up to; a row before the first address may reach into it.
  std::uint32_t covered = first;
  if (i > begin) {
    const std::uint32_t before = std::uint32_t{rows_[i - 1].address} + rows_[i - 1].registers;
    if (before > first) return fail(ErrorCode::DeviceException, 2);
    const bool bridged = i < end && rows_[i].address - before <= gap_max_;
    if (!bridged && (i == end || rows_[i].address != first)) {
      return fail(ErrorCode::DeviceException, 2);
    }
    if (bridged) covered = rows_[i].address;
  }
  // Parts of one register are rows of the same address.
  while (covered < stop || (i < end && rows_[i].address < covered)) {
    if (i >= end) return fail(ErrorCode::DeviceException, 2);
    const Row& row = rows_[i];
    const std::uint32_t row_end = std::uint32_t{row.address} + row.registers;
    const std::uint32_t gap = row.address > covered ? row.address - covered : 0;
    if (gap > 0 && (covered == first || gap > gap_max_)) {
      return fail(ErrorCode::DeviceException, 2);
    }
    if (row.address >= stop) break;  // ends inside a gap that answers 0
    if (row_end > stop) return fail(ErrorCode::DeviceException, 2);
    const Status done = serve_row(row, first, values, out);
    if (!done) return done;
    covered = std::max(covered, row_end);
    ++i;
  }
  return {};
}

}  // namespace weco
