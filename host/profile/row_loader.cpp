// SPDX-License-Identifier: Apache-2.0
#include "host/profile/row_loader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "core/points/vocabulary.hpp"
#include "host/profile/expand.hpp"

namespace weco {
namespace {

using Kind = DataValue::Kind;

constexpr std::array kRowKeys = {
    KeySpec{"point", Want::Text, true},    KeySpec{"index", Want::Whole},
    KeySpec{"count", Want::Whole},         KeySpec{"stride", Want::Whole},
    KeySpec{"at", Want::Table, true},      KeySpec{"type", Want::Text, true},
    KeySpec{"unit", Want::Text},           KeySpec{"exponent", Want::Whole},
    KeySpec{"num", Want::Whole},           KeySpec{"den", Want::Whole},
    KeySpec{"offset", Want::Whole},        KeySpec{"positive", Want::Text},
    KeySpec{"absent", Want::WholeOrTable}, KeySpec{"access", Want::Text},
    KeySpec{"range", Want::Table},         KeySpec{"choices", Want::Table},
    KeySpec{"bits", Want::Table},          KeySpec{"values", Want::Table},
    KeySpec{"confidence", Want::Text},     KeySpec{"note", Want::Text},
    KeySpec{"part", Want::Table},          KeySpec{"count_from", Want::Text},
};
constexpr std::array kGroupKeys = {
    KeySpec{"title", Want::Text},      KeySpec{"node", Want::Text},
    KeySpec{"count_from", Want::Text}, KeySpec{"max", Want::Whole},
    KeySpec{"stride", Want::Whole},    KeySpec{"at", Want::Whole},
    KeySpec{"rows", Want::Table},      KeySpec{"groups", Want::Table},
    KeySpec{"note", Want::Text},       KeySpec{"first", Want::Whole},
    KeySpec{"present", Want::Text},
};
constexpr std::array<std::string_view, 4> kTables = {"holding", "input", "coil", "discrete"};
/// In the order of WireType; "text" takes a size: text(16).
constexpr std::array<std::string_view, 18> kTypes = {
    "u16",       "s16",       "u32",       "s32",    "u64",    "s64",
    "f32",       "text",      "bits16",    "bits32", "bits64", "bit",
    "decimal16", "decimal32", "decimal64", "clock6", "clock8", "hour_minute"};
constexpr std::array<std::string_view, 5> kConfidences = {"own", "vendor", "several", "single",
                                                          "assumed"};
constexpr std::array<std::string_view, 2> kAccess = {"read", "write"};
constexpr int kRepeatDepthMax = 2;
constexpr std::size_t kAbsentMax = 4;

std::string quoted(std::string_view text) { return "\"" + std::string(text.substr(0, 64)) + "\""; }

/// One row on its way from the file into the profile.
class RowLoader {
 public:
  RowLoader(Schema& schema, const DataValue& table, const Profile& profile, ProfileRow& row)
      : schema_(schema), table_(table), profile_(profile), row_(row) {}

  void load() {
    row_.line = table_.line;
    if (const DataValue* point = table_.get("point"); point != nullptr) {
      if (point->kind == Kind::Text) who_ = "row " + quoted(point->text);
    }
    schema_.shape(table_, who_, kRowKeys);
    if (schema_.failed()) return;
    using Step = void (RowLoader::*)();
    constexpr std::array<Step, 13> kSteps = {
        &RowLoader::point,   &RowLoader::unit,  &RowLoader::place,  &RowLoader::type,
        &RowLoader::indexes, &RowLoader::scale, &RowLoader::sign,   &RowLoader::access,
        &RowLoader::symbols, &RowLoader::range, &RowLoader::absent, &RowLoader::part,
        &RowLoader::origin};
    for (const Step step : kSteps) {
      (this->*step)();
      if (schema_.failed()) return;
    }
  }

 private:
  void refuse(std::string_view key, const std::string& what, std::string hint = {}) {
    const DataValue* value = table_.get(key);
    schema_.refuse(value != nullptr ? value->line : table_.line, who_ + ": " + what,
                   std::move(hint));
  }
  [[nodiscard]] const PointInfo& info() const { return weco::info(row_.id); }

