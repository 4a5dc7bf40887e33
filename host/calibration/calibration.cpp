// SPDX-License-Identifier: Apache-2.0
#include "host/calibration/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace weco::calibration {
namespace {

constexpr std::int32_t kWhole = 10000;             // 100 %
constexpr std::int32_t kLeavesFull = 9950;         // below it a full pack is full no more
constexpr std::int32_t kIdleShare = 100;           // less than 0.01C charges nobody
constexpr std::int32_t kSensorShare = 200;         // what a current may lie beside the truth: 2 %
constexpr std::int32_t kSensor_mA = 500;           // and half an ampere
constexpr Duration kTail = Duration::minutes(60);  // the last per cent go slower and slower
constexpr double kEfficiency = 0.92;               // charger and cells, assumption
constexpr std::int64_t kPackUsual_mV = 51200;      // 16 cells at their nominal voltage

std::optional<std::int32_t> scaled(const Snapshot& snapshot, PointId id, const NodePath& node,
                                   int exponent) {
  const auto number = snapshot.number({id, 0, node});
  if (!number) return std::nullopt;
  const auto value = rescale(*number, exponent);
  if (!value || *value > std::numeric_limits<std::int32_t>::max() ||
      *value < std::numeric_limits<std::int32_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*value);
}

std::string symbol_of(const Snapshot& snapshot, PointId id, const NodePath& node) {
  const auto value = snapshot.bits({id, 0, node});
  const auto& symbols = info(id).symbols;
  if (!value || *value >= symbols.size()) return {};
  return std::string(symbols[static_cast<std::size_t>(*value)]);
}

bool any_bit(const Snapshot& snapshot, PointId id, const NodePath& node) {
  return snapshot.bits({id, 0, node}).value_or(0) != 0;
}

PackReading pack_at(const Snapshot& snapshot, const NodePath& node) {
  PackReading pack;
  pack.name = to_text(node);
  pack.soc = scaled(snapshot, point("soc"), node, -2);
  pack.band = scaled(snapshot, point("soc_error"), node, -2);
  pack.cell_min_mV = scaled(snapshot, point("cell_voltage_min"), node, -3);
  pack.cell_max_mV = scaled(snapshot, point("cell_voltage_max"), node, -3);
  pack.coldest_dC = scaled(snapshot, point("cell_temperature_min"), node, -1);
  pack.warmest_dC = scaled(snapshot, point("cell_temperature_max"), node, -1);
  pack.current_mA = scaled(snapshot, point("pack_current"), node, -3);
  pack.capacity_mAh = scaled(snapshot, point("rated_capacity"), node, -3);
  pack.voltage_mV = scaled(snapshot, point("pack_voltage"), node, -3);
  pack.deep_discharges = scaled(snapshot, point("deep_discharge_count"), node, 0);
  pack.full_h = scaled(snapshot, point("hours_since_full"), node, 0);
  pack.lock = symbol_of(snapshot, point("lock"), node);
  pack.state = symbol_of(snapshot, point("bms_state"), node);
  pack.alarm =
      any_bit(snapshot, point("alarms"), node) || any_bit(snapshot, point("protections"), node);
  return pack;
}

std::string name_of(const PackReading& pack) {
  return pack.name.empty() ? std::string("the battery") : pack.name;
}

/// The name of the first reading without which nobody may charge on.
std::string_view missing_in(const PackReading& pack) {
  if (!pack.soc) return "state of charge";
  if (!pack.cell_min_mV || !pack.cell_max_mV) return "cell voltages";
  if (!pack.coldest_dC || !pack.warmest_dC) return "cell temperatures";
  if (!pack.current_mA) return "current";
  if (!pack.capacity_mAh || *pack.capacity_mAh <= 0) return "nameplate capacity";
  return {};
}

std::string degrees(std::int32_t deci) { return fmt::format("{:.1f} °C", deci / 10.0); }
std::string volts(std::int32_t milli) { return fmt::format("{:.3f} V", milli / 1000.0); }

std::int32_t share_at(const Rule& rule, std::int32_t deci) {
  std::int32_t share = 0;
  for (const ChargeRow& row : rule.charge) {
    if (deci >= row.from_dC) share = row.share;
  }
  return share;
}

/// Locks and what a pack has been through: no temperature mends these.
std::optional<Refusal> marks_against(const Rule& rule, const PackReading& pack) {
  const std::string who = name_of(pack);
  if (pack.deep_discharges.value_or(0) > 0) {
    return Refusal{"WS-19", who + " was once in extreme under-voltage and is never used again"};
  }
  if (*pack.cell_min_mV < rule.cell_least_mV) {
    return Refusal{"WS-19",
                   fmt::format("a cell of {} is at {}, below {}; it is never charged by force", who,
                               volts(*pack.cell_min_mV), volts(rule.cell_least_mV))};
  }
  if (pack.lock == "permanent") {
    return Refusal{"WS-18", who + " has a permanent error: isolate it and call service"};
  }
  if (!pack.lock.empty() && pack.lock != "none") {
    return Refusal{"WS-17", who + " has locked itself"};
  }
  if (pack.state == "locked") return Refusal{"WS-17", who + " has locked itself"};
  if (*pack.cell_max_mV > rule.cell_most_mV) {
    return Refusal{"WS-17", fmt::format("a cell of {} is at {}, above {}", who,
                                        volts(*pack.cell_max_mV), volts(rule.cell_most_mV))};
  }
  return std::nullopt;
}

std::optional<Refusal> temperature_against(const Rule& rule, const PackReading& pack) {
  for (const std::int32_t deci : {*pack.coldest_dC, *pack.warmest_dC}) {
    if (share_at(rule, deci) > 0) continue;
    return Refusal{"WS-11", fmt::format("a cell of {} is at {}, where it is not charged",
                                        name_of(pack), degrees(deci))};
  }
  return std::nullopt;
}

std::optional<Refusal> alarm_against(const Rule&, const PackReading& pack) {
  if (pack.state != "fault" && !pack.alarm) return std::nullopt;
  return Refusal{"WS-18", name_of(pack) + " has an alarm or a fault; it must be gone first"};
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

bool charges(const SiteReading& reading) {
  return std::any_of(reading.packs.begin(), reading.packs.end(), [](const PackReading& pack) {
    return std::int64_t{*pack.current_mA} * kWhole > std::int64_t{*pack.capacity_mAh} * kIdleShare;
  });
}

/// It is, or its own count of hours, which begins anew at 100 %, says that it was since the
/// beginning: nobody may have looked in that moment.
bool was_full(const PackReading& pack, std::int64_t elapsed_s) {
  if (*pack.soc >= kWhole) return true;
  return pack.full_h && (std::int64_t{*pack.full_h} + 1) * 3600 <= elapsed_s;
}

}  // namespace

SiteReading reading_of(const Snapshot& snapshot) {
  SiteReading reading;
  for (const NodePath& node : snapshot.nodes()) {
    if (node.depth() == 0 || node.last().kind != NodeKind::Module) continue;
    if (symbol_of(snapshot, point("connection"), node) == "offline") continue;
    reading.packs.push_back(pack_at(snapshot, node));
  }
  if (reading.packs.empty() && !snapshot.empty()) reading.packs.push_back(pack_at(snapshot, {}));
  const std::string grid = symbol_of(snapshot, point("grid_state"), {});
  if (grid == "normal") reading.grid = true;
  if (grid == "absent") reading.grid = false;
  return reading;
}

Outcome<Rule> rule_of(std::string_view family) {
  if (family == "weco_smart") {
    return Rule{
        .family = "weco_smart",
        // as the manual says (WS-11); above 35 degrees it says nothing: field practice
        .charge = {{1, 2000}, {120, 5000}, {351, 2000}, {451, 1000}, {500, 0}},
        .cell_most_mV = 3650,
        .cell_least_mV = 2500,
        .hold = Duration::minutes(30),
        .patience = Duration::hours(2),
        .cycles_most = 2,
        .setback = 1000,
        .instruction =
            "Set in the app: battery priority, charge from grid on, highest and target "
            "state of charge 100 %. Leave the charging current to the battery.",
        .afterwards = "Set the app back to what it was.",
    };
  }
  return failure(ErrorCode::Unsupported, "a full charge alone does not calibrate this family",
                 std::string(family),
                 "BLUETTI EP760 wants two whole charge and discharge cycles (EP-15); for SAJ CM2 "
                 "no procedure is published. This program guides through that of weco_smart.");
}

std::optional<Refusal> speaks_against(const Rule& rule, const SiteReading& reading) {
  if (reading.packs.empty()) return Refusal{"", "no battery is seen"};
  if (reading.packs.size() > kPacksMax) {
    return Refusal{"", fmt::format("more than {} packs are not watched", kPacksMax)};
  }
  for (const PackReading& pack : reading.packs) {
    const std::string_view missing = missing_in(pack);
    if (!missing.empty()) {
      return Refusal{"", fmt::format("{} does not publish its {}, so nobody can watch it",
                                     name_of(pack), missing)};
    }
  }
  // the alarm of a cold pack is explained by its temperature, so that is said first
  for (const auto against : {marks_against, temperature_against, alarm_against}) {
    for (const PackReading& pack : reading.packs) {
      if (auto refusal = against(rule, pack)) return refusal;
    }
  }
  if (reading.grid && !*reading.grid) {
    return Refusal{"WS-13", "the public grid is not there, and without it 100 % is not certain"};
  }
  return std::nullopt;
}

std::int32_t allowed_mA(const Rule& rule, const PackReading& pack) {
  if (!pack.coldest_dC || !pack.warmest_dC || !pack.capacity_mAh) return 0;
  const std::int64_t share =
      std::min(share_at(rule, *pack.coldest_dC), share_at(rule, *pack.warmest_dC));
  return static_cast<std::int32_t>(*pack.capacity_mAh * share / kWhole);
}

std::string_view name(Phase phase) {
  constexpr std::array<std::string_view, 5> kNames = {"charging", "holding", "calibrated",
                                                      "service_case", "stopped"};
  return kNames[static_cast<std::size_t>(phase)];
}

Figures figures_of(const Rule& rule, const SiteReading& reading, Phase phase) {
  Figures figures{.soc = lowest_soc(reading), .band = widest_band(reading), .remaining = {}};
  for (const PackReading& pack : reading.packs) {
    if (pack.voltage_mV) figures.voltage_mV = std::max(figures.voltage_mV, *pack.voltage_mV);
    if (pack.cell_min_mV && pack.cell_max_mV) {
      figures.spread_mV = std::max(figures.spread_mV, *pack.cell_max_mV - *pack.cell_min_mV);
    }
  }
  if (phase == Phase::Charging) figures.remaining = plan_of(rule, reading).duration;
  if (phase == Phase::Holding) figures.remaining = rule.hold;
  return figures;
}

Plan plan_of(const Rule& rule, const SiteReading& reading) {
  Plan plan;
  std::int64_t longest_s = 0;
  for (const PackReading& pack : reading.packs) {
    const std::int64_t share = kWhole - pack.soc.value_or(0);
    const std::int64_t missing_mAh = pack.capacity_mAh.value_or(0) * share / kWhole;
    const std::int32_t allowed = allowed_mA(rule, pack);
    if (allowed > 0) longest_s = std::max(longest_s, missing_mAh * 3600 / allowed);
    const double volt = static_cast<double>(pack.voltage_mV.value_or(kPackUsual_mV)) / 1000;
    plan.energy_kWh += static_cast<double>(missing_mAh) * volt / 1e6 / kEfficiency;
  }
  plan.duration = Duration::s(longest_s) + kTail + rule.hold;
  return plan;
}

Procedure::Procedure(const Rule& rule, const Progress& progress, Duration away)
    : rule_(rule), progress_(progress), begun_(true) {
  progress_.elapsed_s += std::max<std::int64_t>(away.to_s(), 0);
  if (progress_.phase == Phase::Holding || progress_.phase == Phase::Stopped) {
    progress_.phase = Phase::Charging;
  }
}

void Procedure::stop(Refusal refusal) {
  refusal_ = std::move(refusal);
  progress_.phase = Phase::Stopped;
}

std::optional<Refusal> Procedure::too_much(const SiteReading& reading, Instant now) {
  for (const PackReading& pack : reading.packs) {
    const std::int64_t allowed = allowed_mA(rule_, pack);
    const std::int64_t most = allowed + allowed * kSensorShare / kWhole + kSensor_mA;
    if (*pack.current_mA <= most) continue;
    if (!over_since_) over_since_ = now;
    if (now - *over_since_ < kCurrentGrace) return std::nullopt;
    return Refusal{"WS-11",
                   fmt::format("{} is charged with {:.1f} A, allowed are {:.1f} A at {}",
                               name_of(pack), *pack.current_mA / 1000.0,
                               static_cast<double>(allowed) / 1000.0, degrees(*pack.coldest_dC))};
  }
  over_since_.reset();
  return std::nullopt;
}

const Progress& Procedure::step(const SiteReading& reading, Instant now) {
  if (ended(progress_.phase)) return progress_;
  if (auto refusal = speaks_against(rule_, reading)) return stop(std::move(*refusal)), progress_;
  if (auto refusal = too_much(reading, now)) return stop(std::move(*refusal)), progress_;
  const std::int32_t soc = lowest_soc(reading);
  if (last_) progress_.elapsed_s += (now - *last_).to_s();
  last_ = now;
  if (!begun_) {
    begun_ = true;
    progress_.packs = static_cast<std::int32_t>(reading.packs.size());
    progress_.soc_before = soc;
    progress_.band_before = widest_band(reading);
    progress_.highest = soc;
  }
  if (progress_.packs != static_cast<std::int32_t>(reading.packs.size())) {
    stop({"", fmt::format("{} packs are heard, and it began with {}", reading.packs.size(),
                          progress_.packs)});
    return progress_;
  }
  if (progress_.phase == Phase::Charging) charge(reading, soc, now);
  if (progress_.phase == Phase::Holding) hold(reading, soc, now);
  return progress_;
}

void Procedure::charge(const SiteReading& reading, std::int32_t soc, Instant now) {
  progress_.highest = std::max(progress_.highest, soc);
  // One after the other: a pack that was full leaves 100 % soon while others still charge.
  for (std::size_t i = 0; i < reading.packs.size(); ++i) {
    if (was_full(reading.packs[i], progress_.elapsed_s)) progress_.full |= std::uint64_t{1} << i;
  }
  const std::uint64_t all = ~std::uint64_t{0} >> (kPacksMax - reading.packs.size());
  if (progress_.full == all && soc >= kLeavesFull) {
    progress_.phase = Phase::Holding;
    held_since_ = now;
    idle_since_.reset();
    return;
  }
  if (soc <= progress_.highest - rule_.setback) return miss(soc, now);
  if (charges(reading)) {
    idle_since_.reset();
  } else if (!idle_since_) {
    idle_since_ = now;
  } else if (now - *idle_since_ >= rule_.patience) {
    miss(soc, now);
  }
}

/// WS-61: two in a row without 100 % need a service ticket.
void Procedure::miss(std::int32_t soc, Instant now) {
  ++progress_.missed;
  progress_.highest = soc;
  progress_.full = 0;
  idle_since_ = now;
  if (progress_.missed >= rule_.cycles_most) progress_.phase = Phase::ServiceCase;
}

/// The reset was seen when 100 % stayed and the band, where there is one, did not grow.
void Procedure::hold(const SiteReading& reading, std::int32_t soc, Instant now) {
  if (soc < kLeavesFull) {
    progress_.phase = Phase::Charging;
    progress_.full = 0;
    held_since_.reset();
    return;
  }
  if (!held_since_) held_since_ = now;
  if (now - *held_since_ < rule_.hold) return;
  const std::int32_t band = widest_band(reading);
  if (band >= 0 && progress_.band_before >= 0 && band > progress_.band_before) {
    return miss(soc, now);
  }
  progress_.phase = Phase::Calibrated;
}

}  // namespace weco::calibration
