// SPDX-License-Identifier: Apache-2.0
#include "sim/device/values_site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <string_view>

#include "core/bms/families.hpp"
#include "sim/device/site_settings.hpp"
#include "sim/device/writer.hpp"

namespace weco::sim {
namespace {

std::int64_t whole(double value) { return std::llround(value); }

/// The vocabulary's name of each event of the core; it has fewer.
constexpr std::uint8_t kEventSymbol[bms::kEvents] = {
    symbol("alarms", "cell_overvoltage"),
    symbol("alarms", "cell_undervoltage"),
    symbol("alarms", "pack_overvoltage"),
    symbol("alarms", "pack_undervoltage"),
    symbol("alarms", "charge_temperature_high"),
    symbol("alarms", "charge_temperature_low"),
    symbol("alarms", "discharge_temperature_high"),
    symbol("alarms", "discharge_temperature_low"),
    symbol("alarms", "charge_overcurrent"),
    symbol("alarms", "charge_overcurrent"),
    symbol("alarms", "discharge_overcurrent"),
    symbol("alarms", "discharge_overcurrent"),
    symbol("alarms", "short_circuit"),
    symbol("alarms", "cell_imbalance"),
    symbol("alarms", "sensor"),
    symbol("alarms", "communication"),
    symbol("alarms", "contactor"),
    symbol("alarms", "contactor"),
    symbol("alarms", "precharge"),
    symbol("alarms", "internal"),
    symbol("alarms", "insulation"),
    symbol("alarms", "deep_discharge"),
    symbol("alarms", "communication"),
    symbol("alarms", "system_error"),
    symbol("alarms", "mixed_types"),
    symbol("alarms", "communication"),
    symbol("alarms", "cell_imbalance"),
    symbol("alarms", "fuse"),
    symbol("alarms", "system_error"),
    symbol("alarms", "temperature_high"),
};

std::uint64_t event_flags(std::uint32_t events) {
  std::uint64_t flags = 0;
  for (; events != 0; events &= events - 1) {
    flags |= std::uint64_t{1} << kEventSymbol[std::countr_zero(events)];
  }
  return flags;
}

std::uint8_t reason(std::string_view name) {
  for (std::size_t i = 0; i < std::size(symbols::limit_reasons); ++i) {
    if (symbols::limit_reasons[i] == name) return static_cast<std::uint8_t>(i);
  }
  return 0;
}

/// The reason that the vocabulary has for the tightest term of a limit.
std::uint8_t reason_of(const bms::LimitTerm& term, const bms::PackState& pack, bool charging) {
  switch (term.reason) {
    case bms::Reason::Rating:
      return reason("none");
    case bms::Reason::Temperature:
    case bms::Reason::Emergency:
      return reason(pack.cells.coldest < Temperature::celsius(20) ? "temperature_low"
                                                                  : "temperature_high");
    case bms::Reason::StateOfCharge:
      return reason(charging ? "soc_high" : "soc_low");
    case bms::Reason::CellVoltage:
      return reason(charging ? "cell_voltage_high" : "cell_voltage_low");
    case bms::Reason::PowerStage:
      return reason("power_stage");
    case bms::Reason::History:
      return reason("history");
    case bms::Reason::Balancing:
      return reason("imbalance");
    case bms::Reason::Command:
      return reason("command");
    case bms::Reason::LinkLost:
      return reason("link_lost");
    case bms::Reason::Event:
      return reason(pack.machine.latch == bms::Latch::None ? "alarm" : "fault");
    case bms::Reason::ContactorsOpen:
      return reason("contactor_open");
    case bms::Reason::Rest:
      return reason("rest");
    case bms::Reason::Sharing:
      return reason("module_count");
  }
  return reason("other");
}

std::uint8_t state_symbol(bms::State state) {
  const auto number = static_cast<std::uint8_t>(state);
  // opening is a moment of running
  return number < std::size(symbols::bms_states) ? number : symbol("bms_state", "running");
}

std::uint8_t lock_symbol(bms::Latch latch) {
  if (latch == bms::Latch::Permanent) return symbol("lock", "permanent");
  const bool none = latch == bms::Latch::None;
  return none ? symbol("lock", "none") : symbol("lock", "temporary");
}

std::uint8_t led_symbol(bms::LedPattern pattern) {
  switch (pattern) {
    case bms::LedPattern::Dark:
      return symbol("led_pattern", "off");
    case bms::LedPattern::Steady:
      return symbol("led_pattern", "green");
    case bms::LedPattern::SlowBlink:
      return symbol("led_pattern", "slow_blinking");
    case bms::LedPattern::Blink:
      return symbol("led_pattern", "green_blinking");
    case bms::LedPattern::AllFlash:
    case bms::LedPattern::FaultFlash:
      return symbol("led_pattern", "fast_blinking");
    case bms::LedPattern::RedBlink:
      return symbol("led_pattern", "red_blinking");
    case bms::LedPattern::RedAlternating:
      return symbol("led_pattern", "red_alternating");
  }
  return symbol("led_pattern", "off");
}

void fill_cells(Writer& w, const Site& site, std::size_t pack) {
  const bms::PackInputs& in = site.inputs(pack);
  for (std::size_t i = 0; i < in.cells.voltage.size(); ++i) {
    w.number(point("cell_voltage"), in.cells.voltage[i].count(), -3,
             static_cast<std::uint8_t>(i + 1));
  }
  for (std::size_t i = 0; i < in.cells.temperature.size(); ++i) {
    w.number(point("cell_temperature"), in.cells.temperature[i].to_deci_celsius(), -1,
             static_cast<std::uint8_t>(i + 1));
  }
  const bms::CellSummary& c = site.state(pack).cells;
  w.number(point("cell_voltage_max"), c.max.count(), -3);
  w.number(point("cell_voltage_min"), c.min.count(), -3);
  w.number(point("cell_voltage_spread"), (c.max - c.min).count(), -3);
  w.number(point("cell_temperature_max"), c.warmest.to_deci_celsius(), -1);
  w.number(point("cell_temperature_min"), c.coldest.to_deci_celsius(), -1);
  w.number(point("cell_count"), static_cast<std::int64_t>(in.cells.voltage.size()), 0);
}

void fill_limits(Writer& w, const bms::DynamicLimits& limits, const bms::PackState& pack) {
  w.number(point("charge_voltage_limit"), limits.charge_voltage.count(), -3);
  w.number(point("discharge_voltage_limit"), limits.discharge_voltage.count(), -3);
  w.number(point("charge_current_limit"), limits.charge.value().count(), -3);
  w.number(point("discharge_current_limit"), limits.discharge.value().count(), -3);
  w.choice(point("charge_limit_reason"), reason_of(limits.charge.tightest(), pack, true));
  w.choice(point("discharge_limit_reason"), reason_of(limits.discharge.tightest(), pack, false));
}

void fill_state(Writer& w, const Site& site, std::size_t pack) {
  const bms::PackState& p = site.state(pack);
  const bms::PackOutputs& out = site.outputs(pack);
  const bool on = p.machine.state == bms::State::Running || p.machine.state == bms::State::Derating;
  w.choice(point("bms_state"), state_symbol(p.machine.state));
  w.choice(point("lock"), lock_symbol(p.machine.latch));
  w.choice(point("led_pattern"), led_symbol(out.led));
  w.choice(point("heater"), out.heater ? symbol("heater", "on") : symbol("heater", "off"));
  w.choice(point("connection"),
           on ? symbol("connection", "online") : symbol("connection", "isolated"));
  std::uint64_t closed = 0;
  if (out.contactors.main) closed |= 1U << symbol("contactors", "main_positive");
  if (out.contactors.negative) closed |= 1U << symbol("contactors", "main_negative");
  if (out.contactors.precharge) closed |= 1U << symbol("contactors", "precharge");
  w.flags(point("contactors"), closed);
  std::uint64_t may = 0;
  if (p.limits.charge.value() > Milliamps(0)) may |= 1U << symbol("permissions", "charge_enable");
  if (p.limits.discharge.value() > Milliamps(0)) {
    may |= 1U << symbol("permissions", "discharge_enable");
  }
  if (site.charge(pack).full_due) may |= 1U << symbol("permissions", "full_charge_request");
  w.flags(point("permissions"), may);
  w.flags(point("warnings"), event_flags(out.warnings));
  w.flags(point("alarms"), event_flags(out.alarms));
  w.flags(point("protections"), event_flags(out.faults));
}

std::int64_t rated_mAh(const SiteConfig& config) {
  if (config.capacity_Ah > 0) return whole(config.capacity_Ah * 1000);
  if (config.family == SiteFamily::Ep760) return bms::kEp760.capacity.count();
  return (config.family == SiteFamily::SajCm2 ? bms::kCm2 : bms::kWecoSmart).capacity.count();
}

void fill_pack(Writer w, const Site& site, std::size_t pack) {
  const bms::PackInputs& in = site.inputs(pack);
  const PackView view = site.pack(pack);
  fill_cells(w, site, pack);
  w.number(point("pack_voltage"), in.pack_voltage.value.count(), -3);
  w.number(point("pack_current"), in.current.value.count(), -3);
  w.number(point("pack_power"), whole(view.voltage_V * view.current_A), 0);
  const bms::SocReport report = site.charge(pack);
  w.number(point("soc"), report.soc.count(), -2);
  w.number(point("soc_error"), report.band.count(), -2);
  w.number(point("hours_since_full"), report.since_full_s / 3600, 0);
  w.number(point("rated_capacity"), rated_mAh(site.config()), -3);
  w.number(point("soh"), whole(view.soh_pct * 100), -2);
  w.number(point("cycle_count"), whole(view.cycles * 100), -2);
  if (in.insulation_kohm.read) {
    w.number(point("insulation_resistance"), in.insulation_kohm.value, 0, 1);
  }
  fill_limits(w, site.state(pack).limits, site.state(pack));
  fill_state(w, site, pack);
}

/// What an inverter, or the EMS of cabinets, knows of the whole.
void fill_flows(Writer& w, const Site& site) {
  const auto value = [&](std::string_view channel) { return *site.value(channel); };
  const double grid_V = value("grid_voltage_V"), grid_W = value("grid_power_W");
  w.number(point("pv_power_total"), whole(value("pv_power_W")), 0);
  w.number(point("battery_power"), whole(value("battery_power_W")), 0);
  w.number(point("load_power_total"), whole(value("load_power_W")), 0);
  w.number(point("grid_power_total"), whole(grid_W), 0);
  w.number(point("grid_frequency"), whole(value("grid_frequency_Hz") * 100), -2);
  w.number(point("soc"), whole(value("soc_pct") * 100), -2);
  w.number(point("ambient_temperature"), whole(value("room_temperature_degC") * 10), -1);
  const ems::GridSample& grid = site.ems_inputs().grid;
  for (std::uint8_t phase = 1; phase <= 3; ++phase) {
    if (grid.quality == ems::Quality::Good) {
      w.number(point("grid_voltage"), grid.voltage[phase - 1U].count(), -3, phase);
    }
    const double amperes = grid_V > 1.0 ? grid_W / 3.0 / grid_V : 0.0;
    w.number(point("grid_current"), whole(amperes * 100), -2, phase);
  }
  w.choice(point("grid_state"), grid_V < 1.0 ? symbol("grid_state", "absent")
                                : value("grid_connected") > 0.0
                                    ? symbol("grid_state", "normal")
                                    : symbol("grid_state", "reconnecting"));
}

void fill_energy(Writer& w, const Ledger& books) {
  struct Row {
    PointId today, total;
    EnergyPath path;
  };
  constexpr Row kRows[] = {
      {point("energy_pv_today"), point("energy_pv_total"), EnergyPath::Pv},
      {point("energy_import_today"), point("energy_import_total"), EnergyPath::Import},
      {point("energy_export_today"), point("energy_export_total"), EnergyPath::Export},
      {point("energy_load_today"), point("energy_load_total"), EnergyPath::Load},
      {point("energy_charged_today"), point("energy_charged_total"), EnergyPath::Charge},
      {point("energy_discharged_today"), point("energy_discharged_total"), EnergyPath::Discharge},
  };
  for (const Row& row : kRows) {
    w.number(row.today, whole(books.today.kWh(row.path) * 100), -2);
    w.number(row.total, whole(books.total.kWh(row.path) * 100), -2);
  }
  w.number(point("self_sufficiency"), whole(books.self_sufficiency() * 1000), -1);
}

/// Bit n of word w is code `bits` * (w - 1) + n + 1 of the product's list.
void fill_codes(Writer& w, const ems::FaultSet& codes, std::uint8_t words, std::uint16_t bits) {
  for (std::uint8_t word = 1; word <= words; ++word) {
    std::uint64_t set = 0;
    for (std::uint16_t n = 0; n < bits; ++n) {
      if (codes.active(static_cast<std::uint16_t>(bits * (word - 1) + n + 1))) {
        set |= std::uint64_t{1} << n;
      }
    }
    w.word(point("fault_word"), word, set);
  }
}

std::uint8_t mode_symbol(ems::Mode mode) {
  switch (mode) {
    case ems::Mode::SmartAuto:
      return symbol("working_mode", "auto");
    case ems::Mode::SmartPeakShaving:
      return symbol("working_mode", "peak_shaving");
    case ems::Mode::SmartBatteryPriority:
      return symbol("working_mode", "battery_priority");
    case ems::Mode::SajSelfConsumption:
      return symbol("working_mode", "self_consumption");
    case ems::Mode::SajTimeOfUse:
      return symbol("working_mode", "time_of_use");
    case ems::Mode::Ep760:
      break;
  }
  return symbol("working_mode", "ac_coupled");
}

/// One that is not used is from 0 to 0.
void fill_windows(Writer& w, const ems::Windows& windows, PointId start, PointId end) {
  for (std::size_t i = 0; i < ems::kWindowsMax; ++i) {
    const ems::Window window = i < windows.size() ? windows[i] : ems::Window{};
    w.number(start, window.start, 0, static_cast<std::uint8_t>(i + 1));
    w.number(end, window.end, 0, static_cast<std::uint8_t>(i + 1));
  }
}

/// What is set, as far as a device has a point for it.
void fill_settings(Writer& w, const ems::Settings& set) {
  w.choice(point("working_mode"), mode_symbol(set.mode.mode));
  w.choice(point("sell_to_grid"), set.mode.sell ? 1 : 0);
  w.choice(point("charge_from_grid"), set.mode.charge_from_grid ? 1 : 0);
  w.choice(point("ac_output"), set.mode.ac_output ? 1 : 0);
  w.number(point("soc_target"), set.mode.target_soc.count() / 100, 0);
  if (set.mode.grid_charge_power < ems::kNoLimit) {
    w.number(point("grid_charge_power"), set.mode.grid_charge_power.count(), 0);
  }
  w.number(point("soc_min"), set.soc_min.count() / 100, 0);
  w.number(point("soc_max"), set.soc_max.count() / 100, 0);
  if (set.export_limit < ems::kNoLimit) {
    w.number(point("export_limit"), set.export_limit.count(), 0);
  }
  if (set.import_limit < ems::kNoLimit) {
    w.number(point("demand_limit"), set.import_limit.count(), 0);
  }
  fill_windows(w, set.mode.charge, point("charge_window_start"), point("charge_window_end"));
  fill_windows(w, set.mode.discharge, point("discharge_window_start"),
               point("discharge_window_end"));
}

/// The meter and what its readings have proved of the transformer.
void fill_meter(Writer& w, const Site& site, std::size_t inverter) {
  w.choice(point("meter_link"), site.ems_inputs(inverter).meter.good()
                                    ? symbol("meter_link", "up")
                                    : symbol("meter_link", "down"));
  const ems::CtVerdict verdict = site.transformer(inverter);
  w.choice(point("ct_direction"), verdict == ems::CtVerdict::Right ? symbol("ct_direction", "right")
                                  : verdict == ems::CtVerdict::Reversed
                                      ? symbol("ct_direction", "reversed")
                                      : symbol("ct_direction", "unknown"));
}

void fill_tower_total(Writer& w, const Site& site, std::size_t first, std::size_t count) {
  double watts = 0.0, soc = 0.0;
  Millivolts low(100000), high(0);
  std::int64_t online = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    const PackView view = site.pack(i);
    watts += view.voltage_V * view.current_A;
    soc += view.soc_pct / static_cast<double>(count);
    low = std::min(low, site.state(i).cells.min);
    high = std::max(high, site.state(i).cells.max);
    online += view.contactors_closed ? 1 : 0;
  }
  w.number(point("module_count"), static_cast<std::int64_t>(count), 0);
  w.number(point("modules_online"), online, 0);
  w.number(point("soc"), whole(soc * 100), -2);
  w.number(point("pack_power"), whole(watts), 0);
  w.number(point("pack_current"), whole(watts / 460.0 * 1000), -3);  // on its bus of 460 V (WS-02)
  w.number(point("cell_voltage_min"), low.count(), -3);
  w.number(point("cell_voltage_max"), high.count(), -3);
  fill_state(w, site, first);
}

/// The panels of an inverter as equal strings at their usual voltage; without light or with plus
/// and minus exchanged there is none.
struct Strings {
  std::uint8_t count;
  double volts;
};
constexpr Strings kSmartStrings{2, 612.0};
constexpr Strings kEp760Strings{3, 360.0};  // EP-03

void fill_strings(Writer& w, const Site& site, std::size_t inverter, const Strings& strings) {
  const double share =
      *site.value("pv_power_W") / static_cast<double>(site.inverter_count()) / strings.count;
  const double volts = site.ems_inputs(inverter).pv_available > Watts(0) ? strings.volts : 0.0;
  for (std::uint8_t i = 1; i <= strings.count; ++i) {
    w.number(point("pv_voltage"), whole(volts * 10), -1, i);
    w.number(point("pv_power"), whole(share), 0, i);
    w.number(point("pv_current"), whole(share / strings.volts * 100), -2, i);
  }
}

enum class Shape : std::uint8_t { Smart, Cabinets, Ep760, Meter };

using SiteAt = std::function<Site&(Instant)>;

/// Names of the healthy device of the family: texts, and the mark of its type.
Snapshot nameplate(const Profile& profile, const SiteConfig& site, std::uint32_t seed) {
  Snapshot healthy, names;
  healthy_values(profile, seed)->update(Instant{}, healthy);
  for (const auto& [ref, reading] : healthy.readings()) {
    if (reading.kind == ValueKind::Text || ref.id == point("device_type")) names.put(reading);
  }
  if (!site.model.empty()) names.put(text_reading({point("model"), 0, {}}, site.model, Instant{}));
  return names;
}

class SiteValues final : public ValueModel {
 public:
  SiteValues(const Profile& profile, SiteAt site, Shape shape, std::int32_t number,
             std::uint32_t seed)
      : nameplate_(nameplate(profile, site(Instant{}).config(), seed)),
        site_(std::move(site)),
        shape_(shape),
        number_(static_cast<std::size_t>(number - 1)) {}

