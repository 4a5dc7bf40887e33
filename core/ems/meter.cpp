// SPDX-License-Identifier: Apache-2.0
#include "core/ems/meter.hpp"

namespace weco::ems {
namespace {

constexpr std::int32_t kSettlingSamples = 2;  // meter and inverter need not be read together

Watts magnitude(Watts w) { return w < Watts(0) ? -w : w; }

void vote(std::int32_t& votes, bool up) {
  if (up && votes < kCtVotes) ++votes;
  if (!up && votes > 0) --votes;
}

// The inverter's own step must show at the meter with the opposite sign and about the same size.
void judge_step(MeterState& s, Watts ac, Watts grid) {
  const Watts expected = s.base_ac - ac;
  const Watts seen = grid - s.base_grid;
  if (magnitude(expected) < kCtStep) return;
  const bool silent = magnitude(seen) < magnitude(expected) / 5;
  const bool opposite = !silent && (seen < Watts(0)) != (expected < Watts(0));
  vote(s.reversed_votes, opposite);
  vote(s.misplaced_votes, silent);
  if (!silent && !opposite && s.verdict == CtVerdict::Unproven) s.verdict = CtVerdict::Right;
}

void watch_steps(MeterState& s, Watts ac, Watts grid) {
  if (s.settling > 0) {
    if (--s.settling == 0) judge_step(s, ac, grid);
  } else if (s.seen && magnitude(ac - s.last_ac) >= kCtStep) {
    s.base_ac = s.last_ac;
    s.base_grid = s.last_grid;
    s.settling = kSettlingSamples;
  }
  s.last_ac = ac;
  s.last_grid = grid;
}

void watch_impossible(const MeterSettings& settings, MeterState& s, Watts raw_load, Instant now) {
  if (settings.hidden_sources || raw_load >= kImpossibleLoad) {
    s.impossible_since = Instant::never();
    return;
  }
  if (s.impossible_since > now) s.impossible_since = now;
  if (now - s.impossible_since >= kImpossibleHold) s.reversed_votes = kCtVotes;
}

void conclude(MeterState& s) {
  if (s.reversed_votes == kCtVotes) s.verdict = CtVerdict::Reversed;
  if (s.misplaced_votes == kCtVotes) s.verdict = CtVerdict::Misplaced;
  const bool cleared = s.reversed_votes == 0 && s.misplaced_votes == 0;
  if (cleared && s.verdict >= CtVerdict::Reversed) s.verdict = CtVerdict::Right;
}

}  // namespace

LoadEstimate estimate_load(const MeterSettings& settings, MeterState& state,
                           const MeterInputs& inputs, Instant now) {
  if (!settings.fitted) return {inputs.backup_load, false};
  if (inputs.recheck) state = MeterState{};
  if (inputs.grid.good()) {
    const Watts raw = inputs.grid.value + inputs.ac + inputs.others;
    watch_steps(state, inputs.plant_ac, inputs.grid.value);
    watch_impossible(settings, state, raw - inputs.ac + inputs.plant_ac, now);
    conclude(state);
    if (state.verdict < CtVerdict::Reversed) {
      state.seen = true;
      state.good_at = now;
      state.load = raw > Watts(0) ? raw : Watts(0);
      return {state.load, false};
    }
  }
  const Watts sure = inputs.backup_load;
  if (!state.seen || state.load <= sure) return {sure, true};
  const Duration silent = now - state.good_at;
  if (silent <= kMeterHold) return {state.load, false};
  if (silent >= kMeterSafe) return {sure, true};
  const std::int64_t left = (kMeterSafe - silent).to_ms();
  const std::int64_t whole = (kMeterSafe - kMeterHold).to_ms();
  const std::int64_t above = (state.load - sure).count();
  return {sure + Watts(static_cast<std::int32_t>(above * left / whole)), true};
}

}  // namespace weco::ems
