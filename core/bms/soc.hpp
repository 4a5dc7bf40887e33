// SPDX-License-Identifier: Apache-2.0
// State of charge as an interval: an estimate and how far it may be off. Charge is counted in
// milliampere-microseconds, so that nothing is ever rounded away; the band grows with the sensor's
// offset and with time, and shrinks only where something is really known: a true full charge
// (WS-13), an empty pack, or a rested cell in the steep parts of its voltage curve. State of health
// and resistance are measured values and indicative only (WS-14).
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "core/bms/cells.hpp"
#include "core/bms/config.hpp"

namespace weco::bms {

/// Charge in milliampere-microseconds: 100 Ah are 3.6e14 of them.
using Charge = std::int64_t;
inline constexpr Charge kChargePerMah = 3600LL * 1000000LL;

enum class Anchor : std::uint8_t { None = 0, Full, Empty };

struct SocState {
  Charge charge = 0;           // above empty
  Charge capacity = 1;         // full minus empty, at 25 degrees and low current; learned
  Charge base_band = 0;        // error without the gain's part
  Charge anchor_charge = 0;    // charge where the gain's error was last zero
  Charge since_full = 0;       // net since the last true full charge, negative
  Charge efficiency_rest = 0;  // ten-thousandths that did not make a whole unit yet
  Charge throughput_rest = 0;
  std::uint64_t throughput_mAs = 0;  // both directions, for ever
  std::uint32_t since_full_s = 0;    // seconds since the last true full charge
  std::int32_t full_s = 0;           // how long the full condition holds
  std::int32_t rest_s = 0;           // how long the pack is at rest
  std::uint32_t half_cycles = 0;     // full-to-empty and empty-to-full runs (EP-15)
  std::int32_t resistance_uohm = 0;  // whole pack; 0: not measured yet
  std::uint16_t capacity_runs = 0;   // how often the capacity was measured
  Anchor anchor = Anchor::None;      // last one reached
  bool full_known = false;           // `since_full` started at a true full charge
  bool full = false;                 // at 100 % now
  Millivolts last_voltage;
  Milliamps last_current;
  bool last_known = false;
};

/// What a person or an inverter gets. Shares of 0.01 %.
struct SocReport {
  Permyriad soc;              // 10000 only after a true full charge
  Permyriad band;             // true value within soc +/- band
  MilliampHours usable;       // at this temperature and current (WS-10)
  Permyriad soh;              // indicative only, never contractual (WS-14)
  bool soh_measured = false;  // false: still the value it was delivered with
  std::int32_t resistance_uohm = 0;
  std::uint64_t cycles_thousandth = 0;  // equivalent full cycles
  std::uint32_t half_cycles = 0;        // EP-15: four complete the recalibration
  std::uint32_t since_full_s = 0;
  bool full_due = false;  // WS-13
};

/// A pack of which nothing is known but a guess: `soc` 0 .. 10000, the band covers everything.
SocState initial_soc(const PackConfig& config, Permyriad soc);

/// A sampled current is believed for so long; what flowed in a longer gap is not known.
inline constexpr Duration kCurrentHold = Duration::s(5);

struct SocInputs {
  Milliamps current;  // 0 when the contactors are open
  bool current_known = false;
  Duration dt;  // since the last call, not negative
  /// `current` stands for so much of it; the rest is a gap that widens the band.
  Duration current_covers = kCurrentHold;
};

/// One cycle of the 1 s task.
void count_charge(const PackConfig& config, SocState& state, const SocInputs& in,
                  const CellSummary& cells);

/// What is shown as the state of charge. `before`, 0 .. 10000, is what it was: it saves a division.
Permyriad level(const SocState& state, Permyriad before);

/// WS-13.
bool full_due(const PackConfig& config, const SocState& state);

/// Everything, worked out when somebody asks. `current` of the last second, for what is usable.
SocReport report(const PackConfig& config, const SocState& state, Milliamps current,
                 const CellSummary& cells);

/// Share of the capacity that can be taken out at `t` (WS-10) and `current` (magnitude counts).
Permyriad usable_share(const PackConfig& config, Temperature t, Milliamps current);

/// What a rested cell's voltage says, as an interval; `known` is false on the flat part.
struct OcvInterval {
  Permyriad low;
  Permyriad high;
  bool known = false;
};
OcvInterval ocv_interval(Millivolts rested);

}  // namespace weco::bms
