// SPDX-License-Identifier: Apache-2.0
// The legs of a procedure, one reading after the other, and what they take beforehand.
#include "host/calibration/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weco::calibration {
namespace {

constexpr std::int32_t kWhole = 10000;             // 100 %
constexpr std::int32_t kLeavesFull = 9950;         // below it a full pack is full no more
constexpr std::int32_t kIdleShare = 100;           // less than 0.01C charges nobody
constexpr std::int32_t kSensorShare = 200;         // what a current may lie beside the truth: 2 %
constexpr std::int32_t kSensor_mA = 500;           // and half an ampere
constexpr double kEfficiency = 0.92;               // charger and cells, each way, assumption
constexpr std::int64_t kPackUsual_mV = 51200;      // 16 cells at their nominal voltage
constexpr std::int64_t kDischargeHours = 10;       // of a whole pack by a house, assumption
constexpr Duration kTail = Duration::minutes(60);  // the last per cent go slower and slower

std::string name_of(const PackReading& pack) {
  return pack.name.empty() ? std::string("the battery") : pack.name;
}

std::int32_t lowest_soc(const SiteReading& reading) {
  std::int32_t lowest = kWhole;
  for (const PackReading& pack : reading.packs) lowest = std::min(lowest, pack.soc.value_or(0));
  return lowest;
}

/// Empty when one pack does not publish it: nobody knows how wrong that one is.
std::int32_t widest_band(const SiteReading& reading) {
  std::int32_t widest = -1;
  for (const PackReading& pack : reading.packs) {
    if (!pack.band) return -1;
    widest = std::max(widest, *pack.band);
  }
  return widest;
}

/// What is held against 100 %. On one bus the first that is full ends the charge for all; the
/// others are as full as the bus can make them, whatever they have counted, and see it at rest.
std::int32_t level_of(const Rule& rule, const SiteReading& reading) {
  if (!rule.one_bus) return lowest_soc(reading);
  std::int32_t highest = 0;
  for (const PackReading& pack : reading.packs) highest = std::max(highest, pack.soc.value_or(0));
  return highest;
}

/// Of all of them: 1 somebody is charged, -1 somebody discharged, 0 nobody either.
bool flows(const SiteReading& reading, int direction) {
  return std::any_of(reading.packs.begin(), reading.packs.end(), [&](const PackReading& pack) {
    const std::int64_t current = std::int64_t{*pack.current_mA} * direction;
    return current * kWhole > std::int64_t{*pack.capacity_mAh} * kIdleShare;
  });
}

/// It is, or its own count of hours, which begins anew at 100 %, says that it was since the
/// beginning: nobody may have looked in that moment.
bool was_full(const PackReading& pack, std::int64_t elapsed_s) {
  if (*pack.soc >= kWhole) return true;
  return pack.full_h && (std::int64_t{*pack.full_h} + 1) * 3600 <= elapsed_s;
}

/// A bit for each.
std::uint64_t all_of(std::int32_t packs) {
  return ~std::uint64_t{0} >> (kPacksMax - static_cast<std::size_t>(packs));
}

/// Of one pack, or of all that go together.
std::size_t legs_each(const Rule& rule) {
  return rule.legs.size() * static_cast<std::size_t>(rule.rounds) + rule.closing.size();
}

Phase phase_of(Leg leg) {
  switch (leg) {
    case Leg::Hold:
      return Phase::Holding;
    case Leg::Rest:
      return Phase::Resting;
    case Leg::Discharge:
      return Phase::Discharging;
    case Leg::Charge:
      break;
  }
  return Phase::Charging;
}

/// A string whose highest cell is full takes no more than its balancing makes room for, so that it
/// rests again and again: nobody has ended its charge. One that was full is waited for no more.
bool at_top(const Rule& rule, const SiteReading& reading, std::uint64_t full) {
  for (std::size_t i = 0; i < reading.packs.size(); ++i) {
    const bool waits = ((full >> i) & 1U) == 0;
    if (waits && *reading.packs[i].cell_max_mV >= rule.cell_top_mV) return true;
  }
  return false;
}

/// Whether something is so for so long; `since` remembers from when on.
bool lasts(bool is, Duration most, Instant now, std::optional<Instant>& since) {
  if (!is) since.reset();
  if (is && !since) since = now;
  return is && now - *since >= most;
}

/// Below what is taken away: a string with an empty cell gives no more.
bool is_empty(const Rule& rule, const SiteReading& reading) {
  return std::any_of(reading.packs.begin(), reading.packs.end(), [&](const PackReading& pack) {
    return *pack.soc <= rule.floor || *pack.cell_min_mV <= rule.cell_empty_mV;
  });
}

Part charge_part(const Rule& rule, const SiteReading& those, bool from_floor) {
  Part part{Leg::Charge, {}, 0};
  std::int64_t longest_s = 0;
  for (const PackReading& pack : those.packs) {
    const std::int64_t share = kWhole - (from_floor ? rule.floor : pack.soc.value_or(0));
    const std::int64_t missing_mAh = pack.capacity_mAh.value_or(0) * share / kWhole;
    const std::int32_t allowed = allowed_mA(rule.charge, pack);
    if (allowed > 0) longest_s = std::max(longest_s, missing_mAh * 3600 / allowed);
    const double volt = static_cast<double>(pack.voltage_mV.value_or(kPackUsual_mV)) / 1000;
    part.energy_kWh += static_cast<double>(missing_mAh) * volt / 1e6 / kEfficiency;
  }
  part.duration = Duration::s(longest_s) + kTail;
  return part;
}

/// The house takes it; where its load is not told, ten hours empty a pack.
Part discharge_part(const Rule& rule, const SiteReading& those, bool from_full) {
  Part part{Leg::Discharge, {}, 0};
  std::int64_t most_share = 0;
  for (const PackReading& pack : those.packs) {
    const std::int64_t share =
        std::max<std::int64_t>((from_full ? kWhole : pack.soc.value_or(0)) - rule.floor, 0);
    most_share = std::max(most_share, share);
    const double mAh = static_cast<double>(pack.capacity_mAh.value_or(0) * share / kWhole);
    const double volt = static_cast<double>(pack.voltage_mV.value_or(kPackUsual_mV)) / 1000;
    part.energy_kWh -= mAh * volt / 1e6 * kEfficiency;
  }
  const std::int64_t usual_s = most_share * kDischargeHours * 3600 / kWhole;
  const std::int32_t load = those.load_W.value_or(0);
  const auto by_load_s = load > 0 ? static_cast<std::int64_t>(-part.energy_kWh * 3.6e6 / load) : 0;
  part.duration = Duration::s(load > 0 ? std::max(by_load_s, most_share * 3600 / kWhole) : usual_s);
  return part;
}

}  // namespace

