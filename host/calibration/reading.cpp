// SPDX-License-Identifier: Apache-2.0
// What a look at a site says to a calibration, and what speaks against one.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "host/calibration/calibration.hpp"

namespace weco::calibration {
namespace {

constexpr std::int64_t kWhole = 10000;  // 100 %

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

bool is_pack(NodeKind kind) { return kind == NodeKind::Module || kind == NodeKind::Cabinet; }

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

std::int32_t share_at(const std::vector<ShareRow>& rows, std::int32_t deci) {
  std::int32_t share = 0;
  for (const ShareRow& row : rows) {
    if (deci >= row.from_dC) share = row.share;
  }
  return share;
}

/// Locks and what a pack has been through: no temperature mends these.
std::optional<Refusal> marks_against(const Rule& rule, const PackReading& pack, Leg) {
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

std::optional<Refusal> temperature_against(const Rule& rule, const PackReading& pack, Leg leg) {
  const bool in = leg == Leg::Charge || leg == Leg::Hold;
  for (const std::int32_t deci : {*pack.coldest_dC, *pack.warmest_dC}) {
    if (share_at(in ? rule.charge : rule.discharge, deci) > 0) continue;
    return Refusal{std::string(rule.warmth),
                   fmt::format("a cell of {} is at {}, where it is not {}", name_of(pack),
                               degrees(deci), in ? "charged" : "discharged")};
  }
  return std::nullopt;
}

std::optional<Refusal> alarm_against(const Rule&, const PackReading& pack, Leg) {
  if (pack.state != "fault" && !pack.alarm) return std::nullopt;
  return Refusal{"WS-18", name_of(pack) + " has an alarm or a fault; it must be gone first"};
}

}  // namespace

std::string caution(const Rule& rule, const SiteReading& reading) {
  if (!rule.one_bus || reading.packs.size() < 2) return {};
  for (const PackReading& pack : reading.packs) {
    if (!pack.coldest_dC || *pack.coldest_dC >= rule.rest_coldest_dC) continue;
    return fmt::format(
        "A cell of {} is at {}. Below {} the voltage at rest tells no charge: packs that are not "
        "the first to be full may stay as wrong as they were. Do it at {} or more.",
        name_of(pack), degrees(*pack.coldest_dC), degrees(rule.rest_coldest_dC),
        degrees(rule.rest_coldest_dC));
  }
  return {};
}

SiteReading reading_of(const Snapshot& snapshot) {
  SiteReading reading;
  for (const NodePath& node : snapshot.nodes()) {
    if (node.depth() == 0 || !is_pack(node.last().kind)) continue;
    if (symbol_of(snapshot, point("connection"), node) == "offline") continue;
    reading.packs.push_back(pack_at(snapshot, node));
  }
  if (reading.packs.empty() && !snapshot.empty()) reading.packs.push_back(pack_at(snapshot, {}));
  reading.load_W = scaled(snapshot, point("load_power_total"), {}, 0);
  const std::string grid = symbol_of(snapshot, point("grid_state"), {});
  if (grid == "normal") reading.grid = true;
  if (grid == "absent") reading.grid = false;
  return reading;
}

std::optional<Refusal> speaks_against(const Rule& rule, const SiteReading& reading, Leg leg) {
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
      if (auto refusal = against(rule, pack, leg)) return refusal;
    }
  }
  if (reading.grid && !*reading.grid) {
    return Refusal{std::string(rule.source),
                   "the public grid is not there, and without it 100 % is not certain"};
  }
  return std::nullopt;
}

std::int32_t allowed_mA(const std::vector<ShareRow>& rows, const PackReading& pack) {
  if (!pack.coldest_dC || !pack.warmest_dC || !pack.capacity_mAh) return 0;
  const std::int64_t share =
      std::min(share_at(rows, *pack.coldest_dC), share_at(rows, *pack.warmest_dC));
  return static_cast<std::int32_t>(*pack.capacity_mAh * share / kWhole);
}

}  // namespace weco::calibration
