// SPDX-License-Identifier: Apache-2.0
// What a point is: one value of a device, with unit, sign, range and access. The vocabulary itself
// is the table in vocabulary.hpp; a profile maps its rows to a wire, and everything a person or a
// script sees (tables, JSON keys, Lua names, simulated registers) is derived from them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/assert.hpp"
#include "core/base/decimal.hpp"
#include "core/base/time.hpp"

namespace weco {

enum class Unit : std::uint8_t {
  None,
  Volt,
  Ampere,
  Watt,
  VoltAmpere,
  Var,
  KilowattHour,
  KilovarHour,
  KilovoltAmpereHour,
  AmpereHour,
  Percent,
  Celsius,
  Kelvin,
  Hertz,
  Kiloohm,
  Milliohm,
  Milliampere,
  Second,
  Minute,
  Hour,
  Day,
  Degree,
  Decibel,
  LitrePerMinute,
  Currency,
};

struct UnitInfo {
  std::string_view symbol;  // for people: "V", "%", "°C"
  std::string_view suffix;  // for names in JSON, Lua, CSV and options: "V", "pct", "degC"
};

inline constexpr std::array kUnits = {
    UnitInfo{"", ""},         UnitInfo{"V", "V"},         UnitInfo{"A", "A"},
    UnitInfo{"W", "W"},       UnitInfo{"VA", "VA"},       UnitInfo{"var", "var"},
    UnitInfo{"kWh", "kWh"},   UnitInfo{"kvarh", "kvarh"}, UnitInfo{"kVAh", "kVAh"},
    UnitInfo{"Ah", "Ah"},     UnitInfo{"%", "pct"},       UnitInfo{"°C", "degC"},
    UnitInfo{"K", "K"},       UnitInfo{"Hz", "Hz"},       UnitInfo{"kΩ", "kohm"},
    UnitInfo{"mΩ", "mohm"},   UnitInfo{"mA", "mA"},       UnitInfo{"s", "s"},
    UnitInfo{"min", "min"},   UnitInfo{"h", "h"},         UnitInfo{"d", "d"},
    UnitInfo{"°", "deg"},     UnitInfo{"dBm", "dBm"},     UnitInfo{"l/min", "lpm"},
    UnitInfo{"", "currency"},
};
static_assert(kUnits.size() == static_cast<std::size_t>(Unit::Currency) + 1);

constexpr const UnitInfo& info(Unit unit) { return kUnits[static_cast<std::size_t>(unit)]; }

enum class ValueKind : std::uint8_t {
  Number,  // a Decimal in the point's unit
  Text,    // at most kTextMax bytes, as the device sent them (untrusted)
  Choice,  // one of the point's symbols
  Flags,   // a set of the point's symbols, bit n = symbol n
  Raw,     // a word whose bits only the family can name (fault words)
};

enum class Access : std::uint8_t {
  Read,     // nobody writes it
  Setting,  // an installer may set it, through the guard
  Command,  // writing it makes the device act, through the guard
};

/// Which way is positive. Current and power are positive INTO the battery; at the grid connection
/// import is positive; a source (PV, generator) and a consumer (load, backup) count their own flow.
enum class Sign : std::uint8_t { None, IntoBattery, Import, Produced, Consumed };

/// A place in the hierarchy. Cells, phases, PV inputs and windows are indexes of a point instead.
enum class NodeKind : std::uint8_t { None, Site, Inverter, Meter, Ems, Cabinet, Tower, Module };

inline constexpr std::array<std::string_view, 8> kNodeNames = {
    "", "site", "inverter", "meter", "ems", "cabinet", "tower", "module"};
constexpr std::string_view name(NodeKind kind) {
  return kNodeNames[static_cast<std::size_t>(kind)];
}

/// The way from the device to a part of it: tower 2, module 3. Numbers count from 1. Empty is the
/// device itself.
class NodePath {
 public:
  static constexpr std::size_t kDepthMax = 4;
  struct Step {
    NodeKind kind = NodeKind::None;
    std::uint8_t number = 0;
    friend constexpr bool operator==(Step, Step) = default;
    friend constexpr auto operator<=>(Step, Step) = default;
  };
  constexpr NodePath() = default;
  /// The path one level deeper; asserts that there is a level left.
  [[nodiscard]] constexpr NodePath child(NodeKind kind, std::uint8_t number) const {
    WECO_ASSERT(depth() < kDepthMax);
    NodePath path = *this;
    path.steps_[depth()] = {kind, number};
    return path;
  }
  [[nodiscard]] constexpr NodePath parent() const {
    NodePath path = *this;
    if (depth() > 0) path.steps_[depth() - 1] = {};
    return path;
  }
  [[nodiscard]] constexpr std::size_t depth() const {
    std::size_t n = 0;
    while (n < kDepthMax && steps_[n].kind != NodeKind::None) ++n;
    return n;
  }
  [[nodiscard]] constexpr Step operator[](std::size_t i) const { return steps_[i]; }
  [[nodiscard]] constexpr Step last() const { return depth() == 0 ? Step{} : steps_[depth() - 1]; }
  friend constexpr bool operator==(const NodePath&, const NodePath&) = default;
  friend constexpr auto operator<=>(const NodePath&, const NodePath&) = default;

