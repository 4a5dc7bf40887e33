// SPDX-License-Identifier: Apache-2.0
// The books of a site: every path of energy is counted from what the plant did, and each day must
// close. The cells' own losses come from the bank, the modules' from the modules, the inverters'
// from run.cpp; nothing here is a remainder.
#include <algorithm>
#include <cmath>

#include "sim/ageing/ageing.hpp"
#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

constexpr std::int64_t kHour_s = 3600;
/// How warm and how full cells are moves slowly enough to be looked at so often.
constexpr double kLookEvery_s = 60.0;

}  // namespace

/// What the plant's own counters have, as paths.
Energies Site::Plant::stores() const {
  Energies e;
  for (std::size_t i = 0; i < bank.strings(); ++i) {
    const StringEnergy s = bank.energy(i);
    const ModuleEnergy m = unit(i).plant.energy();
    e[EnergyPath::CellLoss] += s.loss_J + s.drained_J;
    e[EnergyPath::ConverterLoss] += m.converter_J;
    e[EnergyPath::Heater] += m.heater_J;
    e[EnergyPath::Auxiliary] += m.electronics_J + m.circuit_J;
  }
  return e;
}

double Site::Plant::stored_J() const {
  double sum = 0.0;
  for (std::size_t i = 0; i < bank.strings(); ++i) {
    sum += bank.energy(i).chemical_J + unit(i).plant.energy().capacitor_J;
  }
  return sum;
}

void Site::Plant::book(double dt_s) {
  Energies& t = ledger.total;
  double charge = 0.0, discharge = 0.0, pv = 0.0, loss = 0.0, available = 0.0;
  for (const Group& g : groups) {
    pv += g.pv_W;
    loss += g.loss_W;
    available += g.pv_available_W;
    charge += g.battery.charge_W();
    discharge += g.battery.discharge_W();
  }
  t[EnergyPath::Pv] += dt_s * pv;
  t[EnergyPath::PvAc] += dt_s * pv_ac_W;
  t[EnergyPath::Import] += dt_s * std::max(meter_W, 0.0);
  t[EnergyPath::Export] += dt_s * std::max(-meter_W, 0.0);
  t[EnergyPath::Generator] += dt_s * generator_W;
  t[EnergyPath::Load] += dt_s * load_W;
  t[EnergyPath::Unserved] += dt_s * unserved_W;
  t[EnergyPath::Curtailed] += dt_s * std::max(0.0, available - pv);
  t[EnergyPath::Charge] += dt_s * charge;
  t[EnergyPath::Discharge] -= dt_s * discharge;
  t[EnergyPath::InverterLoss] += dt_s * loss;
  unlooked_s_ += dt_s;
  if (unlooked_s_ >= kLookEvery_s) look_at_packs();
  const std::int64_t at = local();
  const double kWh = dt_s / 3.6e6;
  if (meter_W > 0.0) {
    ledger.cost +=
        kWh * meter_W * environment.import_price(static_cast<std::int32_t>(at % kDay_s / 60));
  } else {
    ledger.revenue -= kWh * meter_W * config.environment.tariff.export_per_kWh;
  }
  if (at / kHour_s == hour_) return;
  close_hour(at / kHour_s);
  if (at / kDay_s != day_) close_day(at / kDay_s);
}

void Site::Plant::look_at_packs() {
  DayOfPack* day = days_.data();
  for (const Group& g : groups) {
    for (const PackUnit& u : g.battery.packs()) {
      const double soc = u.state.level.count() * 1e-4;
      day->hour_kelvin_s += unlooked_s_ * bank.frame_K(u.plant.string());
      day->hour_soc_s += unlooked_s_ * soc;
      day->hour_s += unlooked_s_;
      day->soc_min = std::min(day->soc_min, soc);
      day->soc_max = std::max(day->soc_max, soc);
      ++day;
    }
  }
  unlooked_s_ = 0.0;
}

