// SPDX-License-Identifier: Apache-2.0
// Many cells in series strings, stepped together. A string is cells with one current (a module, a
// cabinet); a bank is any number of equal strings. Double precision, positive current charges.
//
// What all cells of a string share is computed once a string and step: the two relaxations follow
// its current, the hysteresis its charge. What differs from cell to cell is computed for each:
// charge, open-circuit voltage, resistance, its own part of the hysteresis, leak, heat. Curves are
// straight lines between the entries of their tables; the line a cell is on is looked up only when
// a cell can have left it (docs/adr/0015). Voltages are means over the step, so that current times
// voltage times time is the energy, also for steps of a minute.
//
// The same bits come out on every machine, compiler and instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/plant/aligned.hpp"
#include "sim/plant/cell_kernel.hpp"
#include "sim/plant/cell_kind.hpp"

namespace weco::sim {

/// Relative standard deviations from cell to cell, drawn once from the seed.
struct CellSpread {
  double capacity = 0.0;
  double resistance = 0.0;
  double self_discharge = 0.0;
  double soc = 0.0;  // absolute
};
/// Good production of one batch (assumption).
inline constexpr CellSpread kUsualSpread = {0.005, 0.03, 0.2, 0.002};

/// Cells to the module's frame, frame to room and to the coolant. Representative values: 10 W/K
/// a cell is PyBaMM's generic 100 Ah set, the rest follows from the mass (assumption).
struct StringThermal {
  double cell_W_per_K = 10.0;  // each cell to the frame
  double frame_J_per_K = 18000.0;
  double room_W_per_K = 8.0;     // frame to room
  double coolant_W_per_K = 0.0;  // frame to coolant while it flows
};

struct BankConfig {
  const CellKind* kind = &kLfp100Ah;
  std::size_t strings = 1;
  std::size_t cells = 16;  // of each string
  CellSpread spread;
  std::uint64_t seed = 1;
  double soc = 0.5;
  double temperature_K = kReference_K;
  StringThermal thermal;
  double capacity_Ah = 0.0;  // of a cell; 0: the kind's own, else everything scales with it
  double bleed_ohm = 34.0;   // of the balancing resistor; about 0.1 A (assumption)
};

/// What acts on the strings during one step; one entry a string.
struct BankInputs {
  std::span<const double> current_A;
  std::span<const double> room_K;
  std::span<const double> heater_W;   // into the frame; empty: no heaters
  std::span<const double> coolant_K;  // empty: no coolant flows
};

/// Since the bank was made, in joules. Over any time
///   terminal = change of chemical + loss + drained
///   change of heat = loss + drained + reversible + heater - room - coolant
struct StringEnergy {
  double terminal_J = 0.0;    // in at the string's ends
  double chemical_J = 0.0;    // stored in the cells: a function of their charge
  double loss_J = 0.0;        // turned into heat by resistance and hysteresis
  double drained_J = 0.0;     // turned into heat by self-discharge, balancing and leaks
  double reversible_J = 0.0;  // heat of the reaction, either sign; its source is entropy
  double heater_J = 0.0;
  double room_J = 0.0;     // out of the frame
  double coolant_J = 0.0;  // out of the frame
  double heat_J = 0.0;     // stored in cells and frame, from 0 kelvin
};

class CellBank {
 public:
  explicit CellBank(const BankConfig& config);

  /// At most kStepMax_s long. Steps of 1 s and of 60 s are equally stable.
  void step(const BankInputs& in, double dt_s);
  static constexpr double kStepMax_s = 300.0;

  [[nodiscard]] std::size_t strings() const { return config_.strings; }
  [[nodiscard]] std::size_t cells() const { return config_.cells; }
  /// As in the configuration, scaled to its capacity.
  [[nodiscard]] const CellKind& kind() const { return kind_; }

  // One value a cell, most negative cell first.
  [[nodiscard]] std::span<const double> voltage_V(std::size_t string) const;
  [[nodiscard]] std::span<const double> temperature_K(std::size_t string) const;
  [[nodiscard]] std::span<const double> soc(std::size_t string) const;
  [[nodiscard]] std::span<const double> capacity_Ah(std::size_t string) const;

  struct Extent {
    double min = 0.0;
    double max = 0.0;
    double sum = 0.0;
  };
  [[nodiscard]] Extent voltage_extent(std::size_t string) const;
  [[nodiscard]] Extent temperature_extent(std::size_t string) const;
  [[nodiscard]] Extent soc_extent(std::size_t string) const;
  /// The string's voltage over the last step.
  [[nodiscard]] double string_V(std::size_t string) const { return sum_V_[string]; }
  [[nodiscard]] double frame_K(std::size_t string) const { return frame_K_[string]; }

  /// The string as it will act in the coming step of `dt_s`: open_V + ohm * current, for currents
  /// around `expected_A`.
  struct Source {
    double open_V = 0.0;
    double ohm = 0.0;
  };
  [[nodiscard]] Source source(std::size_t string, double dt_s, double expected_A);
  /// The current at which the coming step takes this power in (negative: gives it out). A string
  /// that cannot give so much gives the most it can.
  [[nodiscard]] double current_for(std::size_t string, double dt_s, double power_W);

