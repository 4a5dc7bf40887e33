// SPDX-License-Identifier: Apache-2.0
// A generator behind the inverter (WS-49; EP760 has a start relay on its DRM port). It is started
// when the site is off the grid and the battery is low, connected when its voltage and frequency
// hold, and stopped when the battery has recovered or the grid is back. A generator that does not
// come, or leaves its range, is tried again a few times and then given up with the product's code.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/ems/ratings.hpp"
#include "core/ems/reading.hpp"

namespace weco::ems {

// No vendor publishes these; they are ours and can be read in the report of a run.
inline constexpr Duration kGeneratorStartTime = Duration::s(30);  // to reach its range
inline constexpr Duration kGeneratorWarmUp = Duration::s(10);     // in range before it is loaded
inline constexpr Duration kGeneratorRest = Duration::s(15);       // between attempts
inline constexpr Duration kGeneratorDip = Duration::s(5);         // out of range while loaded
inline constexpr Duration kGeneratorCooling = Duration::s(60);    // unloaded before it is stopped
inline constexpr std::int32_t kGeneratorAttempts = 3;

struct GeneratorSettings {
  bool fitted = false;
  Permyriad start_soc{2000};
  Permyriad stop_soc{8000};
};
struct GeneratorInputs {
  Reading<Millivolts> voltage{};  // lowest phase to neutral
  Reading<Millihertz> frequency{};
  Reading<Permyriad> soc{};
  bool off_grid = false;
  bool reset = false;
};
enum class GeneratorPhase : std::uint8_t {
  Off,
  Starting,
  WarmingUp,
  Running,
  Cooling,
  Resting,
  Failed
};
struct GeneratorState {
  GeneratorPhase phase = GeneratorPhase::Off;
  Instant since{};
  Instant good_at{};
  std::int32_t attempts = 0;
};
struct GeneratorOutputs {
  bool start_relay = false;
  bool connected = false;  // may be loaded
  bool failed = false;
};

GeneratorOutputs run_generator(const GeneratorSettings& settings, const Ratings& ratings,
                               GeneratorState& state, const GeneratorInputs& inputs, Instant now);

}  // namespace weco::ems
