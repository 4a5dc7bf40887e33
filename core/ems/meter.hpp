// SPDX-License-Identifier: Apache-2.0
// What the meter at the connection point tells, and what to believe when it does not. The load of a
// site is never measured; it is what the meter and the inverter leave over. When the meter falls
// silent the estimate is held briefly and then ramped to the one load that is certain, the measured
// backup output, so that the AC power comes down to the allowed export within ten seconds whatever
// the house does. The same module finds a current transformer that is on backwards or on the wrong
// conductor (WS-09, EP-17): by steps of the inverter's own power that the meter must answer, and by
// a load that could only be negative.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "core/ems/reading.hpp"

namespace weco::ems {

inline constexpr Duration kMeterHold = Duration::s(2);  // ours: a few lost samples change nothing
inline constexpr Duration kMeterSafe = Duration::s(9);  // the safe value is reached before 10 s
inline constexpr Watts kCtStep{500};                    // ours: a step of at least this is judged
inline constexpr std::int32_t kCtVotes = 3;             // ours: as many agreeing steps decide
inline constexpr Duration kImpossibleHold = Duration::s(10);  // ours
inline constexpr Watts kImpossibleLoad{-150};                 // ours: meter errors stay above this

struct MeterSettings {
  bool fitted = true;
  /// Sources behind the meter that nobody reports: then a negative load proves nothing.
  bool hidden_sources = false;
};

struct MeterInputs {
  Reading<Watts> grid{};  // positive: the site imports
  Watts ac{};             // the inverter gives (measured), positive into the site
  Watts plant_ac{};       // what the meter's share answers: in parallel the mean of all, else ac
  Watts others{};         // PV of other inverters and the generator, measured
  Watts backup_load{};    // measured at the backup output, part of the load
  bool recheck = false;   // a person has corrected the wiring
};

enum class CtVerdict : std::uint8_t { Unproven, Right, Reversed, Misplaced };

struct MeterState {
  bool seen = false;
  Instant good_at{};
  Watts load{};
  CtVerdict verdict = CtVerdict::Unproven;
  std::int32_t reversed_votes = 0;
  std::int32_t misplaced_votes = 0;
  std::int32_t settling = 0;  // samples until a step is judged
  Watts base_ac{};
  Watts base_grid{};
  Watts last_ac{};
  Watts last_grid{};
  Instant impossible_since = Instant::never();
};

struct LoadEstimate {
  Watts load{};
  bool lost = false;  // the meter is not to be relied on: no charging from the grid
};

/// One sample a tick. A meter whose transformer is judged wrong counts as lost.
LoadEstimate estimate_load(const MeterSettings& settings, MeterState& state,
                           const MeterInputs& inputs, Instant now);

}  // namespace weco::ems