std::string_view name(Phase phase) {
  constexpr std::array<std::string_view, 7> kNames = {
      "charging", "holding", "resting", "discharging", "calibrated", "service_case", "stopped"};
  return kNames[static_cast<std::size_t>(phase)];
}

std::int32_t legs_of(const Rule& rule, std::size_t packs) {
  return static_cast<std::int32_t>(legs_each(rule) * (rule.in_turn ? packs : 1));
}

Place place_of(const Rule& rule, std::int32_t leg) {
  const std::size_t n = static_cast<std::size_t>(leg) % legs_each(rule);
  const std::size_t pack = static_cast<std::size_t>(leg) / legs_each(rule);
  const std::size_t round = n / rule.legs.size();
  if (round >= static_cast<std::size_t>(rule.rounds)) {
    return {rule.closing[n - rule.legs.size() * static_cast<std::size_t>(rule.rounds)], rule.rounds,
            pack};
  }
  return {rule.legs[n % rule.legs.size()], static_cast<int>(round), pack};
}

SiteReading in_turn(const Rule& rule, const SiteReading& reading, std::int32_t leg) {
  if (!rule.in_turn) return reading;
  const std::size_t pack = place_of(rule, leg).pack;
  SiteReading one{{}, reading.grid, reading.load_W};
  if (pack < reading.packs.size()) one.packs.push_back(reading.packs[pack]);
  return one;
}

Figures figures_of(const Rule& rule, const SiteReading& reading, std::int32_t leg) {
  const SiteReading those = in_turn(rule, reading, leg);
  Figures figures{.soc = lowest_soc(those), .band = widest_band(those), .remaining = {}};
  for (const PackReading& pack : those.packs) {
    if (pack.voltage_mV) figures.voltage_mV = std::max(figures.voltage_mV, *pack.voltage_mV);
    if (pack.cell_min_mV && pack.cell_max_mV) {
      figures.spread_mV = std::max(figures.spread_mV, *pack.cell_max_mV - *pack.cell_min_mV);
    }
  }
  figures.remaining = duration_of(plan_of(rule, reading, leg));
  return figures;
}

