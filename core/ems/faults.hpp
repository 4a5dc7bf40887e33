// SPDX-License-Identifier: Apache-2.0
// The fault codes of the products as data: what each is called and what to do about it, in our own
// words (WS-46: F001-F025 and F049-F064; EP-08: 1-143 with the reserved numbers shown as reserved).
// A code that no table knows stays visible as its number. The core sets and clears the codes whose
// cause it can see itself (Condition); all others come from the device.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/fixed.hpp"
#include "core/ems/ratings.hpp"

namespace weco::ems {

enum class Severity : std::uint8_t { Note, Warning, Alarm, Fault };

struct FaultInfo {
  std::uint16_t code;
  std::string_view name;    // empty: the manual lists the number without a text
  std::string_view action;  // what a person does next; empty when the manual says nothing
  Severity severity;        // ours: the manuals do not grade
  bool reserved;
};

/// All codes of a product, ascending; empty for CM2, whose manual lists none.
std::span<const FaultInfo> faults_of(Product product);
/// Null for a code that the table does not have: show the number.
const FaultInfo* find_fault(Product product, std::uint16_t code);
/// EP-08: the codes that sound the buzzer of an EP760.
bool sounds_buzzer(Product product, std::uint16_t code);

/// What the core can find out itself. Append only: the order is part of stored evidence.
enum class Condition : std::uint8_t {
  OverloadAlarm,
  OverloadTrip,
  MeterLost,
  CtReversed,
  CtMisplaced,
  GridVoltageHigh,
  GridVoltageLow,
  GridFrequencyHigh,
  GridFrequencyLow,
  GridLost,
  AmbientOutside,
  GeneratorFailed,
  BatteryLinkLost,
  Slave1Lost,  // the second inverter in parallel, and so on
  Slave2Lost,
  Slave3Lost,
  kCount,
};
inline constexpr std::size_t kConditions = static_cast<std::size_t>(Condition::kCount);
/// Stable, for logs and scripts.
inline constexpr std::array<std::string_view, kConditions> kConditionNames = {
    "overload_alarm",     "overload_trip",     "meter_lost",       "ct_reversed",
    "ct_misplaced",       "grid_voltage_high", "grid_voltage_low", "grid_frequency_high",
    "grid_frequency_low", "grid_lost",         "ambient_outside",  "generator_failed",
    "battery_link_lost",  "slave_1_lost",      "slave_2_lost",     "slave_3_lost"};
using ConditionSet = std::uint32_t;
constexpr ConditionSet bit(Condition c) { return ConditionSet{1} << static_cast<unsigned>(c); }

/// The product's number for a condition; 0 when it has none.
std::uint16_t code_of(Product product, Condition condition);

/// The codes that are active. Numbers up to 255 are kept as bits, stranger ones in a short list;
/// when even that is full, `more` says that there are others.
class FaultSet {
 public:
  void set(std::uint16_t code);
  void clear(std::uint16_t code);
  [[nodiscard]] bool active(std::uint16_t code) const;
  [[nodiscard]] bool any() const;
  [[nodiscard]] bool more() const { return more_; }
  [[nodiscard]] std::span<const std::uint16_t> strange() const { return strange_.view(); }

 private:
  static constexpr std::uint16_t kBits = 256;
  std::array<std::uint32_t, kBits / 32> bits_{};
  FixedVector<std::uint16_t, 8> strange_{};
  bool more_ = false;
};

/// Sets and clears the product's codes for the conditions that changed. A code that two conditions
/// share stays while either holds.
void update_faults(Product product, ConditionSet before, ConditionSet now, FaultSet& faults);

}  // namespace weco::ems
