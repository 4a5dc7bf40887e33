// SPDX-License-Identifier: Apache-2.0
// What each fault of the catalogue does to the plant, and how it is mended.
#include <fmt/format.h>

#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

constexpr double kBelowDeep_V = 1.9;  // DeepDischarge trips at 2.0 V

Unexpected<Failure> not_there(std::string_view what, std::int32_t number, std::size_t have) {
  return failure(ErrorCode::OutOfRange, fmt::format("this site has no {} {}", what, number),
                 std::string(what), fmt::format("It has {}.", have));
}

/// Where a cell of this kind stands at this voltage when it is empty beyond its range.
double soc_at(const CellKind& kind, double volts) {
  return (volts - kind.ocv_V.front()) / kind.beyond_V;
}

SensorError broken(bool on, SensorFault fault) {
  SensorError error;
  if (on) error.fault = fault;
  return error;
}

}  // namespace

Done Site::Plant::check_target(const FaultSpec& spec) const {
  for (const FaultParameter& p : info(spec.id).parameters) {
    if (p.name == "pack") {
      const std::int32_t n = spec.whole("pack");
      if (static_cast<std::size_t>(n) > bank.strings()) return not_there("pack", n, bank.strings());
    } else if (p.name == "cell") {
      const std::int32_t n = spec.whole("cell");
      if (static_cast<std::size_t>(n) > plan.cells) return not_there("cell", n, plan.cells);
    } else if (p.name == "sensor") {
      const std::int32_t n = spec.whole("sensor");
      if (n > pack_config.sensors) return not_there("sensor", n, pack_config.sensors);
    } else if (p.name == "inverter") {
      const std::int32_t n = spec.whole("inverter");
      if (static_cast<std::size_t>(n) > groups.size()) {
        return not_there("inverter", n, groups.size());
      }
    }
  }
  return {};
}

Done Site::Plant::inject(const FaultSpec& spec, bool on) {
  if (strikes_wire(spec.id)) {
    return failure(ErrorCode::Unsupported,
                   fmt::format("{} strikes a served link, not the site", info(spec.id).name),
                   std::string(info(spec.id).name),
                   "Give it with --fault when the site is served.");
  }
  if (Done done = check_target(spec); !done) return done;
  switch (info(spec.id).group) {
    case FaultGroup::Cell:
      strike_cell(spec, on);
      break;
    case FaultGroup::Power:
      strike_power(spec, on);
      break;
    case FaultGroup::Firmware: {
      Group& g = groups[static_cast<std::size_t>(spec.whole("inverter")) - 1];
      const auto code = static_cast<std::uint16_t>(spec.whole("code"));
      if (ems::find_fault(plan.product->product, code) == nullptr) {
        return failure(ErrorCode::NotFound, fmt::format("this product has no fault code {}", code),
                       "code", "See 'weco devices fault' for its list.");
      }
      if (on) {
        g.codes.set(code);
        if (ems::sounds_buzzer(plan.product->product, code)) g.beep_at = now;
      } else {
        g.codes.clear(code);
      }
      break;
    }
    default:
      strike_around(spec, on);
      break;
  }
  note(on ? SiteEventKind::Injected : SiteEventKind::Mended, 0, info(spec.id).name);
  return {};
}

void Site::Plant::strike_cell(const FaultSpec& spec, bool on) {
  const auto pack = static_cast<std::size_t>(spec.whole("pack")) - 1;
  PackUnit& u = unit_to_change(pack);
  const auto cell = [&] { return static_cast<std::size_t>(spec.whole("cell")) - 1; };
  const auto sensor = [&] { return static_cast<std::size_t>(spec.whole("sensor")) - 1; };
  switch (spec.id) {
    case FaultId::CellLeak:
      bank.set_leak(pack, cell(), on ? spec.of("current") : 0.0);
      break;
    case FaultId::CellResistance:
      bank.set_resistance_factor(pack, cell(), on ? spec.of("factor") : 1.0);
      break;
    case FaultId::CellCapacity:
      health[pack] = worn_to(on ? spec.of("left") / 100.0 : config.soh_pct / 100.0);
      books_jumped(bank.set_health(pack, health[pack].capacity(), health[pack].resistance()));
      break;
    case FaultId::CellDeepDischarge:
      books_jumped(bank.set_soc(pack, cell(), on ? soc_at(bank.kind(), kBelowDeep_V) : 0.3));
      break;
    case FaultId::CellVoltageStuck:
      u.plant.set_cell_sensor(cell(), broken(on, SensorFault::Stuck));
      u.faults.sensors = on;
      break;
    case FaultId::CellVoltageLost:
      u.plant.set_cell_sensor(cell(), broken(on, SensorFault::Lost));
      u.faults.sensors = on;
      break;
    case FaultId::CellTemperatureStuck:
      u.plant.set_temperature_sensor(sensor(), broken(on, SensorFault::Stuck));
      u.faults.sensors = on;
      break;
    case FaultId::CellTemperatureLost:
      u.plant.set_temperature_sensor(sensor(), broken(on, SensorFault::Lost));
      u.faults.sensors = on;
      break;
    case FaultId::CurrentSensorOffset: {
      SensorError error;
      error.offset = on ? spec.of("offset") : 0.0;
      u.plant.set_current_sensor(error);
      break;
    }
    case FaultId::CurrentSensorLost:
      u.plant.set_current_sensor(broken(on, SensorFault::Lost));
      break;
    default:
      break;
  }
}