std::vector<Part> plan_of(const Rule& rule, const SiteReading& reading, std::int32_t leg) {
  std::vector<Part> plan;
  bool full = false, empty = false;  // by the legs before
  for (std::int32_t n = leg; n < legs_of(rule, reading.packs.size()); ++n) {
    const Place place = place_of(rule, n);
    const SiteReading those = in_turn(rule, reading, n);
    if (rule.in_turn && n > leg && place.pack != place_of(rule, n - 1).pack) full = empty = false;
    switch (place.leg) {
      case Leg::Charge:
        plan.push_back(charge_part(rule, those, empty));
        full = true, empty = false;
        break;
      case Leg::Discharge:
        plan.push_back(discharge_part(rule, those, full));
        empty = true, full = false;
        break;
      case Leg::Hold:
        plan.push_back({Leg::Hold, rule.hold, 0});
        full = true;
        break;
      case Leg::Rest:
        plan.push_back({Leg::Rest, rule.rest, 0});
        break;
    }
  }
  return plan;
}

Duration duration_of(const std::vector<Part>& plan) {
  Duration sum;
  for (const Part& part : plan) sum = sum + part.duration;
  return sum;
}

Procedure::Procedure(const Rule& rule, const Progress& progress, Duration away)
    : rule_(rule), progress_(progress), begun_(true) {
  progress_.elapsed_s += std::max<std::int64_t>(away.to_s(), 0);
  if (ended(progress_.phase) && progress_.phase != Phase::Stopped) return;
  const auto packs = static_cast<std::size_t>(std::max(progress_.packs, 1));
  progress_.leg = std::min(progress_.leg, legs_of(rule_, packs) - 1);
  // 100 % may have been left meanwhile: it is looked for again, and found at once if it was not
  if (place_of(rule_, progress_.leg).leg == Leg::Hold) --progress_.leg;
  progress_.phase = phase_of(place_of(rule_, progress_.leg).leg);
}

void Procedure::stop(Refusal refusal) {
  refusal_ = std::move(refusal);
  progress_.phase = Phase::Stopped;
}

std::optional<Refusal> Procedure::too_much(const SiteReading& reading, Instant now) {
  for (const PackReading& pack : reading.packs) {
    const bool in = *pack.current_mA >= 0;
    if (!in && rule_.discharge.empty()) continue;
    const std::int64_t flowing = in ? *pack.current_mA : -std::int64_t{*pack.current_mA};
    const std::int64_t allowed = allowed_mA(in ? rule_.charge : rule_.discharge, pack);
    const std::int64_t most = allowed + allowed * kSensorShare / kWhole + kSensor_mA;
    if (flowing <= most) continue;
    if (!over_since_) over_since_ = now;
    if (now - *over_since_ < kCurrentGrace) return std::nullopt;
    return Refusal{
        std::string(rule_.warmth),
        fmt::format("{} is {} with {:.1f} A, allowed are {:.1f} A at {:.1f} °C", name_of(pack),
                    in ? "charged" : "discharged", static_cast<double>(flowing) / 1000.0,
                    static_cast<double>(allowed) / 1000.0, *pack.coldest_dC / 10.0)};
  }
  over_since_.reset();
  return std::nullopt;
}

void Procedure::begin(const SiteReading& reading) {
  begun_ = true;
  progress_.packs = static_cast<std::int32_t>(reading.packs.size());
  progress_.soc_before = lowest_soc(reading);
  progress_.band_before = widest_band(reading);
  enter(0);
}

/// The next leg; behind the last it is done.
void Procedure::enter(std::int32_t leg) {
  progress_.leg = leg;
  // a cabinet may have become full while another had its turn
  progress_.leg_s = rule_.in_turn && progress_.missed == 0 ? 0 : progress_.elapsed_s;
  progress_.highest = 0;  // of whoever goes through this leg
  progress_.full = 0;
  held_since_.reset();
  idle_since_.reset();
  top_since_.reset();
  const bool done = leg >= legs_of(rule_, static_cast<std::size_t>(progress_.packs));
  if (!done) {
    progress_.phase = phase_of(place_of(rule_, leg).leg);
  } else if (progress_.given_up == 0) {
    progress_.phase = Phase::Calibrated;
  } else {
    progress_.phase = Phase::ServiceCase;
    progress_.missed = rule_.cycles_most;
  }
}

const Progress& Procedure::step(const SiteReading& reading, Instant now) {
  if (ended(progress_.phase)) return progress_;
  const Leg leg = place_of(rule_, progress_.leg).leg;
  if (auto refusal = speaks_against(rule_, reading, leg))
    return stop(std::move(*refusal)), progress_;
  if (auto refusal = too_much(reading, now)) return stop(std::move(*refusal)), progress_;
  if (last_) progress_.elapsed_s += (now - *last_).to_s();
  last_ = now;
  if (!begun_) begin(reading);
  if (progress_.packs != static_cast<std::int32_t>(reading.packs.size())) {
    stop({"", fmt::format("{} packs are heard, and it began with {}", reading.packs.size(),
                          progress_.packs)});
    return progress_;
  }
  // one that was given up may end its charge in another's turn
  for (std::size_t i = 0; i < reading.packs.size(); ++i) {
    if (!was_full(reading.packs[i], progress_.elapsed_s)) continue;
    progress_.given_up &= ~(std::uint64_t{1} << i);
  }
  const SiteReading those = in_turn(rule_, reading, progress_.leg);
  const std::int32_t soc = level_of(rule_, those);
  switch (leg) {
    case Leg::Charge:
      charge(those, soc, now);
      break;
    case Leg::Hold:
      hold(those, soc, now);
      break;
    case Leg::Rest:
      rest(those, now);
      break;
    case Leg::Discharge:
      discharge(those, now);
      break;
  }
  return progress_;
}

