// SPDX-License-Identifier: Apache-2.0
// The inside of a Site. One step: the environment at its beginning, the energy management of every
// inverter, the flow of power through plant and cells, and at its end the battery core of every
// pack. State is here; what is done with it is divided by purpose: run.cpp moves it on,
// settings.cpp and faults.cpp change it from outside, channels.cpp shows it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/ems/parallel.hpp"
#include "sim/environment/environment.hpp"
#include "sim/site/battery.hpp"
#include "sim/site/product.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {

/// What a scenario or a fault puts in the place of the environment.
struct Overrides {
  bool grid_off = false;   // command
  bool grid_lost = false;  // fault
  double grid_V = -1.0;    // negative: as it is
  double grid_Hz = -1.0;
  std::int32_t phase_lost = 0;  // 0 none
  bool generator_failed = false;
  bool meter_lost = false;
  bool meter_reversed = false;
  bool meter_wrong_phase = false;
  bool drm_unreadable = false;
  double extra_load_W = 0.0;    // the house
  double extra_backup_W = 0.0;  // on the backup output
  double pv_share = 1.0;
  double room_degC = -300.0;    // below absolute zero: as it is
  std::size_t charge_only = 0;  // pack; 0: none
};

/// One inverter with its packs, or the one EMS of a plant of cabinets.
struct Group {
  Group(const SitePlan& plan, const SiteConfig& config, const bms::PackConfig& pack,
        const bms::TowerConfig& tower, ModuleBank& modules, std::size_t first, Random& random)
      : battery(plan, config, pack, tower, modules, first, random) {}
  Battery battery;
  ems::Config usual;
  ems::Config full;  // while a full charge is due
  ems::State state;
  ems::Inputs in;
  ems::Outputs out;
  ems::FaultSet codes;  // what the product shows: found by the core or injected
  bool charging_full = false;
  bool asks = false;       // the packs are nearly empty
  bool connected = false;  // to the grid
  double pv_available_W = 0.0;
  double pv_W = 0.0;       // made in the last step
  double pv_set_W = 0.0;   // asked of the panels in this step
  double battery_W = 0.0;  // asked of the packs, after the ramp
  double need_W = 0.0;     // of the backup output while off the grid
  double ac_W = 0.0;       // given to the AC side
  double loss_W = 0.0;
  double backup_W = 0.0;  // served at the backup output in the last step
  // what is wrong
  bool link_lost = false;
  bool master_lost = false;
  bool silent = false;  // a slave that the master does not hear
  bool grid_unmeasured = false;
  bool ambient_lost = false;
  bool pv_reversed = false;
  bool pv_insulation = false;
  double pv_left = 1.0;
  Duration link_age{};
  Duration master_age{};
  Instant beep_at = Instant::never();  // when the buzzer's fault came
};

class Site::Plant {
 public:
  Plant(const SiteConfig& config, const SitePlan& plan);

  void step(Duration dt);
  Done apply_settings(const ems::Settings& settings);
  Done inject(const FaultSpec& fault, bool on);
  Done command(const SiteCommand& row, double value);
  void sample(std::span<double> values) const;
  void make_channels();
  /// Brings the ledger up to now; the losses of the plant are read only then and at midnight.
  void bring_books_up();

  SiteConfig config;
  SitePlan plan;
  bms::PackConfig pack_config;
  bms::TowerConfig tower_config;
  ems::Settings settings;
  Random random;
  Environment environment;
  CellBank bank;
  ModuleBank modules;  // around its strings
  std::vector<Group> groups;
  Overrides overrides;
  ems::ParallelState parallel;

  Instant now{};
  Surroundings around;         // of the last step
  ems::DemandInputs demand{};  // at the terminals
  bool grid_there = true;
  double meter_W = 0.0;  // true power at the connection point, import positive
  bool metered = false;  // at least one step was taken
  double load_W = 0.0;   // served
  double unserved_W = 0.0;
  double pv_ac_W = 0.0;
  double generator_W = 0.0;
  double generator_running_s = 0.0;
  double house_W = 0.0;  // not on a backup output
  // pulses for the next step
  bms::Command tower_command = bms::Command::None;
  bool service = false;
  bool start_when_ready = false;  // the towers start once every pack is in standby
  ems::Commands ems_commands{};