  Setting set(const Reading& value) override {
    return shape_ == Shape::Meter ? Setting::Refused : settings_.set(site_(now_), value);
  }

  void update(Instant now, Snapshot& values) override {
    now_ = now;
    values = Snapshot{};
    fill(now, values);
    const std::vector<NodePath> there = values.nodes();
    for (const auto& [ref, reading] : nameplate_.readings()) {
      const bool top = ref.node.depth() == 0;
      if (top || std::find(there.begin(), there.end(), ref.node) != there.end()) {
        values.put(reading);
      }
    }
  }

 private:
  void fill(Instant now, Snapshot& values) const {
    const Site& site = site_(now);
    Writer w(values, now);
    if (shape_ == Shape::Meter) return meter(w, site);
    fill_flows(w, site);
    fill_energy(w, site.ledger());
    w.number(point("soh"), whole(site.summary().soh_pct * 100), -2);
    if (shape_ == Shape::Smart) return smart(w, site);
    if (shape_ == Shape::Cabinets) return cabinets(w, site);
    ep760(w, site);
  }

  void smart(Writer& w, const Site& site) const {
    const SiteConfig& c = site.config();
    const auto modules = static_cast<std::size_t>(c.modules);
    const auto towers = static_cast<std::size_t>(c.towers);
    w.number(point("inverter_count"), c.inverters, 0);
    w.number(point("tower_count"), c.towers, 0);
    w.number(point("module_count"), c.towers * c.modules, 0);
    const bool on = site.control(number_).grid_connected;
    w.choice(point("inverter_state"),
             on ? symbol("inverter_state", "running") : symbol("inverter_state", "off_grid"));
    fill_meter(w, site, number_);
    fill_settings(w, settings_.shown(site.settings()));
    fill_codes(w, site.codes(number_), 2, 32);
    fill_strings(w, site, number_, kSmartStrings);
    for (std::size_t t = 0; t < towers; ++t) {
      const std::size_t first = (number_ * towers + t) * modules;
      Writer tower = w.at(NodeKind::Tower, static_cast<std::uint8_t>(t + 1));
      fill_tower_total(tower, site, first, modules);
      for (std::size_t m = 0; m < modules; ++m) {
        fill_pack(tower.at(NodeKind::Module, static_cast<std::uint8_t>(m + 1)), site, first + m);
      }
    }
  }