  void point() {
    const std::string name = table_.get("point")->text;
    const Result<PointId> id = find_point(name);
    if (id) {
      row_.id = *id;
      return;
    }
    std::vector<std::string_view> names;
    for (const PointInfo& p : kPoints) names.push_back(p.name);
    refuse("point", "there is no such point in the vocabulary", did_you_mean(name, names));
  }

  void unit() {
    const UnitInfo& unit = weco::info(info().unit);
    const DataValue* given = table_.get("unit");
    if (given == nullptr) {
      if (!unit.symbol.empty()) {
        refuse("point", "\"unit\" is missing; the vocabulary says " + quoted(unit.symbol));
      }
      return;
    }
    if (unit.symbol.empty()) {
      refuse("unit", "unit " + quoted(given->text) +
                         " is not allowed here; the vocabulary gives this point none");
    } else if (given->text != unit.symbol) {
      refuse("unit", "unit " + quoted(given->text) + " is not allowed here; the vocabulary says " +
                         quoted(unit.symbol));
    }
  }

  void place() {
    const DataValue& at = *table_.get("at");
    const bool pair = at.fields.empty() && at.items.size() == 2 && at.items[0].key == 1 &&
                      at.items[1].key == 2 && at.items[1].value.kind == Kind::Whole;
    if (!pair) return refuse("at", "\"at\" must be { table, address }, like { \"input\", 0x0100 }");
    row_.table =
        static_cast<RegisterTable>(schema_.word(at.items[0].value, who_, "table", kTables));
    const std::int64_t address = at.items[1].value.whole;
    if (address < 0 || address > 0xFFFF) {
      return refuse(
          "at", "address " + std::to_string(address) + " is not allowed; allowed are 0 to 65535");
    }
    row_.address = static_cast<std::uint16_t>(address);
  }

  void type() {
    const DataValue& given = *table_.get("type");
    if (given.text.starts_with("text(")) return text_type(given.text);
    row_.type = static_cast<WireType>(schema_.word(given, who_, "type", kTypes));
    if (schema_.failed()) return;
    if (row_.type == WireType::Text) {
      return refuse("type", "\"text\" needs its size in bytes: text(2) to text(40), even");
    }
    row_.registers = wire_registers(row_.type);
    type_fits_point(given.text);
    const bool bit_table =
        row_.table == RegisterTable::Coil || row_.table == RegisterTable::Discrete;
    if (!schema_.failed() && bit_table != (row_.type == WireType::Bit)) {
      refuse("type", "type " + quoted(given.text) + " does not belong into table " +
                         quoted(name(row_.table)) + "; coils and discrete inputs hold bit, " +
                         "registers everything else");
    }
  }

  void text_type(const std::string& given) {
    int size = 0;
    const char* first = given.data() + 5;
    const auto end = std::from_chars(first, given.data() + given.size(), size);
    const bool good = end.ec == std::errc() && std::string_view(end.ptr) == ")" && size >= 2 &&
                      size <= static_cast<int>(kTextMax) && size % 2 == 0;
    if (!good) {
      return refuse("type", "type " + quoted(given) +
                                " is not allowed; allowed are text(2) to text(" +
                                std::to_string(kTextMax) + "), even");
    }
    row_.type = WireType::Text;
    row_.registers = static_cast<std::uint8_t>(size / 2);
    type_fits_point(given);
    if (row_.table == RegisterTable::Coil || row_.table == RegisterTable::Discrete) {
      refuse("type", "a text does not belong into table " + quoted(name(row_.table)));
    }
  }

