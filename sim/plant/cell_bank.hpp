// SPDX-License-Identifier: Apache-2.0
// Many cells in series strings, stepped together. A string is cells with one current (a module, a
// cabinet); a bank is any number of equal strings. Double precision, positive current charges.
//
// Between two look-ups of its curves everything about a cell is a straight line of what its string
// does (docs/adr/0015): its voltage of the charge that moved, of the current behind its resistance
// and of the hysteresis, its charge and its heat of sums over the steps. So a step computes
// strings, and the voltages of the cells; their charge is worked out when somebody asks, their
// temperature every kHeatEvery_s. Voltages are means over the step, so that current times voltage
// times time is the energy, also for steps of a minute.
//
// The same bits come out on every machine, compiler and instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/kernels/decay.hpp"
#include "sim/plant/aligned.hpp"
#include "sim/plant/cell_kind.hpp"
#include "sim/plant/kernels.hpp"

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
  std::size_t strings = 1;  // at most kStringsMax
  std::size_t cells = 16;   // of each string
  CellSpread spread;
  std::uint64_t seed = 1;
  double soc = 0.5;
  double temperature_K = kReference_K;
  StringThermal thermal;
  double capacity_Ah = 0.0;  // of a cell; 0: the kind's own, else everything scales with it
  double bleed_ohm = 34.0;   // of the balancing resistor; about 0.1 A (assumption)
};

/// What is around the strings; one entry a string. It counts as it is when heat is settled.
struct BankSurroundings {
  std::span<const double> room_K;
  std::span<const double> coolant_K;  // empty: no coolant flows
};

/// What acts on the strings during one step; one entry a string.
struct BankInputs {
  std::span<const double> current_A;
  std::span<const double> heater_W;  // into the frame; empty: no heaters
  BankSurroundings around;
};

