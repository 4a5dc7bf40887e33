// SPDX-License-Identifier: Apache-2.0
// In a healthy pack no value reaches any trip and no counter runs: one comparison loop without
// branches finds that out, and otherwise only the rows concerned are looked at one by one.
#include "core/bms/diagnosis.hpp"

#include <bit>

namespace weco::bms {
namespace {

/// How far a value is from its least severe trip does not matter, only on which side.
constexpr std::int32_t reaches(const EventTable& table, const EventValues& value, std::size_t i) {
  const std::int32_t worse = (value[i] ^ table.flip[i]) - table.flip[i];
  return worse >= table.first_trip[i] ? -1 : 0;
}

/// Does any value reach its least severe trip? No branch: the compiler takes several at once.
bool any_suspicious(const EventTable& table, const EventValues& value) {
  std::int32_t any = 0;
  for (std::size_t i = 0; i < kEventSlots; ++i) any |= reaches(table, value, i);
  return any != 0;
}

/// Which ones.
std::uint32_t suspicious(const EventTable& table, const EventValues& value) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    mask |= (static_cast<std::uint32_t>(reaches(table, value, i)) & 1U) << i;
  }
  return mask;
}

/// Moves one level's counter. True when the level changes.
bool count_level(const LevelRow& level, bool active, std::int32_t value, std::int32_t sign,
                 std::uint16_t& counter) {
  if (!active) {
    if (value * sign >= level.trip * sign) {
      ++counter;
    } else if (counter > 0) {
      --counter;
    }
    if (counter < level.trip_count) return false;
    counter = level.release_count;
    return true;
  }
  if (value * sign > level.release * sign) {
    counter = level.release_count;
    return false;
  }
  --counter;
  return counter == 0;
}

void diagnose_row(const EventTable& table, Diagnosis& state, std::size_t i,
                  const EventSignals& signals, EventChanges& changes) {
  const std::uint32_t row_bit = std::uint32_t{1} << i;
  const bool idle = (signals.idle & row_bit) != 0;
  bool busy = false;
  for (std::size_t l = 0; l < kLevels; ++l) {
    const LevelRow& level = table.rows[i].levels[l];
    if (!level.used()) continue;
    const bool active = (state.active[l] & row_bit) != 0;
    const bool excused = idle && l == static_cast<std::size_t>(Level::Fault);
    const std::int32_t value = excused ? level.release : signals.value[i];
    std::uint16_t& counter = state.counter[i][l];
    if (count_level(level, active, value, table.sign[i], counter)) {
      state.active[l] ^= row_bit;
      (active ? changes.cleared : changes.raised)[l] |= row_bit;
    }
    busy |= counter != 0;  // an active level has a counter too: what is left of its release
  }
  state.busy = busy ? state.busy | row_bit : state.busy & ~row_bit;
}

}  // namespace

EventChanges diagnose(const EventTable& table, Diagnosis& state, const EventSignals& signals) {
  EventChanges changes;
  std::uint32_t work = state.busy;
  if (any_suspicious(table, signals.value)) work |= suspicious(table, signals.value);
  work &= signals.known;
  while (work != 0) {
    const auto i = static_cast<std::size_t>(std::countr_zero(work));
    work &= work - 1;
    diagnose_row(table, state, i, signals, changes);
  }
  return changes;
}

Clearing worst_clearing(const EventTable& table, std::uint32_t faults) {
  for (const Clearing c : {Clearing::Permanent, Clearing::Locks, Clearing::NeedsReset}) {
    if ((table.clearing[static_cast<std::size_t>(c)] & faults) != 0) return c;
  }
  return Clearing::SelfClears;
}

}  // namespace weco::bms