  void type_fits_point(const std::string& given) {
    const auto is = [this](std::initializer_list<WireType> types) {
      return std::find(types.begin(), types.end(), row_.type) != types.end();
    };
    const bool flags = is({WireType::Bits16, WireType::Bits32, WireType::Bits64});
    const bool number = is({WireType::U16, WireType::S16, WireType::U32, WireType::S32,
                            WireType::U64, WireType::S64, WireType::F32, WireType::HourMinute});
    struct Rule {
      bool fits;
      std::string_view what;
      std::string_view allowed;
    };
    const std::array<Rule, 5> rules = {{
        {number, "a number", "u16, s16, u32, s32, u64, s64, f32, hour_minute"},
        {is({WireType::Text, WireType::Decimal16, WireType::Decimal32, WireType::Decimal64,
             WireType::Clock6, WireType::Clock8}),
         "a text", "text(2) to text(40), decimal16, decimal32, decimal64, clock6, clock8"},
        {number || row_.type == WireType::Bit, "a choice",
         "u16, s16, u32, s32, u64, s64, f32, bit"},
        {flags, "a set of flags", "bits16, bits32, bits64"},
        {flags || row_.type == WireType::U16 || row_.type == WireType::U32, "raw bits",
         "u16, u32, bits16, bits32, bits64"},
    }};
    const Rule& rule = rules[static_cast<std::size_t>(info().kind)];
    if (rule.fits) return;
    refuse("type", "type " + quoted(given) + " does not carry " + std::string(rule.what) +
                       "; allowed are: " + std::string(rule.allowed));
  }

  void indexes() {
    const std::int64_t most = info().count;
    const bool indexed = most > 1;
    if (!indexed) {
      for (const std::string_view key : {"index", "count", "stride"}) {
        if (table_.get(key) != nullptr) {
          return refuse(key, quoted(key) + " is not allowed; this point has no index");
        }
      }
      return;
    }
    if (table_.get("index") == nullptr && table_.get("count") == nullptr) {
      return refuse("point", "\"index\" or \"count\" is missing; this point has indexes 1 to " +
                                 std::to_string(most));
    }
    const std::int64_t first = schema_.whole(table_, "index", who_, 1, most, 1);
    row_.index = static_cast<std::uint8_t>(first);
    row_.count =
        static_cast<std::uint8_t>(schema_.whole(table_, "count", who_, 1, most - first + 1, 1));
    if (table_.get("stride") != nullptr && row_.count == 1) {
      return refuse("stride", "\"stride\" needs a \"count\"");
    }
    row_.stride = static_cast<std::uint16_t>(
        schema_.whole(table_, "stride", who_, row_.registers, 4096, row_.registers));
  }

  void scale() {
    const bool number = info().kind == ValueKind::Number;
    const bool whole = number && row_.type != WireType::F32;
    const bool decimal = is_decimal(row_.type);
    for (const std::string_view key : {"exponent", "num", "den", "offset"}) {
      const bool allowed = key == "exponent" ? number || decimal : whole;
      if (table_.get(key) == nullptr || allowed) continue;
      return refuse(key, quoted(key) + (number ? " is not allowed for type f32"
                                               : " is allowed for numbers only"));
    }
    std::int64_t exponent =
        schema_.whole(table_, "exponent", who_, decimal ? -6 : -12, decimal ? 0 : 12, 0);
    std::int64_t num = schema_.whole(table_, "num", who_, 1, 1000000, 1);
    const std::int64_t den = schema_.whole(table_, "den", who_, 1, 1000000, 1);
    row_.offset = static_cast<std::int32_t>(
        schema_.whole(table_, "offset", who_, -1000000000, 1000000000, 0));
    while (num % den != 0 && exponent > -12 && num < 100000000) {
      num *= 10;
      --exponent;
    }
    if (num % den != 0) {
      return refuse("den", "\"den\" " + std::to_string(den) + " makes no exact decimal");
    }
    if (den > 1 && row_.offset != 0) {
      return refuse("offset", "\"offset\" and \"den\" do not go together; use \"exponent\"");
    }
    row_.numerator = static_cast<std::int32_t>(num / den);
    row_.exponent = static_cast<std::int8_t>(exponent);
  }

  void sign() {
    const DataValue* given = table_.get("positive");
    const SignWords words = sign_words(info().sign);
    if (info().sign == Sign::None) {
      if (given != nullptr)
        refuse("positive", "\"positive\" is not allowed; this point has no direction");
      return;
    }
    const std::array<std::string_view, 2> allowed = {words.same, words.opposite};
    if (given == nullptr) {
      return refuse("point",
                    "\"positive\" is missing: what does a positive value on the wire mean; "
                    "allowed are: " +
                        join(allowed));
    }
    row_.negated = schema_.word(*given, who_, "positive", allowed) == 1;
  }