/// Since the bank was made, in joules. Over any time
///   terminal = change of chemical + loss + drained
///   change of heat = loss + drained + reversible + heater - room - coolant
/// What became heat since the temperatures were last brought up counts as stored in the cells.
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
  /// Cells and frame get their heat at least so often: well below their time constants of minutes.
  static constexpr double kHeatEvery_s = 30.0;

  [[nodiscard]] std::size_t strings() const { return config_.strings; }
  [[nodiscard]] std::size_t cells() const { return config_.cells; }
  /// As in the configuration, scaled to its capacity.
  [[nodiscard]] const CellKind& kind() const { return kind_; }

  // One value a cell, most negative cell first.
  [[nodiscard]] std::span<const double> voltage_V(std::size_t string) const;
  [[nodiscard]] std::span<const double> temperature_K(std::size_t string) const;
  [[nodiscard]] std::span<const double> capacity_Ah(std::size_t string) const;
  [[nodiscard]] double soc(std::size_t string, std::size_t cell) const;

  struct Extent {
    double min = 0.0;
    double max = 0.0;
    double sum = 0.0;
  };
  [[nodiscard]] Extent voltage_extent(std::size_t string) const;
  [[nodiscard]] Extent temperature_extent(std::size_t string) const;
  [[nodiscard]] double mean_soc(std::size_t string) const;
  /// What the sensors at the cells make of their voltages; read() brings it up to the last step.
  void set_sensor(std::size_t string, std::size_t cell, double mV_per_V, double offset_mV);
  void read() { kernel_->read(frame_, readings_); }
  [[nodiscard]] std::span<Millivolts> reading(std::size_t string) {
    return {readings_.cell + string * stride_, config_.cells};
  }
  struct ReadingExtent {
    Millivolts min, max, sum;
  };
  /// Of read(), and only when strings fill registers: 8 cells, or a multiple.
  [[nodiscard]] ReadingExtent reading_extent(std::size_t string) const {
    return {readings_.min[string], readings_.max[string], readings_.sum[string]};
  }
  [[nodiscard]] bool fills_registers() const { return stride_ == config_.cells; }
  /// How often the cells' temperatures were brought up to date.
  [[nodiscard]] std::uint32_t warmings(std::size_t string) const { return warmings_[string]; }
  /// The string's voltage over the last step.
  [[nodiscard]] double string_V(std::size_t string) const { return string_->volts[string]; }
  [[nodiscard]] double frame_K(std::size_t string) const { return strings_[string].frame_K; }

  /// The string as it will act in the coming step of `dt_s`: open_V + ohm * current, for currents
  /// around `expected_A`.
  struct Source {
    double open_V = 0.0;
    double ohm = 0.0;
  };
  [[nodiscard]] Source source(std::size_t string, double dt_s, double expected_A);
  /// The currents at which the coming step takes these powers in (negative: gives them out), one
  /// entry a string. A string that cannot give so much gives the most it can.
  void currents_for(double dt_s, std::span<const double> power_W, std::span<double> current_A);

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

  [[nodiscard]] StringEnergy energy(std::size_t string) const;

  /// Everything that decides the future, in one number: equal banks have equal hashes.
  [[nodiscard]] std::uint64_t hash() const;

  // For whoever writes current, heater_W or power_W of the coming step where they are.
  [[nodiscard]] StringArrays& arrays() const { return *string_; }
  /// As currents_for(), from `power_W` to `solved`.
  void solve(double dt_s);
  /// As step(), with `current` and `heater_W`.
  void advance(const BankSurroundings& around, double dt_s);

  [[nodiscard]] const KernelChoice& kernel() const { return *kernel_; }
  /// Runs the steps with another instruction set; all give the same bits.
  void use(const KernelChoice& choice) { kernel_ = &choice; }

 private:
  /// What only look-ups and heat want to know of a string.
  struct String {
    bool moved_by_hand = true;  // charge or capacity were set: not a flow of energy
    double looked_s = 0.0;      // on the clock: when they were looked up
    double room_down_As = 0.0;  // as StringArrays::room_down, without what the drain has taken
    double drain_most_A = 0.0;
    double per_second = 0.0;   // what the drain does to the sum of the bases, V per s
    double own_V = 0.0;        // sum of the cells' own hysteresis, as it was looked up
    double own_settled = 1.0;  // how much of it is in the bases
    double kelvin = 0.0;       // sum over the cells
    double kelvin_then = 0.0;  // as it was when curves were looked up
    double frame_K = 0.0;
    double health_ohm = 1.0;
    StringEnergy energy;
  };
  /// What one cell has for itself and no step changes.
  struct Own {
    double capacity = 1.0;  // factors of the kind's
    double ohm = 1.0;
    double fault_ohm = 1.0;
    double self_discharge_A = 0.0;
    double leak_A = 0.0;
    double hysteresis = 0.0;  // beside the string's
    double more_As = 0.0;     // drained since the look-up, beside what the present drain makes
  };
  /// Of a cell, for look-ups.
  struct Places {
    double *soc_then, *capacity_Ah, *per_As, *leaves_up_As, *leaves_down_As;
  };

  void lay_out();
  void make_cells();
  void set_capacity(std::size_t at, double left);
  void look_up(std::size_t string);
  void look_up_due();
  void refresh(std::size_t string);
  double refresh_cell(std::size_t string, std::size_t at, const CurvesNear& near);
  void lift_apart(std::size_t string);
  double find_line(std::size_t string, std::size_t at);
  void cross(std::size_t string);
  void change_line(std::size_t string, std::size_t at);
  [[nodiscard]] double drain_of(std::size_t string, std::size_t at) const;
  void change_drain(std::size_t string, std::size_t at);
  [[nodiscard]] bool looked_up_lately(std::size_t string) const;
  void prepare(double dt_s);
  void settle(std::size_t string);
  [[nodiscard]] double frame_at_end_K(std::size_t string) const;
  void prepare_heat(double seconds);
  [[nodiscard]] Decay<double> hysteresis_decay(double current_A) const;
  void due(std::size_t string, std::int64_t what) {
    string_->due[string] |= what;
    due_any_ |= what;
  }
  [[nodiscard]] double soc_at(std::size_t string, std::size_t at) const;
  [[nodiscard]] std::span<const double> of(const double* array, std::size_t string) const {
    return {array + string * stride_, config_.cells};
  }

  BankConfig config_;
  CellKind kind_;
  std::size_t stride_;  // cells of a string in memory: a multiple of kLanes
  std::size_t words_;   // of a string's balancing mask
  const KernelChoice* kernel_;

  std::int64_t due_any_ = 0;  // what may be due of some string
  double clock_s_ = 0.0;
  double dt_s_ = 0.0;  // of the last step; what follows belongs to it
  Step step_{};
  /// What all strings have in common when heat of so many seconds is settled.
  struct Heat {
    double seconds = 0.0;
    Decay<double> cell{};
    double inertia_W_per_K = 0.0;  // of the frame
    double cells_W_per_K = 0.0;    // all of a string to the frame, by their mean
    double kelvin_per_J = 0.0;     // of a cell against the frame
  };
  Heat heat_;

  std::unique_ptr<StringArrays> string_;
  Aligned<double> memory_;  // of the cells' arrays
  BankFrame frame_{};       // where everything is in them
  Places place_{};
  Aligned<double> sensors_;
  Aligned<Millivolts> read_;
  Readings readings_{};
  std::vector<double> stored_V_;  // integral of the open-circuit voltage up to each entry
  std::vector<Own> own_of_;
  std::vector<std::uint64_t> bleeding_;
  std::vector<String> strings_;
  std::vector<std::uint32_t> warmings_;
  std::vector<double> room_K_;     // of the last step, for when heat is settled
  std::vector<double> coolant_K_;  // empty: none flows
};

}  // namespace weco::sim
