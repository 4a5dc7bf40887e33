// SPDX-License-Identifier: Apache-2.0
// Where the energy of a site came from and went to. Every path is counted on its own from what the
// plant did, so that the sum of all of them is a proof and not a definition: each day must close to
// one part in a thousand million of what was moved.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weco::sim {

enum class EnergyPath : std::uint8_t {
  Pv,             // made behind the inverters, on the DC side
  PvAc,           // made by other inverters on the AC side
  Import,         // from the grid
  Generator,      // from the generator
  Export,         // to the grid
  Load,           // what the house used
  Unserved,       // what it wanted and nobody could give
  Curtailed,      // PV that could have been made
  Charge,         // into the packs, at their terminals
  Discharge,      // out of the packs, at their terminals
  InverterLoss,   // heat of the power stages, standby included
  ConverterLoss,  // heat of the modules' own converters
  Heater,         // heat made on purpose
  CellLoss,       // heat in the cells
  Auxiliary,      // balancing, precharge, contactor coils, cooling
  kCount,
};
inline constexpr std::size_t kEnergyPaths = static_cast<std::size_t>(EnergyPath::kCount);

struct EnergyPathInfo {
  std::string_view name;  // stable, for scripts: "pv", "import"
  std::string_view doc;
};
const EnergyPathInfo& info(EnergyPath path);

/// Joules by path.
struct Energies {
  std::array<double, kEnergyPaths> joule{};
  [[nodiscard]] double of(EnergyPath path) const { return joule[static_cast<std::size_t>(path)]; }
  double& operator[](EnergyPath path) { return joule[static_cast<std::size_t>(path)]; }
  [[nodiscard]] double kWh(EnergyPath path) const { return of(path) / 3.6e6; }
};

/// Sources minus sinks minus what is stored: zero when nothing was lost or invented.
struct Balance {
  double moved_J = 0;     // all sources together
  double residual_J = 0;  // what does not close
  [[nodiscard]] double relative() const {
    return moved_J == 0 ? 0 : (residual_J < 0 ? -residual_J : residual_J) / moved_J;
  }
};

struct Ledger {
  Energies total;                                 // since the start
  Energies today;                                 // since local midnight
  Energies yesterday;                             // the day that closed last
  double stored_J = 0;                            // in the cells now, above the start
  Balance day;                                    // of the day that closed last
  Balance worst;                                  // of the day that closed worst
  std::int32_t days = 0;                          // closed
  double cost = 0;                                // of import, in the tariff's currency
  double revenue = 0;                             // of export
  [[nodiscard]] double self_sufficiency() const;  // share of the load not imported, 0 .. 1
  [[nodiscard]] double self_consumption() const;  // share of the PV not exported, 0 .. 1
};

/// A day that does not close better than this is a violation.
inline constexpr double kBalanceMost = 1e-9;

}  // namespace weco::sim