  void access() {
    const DataValue* given = table_.get("access");
    if (given == nullptr) return;
    row_.writable = schema_.word(*given, who_, "access", kAccess) == 1;
    if (!row_.writable || schema_.failed()) return;
    if (profile_.status == ProfileStatus::Community) {
      refuse("access", "access \"write\" is not allowed; a community map is read-only");
    } else if (info().access == Access::Read) {
      refuse("access",
             "access \"write\" is not allowed; the vocabulary says nobody writes this point");
    } else if (row_.table == RegisterTable::Input || row_.table == RegisterTable::Discrete) {
      refuse("access", "access \"write\" is not allowed; table " + quoted(name(row_.table)) +
                           " cannot be written");
    }
  }

  void symbols() {
    const ValueKind kind = info().kind;
    struct Rule {
      std::string_view key;
      bool allowed;
    };
    const std::array<Rule, 3> rules = {{{"choices", kind == ValueKind::Choice},
                                        {"bits", kind == ValueKind::Flags},
                                        {"values", kind == ValueKind::Number}}};
    for (const Rule& rule : rules) {
      const DataValue* map = table_.get(rule.key);
      if (map == nullptr) {
        if (rule.allowed && rule.key != "values") own_numbering(rule.key);
        continue;
      }
      if (!rule.allowed) return refuse(rule.key, quoted(rule.key) + " does not fit this point");
      for (const DataField& field : map->fields) {
        return schema_.refuse(field.value.line, who_ + ": " + quoted(rule.key) +
                                                    " is keyed by wire numbers, not by " +
                                                    quoted(field.key));
      }
      for (const DataItem& item : map->items) symbol(rule.key, item);
    }
  }

  /// A map without "choices" or "bits" uses the vocabulary's own numbers: ours only.
  void own_numbering(std::string_view key) {
    if (profile_.status == ProfileStatus::Open) {
      const auto count = static_cast<int>(info().symbols.size());
      if (info().kind == ValueKind::Flags && count > wire_bits(row_.type)) {
        refuse("type", "the vocabulary names " + std::to_string(count) + " flags; type " +
                           quoted(name(row_.type)) + " holds " +
                           std::to_string(wire_bits(row_.type)));
      }
      return;
    }
    if (info().kind == ValueKind::Flags && info().symbols.empty()) return;
    refuse("point", quoted(key) + " is missing; only an open map may use the vocabulary's numbers");
  }

  void symbol(std::string_view key, const DataItem& item) {
    const WireLimits limits = wire_limits(row_.type);
    const bool bit = key == "bits";
    const std::int64_t low = bit ? 0 : limits.min;
    const std::int64_t high = bit ? wire_bits(row_.type) - 1 : limits.max;
    if (item.key < low || item.key > high) {
      return schema_.refuse(item.value.line, who_ + ": " + quoted(key) + " names " +
                                                 std::to_string(item.key) + "; the type holds " +
                                                 std::to_string(low) + " to " +
                                                 std::to_string(high));
    }
    WireSymbol symbol{item.key, 0};
    if (key == "values") {
      if (item.value.kind != Kind::Whole) {
        return schema_.refuse(item.value.line, who_ + ": \"values\" must hold whole numbers");
      }
      symbol.means = item.value.whole;
    } else {
      symbol.means = static_cast<std::int64_t>(
          schema_.word(item.value, who_, bit ? "flag" : "choice", info().symbols));
    }
    row_.symbols.push_back(symbol);
  }

