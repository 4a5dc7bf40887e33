// SPDX-License-Identifier: Apache-2.0
// One battery pack: cells in, contactors and limits out. The caller ticks it every 100 ms with what
// was measured since; the slow part (charge counting, limits, balancing, heater) runs inside once a
// second, and at once when the diagnosis or the state changes. Current is positive into the
// battery.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/bms/balancing.hpp"
#include "core/bms/cells.hpp"
#include "core/bms/config.hpp"
#include "core/bms/limits.hpp"
#include "core/bms/machine.hpp"
#include "core/bms/persistent.hpp"
#include "core/bms/soc.hpp"
#include "core/bms/thermal.hpp"
#include "core/bms/window.hpp"

namespace weco::bms {

/// Until the platform says otherwise, nobody was heard: silence removes permission.
inline constexpr Duration kNeverHeard = Duration::hours(24);

/// Here and below, what changes or is asked in every quiet cycle comes first: many packs at once
/// share one small cache.
struct PackInputs {
  Reading<Milliamps> current;
  /// For how long before now `current` stands: a sample is held for a little; a front end with a
  /// coulomb counter gives the mean since the last cycle and says how long that was.
  Duration current_covers = kCurrentHold;
  Reading<Millivolts> pack_voltage;   // at the pack's own side of the contactor
  Reading<Millivolts> bus_voltage;    // at the other side
  Reading<Millivolts> tower_voltage;  // of the bus the pack is joined to without a converter
  CellReadings cells;
  Reading<std::int32_t> insulation_kohm;
  Duration afe_age = kNeverHeard;   // since the last good cycle of the front end
  Duration link_age = kNeverHeard;  // since the inverter was last heard
  Duration master_age;         // since the tower's master was last heard; 0 in the master itself
  bool main_feedback = false;  // the main contactor's auxiliary contact says closed
  bool interlock_closed = false;
  bool short_circuit = false;  // hardware trip of the front end
  bool type_mismatch = false;  // the tower found another type (WS-22)
  bool fire = false;
  bool cooling_failed = false;
  std::uint8_t breaker_trips = 0;  // since the last service
  Command command = Command::None;
  /// A qualified person at the device has verified it: a physical action (service key, jumper) that
  /// the platform reads. No protocol sets it.
  bool service_verified = false;
  bool permit_close = false;  // join gate, see tower.hpp
  bool force_open = false;    // the tower takes this pack off the bus
  bool charge_wanted = false;
  bool heating_energy = false;             // from outside
  Reading<Milliamps> commanded_charge;     // an additional limit, magnitude
  Reading<Milliamps> commanded_discharge;  // an additional limit, magnitude
};

struct PackOutputs {
  EventChanges changes;             // of this tick
  Refusal refusal = Refusal::None;  // of this tick's command
  bool persist = false;             // store snapshot() now
  RestAdvice rest;
  Permyriad soc;  // the rest of it: report_of(state)
  Contactors contactors;
  State state = State::Off;
  Latch latch = Latch::None;
  std::uint32_t warnings = 0;  // active events by level
  std::uint32_t alarms = 0;
  std::uint32_t faults = 0;
  std::uint32_t latched = 0;   // events that wait for a reset, or for ever
  bool alarm_overdue = false;  // WS-18
  bool storage_lost = false;   // the stored record did not check out
  CellMask balancing;
  bool heater = false;
  LedPattern led = LedPattern::Dark;
};

struct PackState {
  Machine machine;
  SocState soc;
  BalanceState balance;
  HeaterState heater;
  RestState rest;
  RestAdvice rest_advice;
  Permyriad level;    // state of charge as shown, of the last second
  CellSummary cells;  // of the last tick
  Window window;      // while readings stay inside, nothing is to be decided
  CellMask balancing;
  Instant slow_at;       // last run of the 1 s task
  Duration second_rest;  // of the 1 s task, not yet counted as a whole second
  std::uint32_t operating_s = 0;
  bool heating = false;
  bool storage_lost = false;
  Finding finding = Finding::None;  // of the last tick, for the diagnosis of this one
  std::uint32_t latched = 0;
  std::uint32_t pending_s = 0;  // an alarm, fault or latch is pending for so long
  std::int32_t history_s = 0;   // left of the time an alarm keeps the limits down
  Instant entered;              // the present state, phase or latch
  Diagnosis diagnosis;
  LimitState limit;
  DynamicLimits limits;  // in force
};
static_assert(std::is_trivially_copyable_v<PackState>);
static_assert(std::is_trivially_copyable_v<PackInputs>);
static_assert(std::is_trivially_copyable_v<PackOutputs>);

/// A pack in Off. `stored` is what decode() made of the platform's bytes; an error there locks the
/// pack until service (its locks are unknown). A new pack gets factory_record() first.
PackState power_up(const PackConfig& config, const Result<Persistent>& stored, Instant now);

/// What the factory writes once.
Persistent factory_record(const PackConfig& config, Permyriad soc);

/// What to store so that the next power_up() knows.
Persistent snapshot(const PackConfig& config, const PackState& state);

/// Every 100 ms. `now` never goes back. Writes the whole of `out`, whatever stands in it;
/// limits_of(state) belongs to it.
void tick(const PackConfig& config, PackState& state, const PackInputs& in, Instant now,
          PackOutputs& out);
inline PackOutputs tick(const PackConfig& config, PackState& state, const PackInputs& in,
                        Instant now) {
  PackOutputs out;
  tick(config, state, in, now, out);
  return out;
}

/// What a tick has worked out anew, a bit each; all else is as it was.
using Anew = std::uint8_t;
inline constexpr Anew kAnewLimits = 1;  // and the window
inline constexpr Anew kAnewCare = 2;    // bleeding and warming

/// tick() for a caller who has looked at the readings himself: he has put their summary into
/// `state.cells` and found it and `in` inside the state's window (see inside()). `out` is that of
/// the tick before; only what can change there is written.
Anew tick_inside(const PackConfig& config, PackState& state, const PackInputs& in, Instant now,
                 PackOutputs& out);

/// All that is known of the charge.
inline SocReport report_of(const PackConfig& config, const PackState& state) {
  return report(config, state.soc, state.soc.last_current, state.cells);
}

/// CCL, DCL, CVL and DVL in force, with their reasons. Large, so it is read in place.
inline const DynamicLimits& limits_of(const PackState& state) { return state.limits; }

/// The two tasks tick() is made of, for measuring and for platforms with two timers.
PackOutputs tick_fast(const PackConfig& config, PackState& state, const PackInputs& in,
                      Instant now);
void tick_slow(const PackConfig& config, PackState& state, const PackInputs& in, Instant now);

/// The state's own time is over at `now`?
bool timed_out(const PackConfig& config, const PackState& state, const PackInputs& in, Instant now);

}  // namespace weco::bms