  void cabinets(Writer& w, const Site& site) const {
    w.number(point("cabinet_count"), static_cast<std::int64_t>(site.pack_count()), 0);
    fill_settings(w, settings_.shown(site.settings()));
    Writer grid = w.at(NodeKind::Meter, 1);
    fill_meter(grid, site, 0);
    grid.number(point("grid_power_total"), whole(*site.value("grid_power_W")), 0);
    for (std::size_t i = 0; i < site.pack_count(); ++i) {
      Writer cabinet = w.at(NodeKind::Cabinet, static_cast<std::uint8_t>(i + 1));
      fill_pack(cabinet, site, i);
      const bms::PackInputs& in = site.inputs(i);
      cabinet.choice(point("fire_protection"), in.fire ? symbol("fire_protection", "alarm")
                                                       : symbol("fire_protection", "normal"));
      cabinet.choice(point("liquid_cooling"), in.cooling_failed
                                                  ? symbol("liquid_cooling", "alarm")
                                                  : symbol("liquid_cooling", "normal"));
    }
  }

  void ep760(Writer& w, const Site& site) const {
    w.number(point("module_count"), static_cast<std::int64_t>(site.pack_count()), 0);
    fill_codes(w, site.codes(), 3, 64);
    fill_strings(w, site, 0, kEp760Strings);
    fill_meter(w, site, 0);
    fill_settings(w, settings_.shown(site.settings()));
    std::int64_t online = 0;
    for (std::size_t i = 0; i < site.pack_count(); ++i) {
      online += site.pack(i).contactors_closed ? 1 : 0;
    }
    w.number(point("modules_online"), online, 0);
    const auto watts = [&](std::string_view channel) { return whole(*site.value(channel)); };
    w.number(point("grid_power"), watts("grid_power_W"), 0, 1);
    w.number(point("inverter_power"), watts("inverter_power_W"), 0, 1);
    w.number(point("backup_power"), watts("backup_power_W"), 0, 1);
    w.number(point("battery_voltage"), site.inputs(0).pack_voltage.value.count(), -3);
    for (std::size_t i = 0; i < site.pack_count(); ++i) {
      fill_pack(w.at(NodeKind::Module, static_cast<std::uint8_t>(i + 1)), site, i);
    }
  }