  void range() {
    const DataValue* given = table_.get("range");
    const bool wanted = row_.writable && info().kind == ValueKind::Number && row_.symbols.empty();
    if (given == nullptr) {
      if (wanted)
        refuse("access", "\"range\" is missing; a row that can be written states its limits");
      return;
    }
    if (!wanted) return refuse("range", "\"range\" is for numbers that can be written");
    const bool pair = given->fields.empty() && given->items.size() == 2 &&
                      given->items[0].value.kind == Kind::Whole &&
                      given->items[1].value.kind == Kind::Whole;
    if (!pair) return refuse("range", "\"range\" must be { min, max } in wire numbers");
    row_.range_min = given->items[0].value.whole;
    row_.range_max = given->items[1].value.whole;
    const WireLimits limits = wire_limits(row_.type);
    const std::string text =
        "range { " + std::to_string(row_.range_min) + ", " + std::to_string(row_.range_max) + " }";
    if (row_.range_min > row_.range_max) return refuse("range", text + " is empty");
    if (row_.range_min < limits.min || row_.range_max > limits.max) {
      return refuse("range", text + " does not fit type " + quoted(name(row_.type)) +
                                 ", which holds " + std::to_string(limits.min) + " to " +
                                 std::to_string(limits.max));
    }
    in_vocabulary(row_.range_min, text);
    in_vocabulary(row_.range_max, text);
  }

  void in_vocabulary(std::int64_t wire, const std::string& text) {
    if (info().min == 0 && info().max == 0) return;
    std::int64_t mantissa = wire * row_.numerator + row_.offset;
    if (row_.negated) mantissa = -mantissa;
    const Decimal value{mantissa, row_.exponent};
    if (compare(value, {info().min, 0}) >= 0 && compare(value, {info().max, 0}) <= 0) return;
    refuse("range", text + " goes beyond the vocabulary, which allows " +
                        std::to_string(info().min) + " to " + std::to_string(info().max) + " " +
                        std::string(weco::info(info().unit).symbol));
  }

  void absent() {
    const DataValue* given = table_.get("absent");
    if (given == nullptr) return;
    const int bits = wire_bits(row_.type);
    if (bits <= 1) {
      return refuse("absent", "\"absent\" is not allowed for type " + quoted(name(row_.type)) +
                                  "; an empty text and a NaN are always absent");
    }
    if (given->kind == Kind::Whole) return absent_value(*given, bits);
    const auto values = schema_.list(table_, who_, "absent", Kind::Whole);
    if (values.size() > kAbsentMax) return refuse("absent", "more than 4 absent values");
    for (const DataValue* value : values) absent_value(*value, bits);
  }

  void absent_value(const DataValue& given, int bits) {
    const std::int64_t value = given.whole;
    const std::int64_t low =
        bits == 64 ? std::numeric_limits<std::int64_t>::min() : -(std::int64_t{1} << (bits - 1));
    const std::int64_t high =
        bits == 64 ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << bits) - 1;
    if (value < low || value > high) {
      return refuse("absent", "absent " + std::to_string(value) + " does not fit type " +
                                  quoted(name(row_.type)));
    }
    const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    const std::uint64_t pattern = static_cast<std::uint64_t>(value) & mask;
    std::int64_t as_number = static_cast<std::int64_t>(pattern);
    if (wire_signed(row_.type) && bits < 64 && ((pattern >> (bits - 1)) & 1U) != 0) {
      as_number -= std::int64_t{1} << bits;
    }
    const bool ranged = row_.range_min < row_.range_max;
    if (ranged && as_number >= row_.range_min && as_number <= row_.range_max) {
      return refuse("absent", "absent " + std::to_string(value) + " lies inside range { " +
                                  std::to_string(row_.range_min) + ", " +
                                  std::to_string(row_.range_max) + " }");
    }
    if (means_something(as_number)) {
      return refuse("absent", "absent " + std::to_string(value) + " already means something else");
    }
    row_.absent.push_back(pattern);
  }

  /// Some bits of a register only: { lowest, highest }.
  void part() {
    const DataValue* given = table_.get("part");
    if (given == nullptr) return;
    const bool pair = given->fields.empty() && given->items.size() == 2 &&
                      given->items[0].value.kind == Kind::Whole &&
                      given->items[1].value.kind == Kind::Whole;
    if (!pair) return refuse("part", "\"part\" must be { lowest bit, highest bit }");
    const std::int64_t low = given->items[0].value.whole;
    const std::int64_t high = given->items[1].value.whole;
    if (low < 0 || high > 15 || low > high) {
      return refuse("part", "\"part\" must lie within bits 0 to 15");
    }
    if (row_.type != WireType::U16 && row_.type != WireType::Bits16) {
      return refuse("part", "\"part\" is for types u16 and bits16");
    }
    if (row_.writable) return refuse("part", "a part of a register is not written by itself");
    row_.part_low = static_cast<std::uint8_t>(low);
    row_.part_bits = static_cast<std::uint8_t>(high - low + 1);
  }

