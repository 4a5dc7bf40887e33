// SPDX-License-Identifier: Apache-2.0
#include "core/ems/generator.hpp"

namespace weco::ems {
namespace {

bool in_range(const Ratings& r, const GeneratorInputs& in) {
  if (!in.voltage.good() || !in.frequency.good()) return false;
  if (in.voltage.value < r.voltage_min || in.voltage.value > r.voltage_max) return false;
  return in.frequency.value >= r.frequency_min && in.frequency.value <= r.frequency_max;
}

void enter(GeneratorState& state, GeneratorPhase phase, Instant now) {
  state.phase = phase;
  state.since = now;
}

void attempt_failed(GeneratorState& state, Instant now) {
  const bool again = state.attempts < kGeneratorAttempts;
  enter(state, again ? GeneratorPhase::Resting : GeneratorPhase::Failed, now);
}

// Waiting for the generator to come up; false once it is in range.
void coming_up(GeneratorState& state, bool good, Instant now) {
  const Duration waited = now - state.since;
  if (state.phase == GeneratorPhase::Starting) {
    if (good) {
      enter(state, GeneratorPhase::WarmingUp, now);
    } else if (waited >= kGeneratorStartTime) {
      attempt_failed(state, now);
    }
  } else if (!good) {
    attempt_failed(state, now);
  } else if (waited >= kGeneratorWarmUp) {
    state.good_at = now;
    enter(state, GeneratorPhase::Running, now);
  }
}

void running(GeneratorState& state, bool good, bool enough, Instant now) {
  if (good) state.good_at = now;
  if (enough) {
    enter(state, GeneratorPhase::Cooling, now);
  } else if (now - state.good_at >= kGeneratorDip) {
    attempt_failed(state, now);
  }
}

void step(const GeneratorSettings& settings, const Ratings& ratings, GeneratorState& state,
          const GeneratorInputs& in, Instant now) {
  const bool good = in_range(ratings, in);
  const bool low = !in.soc.good() || in.soc.value <= settings.start_soc;
  const bool full = in.soc.good() && in.soc.value >= settings.stop_soc;
  switch (state.phase) {
    case GeneratorPhase::Off:
      if (!in.off_grid || !low) break;
      state.attempts = 1;
      enter(state, GeneratorPhase::Starting, now);
      break;
    case GeneratorPhase::Starting:
    case GeneratorPhase::WarmingUp:
      coming_up(state, good, now);
      break;
    case GeneratorPhase::Running:
      running(state, good, full || !in.off_grid, now);
      break;
    case GeneratorPhase::Cooling:
      if (now - state.since >= kGeneratorCooling) enter(state, GeneratorPhase::Off, now);
      break;
    case GeneratorPhase::Resting:
      if (now - state.since < kGeneratorRest) break;
      ++state.attempts;
      enter(state, GeneratorPhase::Starting, now);
      break;
    case GeneratorPhase::Failed:
      if (in.reset) enter(state, GeneratorPhase::Off, now);
      break;
  }
}

}  // namespace

GeneratorOutputs run_generator(const GeneratorSettings& settings, const Ratings& ratings,
                               GeneratorState& state, const GeneratorInputs& inputs, Instant now) {
  if (!settings.fitted) return {};
  step(settings, ratings, state, inputs, now);
  GeneratorOutputs out;
  out.connected = state.phase == GeneratorPhase::Running;
  out.failed = state.phase == GeneratorPhase::Failed;
  out.start_relay = state.phase != GeneratorPhase::Off && state.phase != GeneratorPhase::Resting &&
                    state.phase != GeneratorPhase::Failed;
  return out;
}

}  // namespace weco::ems