void Site::Plant::strike_power(const FaultSpec& spec, bool on) {
  PackUnit& u = unit_to_change(static_cast<std::size_t>(spec.whole("pack")) - 1);
  const auto contactor = [&](Contactor which, ContactorFault fault) {
    u.plant.set_contactor(which, on ? fault : ContactorFault::None);
  };
  switch (spec.id) {
    case FaultId::ContactorStuckOpen:
      contactor(Contactor::Main, ContactorFault::StuckOpen);
      break;
    case FaultId::ContactorWelded:
      contactor(Contactor::Main, ContactorFault::Welded);
      break;
    case FaultId::PrechargeOpen:
      contactor(Contactor::Precharge, ContactorFault::StuckOpen);
      break;
    case FaultId::FuseBlown:
      if (on) {
        u.plant.blow_fuse();
      } else {
        u.plant.replace_fuse();
      }
      break;
    case FaultId::InsulationLow:
      u.plant.set_insulation_kohm(on ? spec.of("resistance")
                                     : plan.product->module->insulation_kohm);
      break;
    case FaultId::ShortCircuit:
      u.faults.short_circuit = on;
      break;
    case FaultId::InterlockOpen:
      u.faults.interlock_open = on;
      break;
    case FaultId::BreakerTrips:
      u.faults.breaker_trips = on ? static_cast<std::uint8_t>(spec.whole("times")) : 0;
      break;
    case FaultId::HeaterFailed:
      u.faults.heater_failed = on;
      break;
    case FaultId::CoolingFailed:
      u.faults.cooling_failed = on;
      break;
    case FaultId::Fire:
      u.faults.fire = on;
      break;
    case FaultId::OtherBatteryType:
      u.faults.other_type = on;
      break;
    default:
      break;
  }
}

void Site::Plant::strike_around(const FaultSpec& spec, bool on) {
  Overrides& o = overrides;
  const auto group = [&]() -> Group& {
    return groups[static_cast<std::size_t>(spec.whole("inverter")) - 1];
  };
  switch (spec.id) {
    case FaultId::GridLost:
      o.grid_lost = on;
      break;
    case FaultId::GridVoltage:
      o.grid_V = on ? spec.of("voltage") : -1.0;
      break;
    case FaultId::GridPhaseLost:
      o.phase_lost = on ? spec.whole("phase") : 0;
      break;
    case FaultId::GridFrequency:
      o.grid_Hz = on ? spec.of("frequency") : -1.0;
      break;
    case FaultId::GridUnmeasured:
      group().grid_unmeasured = on;
      break;
    case FaultId::GeneratorFailed:
      o.generator_failed = on;
      break;
    case FaultId::MeterLost:
      o.meter_lost = on;
      break;
    case FaultId::MeterReversed:
      o.meter_reversed = on;
      break;
    case FaultId::MeterWrongPhase:
      o.meter_wrong_phase = on;
      break;
    case FaultId::PvReversed:
      group().pv_reversed = on;
      break;
    case FaultId::PvInsulationLow:
      group().pv_insulation = on;
      break;
    case FaultId::PvLost:
      group().pv_left = on ? spec.of("left") / 100.0 : 1.0;
      break;
    case FaultId::BatteryLinkLost:
      group().link_lost = on;
      break;
    case FaultId::MasterLost:
      group().master_lost = on;
      break;
    case FaultId::SlaveLost:
      group().silent = on;
      break;
    case FaultId::DrmUnreadable:
      o.drm_unreadable = on;
      break;
    case FaultId::AmbientSensorLost:
      group().ambient_lost = on;
      break;
    default:
      break;
  }
}

Done Site::inject(const FaultSpec& fault) { return plant_->inject(fault, true); }
Done Site::clear(const FaultSpec& fault) { return plant_->inject(fault, false); }

}  // namespace weco::sim
