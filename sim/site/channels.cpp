// SPDX-License-Identifier: Apache-2.0
// The values of a site that a chart or a check may ask for, by name with their unit.
#include <fmt/format.h>

#include "host/failure/nearest.hpp"
#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

constexpr PackPoint kPackPoints[] = {
    {"soc_pct", Unit::Percent, "state of charge as its BMS estimates it",
     [](const PackView& p) { return p.soc_pct; }},
    {"soc_true_pct", Unit::Percent, "of the cells, their mean",
     [](const PackView& p) { return p.soc_true_pct; }},
    {"voltage_V", Unit::Volt, "of the string", [](const PackView& p) { return p.voltage_V; }},
    {"current_A", Unit::Ampere, "positive charges", [](const PackView& p) { return p.current_A; }},
    {"cell_min_V", Unit::Volt, "lowest cell", [](const PackView& p) { return p.cell_min_V; }},
    {"cell_max_V", Unit::Volt, "highest cell", [](const PackView& p) { return p.cell_max_V; }},
    {"cell_min_degC", Unit::Celsius, "coldest cell",
     [](const PackView& p) { return p.cell_min_degC; }},
    {"cell_max_degC", Unit::Celsius, "warmest cell",
     [](const PackView& p) { return p.cell_max_degC; }},
    {"charge_limit_A", Unit::Ampere, "what its BMS allows",
     [](const PackView& p) { return p.charge_limit_A; }},
    {"discharge_limit_A", Unit::Ampere, "what its BMS allows",
     [](const PackView& p) { return p.discharge_limit_A; }},
    {"state", Unit::None, "by its number",
     [](const PackView& p) { return static_cast<double>(p.state); }},
    // up to here columns of telemetry
    {"latch", Unit::None,
     "what keeps it off: 0 nothing, 1 until a reset, 2 locked (WS-17), 3 overdue, 4 for good "
     "(WS-18)",
     [](const PackView& p) { return static_cast<double>(p.latch); }},
    {"running", Unit::None, "1: it works, with lowered limits or without",
     [](const PackView& p) {
       return p.state == bms::State::Running || p.state == bms::State::Derating ? 1.0 : 0.0;
     }},
    {"warnings", Unit::None, "0: none",
     [](const PackView& p) { return static_cast<double>(p.warnings); }},
    {"alarms", Unit::None, "0: none",
     [](const PackView& p) { return static_cast<double>(p.alarms); }},
    {"faults", Unit::None, "0: none",
     [](const PackView& p) { return static_cast<double>(p.faults); }},
    {"soh_pct", Unit::Percent, "state of health of the ageing model",
     [](const PackView& p) { return p.soh_pct; }},
    {"cycles", Unit::None, "equivalent full ones", [](const PackView& p) { return p.cycles; }},
    {"cell_spread_V", Unit::Volt, "highest less lowest cell",
     [](const PackView& p) { return p.cell_max_V - p.cell_min_V; }},
    {"heater", Unit::None, "1: on", [](const PackView& p) { return p.heater ? 1.0 : 0.0; }},
    {"contactors_closed", Unit::None, "1: closed",
     [](const PackView& p) { return p.contactors_closed ? 1.0 : 0.0; }},
};
constexpr std::size_t kPackColumns = 11;

double sum(const std::vector<Group>& groups, double Group::*of) {
  double total = 0.0;
  for (const Group& g : groups) total += g.*of;
  return total;
}

/// In the order of Site::Plant::sample().
constexpr SiteChannel kSiteChannels[] = {
    {"pv_power_W", Unit::Watt, "taken from the panels, on their DC side"},
    {"pv_available_W", Unit::Watt, "what the sky would give"},
    {"pv_ac_power_W", Unit::Watt, "of other makers' inverters"},
    {"battery_power_W", Unit::Watt, "positive charges"},
    {"inverter_power_W", Unit::Watt, "AC, positive into the site"},
    {"inverter_loss_W", Unit::Watt, "heat of the inverters"},
    {"load_power_W", Unit::Watt, "used by the house"},
    {"backup_power_W", Unit::Watt, "of it, on the backup output"},
    {"unserved_power_W", Unit::Watt, "wanted and not there"},
    {"grid_power_W", Unit::Watt, "positive imports"},
    {"generator_power_W", Unit::Watt, "into the site"},
    {"grid_connected", Unit::None, "1: an inverter is on the grid"},
    {"grid_voltage_V", Unit::Volt, "phase to neutral; 0: no grid"},
    {"grid_frequency_Hz", Unit::Hertz, "0: no grid"},
    {"outside_temperature_degC", Unit::Celsius, "in the shade"},
    {"room_temperature_degC", Unit::Celsius, "where the batteries stand"},
    {"soc_pct", Unit::Percent, "as the energy management sees it"},
    {"charge_limit_W", Unit::Watt, "what the batteries take"},
    {"discharge_limit_W", Unit::Watt, "what the batteries give"},
};

constexpr std::span kColumns = std::span(kPackPoints).first(kPackColumns);

}  // namespace

std::span<const SiteChannel> site_channels() { return kSiteChannels; }
std::span<const PackPoint> pack_points() { return kPackPoints; }

void Site::Plant::make_channels() {
  for (const SiteChannel& c : kSiteChannels) channels.push_back({std::string(c.name), c.unit});
  for (std::size_t i = 0; i < bank.strings(); ++i) {
    for (const PackPoint& c : kColumns) {
      channels.push_back({fmt::format("pack[{}].{}", i + 1, c.name), c.unit});
    }
  }
}

void Site::Plant::sample(std::span<double> values) const {
  double battery = 0.0, soc = 0.0, charge = 0.0, discharge = 0.0;
  bool connected = false;
  for (const Group& g : groups) {
    const Offer& o = g.battery.offer();
    battery += g.battery.power_W();
    soc += o.soc.count() / 100.0 / static_cast<double>(groups.size());
    charge += o.charge_W;
    discharge += o.discharge_W;
    connected = connected || g.connected;
  }
  const double site[] = {sum(groups, &Group::pv_W),
                         sum(groups, &Group::pv_available_W),
                         pv_ac_W,
                         battery,
                         sum(groups, &Group::ac_W),
                         sum(groups, &Group::loss_W),
                         load_W,
                         sum(groups, &Group::backup_W),
                         unserved_W,
                         meter_W,
                         generator_W,
                         connected ? 1.0 : 0.0,
                         grid_there ? around.grid_V : 0.0,
                         grid_there ? around.grid_Hz : 0.0,
                         around.outside_degC,
                         around.room_degC,
                         soc,
                         charge,
                         discharge};
  static_assert(std::size(site) == std::size(kSiteChannels));
  std::size_t at = 0;
  for (const double value : site) {
    if (at < values.size()) values[at++] = value;
  }
  for (std::size_t i = 0; i < bank.strings() && at < values.size(); ++i) {
    const PackView view = view_of(i);
    for (const PackPoint& c : kColumns) {
      if (at < values.size()) values[at++] = c.of(view);
    }
  }
}

Outcome<double> Site::value(std::string_view channel) const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < plant_->channels.size(); ++i) {
    names.push_back(plant_->channels[i].name);
    if (names.back() != channel) continue;
    std::vector<double> values(i + 1);
    plant_->sample(values);
    return values[i];
  }
  const std::string_view close = nearest(channel, names);
  return failure(
      ErrorCode::NotFound, fmt::format("this site has no value '{}'", channel), {},
      close.empty() ? "See the header of its telemetry." : fmt::format("Did you mean {}?", close));
}

}  // namespace weco::sim
