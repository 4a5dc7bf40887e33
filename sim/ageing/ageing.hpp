// SPDX-License-Identifier: Apache-2.0
// How cells lose capacity and gain resistance with time and use, by three published models. Their
// answers to the same life differ by a factor of three, and a run says which one it used:
//   nrel     LFP/graphite prismatic 250 Ah, K. Gasper et al. (BLAST-Lite; doi 10.1016/j.est.2023.
//            109042). The default for modules of 100 to 280 Ah. It has no resistance.
//   naumann  Sony/Murata 3 Ah, M. Naumann et al. 2018 and 2020 as SimSES has them: pessimistic. The
//            exponent of the resistance's charge dependence is 2 there and 3 in BLAST-Lite.
//   wang     A123 2.2 Ah, J. Wang et al. 2011: cycles only, no calendar.
// Rates are per share of the new cell. With changing stress each law goes on from the time (or
// throughput) at which the present stress would have led to the present loss.
#pragma once

#include <cstdint>

namespace weco::sim {

enum class AgeingChoice : std::uint8_t { None, Nrel, Naumann, Wang };

/// What a stretch of time did: means over it.
struct Wear {
  double days = 0.0;
  double cycles = 0.0;  // equivalent full ones: charge both ways over twice the capacity
  double kelvin = 298.15;
  double soc = 0.5;     // 0 .. 1
  double depth = 0.0;   // of the cycles, 0 .. 1
  double c_rate = 0.0;  // mean while anything flows; 0 when nothing does
  /// NREL's model averages its rate over a day of changing charge, and that is not the rate of the
  /// mean charge: mean of nrel::time_rate(), or 0 for that of `kelvin` and `soc`.
  double nrel_time_rate = 0.0;
};

struct Health {
  double lost_by_time = 0.0;  // shares of the new capacity
  double lost_by_use = 0.0;
  double resistance_by_time = 0.0;  // shares of the new resistance, added
  double resistance_by_use = 0.0;
  [[nodiscard]] double capacity() const { return 1.0 - lost_by_time - lost_by_use; }
  [[nodiscard]] double resistance() const { return 1.0 + resistance_by_time + resistance_by_use; }
};

void wear_down(AgeingChoice model, const Wear& wear, Health& health);

/// A pack that has `share` of its capacity left when it is delivered.
Health worn_to(double share);

// The closed forms, from a new cell under constant stress.

namespace nrel {
double anode_potential_V(double soc);
double time_rate(double kelvin, double soc);                  // loss = rate * days^0.526
double use_rate(double kelvin, double depth, double c_rate);  // loss = rate * cycles^0.828
inline constexpr double kTimePower = 0.526;
inline constexpr double kUsePower = 0.828;
}  // namespace nrel

namespace naumann {
double time_rate(double kelvin, double soc);         // loss = rate * sqrt(seconds)
double time_resistance(double kelvin, double soc);   // per second
double use_rate(double depth, double c_rate);        // loss = rate * sqrt(cycles)
double use_resistance(double depth, double c_rate);  // per cycle
}  // namespace naumann

namespace wang {
/// Share of capacity lost after `throughput_Ah` of a cell of 2.2 Ah (both ways counted once each).
double loss(double c_rate, double kelvin, double throughput_Ah);
inline constexpr double kCapacity_Ah = 2.2;
inline constexpr double kUsePower = 0.55;
double use_rate(double c_rate, double kelvin);  // loss = rate * Ah^0.55
}  // namespace wang

}  // namespace weco::sim
