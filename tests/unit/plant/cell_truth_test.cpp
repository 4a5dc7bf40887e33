// SPDX-License-Identifier: Apache-2.0
// What the simulated cells do against the figures that their sources give, each in a run of the
// bank and not in its tables.
#include <cmath>
#include <tuple>

#include "sim/plant/cell_bank.hpp"
#include "tests/support/catch.hpp"

using namespace weco::sim;

namespace {

/// One cell that a room holds at its temperature.
BankConfig one_cell(const CellKind& kind, double soc) {
  BankConfig config;
  config.kind = &kind;
  config.cells = 1;
  config.soc = soc;
  config.thermal = {1e4, 1e12, 1e6, 0.0};
  return config;
}

void flow(CellBank& bank, double current_A, double dt_s) {
  const double room = kReference_K;
  bank.step({{&current_A, 1}, {}, {{&room, 1}, {}}}, dt_s);
}

/// The voltage at half charge, reached with this current.
double volts_at_half(const CellKind& kind, double current_A) {
  CellBank bank(one_cell(kind, current_A > 0.0 ? 0.3 : 0.7));
  while ((bank.soc(0, 0) - 0.5) * current_A < 0.0) flow(bank, current_A, 1.0);
  return bank.string_V(0);
}

/// The resistance that a steady current meets: what twice of it adds.
double steady_ohm(const CellKind& kind, double current_A) {
  return (volts_at_half(kind, 2.0 * current_A) - volts_at_half(kind, current_A)) / current_A;
}

}  // namespace

TEST_CASE("a rested cell shows the voltage that its source measured", "[TK-08]") {
  // The Gotion cell's datasheet at 25 degrees, and SimSES' table of the Sony cell.
  for (const auto& [kind, soc, volts] :
       {std::tuple{&kLfp100Ah, 0.5, 3.290}, std::tuple{&kLfp100Ah, 0.6, 3.310},
        std::tuple{&kLfp100Ah, 0.8, 3.328}, std::tuple{&kLfp100Ah, 0.95, 3.329},
        std::tuple{&kSony3Ah, 0.5, 3.299}, std::tuple{&kSony3Ah, 0.7, 3.311},
        std::tuple{&kSony3Ah, 0.9, 3.342}, std::tuple{&kSony3Ah, 0.95, 3.345}}) {
    CellBank bank(one_cell(*kind, soc));
    flow(bank, 0.0, 1.0);
    INFO(kind->name << " " << soc);
    CHECK(std::abs(bank.string_V(0) - volts) < 0.001);
  }
}

TEST_CASE("a step of the current meets the resistance of the source", "[TK-08]") {
  CHECK(std::abs(steady_ohm(kSony3Ah, 0.3) - 44.8e-3) < 0.02 * 44.8e-3);
  CHECK(std::abs(steady_ohm(kSony3Ah, -0.3) - 47.8e-3) < 0.02 * 47.8e-3);
  CHECK(std::abs(steady_ohm(kLfp100Ah, 10.0) - 1.34e-3) < 0.02 * 1.34e-3);
  CHECK(std::abs(steady_ohm(kLfp100Ah, -10.0) - 1.43e-3) < 0.02 * 1.43e-3);
  CellBank bank(one_cell(kLfp100Ah, 0.4));
  for (int second = 0; second < 3600; ++second) flow(bank, 10.0, 1.0);
  const double before = bank.string_V(0);
  flow(bank, 20.0, 0.01);  // 0.4 of the 1.34 milliohm at once (PyBaMM's generic cell)
  CHECK(std::abs((bank.string_V(0) - before) / 10.0 - 0.4e-3) < 0.02e-3);
}

TEST_CASE("from 10 to 90 % and back, a cell gives what the sign-corrected reference gives",
          "[TK-08]") {
  CellBank bank(one_cell(kSony3Ah, 0.1));
  const auto run = [&](double power_W, double until) {
    double joule = 0.0;
    while ((until - bank.soc(0, 0)) * power_W > 0.0) {
      double current = 0.0;
      bank.currents_for(1.0, {&power_W, 1}, {&current, 1});
      flow(bank, current, 1.0);
      joule += std::abs(current * bank.string_V(0));
    }
    return joule;
  };
  const double power_W = 0.25 * 3.0 * 3.2;  // a quarter of its energy an hour
  const double in = run(power_W, 0.9);
  const double back = run(-power_W, 0.1);
  CHECK(std::abs(back / in - 0.9668) < 0.002);
}

TEST_CASE("a cell warms up with its mass and the way to its frame", "[TK-08]") {
  // 1.98 kg of 1.0 to 1.1 kJ/kgK, 10 W/K to the frame
  CHECK(kLfp100Ah.heat_J_per_K >= 2000.0);
  CHECK(kLfp100Ah.heat_J_per_K <= 2200.0);
  BankConfig config = one_cell(kLfp100Ah, 0.5);
  config.thermal = {10.0, 1.0, 1e6, 0.0};  // the frame is as warm as the room
  config.temperature_K = 298.15;
  CellBank bank(config);
  const double room = 308.15, none = 0.0;
  const auto warmer_after = [&](double seconds) {
    for (double t = 0.0; t < seconds; t += 30.0) {
      bank.step({{&none, 1}, {}, {{&room, 1}, {}}}, 30.0);
    }
    return (bank.temperature_K(0)[0] - 298.15) / 10.0;
  };
  const double constant_s = kLfp100Ah.heat_J_per_K / 10.0;  // 210 s
  REQUIRE(std::fmod(constant_s, 30.0) == 0.0);
  CHECK(warmer_after(constant_s) == Approx(1.0 - std::exp(-1.0)).margin(0.002));
  CHECK(warmer_after(constant_s) == Approx(1.0 - std::exp(-2.0)).margin(0.002));
}
