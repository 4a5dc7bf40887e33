// SPDX-License-Identifier: Apache-2.0
// The values of a site that a chart or a check may ask for, by name with their unit.
#include <fmt/format.h>

#include "host/failure/nearest.hpp"
#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

struct PackChannel {
  std::string_view name;
  Unit unit;
  double (*of)(const PackView&);
};
constexpr PackChannel kPackChannels[] = {
    {"soc_pct", Unit::Percent, [](const PackView& p) { return p.soc_pct; }},
    {"soc_true_pct", Unit::Percent, [](const PackView& p) { return p.soc_true_pct; }},
    {"voltage_V", Unit::Volt, [](const PackView& p) { return p.voltage_V; }},
    {"current_A", Unit::Ampere, [](const PackView& p) { return p.current_A; }},
    {"cell_min_V", Unit::Volt, [](const PackView& p) { return p.cell_min_V; }},
    {"cell_max_V", Unit::Volt, [](const PackView& p) { return p.cell_max_V; }},
    {"cell_min_degC", Unit::Celsius, [](const PackView& p) { return p.cell_min_degC; }},
    {"cell_max_degC", Unit::Celsius, [](const PackView& p) { return p.cell_max_degC; }},
    {"charge_limit_A", Unit::Ampere, [](const PackView& p) { return p.charge_limit_A; }},
    {"discharge_limit_A", Unit::Ampere, [](const PackView& p) { return p.discharge_limit_A; }},
    {"state", Unit::None, [](const PackView& p) { return static_cast<double>(p.state); }},
};

double sum(const std::vector<Group>& groups, double Group::*of) {
  double total = 0.0;
  for (const Group& g : groups) total += g.*of;
  return total;
}

}  // namespace

namespace {

struct SiteChannel {
  std::string_view name;
  Unit unit;
};
/// In the order of Site::Plant::sample().
constexpr SiteChannel kSiteChannels[] = {
    {"pv_power_W", Unit::Watt},
    {"pv_available_W", Unit::Watt},
    {"pv_ac_power_W", Unit::Watt},
    {"battery_power_W", Unit::Watt},
    {"inverter_power_W", Unit::Watt},
    {"inverter_loss_W", Unit::Watt},
    {"load_power_W", Unit::Watt},
    {"backup_power_W", Unit::Watt},
    {"unserved_power_W", Unit::Watt},
    {"grid_power_W", Unit::Watt},
    {"generator_power_W", Unit::Watt},
    {"grid_connected", Unit::None},
    {"grid_voltage_V", Unit::Volt},
    {"grid_frequency_Hz", Unit::Hertz},
    {"outside_temperature_degC", Unit::Celsius},
    {"room_temperature_degC", Unit::Celsius},
    {"soc_pct", Unit::Percent},
    {"charge_limit_W", Unit::Watt},
    {"discharge_limit_W", Unit::Watt},
};

}  // namespace

void Site::Plant::make_channels() {
  for (const SiteChannel& c : kSiteChannels) channels.push_back({std::string(c.name), c.unit});
  for (std::size_t i = 0; i < bank.strings(); ++i) {
    for (const PackChannel& c : kPackChannels) {
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
    for (const PackChannel& c : kPackChannels) {
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
