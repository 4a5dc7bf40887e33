// SPDX-License-Identifier: Apache-2.0
#include "sim/site/site.hpp"

#include <utility>

#include "core/base/assert.hpp"
#include "core/bms/led.hpp"
#include "core/ems/panel.hpp"
#include "sim/site/plant.hpp"

namespace weco::sim {
namespace {

constexpr std::array<std::string_view, 10> kEventKinds = {
    "warning", "alarm",    "fault",  "cleared", "state",
    "control", "injected", "mended", "command", "violation"};

BankConfig bank_of(const SiteConfig& config, const SitePlan& plan) {
  BankConfig bank;
  bank.kind = plan.product->cell;
  bank.strings = plan.groups * plan.packs;
  bank.cells = plan.cells;
  bank.spread = {kUsualSpread.capacity * config.spread, kUsualSpread.resistance * config.spread,
                 kUsualSpread.self_discharge * config.spread, kUsualSpread.soc * config.spread};
  bank.seed = config.seed;
  bank.soc = config.soc_pct / 100.0;
  bank.capacity_Ah = plan.capacity_Ah;
  bank.thermal = plan.product->thermal;
  return bank;
}

}  // namespace

std::string_view name(SiteEventKind kind) { return kEventKinds[static_cast<std::size_t>(kind)]; }

Site::Plant::Plant(const SiteConfig& site, const SitePlan& site_plan)
    : config(site),
      plan(site_plan),
      pack_config(scaled_pack(*plan.product->pack, plan.cells, plan.capacity_Ah)),
      tower_config(scaled_tower(*plan.product->tower, *plan.product->pack, plan.cells)),
      settings(site.settings),
      random(site.seed ^ 0x5173),
      environment(site.environment, site.seed),
      bank([&] {
        BankConfig made = bank_of(site, site_plan);
        Environment begin(site.environment, site.seed);
        const double room = begin.at(site.start_s).room_degC;
        made.temperature_K = site.cell_degC.value_or(room) + kZeroCelsius_K;
        return made;
      }()),
      modules(*plan.product->module, bank) {
  const std::size_t strings = plan.groups * plan.packs;
  room_K_.assign(strings, 0.0);
  coolant_K_.assign(strings, 0.0);
  before_.assign(strings, bms::State::Off);
  days_.resize(strings);
  cycles.assign(strings, 0.0);
  health.assign(strings, worn_to(config.soh_pct / 100.0));
  groups.reserve(plan.groups);
  for (std::size_t g = 0; g < plan.groups; ++g) {
    groups.emplace_back(plan, config, pack_config, tower_config, modules, g * plan.packs, random);
  }
  modules.read();
  for (std::size_t i = 0; i < strings; ++i) {  // what is seen before the first cycle of the core
    PackUnit& u = unit_to_change(i);
    u.plant.measure(u.in);
    bms::summarise(u.in.cells, pack_config.cells, pack_config.sensors, u.state.cells);
  }
  if (config.soh_pct < 100.0) {
    for (std::size_t i = 0; i < strings; ++i) {
      static_cast<void>(bank.set_health(i, health[i].capacity(), health[i].resistance()));
    }
  }
  events.reserve(kSiteEventsMax);
  const Done applied = apply_settings(settings);
  WECO_ASSERT(applied);  // plan_site() has found them good
  around = environment.at(wall());
  day_ = local() / kDay_s;
  hour_ = local() / 3600;
  stored_before_ = stored_at_start_ = stored_J();
  make_channels();
  if (config.switched_on) {
    for (Group& g : groups) {
      for (PackUnit& u : g.battery.packs_to_change()) u.pending = bms::Command::PowerOn;
    }
    start_when_ready = true;
  }
}

Done Site::Plant::apply_settings(const ems::Settings& wanted) {
  const auto usual = group_config(plan, config, wanted);
  if (!usual) return Unexpected{usual.error()};
  const auto full = group_config(plan, config, full_charge_settings(wanted));
  if (!full) return Unexpected{full.error()};
  settings = wanted;
  for (Group& g : groups) {
    g.usual = *usual;
    g.full = *full;
  }
  return {};
}

Site::Site(std::unique_ptr<Plant> plant) : plant_(std::move(plant)) {}
Site::~Site() = default;

Outcome<std::unique_ptr<Site>> Site::make(const SiteConfig& config) {
  auto plan = plan_site(config);
  if (!plan) return Unexpected{std::move(plan).error()};
  return std::unique_ptr<Site>(new Site(std::make_unique<Plant>(config, *plan)));
}

void Site::step(Duration dt) { plant_->step(dt); }
const SiteConfig& Site::config() const { return plant_->config; }
Instant Site::now() const { return plant_->now; }
std::int64_t Site::wall_seconds() const { return plant_->wall(); }
std::span<const Channel> Site::channels() const { return plant_->channels; }
void Site::sample(std::span<double> values) const { plant_->sample(values); }

const Ledger& Site::ledger() const {
  plant_->bring_books_up();
  return plant_->ledger;
}
const Fidelity& Site::fidelity() const { return plant_->fidelity; }

SiteSummary Site::summary() const {
  const Ledger& books = ledger();
  SiteSummary s;
  s.soh_pct = 100.0;
  for (std::size_t i = 0; i < pack_count(); ++i) {
    s.cycles += pack(i).cycles / static_cast<double>(pack_count());
    s.soh_pct = std::min(s.soh_pct, 100.0 * plant_->health[i].capacity());
  }
  s.self_sufficiency_pct = 100.0 * books.self_sufficiency();
  s.self_consumption_pct = 100.0 * books.self_consumption();
  s.warnings = plant_->raised[0];
  s.alarms = plant_->raised[1];
  s.faults = plant_->raised[2];
  return s;
}

std::size_t Site::pack_count() const { return plant_->bank.strings(); }

PackView Site::pack(std::size_t index) const {
  WECO_ASSERT(index < pack_count());
  return plant_->view_of(index);
}

PackView Site::Plant::view_of(std::size_t index) const {
  const PackUnit& u = unit(index);
  const bms::CellSummary& c = u.state.cells;
  const bms::PackOutputs& out = u.out;
  PackView v;
  v.state = u.state.machine.state;
  v.latch = u.state.machine.latch;
  v.led = out.led;
  v.warnings = out.warnings;
  v.alarms = out.alarms;
  v.faults = out.faults;
  v.soc_pct = u.state.level.count() / 100.0;
  v.soc_true_pct = 100.0 * soc_true(index);
  v.usable_pct = 100.0 * usable(index);
  v.soh_pct = 100.0 * health[index].capacity();
  v.cycles = static_cast<double>(bms::report_of(pack_config, u.state).cycles_thousandth) / 1000.0;
  v.voltage_V = u.in.pack_voltage.value.count() * 1e-3;
  v.current_A = u.in.current.value.count() * 1e-3;
  v.cell_min_V = c.min.count() * 1e-3;
  v.cell_max_V = c.max.count() * 1e-3;
  v.cell_min_degC = c.coldest.to_deci_celsius() * 0.1;
  v.cell_max_degC = c.warmest.to_deci_celsius() * 0.1;
  v.charge_limit_A = u.state.limits.charge.value().count() * 1e-3;
  v.discharge_limit_A = u.state.limits.discharge.value().count() * 1e-3;
  v.heater = out.heater;
  v.contactors_closed = u.plant.closed(Contactor::Main) && u.plant.closed(Contactor::Negative);
  return v;
}

PanelView Site::panel(std::size_t inverter) const {
  WECO_ASSERT(inverter < plant_->groups.size());
  const Group& g = plant_->groups[inverter];
  bool alarm = g.codes.any(), fault = false;
  for (const PackUnit& u : g.battery.packs()) {
    alarm = alarm || u.out.alarms != 0;
    fault = fault || u.out.faults != 0 || u.state.machine.latch != bms::Latch::None;
  }
  const ems::PanelLights lights = ems::panel_lights(alarm, fault);
  PanelView v{lights.run, lights.alarm, lights.fault, false, false};
  v.power_light = ems::power_light(ems::EmsPhase::Online, plant_->now - Instant{});
  v.buzzer = g.beep_at <= plant_->now && ems::buzzer_sounds(plant_->now - g.beep_at, false);
  return v;
}

const ems::Settings& Site::settings() const { return plant_->settings; }
Done Site::configure(const ems::Settings& settings) { return plant_->apply_settings(settings); }
ems::CtVerdict Site::transformer(std::size_t inverter) const {
  return plant_->groups[inverter].state.meter.verdict;
}

const ems::Outputs& Site::control(std::size_t inverter) const {
  return plant_->groups[inverter].out;
}
const ems::FaultSet& Site::codes(std::size_t inverter) const {
  return plant_->groups[inverter].codes;
}

const bms::PackInputs& Site::inputs(std::size_t pack) const { return plant_->unit(pack).in; }
const bms::PackOutputs& Site::outputs(std::size_t pack) const { return plant_->unit(pack).out; }
const bms::PackState& Site::state(std::size_t pack) const { return plant_->unit(pack).state; }
bms::SocReport Site::charge(std::size_t pack) const {
  return bms::report_of(plant_->pack_config, state(pack));
}
const ems::Inputs& Site::ems_inputs(std::size_t inverter) const {
  return plant_->groups[inverter].in;
}
std::size_t Site::inverter_count() const { return plant_->groups.size(); }

std::size_t Site::event_count() const { return plant_->events.size(); }
const SiteEvent& Site::event(std::size_t index) const {
  return plant_->events[(plant_->events_begin + index) % plant_->events.size()];
}
std::uint64_t Site::events_dropped() const { return plant_->events_dropped; }

}  // namespace weco::sim