/// Time wears by the hour, for its laws are far from linear in the charge; NREL's by the mean rate
/// of the day.
void Site::Plant::close_hour(std::int64_t hour) {
  hour_ = hour;
  look_at_packs();
  for (std::size_t i = 0; i < days_.size(); ++i) {
    DayOfPack& d = days_[i];
    if (d.hour_s <= 0.0) continue;
    Wear wear;
    wear.days = d.hour_s / static_cast<double>(kDay_s);
    wear.kelvin = d.hour_kelvin_s / d.hour_s;
    wear.soc = d.hour_soc_s / d.hour_s;
    if (config.ageing == AgeingChoice::Nrel) {
      d.nrel_rate_s += nrel::time_rate(wear.kelvin, wear.soc) * d.hour_s;
    } else {
      wear_down(config.ageing, wear, health[i]);
    }
    d.kelvin_s += d.hour_kelvin_s;
    d.seconds += d.hour_s;
    d.hour_kelvin_s = d.hour_soc_s = d.hour_s = 0.0;
  }
}

void Site::Plant::add_losses() {
  const Energies now_has = stores();
  for (const EnergyPath p : {EnergyPath::CellLoss, EnergyPath::ConverterLoss, EnergyPath::Heater,
                             EnergyPath::Auxiliary}) {
    ledger.total[p] += now_has.of(p) - plant_before_.of(p);
  }
  plant_before_ = now_has;
}

void Site::Plant::bring_books_up() {
  add_losses();
  for (std::size_t i = 0; i < kEnergyPaths; ++i) {
    ledger.today.joule[i] = ledger.total.joule[i] - day_begin_.joule[i];
  }
  ledger.stored_J = stored_J() - stored_at_start_;
}

void Site::Plant::close_day(std::int64_t today) {
  add_losses();
  const double stored = stored_J();
  Energies& y = ledger.yesterday;
  for (std::size_t i = 0; i < kEnergyPaths; ++i) {
    y.joule[i] = ledger.total.joule[i] - day_begin_.joule[i];
  }
  const double sources = y.of(EnergyPath::Pv) + y.of(EnergyPath::PvAc) + y.of(EnergyPath::Import) +
                         y.of(EnergyPath::Generator);
  const double sinks = y.of(EnergyPath::Export) + y.of(EnergyPath::Load) +
                       y.of(EnergyPath::InverterLoss) + y.of(EnergyPath::ConverterLoss) +
                       y.of(EnergyPath::Heater) + y.of(EnergyPath::CellLoss) +
                       y.of(EnergyPath::Auxiliary);
  const double kept = stored - stored_before_;
  // a day on which nothing but the battery moved is measured by what it moved
  const double moved = sources + y.of(EnergyPath::Discharge);
  ledger.day = {moved, sources - sinks - kept};
  if (ledger.day.relative() > ledger.worst.relative()) ledger.worst = ledger.day;
  fidelity.worst_balance = std::max(fidelity.worst_balance, ledger.day.relative());
  if (!(ledger.day.relative() <= kBalanceMost)) {  // what is no number balances nothing
    ++fidelity.violations;
    note(SiteEventKind::Violation, 0, "energy_balance");
  }
  ++ledger.days;
  stored_before_ = stored;
  age();
  day_ = today;
  day_begin_ = ledger.total;
}

void Site::Plant::books_jumped(double joule) {
  stored_before_ += joule;
  stored_at_start_ += joule;
}

/// Use wears by the day; after it the cells get what is left of their capacity.
void Site::Plant::age() {
  for (std::size_t i = 0; i < days_.size(); ++i) {
    DayOfPack& d = days_[i];
    const double through_As = unit(i).plant.through_As();
    if (d.seconds > 0.0) {
      const double through_Ah = (through_As - d.through_before_As) / 3600.0;
      Wear wear;
      wear.cycles = through_Ah / (2.0 * plan.capacity_Ah);
      wear.kelvin = d.kelvin_s / d.seconds;
      if (config.ageing == AgeingChoice::Nrel) {
        wear.days = d.seconds / static_cast<double>(kDay_s);
        wear.nrel_time_rate = d.nrel_rate_s / d.seconds;
      }
      wear.depth = std::max(0.0, d.soc_max - d.soc_min);
      wear.c_rate = through_Ah / (plan.capacity_Ah * d.seconds / 3600.0);
      cycles[i] += wear.cycles;
      wear_down(config.ageing, wear, health[i]);
      if (config.ageing != AgeingChoice::None) {
        books_jumped(bank.set_health(i, health[i].capacity(), health[i].resistance()));
      }
    }
    d = DayOfPack{.through_before_As = through_As};
  }
}

}  // namespace weco::sim
