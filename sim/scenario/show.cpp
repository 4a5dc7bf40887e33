// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/show.hpp"

#include <algorithm>
#include <cmath>

#include "core/bms/diagnosis.hpp"
#include "sim/device/writer.hpp"
#include "sim/scenario/points.hpp"

namespace weco::sim {
namespace {

using bms::EventId;

struct Meaning {
  EventId event;
  std::uint8_t shown;
};
constexpr Meaning meaning(EventId event, std::uint8_t shown) { return {event, shown}; }
constexpr Meaning kMeanings[] = {
    meaning(EventId::CellOverVoltage, symbol("alarms", "cell_overvoltage")),
    meaning(EventId::CellUnderVoltage, symbol("alarms", "cell_undervoltage")),
    meaning(EventId::PackOverVoltage, symbol("alarms", "pack_overvoltage")),
    meaning(EventId::PackUnderVoltage, symbol("alarms", "pack_undervoltage")),
    meaning(EventId::ChargeOverTemperature, symbol("alarms", "charge_temperature_high")),
    meaning(EventId::ChargeUnderTemperature, symbol("alarms", "charge_temperature_low")),
    meaning(EventId::DischargeOverTemperature, symbol("alarms", "discharge_temperature_high")),
    meaning(EventId::DischargeUnderTemperature, symbol("alarms", "discharge_temperature_low")),
    meaning(EventId::ChargeOverCurrent1, symbol("alarms", "charge_overcurrent")),
    meaning(EventId::ChargeOverCurrent2, symbol("alarms", "charge_overcurrent")),
    meaning(EventId::DischargeOverCurrent1, symbol("alarms", "discharge_overcurrent")),
    meaning(EventId::DischargeOverCurrent2, symbol("alarms", "discharge_overcurrent")),
    meaning(EventId::ShortCircuit, symbol("alarms", "short_circuit")),
    meaning(EventId::Imbalance, symbol("alarms", "cell_imbalance")),
    meaning(EventId::SensorLost, symbol("alarms", "sensor")),
    meaning(EventId::LinkLost, symbol("alarms", "communication")),
    meaning(EventId::ContactorWelded, symbol("alarms", "contactor")),
    meaning(EventId::ContactorNoClose, symbol("alarms", "contactor")),
    meaning(EventId::PrechargeFailed, symbol("alarms", "precharge")),
    meaning(EventId::SelfTestFailed, symbol("alarms", "internal")),
    meaning(EventId::Insulation, symbol("alarms", "insulation")),
    meaning(EventId::DeepDischarge, symbol("alarms", "deep_discharge")),
    meaning(EventId::AfeCommunication, symbol("alarms", "internal")),
    meaning(EventId::Interlock, symbol("alarms", "system_error")),
    meaning(EventId::TypeMismatch, symbol("alarms", "mixed_types")),
    meaning(EventId::MasterLost, symbol("alarms", "communication")),
    meaning(EventId::TowerDrift, symbol("alarms", "cell_imbalance")),
    meaning(EventId::BreakerTripping, symbol("alarms", "fuse")),
    meaning(EventId::Fire, symbol("alarms", "system_error")),
    meaning(EventId::CoolingFailed, symbol("alarms", "system_error")),
};
static_assert(std::size(kMeanings) == bms::kEvents);

std::uint64_t shown_events(std::uint32_t events) {
  std::uint64_t bits = 0;
  for (const Meaning& row : kMeanings) {
    if ((events & bms::bit(row.event)) != 0) bits |= std::uint64_t{1} << row.shown;
  }
  return bits;
}

/// The vocabulary knows no state of its own for contactors that are about to open.
std::uint64_t shown_state(bms::State state) {
  static_assert(static_cast<std::uint8_t>(bms::State::Storage) == symbol("bms_state", "storage"));
  return state == bms::State::Opening ? symbol("bms_state", "standby")
                                      : static_cast<std::uint64_t>(state);
}

std::uint64_t shown_lock(bms::Latch latch) {
  if (latch == bms::Latch::Permanent) return symbol("lock", "permanent");
  return latch == bms::Latch::None ? symbol("lock", "none") : symbol("lock", "temporary");
}

/// A value with so many decimals, "soc" 52.31 as 5231 and -2.
void number(Writer& w, PointId id, double value, int decimals, std::uint8_t index = 0) {
  if (!std::isfinite(value)) return;
  double scaled = value;
  for (int i = 0; i < decimals; ++i) scaled *= 10;
  w.number(id, std::llround(scaled), -decimals, index);
}

void show_pack(Writer w, const PackView& pack) {
  number(w, point("soc"), pack.soc_pct, 2);
  number(w, point("soh"), pack.soh_pct, 2);
  number(w, point("cycle_count"), pack.cycles, 1);
  number(w, point("pack_voltage"), pack.voltage_V, 2);
  number(w, point("pack_current"), pack.current_A, 2);
  number(w, point("pack_power"), pack.voltage_V * pack.current_A, 0);
  number(w, point("cell_voltage_max"), pack.cell_max_V, 3);
  number(w, point("cell_voltage_min"), pack.cell_min_V, 3);
  number(w, point("cell_voltage_spread"), pack.cell_max_V - pack.cell_min_V, 3);
  number(w, point("cell_temperature_max"), pack.cell_max_degC, 1);
  number(w, point("cell_temperature_min"), pack.cell_min_degC, 1);
  number(w, point("charge_current_limit"), pack.charge_limit_A, 1);
  number(w, point("discharge_current_limit"), pack.discharge_limit_A, 1);
  w.choice(point("bms_state"), shown_state(pack.state));
  w.choice(point("lock"), shown_lock(pack.latch));
  w.choice(point("connection"), symbol("connection", "online"));
  w.choice(point("heater"), pack.heater ? 1 : 0);
  const std::uint64_t closed = std::uint64_t{1} << symbol("contactors", "main_positive") |
                               std::uint64_t{1} << symbol("contactors", "main_negative");
  w.flags(point("contactors"), pack.contactors_closed ? closed : 0);
  w.flags(point("warnings"), shown_events(pack.warnings));
  w.flags(point("alarms"), shown_events(pack.alarms));
  w.flags(point("protections"), shown_events(pack.faults));
}

struct Shown {
  PointId id;
  std::string_view name;
  int decimals;
};
constexpr Shown kShown[] = {
    {point("soc"), "soc_pct", 2},
    {point("battery_power"), "battery_power_W", 0},
    {point("pv_power_total"), "pv_power_W", 0},
    {point("load_power_total"), "load_power_W", 0},
    {point("grid_power_total"), "grid_power_W", 0},
    {point("grid_frequency"), "grid_frequency_Hz", 2},
    {point("ambient_temperature"), "room_temperature_degC", 1},
    {point("soh"), "site.soh_pct", 2},
    {point("self_sufficiency"), "site.self_sufficiency_pct", 1},
    {point("energy_pv_total"), "energy.pv_kWh", 2},
    {point("energy_import_total"), "energy.import_kWh", 2},
    {point("energy_export_total"), "energy.export_kWh", 2},
    {point("energy_load_total"), "energy.load_kWh", 2},
    {point("energy_charged_total"), "energy.charge_kWh", 2},
    {point("energy_discharged_total"), "energy.discharge_kWh", 2},
};

void show_whole(Writer& w, const Stage& stage) {
  Points points(stage);
  for (const Shown& row : kShown) {
    const auto found = points.find(row.name);
    if (found) number(w, row.id, points.read(*found), row.decimals);
  }
  const auto volts = points.find("grid_voltage_V");
  const double voltage = volts ? points.read(*volts) : 0;
  for (std::uint8_t phase = 1; phase <= 3; ++phase) {
    number(w, point("grid_voltage"), voltage, 1, phase);
  }
  w.choice(point("grid_state"),
           voltage > 0 ? symbol("grid_state", "normal") : symbol("grid_state", "absent"));
}

std::uint8_t small(std::int64_t value) { return static_cast<std::uint8_t>(value); }

void show_towers(Writer& w, const Stage& stage, const SiteConfig& site) {
  w.number(point("inverter_count"), site.inverters, 0);
  w.number(point("tower_count"), site.towers, 0);
  w.number(point("module_count"), site.modules, 0);
  w.number(point("modules_online"), site.modules, 0);
  for (std::int32_t t = 0; t < site.towers; ++t) {
    Writer tower = w.at(NodeKind::Tower, small(t + 1));
    tower.number(point("module_count"), site.modules, 0);
    tower.number(point("modules_online"), site.modules, 0);
    double soc = 0;
    double power = 0;
    for (std::int32_t m = 0; m < site.modules; ++m) {
      const PackView pack = stage.pack(static_cast<std::size_t>(t * site.modules + m));
      show_pack(tower.at(NodeKind::Module, small(m + 1)), pack);
      soc += pack.soc_pct / site.modules;
      power += pack.voltage_V * pack.current_A;
    }
    number(tower, point("soc"), soc, 2);
    number(tower, point("pack_power"), power, 0);
  }
}

}  // namespace

void keep_identity(const SiteConfig& site, Snapshot& values) {
  Snapshot kept;
  for (const auto& [ref, reading] : values.readings()) {
    const bool names = reading.kind == ValueKind::Text || ref.id == point("device_type");
    if (names && ref.node.depth() == 0) kept.put(reading);
  }
  if (!site.model.empty()) {
    kept.put(text_reading({point("model"), 0, {}}, site.model, Instant{}));
  }
  values = std::move(kept);
}

void show(const Stage& stage, const SiteConfig& site, Instant now, Snapshot& values) {
  Writer w(values, now);
  show_whole(w, stage);
  if (site.family == SiteFamily::WecoSmart) {
    show_towers(w, stage, site);
    return;
  }
  const bool cabinets = site.family == SiteFamily::SajCm2;
  const auto count = small(static_cast<std::int64_t>(stage.pack_count()));
  w.number(cabinets ? point("cabinet_count") : point("module_count"), count, 0);
  if (!cabinets) w.number(point("modules_online"), count, 0);
  for (std::uint8_t i = 1; i <= count; ++i) {
    show_pack(w.at(cabinets ? NodeKind::Cabinet : NodeKind::Module, i),
              stage.pack(static_cast<std::size_t>(i - 1)));
  }
}

}  // namespace weco::sim