  [[nodiscard]] bool means_something(std::int64_t value) const {
    const ValueKind kind = info().kind;
    if (kind == ValueKind::Choice && row_.symbols.empty()) {
      return value >= 0 && value < static_cast<std::int64_t>(info().symbols.size());
    }
    if (kind != ValueKind::Choice && kind != ValueKind::Number) return false;
    return std::any_of(row_.symbols.begin(), row_.symbols.end(),
                       [value](const WireSymbol& s) { return s.wire == value; });
  }

  void origin() {
    constexpr std::array<Confidence, 3> kDefault = {Confidence::Vendor, Confidence::Single,
                                                    Confidence::Own};
    row_.confidence = kDefault[static_cast<std::size_t>(profile_.status)];
    if (const DataValue* given = table_.get("confidence"); given != nullptr) {
      row_.confidence =
          static_cast<Confidence>(schema_.word(*given, who_, "confidence", kConfidences));
    }
    row_.note = Schema::text(table_, "note");
    if (row_.confidence == Confidence::Assumed && row_.note.empty()) {
      refuse("confidence", "an assumption needs a \"note\" that says why it is believed");
    }
    if (const DataValue* from = table_.get("count_from"); from != nullptr) {
      const Result<PointId> id = find_point(from->text);
      if (!id || weco::info(*id).kind != ValueKind::Number || row_.index == 0) {
        return refuse("count_from",
                      "\"count_from\" names a number of the vocabulary and needs "
                      "a row with indexes");
      }
      row_.count_from = *id;
    }
  }

  Schema& schema_;
  const DataValue& table_;
  const Profile& profile_;
  ProfileRow& row_;
  std::string who_ = "a row";
};

/// One value at its absolute place, for the overlap check.
struct Placed {
  RegisterTable table;
  std::uint32_t address;
  std::uint32_t end;
  PointRef ref;
  const ProfileRow* row;
  /// Two parts of one register that have no bit in common.
  [[nodiscard]] bool beside(const Placed& other) const {
    if (address != other.address || row->part_bits == 0 || other.row->part_bits == 0) return false;
    const ProfileRow& low = row->part_low < other.row->part_low ? *row : *other.row;
    const ProfileRow& high = &low == row ? *other.row : *row;
    return low.part_low + low.part_bits <= high.part_low;
  }
};

std::string call(const Placed& value) {
  std::string text = "row " + quoted(info(value.ref.id).name);
  if (value.ref.index > 0) text += "[" + std::to_string(value.ref.index) + "]";
  for (std::size_t i = 0; i < value.ref.node.depth(); ++i) {
    text += (i == 0 ? " of " : ", ") + std::string(name(value.ref.node[i].kind)) + " " +
            std::to_string(value.ref.node[i].number);
  }
  return text;
}

std::string hex(std::uint32_t address) {
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), address, 16);
  std::string text(digits.data(), end.ptr);
  return "0x" + std::string(text.size() < 4 ? 4 - text.size() : 0, '0') + text;
}

/// "present" names the row whose absence means that the whole part is not there.
void load_presence(Schema& schema, const DataValue& table, const std::string& who,
                   ProfileGroup& group) {
  const DataValue* given = table.get("present");
  if (given == nullptr) return;
  const auto first = std::min_element(
      group.rows.begin(), group.rows.end(),
      [](const ProfileRow& a, const ProfileRow& b) { return a.address < b.address; });
  if (first == group.rows.end() || info(first->id).name != given->text || is_text(first->type) ||
      first->absent.empty()) {
    return schema.refuse(given->line, who + ": \"present\" " + quoted(given->text) +
                                          " is not the group's first value, is a text, or has "
                                          "no \"absent\"");
  }
  first->proves_node = true;
}

