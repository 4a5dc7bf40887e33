// SPDX-License-Identifier: Apache-2.0
// The limits now in force (WS-15): many reasons propose a value, the lowest wins, and every reason
// that stands below the rating is kept with its value and its cause, tightest first, so that a
// person can be told "charge 20 A: module 3 at 4 degrees".
#pragma once

#include <array>
#include <cstdint>

#include "core/base/units.hpp"
#include "core/bms/cells.hpp"
#include "core/bms/config.hpp"

namespace weco::bms {

enum class Reason : std::uint8_t {
  Rating = 0,
  Temperature,  // WS-11
  Emergency,    // WS-11: cold, but nearly empty
  StateOfCharge,
  CellVoltage,     // headroom of the highest or lowest cell
  PowerStage,      // WS-04, EP-02: converter and number of modules
  History,         // WS-15: an alarm not long ago
  Balancing,       // charge slows down while cells are brought together
  Command,         // asked for from outside
  LinkLost,        // WS-21
  Event,           // an alarm or fault stops this direction
  ContactorsOpen,  // not connected
  Rest,            // WS-20
  Sharing,         // the module that carries the largest share of a tower's current
};
inline constexpr std::size_t kReasons = 14;

inline constexpr std::uint16_t kNoCell = 0xFFFF;

struct LimitTerm {
  Reason reason = Reason::Rating;
  std::uint8_t module = 0;       // 0 .. 11; filled in by the tower
  std::uint16_t cell = kNoCell;  // cell (CellVoltage) or sensor (Temperature) that causes it
  EventId event{};               // only for Reason::Event
  Milliamps value;               // magnitude, >= 0
};

/// A limit in force: magnitude in mA, and its terms in rising order. The rating is always among
/// them, so the list is never empty.
class Limit {
 public:
  static constexpr std::size_t kTerms = kReasons;
  constexpr void reset(Milliamps rating) {
    size_ = 1;
    terms_[0] = LimitTerm{Reason::Rating, 0, kNoCell, EventId{}, rating};
  }
  /// Keeps the order; a term at or above the rating says nothing and is left out.
  constexpr void add(const LimitTerm& term) {
    if (term.value >= terms_[size_ - 1].value || size_ == kTerms) return;
    std::size_t at = size_++;
    for (; at > 0 && term.value < terms_[at - 1].value; --at) terms_[at] = terms_[at - 1];
    terms_[at] = term;
  }
  [[nodiscard]] constexpr Milliamps value() const { return terms_[0].value; }
  [[nodiscard]] constexpr std::size_t size() const { return size_; }
  [[nodiscard]] constexpr const LimitTerm& operator[](std::size_t i) const { return terms_[i]; }
  [[nodiscard]] constexpr const LimitTerm& tightest() const { return terms_[0]; }

 private:
  std::array<LimitTerm, kTerms> terms_{};
  std::size_t size_ = 1;
};

/// What is sent to the inverter: CCL, DCL (magnitudes), CVL and DVL of the whole pack.
struct DynamicLimits {
  Limit charge;
  Limit discharge;
  Millivolts charge_voltage;
  Millivolts discharge_voltage;
};

struct LimitInputs {
  Permyriad soc;
  bool full = false;
  bool connected = false;  // contactors closed
  bool link_lost = false;
  bool alarm_recent = false;  // an alarm within the history time
  bool balancing = false;
  bool rest_charge = false;  // rest time still running against charging (WS-20)
  bool rest_discharge = false;
  std::uint32_t stops_charge = 0;  // active events
  std::uint32_t stops_discharge = 0;
  Reading<Milliamps> commanded_charge;     // magnitude
  Reading<Milliamps> commanded_discharge;  // magnitude
};

/// What limits remember: the derating steps in force (for their hysteresis).
struct LimitState {
  Permyriad charge_rate;
  Permyriad discharge_rate;
  Temperature coldest;  // of the rates above; a rate found again from the same changes nothing
  Temperature warmest;
  bool emergency = false;
  bool rated = false;
  bool full_hold = false;  // full once: no charge until the state of charge has fallen
};

/// Strictly inside these, the cells' voltages and their balancing have no part in the limits, and
/// another charge than `soc` has the same. A pack that is full, or that was, stays at that until it
/// leaves them.
struct FlatLimits {
  Millivolts cell_low, cell_high;
  Permyriad soc_low, soc_high;
};
FlatLimits flat_limits(const PackConfig& config, Permyriad soc);

void compute_limits(const PackConfig& config, LimitState& state, const LimitInputs& in,
                    const CellSummary& cells, const CellReadings& readings, DynamicLimits& out);

/// The share of 1C that the table allows between the coldest and the warmest cell.
Permyriad temperature_rate(const TemperatureRows& rows, Temperature coldest, Temperature warmest,
                           bool emergency);

/// True when a limit is below its rating for a reason that is not the rating itself.
constexpr bool derated(const DynamicLimits& l) {
  return l.charge.size() > 1 || l.discharge.size() > 1;
}

}  // namespace weco::bms