  Ledger ledger;
  Fidelity fidelity;
  std::vector<Channel> channels;
  std::vector<SiteEvent> events;  // a ring once it is full
  std::size_t events_begin = 0;
  std::uint64_t events_dropped = 0;
  std::uint32_t raised[3] = {0, 0, 0};

  void note(SiteEventKind kind, std::size_t unit, std::string_view what, std::uint16_t code = 0);
  [[nodiscard]] std::int64_t wall() const { return config.start_s + (now - Instant{}).to_s(); }
  [[nodiscard]] std::int64_t local() const { return wall() + config.environment.utc_offset_s; }
  [[nodiscard]] bool transient() const;
  [[nodiscard]] PackView view_of(std::size_t pack) const;
  [[nodiscard]] double soc_true(std::size_t pack) const;
  [[nodiscard]] double usable(std::size_t pack) const;
  [[nodiscard]] Group& group_of(std::size_t pack) { return groups[pack / plan.packs]; }
  [[nodiscard]] PackUnit& unit_to_change(std::size_t pack) {
    return group_of(pack).battery.packs_to_change()[pack % plan.packs];
  }
  [[nodiscard]] const PackUnit& unit(std::size_t pack) const {
    return groups[pack / plan.packs].battery.packs()[pack % plan.packs];
  }

 private:
  [[nodiscard]] Done check_target(const FaultSpec& spec) const;
  void strike_cell(const FaultSpec& spec, bool on);
  void strike_power(const FaultSpec& spec, bool on);
  void strike_around(const FaultSpec& spec, bool on);
  void order(std::size_t row, double value);
  void surround(std::size_t row, double value);
  void shift_charge(double share);
  /// Charge was set by hand: that is no flow of energy, so the day's books begin from it.
  void books_jumped(double joule);
  void advance(Duration dt);
  void start_towers();
  void look_around();
  void elect();
  void manage(Group& group, std::size_t index, std::size_t alive);
  void set_points(Group& group, double dt_s);
  void flow(double dt_s);
  void cool();
  void balance(double dt_s);
  double balance_connected(Group& group, std::size_t alive);
  void balance_island(Group& group);
  void care(Duration dt);
  void watch(const Group& group, std::size_t index, double dt_s);
  void report(Group& group, std::size_t index);
  void report_pack(const PackUnit& unit, std::size_t index);
  void book(double dt_s);
  void look_at_packs();
  void close_day(std::int64_t local_day);
  void add_losses();
  void close_hour(std::int64_t local_hour);
  void age();
  [[nodiscard]] Energies stores() const;
  [[nodiscard]] double stored_J() const;
  [[nodiscard]] std::size_t alive() const;
  [[nodiscard]] bool cabinets() const { return config.family == SiteFamily::SajCm2; }
  [[nodiscard]] ems::Calendar calendar() const;
  [[nodiscard]] ems::GridSample grid_sample(const Group& group) const;
  [[nodiscard]] double inverter_rated() const { return plan.rated_W; }

  std::vector<double> room_K_, coolant_K_;
  std::vector<bms::State> before_;  // by pack, as reported
  Energies plant_before_;           // what the plant's own counters said
  double stored_before_ = 0.0;      // at the beginning of the day
  double stored_at_start_ = 0.0;
  Energies day_begin_;
  std::int64_t day_ = -1;  // local
  std::int64_t hour_ = -1;
  struct DayOfPack {  // for the ageing models
    double through_before_As = 0.0;
    double kelvin_s = 0.0;
    double seconds = 0.0;
    double nrel_rate_s = 0.0;
    double hour_kelvin_s = 0.0;
    double hour_soc_s = 0.0;
    double hour_s = 0.0;
    double soc_min = 1.0;
    double soc_max = 0.0;
  };
  std::vector<DayOfPack> days_;
  double unlooked_s_ = 0.0;  // since look_at_packs()

 public:
  std::vector<Health> health;  // by pack
  std::vector<double> cycles;  // by pack, equivalent full ones
};

}  // namespace weco::sim