  static void meter(Writer& w, const Site& site) {
    const double watts = *site.value("grid_power_W"), volts = *site.value("grid_voltage_V");
    w.number(point("grid_power_total"), whole(watts), 0);
    w.number(point("import_power"), whole(std::max(watts, 0.0)), 0);
    w.number(point("export_power"), whole(std::max(-watts, 0.0)), 0);
    w.number(point("grid_frequency"), whole(*site.value("grid_frequency_Hz") * 100), -2);
    for (std::uint8_t phase = 1; phase <= 3; ++phase) {
      w.number(point("grid_voltage"), whole(volts * 10), -1, phase);
      w.number(point("grid_power"), whole(watts / 3), 0, phase);
      const double amperes = volts > 1.0 ? watts / 3 / volts : 0.0;
      w.number(point("grid_current"), whole(std::abs(amperes) * 100), -2, phase);
    }
    const Ledger& books = site.ledger();
    const double in = books.total.kWh(EnergyPath::Import),
                 out = books.total.kWh(EnergyPath::Export);
    w.number(point("energy_import_total"), whole(in * 100), -2);
    w.number(point("energy_export_total"), whole(out * 100), -2);
    w.number(point("energy_sum"), whole((in + out) * 100), -2);
  }

  Snapshot nameplate_;
  SiteAt site_;
  Shape shape_;
  std::size_t number_;
  SiteSettings settings_;
  Instant now_{};
};

}  // namespace