  // Interference, from the next step on.
  /// Bits beyond the string's cells are ignored; 64 cells a word.
  void set_balancing(std::size_t string, std::span<const std::uint64_t> mask);
  void set_leak(std::size_t string, std::size_t cell, double leak_A);
  void set_resistance_factor(std::size_t string, std::size_t cell, double factor);
  /// Returns the joules that are in the cells more than before: put there by hand, by no flow.
  double set_soc(std::size_t string, std::size_t cell, double soc);
  /// Ageing: shares of the new cell's capacity and resistance, for the whole string. The charge in
  /// the cells keeps its share of the capacity.
  double set_health(std::size_t string, double capacity, double resistance);

  [[nodiscard]] const StringEnergy& energy(std::size_t string) const { return energy_[string]; }

  /// Everything that decides the future, in one number: equal banks have equal hashes.
  [[nodiscard]] std::uint64_t hash() const;

  /// Runs the steps with another instruction set; all give the same bits.
  void use(const KernelChoice& choice) { kernel_ = choice.kernel; }

 private:
  /// What the cells of a string have in common, and sums that change only with their curves.
  struct Shared {
    double current_A = 0.0;
    double fast_A = 0.0;  // current through the two relaxing resistances
    double slow_A = 0.0;
    double hysteresis = 0.0;    // -1: discharge branch, 1: charge branch
    double own = 1.0;           // how much of the cells' own part of it is left
    bool charging = true;       // direction of the last current
    bool stale = true;          // all curves are looked up before the next step
    bool crossed = false;       // some cells get a new line before the next step
    bool moved_by_hand = true;  // charge or capacity were set: not a flow of energy

    double moved_As = 0.0;  // since the curves were looked up
    double elapsed_s = 0.0;
    double room_up_As = 0.0;  // moved by so much, the first cell leaves its line
    double room_down_As = 0.0;
    double drain_most_A = 0.0;
    double kelvin_then = 0.0;

    double ocv_V = 0.0;           // sum over the cells, at the end of the last step
    double slope_V_per_As = 0.0;  // of that sum
    double slope_drain_V_per_s = 0.0;
    double ohm[2] = {};  // discharging, charging
    double ohm_drain_V[2] = {};
    double hysteresis_V = 0.0;
    double hysteresis_own_V = 0.0;
    double kelvin = 0.0;  // sum over the cells
  };
  /// Shares of a difference after a step, and on average during it.
  struct Decay {
    double kept = 0.0;
    double mean = 0.0;
  };

  void make_cells();
  void look_up(std::size_t string);
  void refresh(std::size_t string);
  double refresh_cell(std::size_t string, std::size_t at, Shared& shared);
  double find_line(std::size_t at, const Shared& shared);
  void cross(std::size_t string);
  void prepare(double dt_s);
  void begin(std::size_t string, const BankInputs& in);
  void finish(std::size_t string, const BankInputs& in);
  [[nodiscard]] double relaxing_A(const Shared& shared, double current_A) const;
  [[nodiscard]] Decay hysteresis_decay(double current_A) const;
  [[nodiscard]] std::span<const double> of(const double* array, std::size_t string) const {
    return {array + string * stride_, config_.cells};
  }

  BankConfig config_;
  CellKind kind_;
  std::size_t stride_;  // cells of a string in memory: a multiple of kLanes
  std::size_t words_;   // of a string's balancing mask
  double charge_most_As_;
  CellKernel kernel_;

  double dt_s_ = 0.0;  // of the last step; what follows belongs to it
  Decay fast_, slow_, cell_heat_;

  AlignedDoubles memory_;
  BankFrame frame_{};  // where everything is in it
  struct Arrays {      // the same places, for writing
    double *half_gain, *ocv_at_zero, *ocv_slope, *charge_ohm, *discharge_ohm, *hysteresis,
        *hysteresis_own, *entropy, *drain, *capacity_Ah, *leaves_up_As, *leaves_down_As;
    double *current, *relaxing, *branch, *own, *frame_K;
  } array_{};
  std::unique_ptr<bool[]> charging_;
  std::vector<double> stored_V_;  // integral of the open-circuit voltage up to each entry

  /// What one cell has for itself and no step changes.
  struct Own {
    double capacity = 1.0;  // factors of the kind's
    double ohm = 1.0;
    double fault_ohm = 1.0;
    double self_discharge_A = 0.0;
    double leak_A = 0.0;
    double hysteresis = 0.0;  // beside the string's
  };
  std::vector<Own> own_of_;
  std::vector<double> health_ohm_, frame_K_, sum_V_;
  std::vector<std::uint64_t> bleeding_;
  std::vector<Shared> shared_;
  std::vector<StringEnergy> energy_;
};

}  // namespace weco::sim
