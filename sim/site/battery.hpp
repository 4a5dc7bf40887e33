// SPDX-License-Identifier: Apache-2.0
// The packs of one inverter, or of the cabinets behind one EMS: each a module of the plant under
// the battery core, joined by the core's towers. What may flow is decided by the core; how it
// divides among the packs is decided by converters (which are told) or by the cells themselves
// (packs in parallel on one bus).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/bms/pack.hpp"
#include "core/bms/tower.hpp"
#include "sim/plant/module_bank.hpp"
#include "sim/site/product.hpp"

namespace weco::sim {

/// What is wrong around a pack; the front end and the platform report it to the core.
struct PackFaults {
  bool short_circuit = false;
  bool interlock_open = false;
  bool fire = false;
  bool cooling_failed = false;
  bool heater_failed = false;
  bool other_type = false;
  bool sensors = false;  // a reading lies, so that limits cannot be kept
  std::uint8_t breaker_trips = 0;
};

/// Of whole cache lines: packs are worked on in turn.
struct alignas(64) PackUnit {
  PackUnit(const bms::PackConfig& config, ModulePlant& module, Permyriad soc);
  ModulePlant& plant;
  bms::PackInputs in;
  bms::PackOutputs out;
  bms::PackState state;
  PackFaults faults;
  bms::Command pending = bms::Command::None;  // for the next cycle
  double beyond_s = 0.0;                      // a cell is outside its fault limits since
  double share_W = 0.0;                       // of what is asked of all
};

/// What the platform tells the packs in one cycle.
struct BatterySignals {
  Duration link_age;    // since the inverter was last heard
  Duration master_age;  // since the modules heard their master
  bool charge_wanted = false;
  bool heating_energy = false;
  bool service_verified = false;
  std::size_t charge_only = 0;  // this pack is charged, from 1, the rest serve; 0: none
  bms::Command tower = bms::Command::None;
  friend bool operator==(const BatterySignals&, const BatterySignals&) = default;
};

/// What the packs offer to the inverter.
struct Offer {
  double charge_W = 0.0;
  double discharge_W = 0.0;
  Permyriad soc;
  std::size_t joined = 0;
  bool full_due = false;  // one of them: WS-13
  bool full = false;      // all of them
  bool any_on = false;    // a pack is awake
};

class Battery {
 public:
  /// Modules first .. first + count - 1 of the bank. All references outlive this.
  Battery(const SitePlan& plan, const SiteConfig& config, const bms::PackConfig& pack,
          const bms::TowerConfig& tower, ModuleBank& modules, std::size_t first, Random& random);

  /// One cycle of every pack's core, at the end of a step of `dt`, with what the bank has read.
  /// False: nothing was decided, no state and no event has changed.
  bool control(const CellBank& bank, const BatterySignals& signals, Instant now, Duration dt);
  /// Sets what each pack is to take in (negative: give) for the coming step.
  void ask(CellBank& bank, double power_W, double dt_s);
  /// After the step of the modules.
  void settle(const ModuleBank& modules);

  [[nodiscard]] const Offer& offer() const { return offer_; }
  // Of the last step, at the far side.
  [[nodiscard]] double power_W() const { return power_W_; }
  [[nodiscard]] double charge_W() const { return charge_W_; }        // packs that charge
  [[nodiscard]] double discharge_W() const { return discharge_W_; }  // the others, negative
  /// A pack's state or one of its counters moves within seconds: steps must be fine.
  [[nodiscard]] bool transient() const;
  [[nodiscard]] std::span<const PackUnit> packs() const { return packs_; }
  /// For whoever interferes: the next cycle looks at everything.
  [[nodiscard]] std::span<PackUnit> packs_to_change() {
    calm_ = false;
    return packs_;
  }
  [[nodiscard]] const bms::PackConfig& pack_config() const { return pack_; }
  [[nodiscard]] const bms::TowerLimits& limits() const { return limits_; }
  [[nodiscard]] std::size_t first() const { return first_; }
  /// Longest time that a cell was outside its fault limits while its pack conducted.
  [[nodiscard]] double longest_beyond_s() const { return longest_beyond_s_; }

 private:
  /// What a cycle has changed of any pack.
  struct Changes {
    bool all = true;  // something was decided
    bool limits = true;
  };
  void sense(const BatterySignals& signals, Duration dt);
  void coordinate(const BatterySignals& signals);
  void decide(const CellBank& bank, Instant now, Duration dt);
  bool still_calm(const CellBank& bank, const BatterySignals& signals, Duration dt);
  bool inside(const CellBank& bank, PackUnit& unit, const PackUnit& first) const;
  Changes count(Instant now);
  static void obey(PackUnit& unit);
  /// Between these, no current within the ratings could take a string to a voltage limit.
  struct Band {
    double above_V = 0.0;
    double below_V = 0.0;
    [[nodiscard]] bool holds(double volts) const { return volts > above_V && volts < below_V; }
  };
  [[nodiscard]] static Band far_of(const PackUnit& unit);
  void find_far();
  void look_at_all();
  void join_limits();
  [[nodiscard]] bool serves(const Changes& changes, const PackUnit& unit, std::size_t at) const;
  void look_at_limits(const Changes& changes);
  void offer_power(const Changes& changes, Millivolts mean, double mean_V);
  void watch(PackUnit& unit, double dt_s);
  [[nodiscard]] bool alone(std::size_t pack) const { return alone_ == first_ + pack + 1; }
  [[nodiscard]] double ahead(const PackUnit& unit) const;
  [[nodiscard]] double most_W(const PackUnit& unit, bool charge) const;
  void share_by_command(double power_W);
  void share_in_parallel(CellBank& bank, double power_W, double dt_s);
  [[nodiscard]] bool shares_stand(double power_W, double dt_s);
  [[nodiscard]] bool near_voltage_limits(const CellBank& bank) const;
  [[nodiscard]] double held_W(CellBank& bank, std::size_t pack, double dt_s) const;

  const bms::PackConfig& pack_;
  const bms::TowerConfig& tower_;
  std::size_t first_;
  double cabinet_W_;  // power of one pack's own power stage, 0: none
  std::vector<PackUnit> packs_;
  std::vector<bms::ModuleReport> reports_;
  std::vector<bms::TowerState> towers_;  // one, or one a cabinet
  bms::TowerLimits joined_;              // before the power stage's
  Millivolts mean_voltage_;              // of the joined packs, for which limits_ are found
  bms::TowerLimits limits_;
  Offer offer_;
  BatterySignals signals_;  // of the last cycle
  bool calm_ = false;       // every pack's window was open, and nobody has interfered since
  std::size_t alone_ = 0;   // of all packs, from 1: charged whatever is asked of the rest
  Band far_;                // of all packs
  double shared_W_ = 0.0;   // for which the shares were found, ...
  double shared_s_ = 0.0;   // ... so long ago
  bool shares_stand_ = false;
  bool held_ = false;  // what was asked last may be less than the shares
  double power_W_ = 0.0, charge_W_ = 0.0, discharge_W_ = 0.0;
  double longest_beyond_s_ = 0.0;
};

/// The family's constants for packs of another number of cells or capacity: limits of the whole
/// pack and currents scale, those of a cell stay.
bms::PackConfig scaled_pack(const bms::PackConfig& config, std::size_t cells, double capacity_Ah);
bms::TowerConfig scaled_tower(const bms::TowerConfig& config, const bms::PackConfig& pack,
                              std::size_t cells);

}  // namespace weco::sim
