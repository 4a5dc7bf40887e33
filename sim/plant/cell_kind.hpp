// SPDX-License-Identifier: Apache-2.0
// What a kind of cell is: its curves over the state of charge and its constants, each with where it
// comes from. Nothing here changes during a run; what does (charge, heat, age, faults) belongs to
// the bank. Charging is positive.
#pragma once

#include <span>
#include <string_view>

namespace weco::sim {

inline constexpr double kZeroCelsius_K = 273.15;
inline constexpr double kReference_K = 298.15;
inline constexpr double kGas_J_per_molK = 8.31446261815324;

/// Resistance (everything that a slow pulse sees) over the state of charge at one temperature.
struct ResistanceColumn {
  double temperature_K;
  std::span<const double> charge_ohm;
  std::span<const double> discharge_ohm;
};

struct CellKind {
  std::string_view name;
  std::string_view source;
  double capacity_Ah;

  std::span<const double> ocv_V;         // even grid over 0..1
  std::span<const double> hysteresis_V;  // from the middle to either branch, even grid
  double hysteresis_travel;  // of charge, after which 1 - 1/e of the way to the branch is done
  double beyond_V;           // slope outside 0..1, V per unit of charge: a cell there rises steeply

  std::span<const ResistanceColumn> resistance;  // rising temperature; linear in between
  double resistance_scale;                       // times what the columns say
  double activation_J_per_mol;                   // Arrhenius, below the coldest column
  bool constant_above;  // above the warmest column it stays, as the source has it; else Arrhenius

  double share_at_once;  // of the resistance; with the two below it makes 1
  double share_fast;
  double share_slow;
  double fast_s;  // time constants of the two
  double slow_s;

  std::span<const double> entropy_V_per_K;  // even grid
  double heat_J_per_K;
  double self_discharge_A;
};

/// The default: a representative 100 Ah prismatic cell. No vendor publishes a whole set for this
/// class, so its curves come from two measured cells and its size from general practice.
extern const CellKind kLfp100Ah;
/// The same, scaled to the 280 Ah of a CM2 cabinet (assumption: cell size is unpublished).
extern const CellKind kLfp280Ah;
/// One cell of 3 Ah exactly as SimSES has it, for comparison with published runs.
extern const CellKind kSony3Ah;

/// At these charges and temperatures; linear between the entries of a table.
double ocv_V(const CellKind& kind, double soc);
double hysteresis_V(const CellKind& kind, double soc);
double entropy_V_per_K(const CellKind& kind, double soc);
struct Resistance {
  double charge_ohm;
  double discharge_ohm;
};
Resistance resistance_of(const CellKind& kind, double soc, double temperature_K);
/// All that is looked up of a cell beside its open-circuit voltage.
struct Curves {
  double hysteresis_V;
  double entropy_V_per_K;
  Resistance resistance;
};
/// The curves of cells that are about as warm as each other: what temperature does is worked out
/// once for their mean. Within 3e-7 of the functions above.
class CurvesNear {
 public:
  CurvesNear(const CellKind& kind, double mean_K);
  [[nodiscard]] Curves at(double soc, double temperature_K) const;

 private:
  const CellKind& kind_;
  double mean_K_;
  double per_kelvin_;   // of the exponent
  double scale_ = 0.0;  // of the only column, at the mean; 0: several columns
};
/// The energy it takes to bring one ampere-second per ampere-second of capacity from empty to
/// `soc` at the open-circuit voltage: the integral of ocv_V. A function of the state alone.
double stored_V(const CellKind& kind, double soc);

}  // namespace weco::sim
