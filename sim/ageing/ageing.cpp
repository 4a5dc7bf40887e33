// SPDX-License-Identifier: Apache-2.0
#include "sim/ageing/ageing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/kernels/log.hpp"

namespace weco::sim {
namespace {

constexpr double kReference_K = 298.15;
constexpr double kDay_s = 86400.0;

/// loss = rate * x^power, gone on with from the present loss by dx.
double onward(double loss, double rate, double power, double dx) {
  if (rate <= 0.0 || dx <= 0.0) return loss;
  const double x = pow_of(loss / rate, 1.0 / power);
  return rate * pow_of(x + dx, power);
}

double cube(double x) { return x * x * x; }

void wear_nrel(const Wear& w, Health& h) {
  const double rate = w.nrel_time_rate > 0.0 ? w.nrel_time_rate : nrel::time_rate(w.kelvin, w.soc);
  h.lost_by_time = onward(h.lost_by_time, rate, nrel::kTimePower, w.days);
  h.lost_by_use =
      onward(h.lost_by_use, nrel::use_rate(w.kelvin, w.depth, w.c_rate), nrel::kUsePower, w.cycles);
}

void wear_naumann(const Wear& w, Health& h) {
  h.lost_by_time =
      onward(h.lost_by_time, naumann::time_rate(w.kelvin, w.soc), 0.5, w.days * kDay_s);
  h.lost_by_use = onward(h.lost_by_use, naumann::use_rate(w.depth, w.c_rate), 0.5, w.cycles);
  h.resistance_by_time += naumann::time_resistance(w.kelvin, w.soc) * w.days * kDay_s;
  h.resistance_by_use += naumann::use_resistance(w.depth, w.c_rate) * w.cycles;
}

void wear_wang(const Wear& w, Health& h) {
  h.lost_by_use = onward(h.lost_by_use, wang::use_rate(w.c_rate, w.kelvin), wang::kUsePower,
                         w.cycles * 2.0 * wang::kCapacity_Ah);
}

}  // namespace

namespace nrel {

/// Safari and Delacourt 2011.
double anode_potential_V(double soc) {
  const double xa = 8.5e-3 + soc * (0.78 - 8.5e-3);
  return 0.6379 + 0.5416 * exp_of(-305.5309 * xa) + 0.044 * tanh_of(-(xa - 0.1958) / 0.1088) -
         0.1978 * tanh_of((xa - 1.0571) / 0.0854) - 0.6875 * tanh_of((xa + 0.0117) / 0.0529) -
         0.0175 * tanh_of((xa - 0.5692) / 0.0875);
}

double time_rate(double kelvin, double soc) {
  return 8.37e4 * exp_of(-5210.0 / kelvin) * exp_of(-3560.0 * anode_potential_V(soc) / kelvin);
}

double use_rate(double kelvin, double depth, double c_rate) {
  return (4.38e-8 + 1.55e-8 * depth + 1.68e-7 * c_rate) *
         (exp_of(2190.0 / kelvin) + exp_of(-1.55e5 / kelvin));
}

}  // namespace nrel

namespace naumann {

constexpr double kGas = 8.3144598;  // as in the source

double time_rate(double kelvin, double soc) {
  return 1.2571e-5 * exp_of(-17126.0 / kGas * (1.0 / kelvin - 1.0 / kReference_K)) *
         (2.8575 * cube(soc - 0.5) + 0.60225);
}

double time_resistance(double kelvin, double soc) {
  return 3.4194e-10 * exp_of(-71827.0 / kGas * (1.0 / kelvin - 1.0 / kReference_K)) *
         (-3.3903 * (soc - 0.5) * (soc - 0.5) + 1.5604);
}

double use_rate(double depth, double c_rate) {
  return (0.0630 * c_rate + 0.0971) * (4.0253 * cube(depth - 0.6) + 1.0923) / 100.0;
}

double use_resistance(double depth, double c_rate) {
  return (-0.0020 * c_rate + 0.0021) * (6.8477 * cube(depth - 0.5) + 0.9182) / 100.0;
}

}  // namespace naumann

namespace wang {
namespace {

/// B over the C rate; the paper gives four values, straight lines between them are ours.
constexpr std::array<std::array<double, 2>, 4> kB = {
    {{0.5, 31630.0}, {2.0, 21681.0}, {6.0, 12934.0}, {10.0, 15512.0}}};

double b_of(double c_rate) {
  if (c_rate <= kB[0][0]) return kB[0][1];
  for (std::size_t i = 1; i < kB.size(); ++i) {
    if (c_rate > kB[i][0]) continue;
    const double share = (c_rate - kB[i - 1][0]) / (kB[i][0] - kB[i - 1][0]);
    return kB[i - 1][1] + (kB[i][1] - kB[i - 1][1]) * share;
  }
  return kB.back()[1];
}

}  // namespace

double use_rate(double c_rate, double kelvin) {
  return b_of(c_rate) * exp_of((-31700.0 + 370.3 * c_rate) / (8.314 * kelvin)) / 100.0;
}

double loss(double c_rate, double kelvin, double throughput_Ah) {
  return use_rate(c_rate, kelvin) * pow_of(throughput_Ah, kUsePower);
}

}  // namespace wang

void wear_down(AgeingChoice model, const Wear& wear, Health& health) {
  switch (model) {
    case AgeingChoice::None:
      return;
    case AgeingChoice::Nrel:
      return wear_nrel(wear, health);
    case AgeingChoice::Naumann:
      return wear_naumann(wear, health);
    case AgeingChoice::Wang:
      return wear_wang(wear, health);
  }
}

Health worn_to(double share) {
  Health health;
  health.lost_by_time = std::clamp(1.0 - share, 0.0, 1.0);
  return health;
}

}  // namespace weco::sim
