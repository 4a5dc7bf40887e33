// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_bank.hpp"

#include <cmath>
#include <vector>

#include "sim/kernels/random.hpp"
#include "tests/support/catch.hpp"

using namespace weco::sim;

namespace {

/// A day or so of wild currents: full strings, empty strings, rests, reversals.
struct Drive {
  explicit Drive(std::size_t strings) : current(strings), room(strings, 290.0), heater(strings) {}
  void next(Random& random) {
    for (std::size_t s = 0; s < current.size(); ++s) {
      const double x = random.uniform();
      if (x < 0.1) current[s] = 0.0;
      if (x > 0.9) current[s] = 100.0 * (random.uniform() - 0.5);
      heater[s] = x > 0.5 && x < 0.52 ? 100.0 : 0.0;
    }
  }
  [[nodiscard]] BankInputs inputs() const { return {current, room, heater, {}}; }
  std::vector<double> current, room, heater;
};

BankConfig spread_bank(std::size_t strings, std::size_t cells) {
  BankConfig config;
  config.strings = strings;
  config.cells = cells;
  config.spread = kUsualSpread;
  config.seed = 7;
  return config;
}

}  // namespace

TEST_CASE("every instruction set gives the same bits", "[TK-08]") {
  const auto run = [](const KernelChoice& choice) {
    CellBank bank(spread_bank(3, 16));
    bank.use(choice);
    Drive drive(3);
    Random random(3);
    for (int i = 0; i < 5000; ++i) {
      drive.next(random);
      bank.step(drive.inputs(), i % 500 == 0 ? 60.0 : 1.0);
    }
    return bank.hash();
  };
  const std::uint64_t expected = run(kernel_choices().back());
  for (const KernelChoice& choice : kernel_choices()) {
    INFO(choice.name);
    CHECK(run(choice) == expected);
  }
}

TEST_CASE("energy and heat of every string close", "[TK-08]") {
  for (const double dt : {1.0, 60.0}) {
    CellBank bank(spread_bank(2, 15));
    Drive drive(2);
    Random random(11);
    const std::uint64_t bleeding = 5;
    bank.set_balancing(1, {&bleeding, 1});
    bank.set_leak(1, 3, 0.5);
    std::vector<StringEnergy> before = {bank.energy(0), bank.energy(1)};
    for (int i = 0; i < 20000; ++i) {
      drive.next(random);
      for (std::size_t s = 0; s < 2; ++s) {  // stay inside
        if (bank.soc(s)[0] > 0.95) drive.current[s] = -40.0;
        if (bank.soc(s)[0] < 0.05) drive.current[s] = 40.0;
      }
      bank.step(drive.inputs(), dt);
    }
    for (std::size_t s = 0; s < 2; ++s) {
      const StringEnergy& e = bank.energy(s);
      double throughput = std::abs(e.terminal_J) + e.loss_J;
      const double electric =
          e.terminal_J - (e.chemical_J - before[s].chemical_J) - e.loss_J - e.drained_J;
      CHECK(std::abs(electric) < 1e-9 * throughput);
      const double heat = e.heat_J - before[s].heat_J -
                          (e.loss_J + e.drained_J + e.reversible_J + e.heater_J - e.room_J);
      CHECK(std::abs(heat) < 1e-9 * e.heat_J);
      double stored = 0.0;
      for (std::size_t i = 0; i < 15; ++i) {
        stored += 3600.0 * bank.capacity_Ah(s)[i] * stored_V(bank.kind(), bank.soc(s)[i]);
      }
      CHECK(std::abs(e.chemical_J - stored) < 2e-7 * stored);
      CHECK(e.loss_J > 0.0);
      CHECK(bank.voltage_extent(s).sum == Approx(bank.string_V(s)).epsilon(1e-12));
    }
  }
}

TEST_CASE("a power that is asked for is the power that flows", "[TK-08]") {
  for (const double dt : {1.0, 60.0}) {
    CellBank bank(spread_bank(1, 16));
    const std::vector<double> room = {298.15};
    for (int i = 0; i < 500; ++i) {
      const double power = i % 7 == 0 ? 0.0 : i % 3 == 0 ? -2000.0 : 1500.0;
      const std::vector<double> current = {bank.current_for(0, dt, power)};
      bank.step({current, room, {}, {}}, dt);
      CHECK(std::abs(current[0] * bank.string_V(0) - power) < 1e-6 * 2000.0);
    }
  }
}