void load_group(Schema& schema, const DataValue& table, const Profile& profile, ProfileGroup& group,
                const ProfileGroup& parent, int depth) {
  std::string who = "a group";
  if (const DataValue* node = table.get("node"); node != nullptr && node->kind == Kind::Text) {
    who = "group " + quoted(node->text);
  }
  schema.shape(table, who, kGroupKeys);
  if (schema.failed()) return;
  group.line = table.line;
  group.address = static_cast<std::uint16_t>(schema.whole(table, "at", who, 0, 0xFFFF, 0));
  if (const DataValue* node = table.get("node"); node != nullptr) {
    group.node = static_cast<NodeKind>(schema.word(*node, who, "node", kNodeNames));
    group.max = static_cast<std::uint8_t>(schema.whole(table, "max", who, 1, 64, 1));
    group.first = static_cast<std::uint8_t>(schema.whole(table, "first", who, 1, 64, 1));
    group.stride = static_cast<std::uint16_t>(schema.whole(table, "stride", who, 1, 0xFFFF, 0));
    if (group.max > 1 && group.stride == 0) {
      return schema.refuse(table.line, who + ": \"stride\" is missing");
    }
    if (++depth > kRepeatDepthMax) {
      return schema.refuse(table.line, who + ": repeated groups nest at most twice");
    }
  } else {
    for (const std::string_view key : {"count_from", "first", "max", "stride"}) {
      if (table.get(key) == nullptr) continue;
      return schema.refuse(
          table.get(key)->line,
          who + ": \"" + std::string(key) + "\" needs a \"node\", which says what repeats");
    }
  }
  if (const DataValue* from = table.get("count_from"); from != nullptr) {
    const Result<PointId> id = find_point(from->text);
    const auto carries = [&](const ProfileRow& row) { return id && row.id == *id; };
    bool found = std::any_of(parent.rows.begin(), parent.rows.end(), carries);
    for (const ProfileGroup& plain : parent.groups) {
      if (plain.node != NodeKind::None) continue;
      found = found || std::any_of(plain.rows.begin(), plain.rows.end(), carries);
    }
    if (!found || info(*id).kind != ValueKind::Number) {
      return schema.refuse(from->line, who + ": \"count_from\" " + quoted(from->text) +
                                           " is no number that a row before this group carries");
    }
    group.count_from = *id;
  }
  load_group_content(schema, table, profile, group, depth);
  if (!schema.failed()) load_presence(schema, table, who, group);
}

/// Values of a group with all repetitions.
std::size_t size_of(const ProfileGroup& group) {
  std::size_t size = 0;
  for (const ProfileRow& row : group.rows) size += row.count;
  for (const ProfileGroup& child : group.groups) size += child.max * size_of(child);
  return size;
}

}  // namespace

SignWords sign_words(Sign sign) {
  constexpr std::array<SignWords, 5> kWords = {{{"", ""},
                                                {"charge", "discharge"},
                                                {"import", "export"},
                                                {"produced", "consumed"},
                                                {"consumed", "produced"}}};
  return kWords[static_cast<std::size_t>(sign)];
}

int wire_bits(WireType type) {
  constexpr std::array<int, 18> kBits = {16, 16, 32, 32, 64, 64, 0, 0, 16,
                                         32, 64, 1,  16, 32, 64, 0, 0, 16};
  return kBits[static_cast<std::size_t>(type)];
}

std::uint8_t wire_registers(WireType type) {
  switch (type) {
    case WireType::F32:
      return 2;
    case WireType::Clock6:
      return 3;
    case WireType::Clock8:
      return 4;
    default:
      return static_cast<std::uint8_t>(wire_bits(type) <= 16 ? 1 : wire_bits(type) / 16);
  }
}

bool is_decimal(WireType type) {
  return type == WireType::Decimal16 || type == WireType::Decimal32 || type == WireType::Decimal64;
}

bool is_text(WireType type) {
  return type == WireType::Text || type == WireType::Clock6 || type == WireType::Clock8 ||
         is_decimal(type);
}

bool wire_signed(WireType type) {
  return type == WireType::S16 || type == WireType::S32 || type == WireType::S64;
}