Site& SharedSite::at(Instant now) {
  while (site_->now() < now) {
    site_->step(std::min(Site::kStepUsual, now - site_->now()));
  }
  return *site_;
}

namespace {

Outcome<std::unique_ptr<ValueModel>> values_of(const Profile& profile, const Site& site, SiteAt at,
                                               std::int32_t number, std::uint32_t seed) {
  struct Row {
    std::string_view family;
    SiteFamily of;
    Shape shape;
  };
  constexpr Row kRows[] = {{"weco_smart", SiteFamily::WecoSmart, Shape::Smart},
                           {"saj_cm2_ems", SiteFamily::SajCm2, Shape::Cabinets},
                           {"ep760_open", SiteFamily::Ep760, Shape::Ep760}};
  const auto made = [&](Shape shape) -> std::unique_ptr<ValueModel> {
    return std::make_unique<SiteValues>(profile, std::move(at), shape, number, seed);
  };
  if (profile.family == "eastron_sdm630" || profile.family == "eastron_sdm72") {
    return made(Shape::Meter);
  }
  const SiteFamily family = site.config().family;
  std::string_view has;
  for (const Row& row : kRows) {
    if (row.of == family) has = row.family;
    if (row.of != family || row.family != profile.family) continue;
    const auto most = static_cast<std::int32_t>(site.inverter_count());
    if (number >= 1 && number <= most) return made(row.shape);
    return failure(ErrorCode::OutOfRange, fmt::format("this site has no device {}", number),
                   "device", fmt::format("It has {}.", most));
  }
  return failure(ErrorCode::Unsupported,
                 fmt::format("a site of {} has no device of {}", name(family), profile.family),
                 std::string(profile.family),
                 fmt::format("It has {} and the meters eastron_sdm630 and eastron_sdm72.", has));
}

}  // namespace

Outcome<std::unique_ptr<ValueModel>> site_values(const Profile& profile,
                                                 std::shared_ptr<SharedSite> site,
                                                 std::int32_t number, std::uint32_t seed) {
  Site& here = site->site();
  const SiteAt at = [site = std::move(site)](Instant now) -> Site& { return site->at(now); };
  return values_of(profile, here, at, number, seed);
}

Outcome<std::unique_ptr<ValueModel>> site_values(const Profile& profile, Site& site,
                                                 std::int32_t number, std::uint32_t seed) {
  return values_of(
      profile, site, [&site](Instant) -> Site& { return site; }, number, seed);
}

}  // namespace weco::sim
