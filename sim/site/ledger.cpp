// SPDX-License-Identifier: Apache-2.0
#include "sim/site/ledger.hpp"

#include <algorithm>

namespace weco::sim {
namespace {

constexpr std::array<EnergyPathInfo, kEnergyPaths> kPaths = {{
    {"pv", "PV made behind the inverters"},
    {"pv_ac", "PV made by other inverters"},
    {"import", "taken from the grid"},
    {"generator", "made by the generator"},
    {"export", "given to the grid"},
    {"load", "used by the house"},
    {"unserved", "wanted by the house and not there"},
    {"curtailed", "PV that could have been made"},
    {"charge", "into the packs"},
    {"discharge", "out of the packs"},
    {"inverter_loss", "heat of the inverters"},
    {"converter_loss", "heat of the modules' converters"},
    {"heater", "heat of the packs' heaters"},
    {"cell_loss", "heat in the cells"},
    {"auxiliary", "balancing, contactors, cooling"},
}};

}  // namespace

const EnergyPathInfo& info(EnergyPath path) { return kPaths[static_cast<std::size_t>(path)]; }

double Ledger::self_sufficiency() const {
  const double load = total.of(EnergyPath::Load);
  return load > 0 ? std::clamp(1 - total.of(EnergyPath::Import) / load, 0.0, 1.0) : 0;
}

double Ledger::self_consumption() const {
  const double pv = total.of(EnergyPath::Pv) + total.of(EnergyPath::PvAc);
  return pv > 0 ? std::clamp(1 - total.of(EnergyPath::Export) / pv, 0.0, 1.0) : 0;
}

}  // namespace weco::sim