void Procedure::charge(const SiteReading& reading, std::int32_t soc, Instant now) {
  progress_.highest = std::max(progress_.highest, soc);
  // One after the other: a pack that was full leaves 100 % soon while others still charge.
  for (std::size_t i = 0; i < reading.packs.size(); ++i) {
    if (was_full(reading.packs[i], progress_.elapsed_s - progress_.leg_s)) {
      progress_.full |= std::uint64_t{1} << i;
    }
  }
  const std::uint64_t all = all_of(static_cast<std::int32_t>(reading.packs.size()));
  const bool full =
      rule_.one_bus ? progress_.full != 0 && !flows(reading, 1) : progress_.full == all;
  if (full && soc >= kLeavesFull) {
    progress_.phase = Phase::Holding;
    ++progress_.leg;
    held_since_ = now;
    idle_since_.reset();
    return;
  }
  const bool fell = soc <= progress_.highest - rule_.setback;
  const bool top = at_top(rule_, reading, progress_.full);
  const bool idle = lasts(!top && !flows(reading, 1), rule_.patience, now, idle_since_);
  if (lasts(top, rule_.balancing, now, top_since_) || idle || fell) miss(now);
}

/// Two in a row without 100 % are a case for service. Whoever was full before knows its charge, and
/// the next cabinet has its turn all the same.
void Procedure::miss(Instant now) {
  const std::uint64_t full = rule_.one_bus ? 0 : progress_.full;
  const std::int64_t began_s = rule_.one_bus ? progress_.elapsed_s : progress_.leg_s;
  ++progress_.missed;
  enter(progress_.leg);
  progress_.full = full;
  progress_.leg_s = began_s;
  idle_since_ = now;
  if (progress_.missed < rule_.cycles_most) return;
  const std::size_t turn = place_of(rule_, progress_.leg).pack;
  progress_.given_up |= rule_.in_turn ? std::uint64_t{1} << turn : ~full & all_of(progress_.packs);
  const std::size_t behind = legs_each(rule_) * (turn + 1);
  progress_.missed = 0;  // of whoever is next
  enter(static_cast<std::int32_t>(behind));
}

/// The reset was seen when 100 % stayed and the band, where there is one, did not grow.
void Procedure::hold(const SiteReading& reading, std::int32_t soc, Instant now) {
  if (soc < kLeavesFull) {
    const std::int64_t began_s = progress_.leg_s;
    enter(progress_.leg - 1);
    progress_.leg_s = began_s;  // hours since 100 % count from the same beginning
    return;
  }
  if (!held_since_) held_since_ = now;
  if (now - *held_since_ < rule_.hold) return;
  const std::int32_t band = widest_band(reading);
  const bool grew = band >= 0 && progress_.band_before >= 0 && band > progress_.band_before;
  if (grew && !rule_.one_bus) {  // there a pack knows better only after its rest
    --progress_.leg;
    return miss(now);
  }
  progress_.missed = 0;
  enter(progress_.leg + 1);
}

void Procedure::rest(const SiteReading& reading, Instant now) {
  const bool moves = flows(reading, 1) || flows(reading, -1);
  if (moves) held_since_.reset();
  if (!moves && !held_since_) held_since_ = now;
  if (held_since_ && now - *held_since_ >= rule_.rest) {
    return enter(progress_.leg + 1);
  }
  if (!lasts(moves, rule_.night, now, idle_since_)) return;
  stop({std::string(rule_.source), fmt::format("for {} hours the battery had no rest of {} minutes",
                                               rule_.night.to_s() / 3600, rule_.rest.to_s() / 60)});
}

void Procedure::discharge(const SiteReading& reading, Instant now) {
  if (is_empty(rule_, reading)) return enter(progress_.leg + 1);
  if (!lasts(!flows(reading, -1), rule_.night, now, idle_since_)) return;
  stop({std::string(rule_.source),
        fmt::format("for {} hours nothing was taken from the battery", rule_.night.to_s() / 3600)});
}

}  // namespace weco::calibration