 private:
  std::array<Step, kDepthMax> steps_{};
};

/// One row of the vocabulary.
struct PointInfo {
  std::string_view name;
  ValueKind kind = ValueKind::Number;
  Unit unit = Unit::None;
  Sign sign = Sign::None;
  std::uint8_t count = 1;  // highest index; 1: a scalar without index
  std::int32_t min = 0;    // plausible range in whole units, both 0: unlimited
  std::int32_t max = 0;
  Access access = Access::Read;
  std::span<const std::string_view> symbols{};  // for Choice and Flags, by value or bit
  std::string_view doc{};
};

/// A position in the vocabulary; made by point("soc") at compile time or find_point() at run time.
enum class PointId : std::uint16_t {};

/// One value of one part of a device.
struct PointRef {
  PointId id{};
  std::uint8_t index = 0;  // from 1 for points with a count, 0 for scalars
  NodePath node{};
  friend constexpr bool operator==(const PointRef&, const PointRef&) = default;
  friend constexpr auto operator<=>(const PointRef&, const PointRef&) = default;
};

enum class Quality : std::uint8_t {
  Good,
  Stale,           // was read, is older than its period allows
  OutOfRange,      // the device sent it, the vocabulary calls it impossible
  NotImplemented,  // the device says it does not have it (its own "absent" value)
  Assumed,         // decoded under an assumption that sources disagree on; the reading names it
};
inline constexpr std::array<std::string_view, 5> kQualityNames = {"good", "stale", "out_of_range",
                                                                  "not_implemented", "assumed"};
constexpr std::string_view name(Quality q) { return kQualityNames[static_cast<std::size_t>(q)]; }

inline constexpr std::size_t kTextMax = 40;

/// What was read. Plain data without heap: text is a bounded copy, numbers are exact.
struct Reading {
  PointRef ref;
  Quality quality = Quality::Good;
  ValueKind kind = ValueKind::Number;
  std::uint8_t text_size = 0;
  Instant at{};
  Decimal number{};        // Number
  std::uint64_t bits = 0;  // Choice (value), Flags and Raw (bits)
  std::array<char, kTextMax> text_bytes{};

  [[nodiscard]] std::string_view text() const { return {text_bytes.data(), text_size}; }
};

/// Where a decoder puts readings. The host collects them in a snapshot, firmware in a fixed table.
class ReadingSink {
 public:
  virtual void put(const Reading& reading) = 0;

 protected:
  ~ReadingSink() = default;
};

/// Where an encoder takes values from: a snapshot, a simulated device, the firmware's state.
class ReadingSource {
 public:
  /// The value, or nullptr where there is none. Valid until the source changes.
  [[nodiscard]] virtual const Reading* get(const PointRef& ref) const = 0;

 protected:
  ~ReadingSource() = default;
};

constexpr Reading number_reading(PointRef ref, Decimal value, Instant at) {
  Reading r;
  r.ref = ref;
  r.at = at;
  r.number = value;
  return r;
}
constexpr Reading bits_reading(PointRef ref, ValueKind kind, std::uint64_t bits, Instant at) {
  Reading r;
  r.ref = ref;
  r.kind = kind;
  r.at = at;
  r.bits = bits;
  return r;
}
/// Text beyond kTextMax bytes is cut.
constexpr Reading text_reading(PointRef ref, std::string_view text, Instant at) {
  Reading r;
  r.ref = ref;
  r.kind = ValueKind::Text;
  r.at = at;
  for (const char c : text) {
    if (r.text_size == kTextMax) break;
    r.text_bytes[r.text_size++] = c;
  }
  return r;
}

}  // namespace weco