WireLimits wire_limits(WireType type) {
  if (type == WireType::F32) return {-16777216, 16777216};  // whole numbers an f32 holds exactly
  const int bits = wire_bits(type);
  if (bits == 0) return {};
  if (bits == 64) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    return {wire_signed(type) ? std::numeric_limits<std::int64_t>::min() : 0, kMax};
  }
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  if (wire_signed(type)) return {-half, half - 1};
  return {0, 2 * half - 1};
}

void load_group_content(Schema& schema, const DataValue& table, const Profile& profile,
                        ProfileGroup& group, int depth) {
  for (const DataValue* entry : schema.list(table, "a group", "rows", Kind::Table)) {
    if (schema.failed()) return;
    RowLoader(schema, *entry, profile, group.rows.emplace_back()).load();
    if (schema.failed()) return;
    const std::optional<PointId> from = group.rows.back().count_from;
    const auto counts = [&](const ProfileRow& row) { return row.id == *from; };
    if (from && std::none_of(group.rows.begin(), group.rows.end(), counts)) {
      return schema.refuse(entry->line, "\"count_from\" " + quoted(info(*from).name) +
                                            " is no number that a row before this one carries");
    }
  }
  const auto groups = schema.list(table, "a group", "groups", Kind::Table);
  group.groups.reserve(groups.size());
  for (const DataValue* entry : groups) {
    if (schema.failed()) return;
    ProfileGroup child;
    load_group(schema, *entry, profile, child, group, depth);
    group.groups.push_back(std::move(child));
  }
}

void keep_wifi_out(Schema& schema, const Profile& profile, const Placed& value) {
  if (profile.protocol.variant != ModbusVariant::Bluetti) return;
  if (value.end <= kBluettiWifiFirst || value.address > kBluettiWifiLast) return;
  schema.refuse(value.row->line, call(value) +
                                     " lies where the WiFi's password does, in 12000 to "
                                     "12050, which are never read");
}

void check_map(Schema& schema, const Profile& profile) {
  constexpr std::size_t kMost = 65536;
  if (size_of(profile.root) > kMost) {
    return schema.refuse(1, "the map has more than 65536 values");
  }
  std::vector<Placed> values;
  expand(
      profile, [](const GroupInstance&, std::uint32_t) {},
      [&](const ProfileRow& row, const PointRef& ref, std::uint32_t address, std::uint32_t) {
        const Placed value{row.table, address, address + row.registers, ref, &row};
        if (value.end > 0x10000) {
          schema.refuse(row.line, call(value) + " ends beyond address 65535");
        }
        keep_wifi_out(schema, profile, value);
        const auto& borders = profile.protocol.borders;
        const auto border = std::upper_bound(borders.begin(), borders.end(), value.address);
        if (border != borders.end() && *border < value.end) {
          schema.refuse(row.line,
                        call(value) + " reaches across the border at " + std::to_string(*border));
        }
        values.push_back(value);
      });
  if (schema.failed()) return;
  std::sort(values.begin(), values.end(), [](const Placed& a, const Placed& b) {
    return std::pair(a.table, a.address) < std::pair(b.table, b.address);
  });
  for (std::size_t i = 1; i < values.size(); ++i) {
    const Placed& before = values[i - 1];
    const Placed& here = values[i];
    if (before.table != here.table || before.end <= here.address) continue;
    if (before.beside(here)) continue;
    const bool later = here.row->line >= before.row->line;
    const Placed& second = later ? here : before;
    const Placed& first = later ? before : here;
    return schema.refuse(second.row->line, call(second) + " overlaps " + call(first) + " of line " +
                                               std::to_string(first.row->line) + " at " +
                                               std::string(name(here.table)) + " " +
                                               hex(here.address));
  }
  std::sort(values.begin(), values.end(), [](const Placed& a, const Placed& b) {
    return std::pair(a.ref, a.row->line) < std::pair(b.ref, b.row->line);
  });
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i - 1].ref != values[i].ref) continue;
    return schema.refuse(values[i].row->line, call(values[i]) +
                                                  " is given twice; the first is in line " +
                                                  std::to_string(values[i - 1].row->line));
  }
}

}  // namespace weco
