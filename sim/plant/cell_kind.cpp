// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_kind.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "sim/kernels/exp.hpp"
#include "sim/plant/source_tables.hpp"

namespace weco::sim {
namespace {

constexpr std::array<ResistanceColumn, 1> kSony25 = {
    {{kReference_K, source::kSonyResistanceCharge25, source::kSonyResistanceDischarge25}}};
constexpr std::array<ResistanceColumn, 3> kSonyAll = {
    {{283.15, source::kSonyResistanceCharge10, source::kSonyResistanceDischarge10},
     {298.15, source::kSonyResistanceCharge25, source::kSonyResistanceDischarge25},
     {313.15, source::kSonyResistanceCharge40, source::kSonyResistanceDischarge40}}};

constexpr CellKind scaled(std::string_view name, double capacity_Ah, double heat_J_per_K,
                          double self_discharge_A) {
  return {
      .name = name,
      .source =
          "representative: open-circuit voltage Gotion 52 Ah, shapes of hysteresis, "
          "resistance and entropy Sony 3 Ah; time constants, self-discharge: assumption",
      .capacity_Ah = capacity_Ah,
      .ocv_V = source::kGotionOcv25,
      .hysteresis_V = source::kSonyHysteresis,
      .hysteresis_travel = 0.04,  // assumption
      .beyond_V = 25.0,           // assumption
      .resistance = kSony25,
      .resistance_scale = 3.0 / capacity_Ah,  // the same electrodes, more of them
      .activation_J_per_mol = 16000.0,        // fitted to the Sony columns from 10 to 25 degrees
      .constant_above = false,
      // 0.4 and 0.6 of the 1.34 milliohm at 100 Ah are PyBaMM's split of its generic 100 Ah cell;
      // the rest is the slow branch (assumption).
      .share_at_once = 0.30,
      .share_fast = 0.44,
      .share_slow = 0.26,
      .fast_s = 30.0,
      .slow_s = 600.0,  // assumption
      .entropy_V_per_K = source::kSonyEntropy,
      .heat_J_per_K = heat_J_per_K,
      .self_discharge_A = self_discharge_A,
  };
}

/// Up to here four terms stand for the exponential function.
constexpr double kNear = 0.05;

/// Place on an even grid of `count` entries over 0..1, linear beyond its ends.
struct Place {
  std::size_t index;
  double share;
};
Place place(std::size_t count, double soc) {
  const double scaled_soc = soc * static_cast<double>(count - 1);
  const double last = static_cast<double>(count - 2);
  const double at = scaled_soc < 0.0 ? 0.0 : scaled_soc > last ? last : scaled_soc;
  const auto index = static_cast<std::size_t>(at);
  return {index, scaled_soc - static_cast<double>(index)};
}

double value(std::span<const double> table, const Place& p) {
  return table[p.index] + (table[p.index + 1] - table[p.index]) * p.share;
}
/// Linear in the table, constant beyond its ends.
double value(std::span<const double> table, double soc) {
  return value(table, place(table.size(), std::clamp(soc, 0.0, 1.0)));
}

double column(const ResistanceColumn& c, double soc, bool charging) {
  return value(charging ? c.charge_ohm : c.discharge_ohm, soc);
}

double arrhenius(double activation_J_per_mol, double from_K, double to_K) {
  return exp_of(activation_J_per_mol / kGas_J_per_molK * (1.0 / to_K - 1.0 / from_K));
}

}  // namespace

// 1.98 kg at about 1060 J/(kg K); self-discharge of 2 % a month (assumption, see physics 1.5).
constexpr CellKind kLfp100Ah = scaled("LFP 100 Ah", 100.0, 2100.0, 0.0028);
constexpr CellKind kLfp280Ah = scaled("LFP 280 Ah", 280.0, 5700.0, 0.0078);
constexpr CellKind kSony3Ah = {
    .name = "Sony US26650 3 Ah",
    .source = "SimSES (TUM): Sony/Murata US26650",
    .capacity_Ah = 3.0,
    .ocv_V = source::kSonyOcv,
    .hysteresis_V = source::kSonyHysteresis,
    .hysteresis_travel = 1e-9,  // the source is on one branch or the other, never between them
    .beyond_V = 25.0,           // assumption: the source clips
    .resistance = kSonyAll,
    .resistance_scale = 1.0,
    .activation_J_per_mol = 15700.0,
    .constant_above = true,
    .share_at_once = 1.0,  // the source has no time constants
    .share_fast = 0.0,
    .share_slow = 0.0,
    .fast_s = 1.0,
    .slow_s = 1.0,
    .entropy_V_per_K = source::kSonyEntropy,
    .heat_J_per_K = 70.07,  // 70 g, 1001 J/(kg K)
    .self_discharge_A = 0.0,
};

double ocv_V(const CellKind& kind, double soc) {
  if (soc < 0.0) return kind.ocv_V.front() + kind.beyond_V * soc;
  if (soc > 1.0) return kind.ocv_V.back() + kind.beyond_V * (soc - 1.0);
  return value(kind.ocv_V, soc);
}

double hysteresis_V(const CellKind& kind, double soc) { return value(kind.hysteresis_V, soc); }

double entropy_V_per_K(const CellKind& kind, double soc) {
  return value(kind.entropy_V_per_K, soc);
}

Resistance resistance_of(const CellKind& kind, double soc, double temperature_K) {
  const ResistanceColumn& coldest = kind.resistance.front();
  const ResistanceColumn& warmest = kind.resistance.back();
  const double scale = kind.resistance_scale;
  if (temperature_K <= coldest.temperature_K) {
    const double factor =
        scale * arrhenius(kind.activation_J_per_mol, coldest.temperature_K, temperature_K);
    return {factor * column(coldest, soc, true), factor * column(coldest, soc, false)};
  }
  if (temperature_K >= warmest.temperature_K) {
    const double factor =
        kind.constant_above
            ? scale
            : scale * arrhenius(kind.activation_J_per_mol, warmest.temperature_K, temperature_K);
    return {factor * column(warmest, soc, true), factor * column(warmest, soc, false)};
  }
  std::size_t i = 0;
  while (temperature_K > kind.resistance[i + 1].temperature_K) ++i;
  const ResistanceColumn& low = kind.resistance[i];
  const ResistanceColumn& high = kind.resistance[i + 1];
  const double share =
      (temperature_K - low.temperature_K) / (high.temperature_K - low.temperature_K);
  const auto between = [&](bool charging) {
    const double from = column(low, soc, charging);
    return scale * (from + (column(high, soc, charging) - from) * share);
  };
  return {between(true), between(false)};
}

CurvesNear::CurvesNear(const CellKind& kind, double mean_K)
    : kind_(kind),
      mean_K_(mean_K),
      per_kelvin_(kind.activation_J_per_mol / kGas_J_per_molK / mean_K) {
  if (kind.resistance.size() != 1 || kind.constant_above) return;
  scale_ = kind.resistance_scale *
           arrhenius(kind.activation_J_per_mol, kind.resistance.front().temperature_K, mean_K);
}

Curves CurvesNear::at(double soc, double temperature_K) const {
  const double inside = std::clamp(soc, 0.0, 1.0);
  const Place entropy = place(kind_.entropy_V_per_K.size(), inside);
  const Place hysteresis = place(kind_.hysteresis_V.size(), inside);
  Curves curves{value(kind_.hysteresis_V, hysteresis), value(kind_.entropy_V_per_K, entropy), {}};
  if (scale_ == 0.0) {
    curves.resistance = resistance_of(kind_, soc, temperature_K);
    return curves;
  }
  const double x = per_kelvin_ * (mean_K_ - temperature_K) / temperature_K;
  const bool near = x < kNear && x > -kNear;
  const double factor = scale_ * (near ? 1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0))) : exp_of(x));
  const ResistanceColumn& column = kind_.resistance.front();
  const std::size_t rows = column.charge_ohm.size();
  const Place ohm = rows == kind_.entropy_V_per_K.size() ? entropy : place(rows, inside);
  curves.resistance = {factor * value(column.charge_ohm, ohm),
                       factor * value(column.discharge_ohm, ohm)};
  return curves;
}

double stored_V(const CellKind& kind, double soc) {
  if (soc < 0.0) return soc * (kind.ocv_V.front() + 0.5 * kind.beyond_V * soc);
  const std::size_t count = kind.ocv_V.size();
  const double width = 1.0 / static_cast<double>(count - 1);
  const Place p = place(count, std::min(soc, 1.0));
  double sum = 0.0;
  for (std::size_t i = 0; i < p.index; ++i) sum += 0.5 * (kind.ocv_V[i] + kind.ocv_V[i + 1]);
  const double low = kind.ocv_V[p.index];
  const double slope = kind.ocv_V[p.index + 1] - low;
  sum = (sum + p.share * (low + 0.5 * slope * p.share)) * width;
  if (soc <= 1.0) return sum;
  const double over = soc - 1.0;
  return sum + over * (kind.ocv_V.back() + 0.5 * kind.beyond_V * over);
}

}  // namespace weco::sim
