// SPDX-License-Identifier: Apache-2.0
#include "sim/plant/cell_bank.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
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
  [[nodiscard]] BankInputs inputs() const { return {current, heater, {room, {}}}; }
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

TEST_CASE("every instruction set gives the same bits, for banks of any shape", "[TK-08]") {
  struct Shape {
    std::size_t strings, cells;
    int steps;
  };
  struct Outcome {
    std::uint64_t hash = 0;
    std::vector<weco::Millivolts> read;
    void add(const CellBank& bank, std::span<const weco::Millivolts> cells, std::size_t string) {
      read.insert(read.end(), cells.begin(), cells.end());
      const CellBank::ReadingExtent e = bank.reading_extent(string);
      read.insert(read.end(), {e.min, e.max, e.sum});
    }
    bool operator==(const Outcome&) const = default;
  };
  const auto run = [](const KernelChoice& choice, const Shape& shape) {
    CellBank bank(spread_bank(shape.strings, shape.cells));
    bank.use(choice);
    Drive drive(shape.strings);
    Random random(3);
    for (int i = 0; i < shape.steps; ++i) {
      drive.next(random);
      bank.step(drive.inputs(), i % 500 == 0 ? 60.0 : 1.0);
    }
    Outcome outcome;
    for (const double gain : {kMillivoltsPerVolt, 1001.0}) {
      for (std::size_t i = 0; i < shape.cells; ++i) {
        bank.set_sensor(1, i, gain - (gain - kMillivoltsPerVolt) * 0.3 * double(i),
                        7.0 * random.normal());
      }
      bank.read();
      for (std::size_t s = 0; s < shape.strings; ++s) outcome.add(bank, bank.reading(s), s);
    }
    outcome.hash = bank.hash();
    return outcome;
  };
  for (const Shape& shape : {Shape{3, 16, 5000}, Shape{12, 8, 1500}, Shape{40, 16, 1500},
                             Shape{3, 240, 1500}, Shape{9, 72, 1000}}) {
    const Outcome expected = run(kernel_choices().back(), shape);
    for (const KernelChoice& choice : kernel_choices()) {
      INFO(choice.name << ", " << shape.strings << " strings of " << shape.cells);
      CHECK(run(choice, shape) == expected);
    }
  }
}

TEST_CASE("a string does the same alone and among many", "[TK-08]") {
  for (const std::size_t many : {8U, 33U, 72U}) {
    CellBank few(spread_bank(2, 16)), all(spread_bank(many, 16));
    Drive drive(many);
    Random random(5);
    for (int i = 0; i < 1000; ++i) {
      drive.next(random);
      all.step(drive.inputs(), 1.0);
      few.step({std::span(drive.current).first(2),
                std::span(drive.heater).first(2),
                {std::span(drive.room).first(2), {}}},
               1.0);
      for (std::size_t s = 0; s < 2; ++s) {
        if (!std::ranges::equal(few.voltage_V(s), all.voltage_V(s))) FAIL("step " << i);
      }
    }
    for (std::size_t s = 0; s < 2; ++s) {
      CHECK(few.string_V(s) == all.string_V(s));
      CHECK(few.energy(s).chemical_J == all.energy(s).chemical_J);
      CHECK(std::ranges::equal(few.temperature_K(s), all.temperature_K(s)));
    }
  }
}

TEST_CASE("the numbers not above a limit, and the least of them, are found by every kernel",
          "[TK-08]") {
  Random random(11);
  for (const KernelChoice& choice : kernel_choices()) {
    for (std::size_t count = kLanes; count <= 64; count += kLanes) {
      Aligned<double> numbers(count);
      std::uint64_t expected = 0;
      for (std::size_t i = 0; i < count; ++i) {
        numbers.data()[i] = std::floor(random.uniform() * 5.0) - 2.0;  // equal ones, negative ones
        if (numbers.data()[i] <= 0.0) expected |= std::uint64_t{1} << i;
      }
      INFO(choice.name << ", " << count);
      CHECK(choice.not_above(numbers.data(), count, 0.0) == expected);
      for (std::size_t i = 0; i < count; ++i) {
        const double before = std::exchange(numbers.data()[i], -9.0);
        CHECK(choice.least(numbers.data(), count) == -9.0);
        numbers.data()[i] = before;
      }
    }
  }
}

TEST_CASE("sensors read voltages to the millivolt, with their own error", "[TK-08]") {
  CellBank bank(spread_bank(2, 16));
  REQUIRE(bank.fills_registers());
  bank.set_sensor(1, 5, 0.0, 2.5);  // halves go to the even number
  bank.set_sensor(1, 6, 0.0, 3.5);
  bank.set_sensor(1, 7, 0.0, -2.5);
  bank.set_sensor(1, 8, 1000.0, -40.0);
  bank.read();
  const auto read = bank.reading(1);
  CHECK(read[5].count() == 2);
  CHECK(read[6].count() == 4);
  CHECK(read[7].count() == -2);
  CHECK(read[8].count() == std::lround(1000.0 * bank.voltage_V(1)[8] - 40.0));
  CHECK(read[0].count() == std::lround(1000.0 * bank.voltage_V(1)[0]));
  CHECK_FALSE(CellBank(spread_bank(1, 15)).fills_registers());
}

TEST_CASE(
    "lowest, highest and sum of a string are those of its readings, for any number of strings",
    "[TK-08]") {
  for (const KernelChoice& choice : kernel_choices()) {
    for (std::size_t strings = 1; strings <= 9; ++strings) {
      CellBank bank(spread_bank(strings, 16));
      bank.use(choice);
      for (std::size_t s = 0; s < strings; ++s) {
        bank.set_sensor(s, (7 * s) % 16, 1000.0, -50.0);
        bank.set_sensor(s, (7 * s + 3) % 16, 1000.0, 50.0);
      }
      bank.read();
      for (std::size_t s = 0; s < strings; ++s) {
        const auto all = bank.reading(s);
        std::int32_t sum = 0;
        for (const weco::Millivolts mV : all) sum += mV.count();
        const CellBank::ReadingExtent e = bank.reading_extent(s);
        INFO(choice.name << ", " << strings << " strings, string " << s);
        CHECK(e.min == std::ranges::min(all));
        CHECK(e.max == std::ranges::max(all));
        CHECK(e.sum.count() == sum);
      }
    }
  }
}

TEST_CASE("a cell that bleeds now and then loses what flows past it, and no other does",
          "[TK-08]") {
  BankConfig config = spread_bank(1, 16);
  config.spread = {};
  CellBank bank(config);
  Drive drive(1);
  const std::vector<double> began = [&] {
    std::vector<double> soc;
    for (std::size_t i = 0; i < 16; ++i) soc.push_back(bank.soc(0, i));
    return soc;
  }();
  double bled_As = 0.0;
  const StringEnergy before = bank.energy(0);
  for (int second = 0; second < 7200; ++second) {
    const bool bleeds = second % 5 < 4;
    const std::uint64_t mask = bleeds ? 1U << 3 : 0;
    bank.set_balancing(0, {&mask, 1});
    if (bleeds) bled_As += bank.voltage_V(0)[3] / config.bleed_ohm;
    bank.step(drive.inputs(), 1.0);
  }
  const double own_As = 7200.0 * bank.kind().self_discharge_A;
  for (std::size_t i = 0; i < 16; ++i) {
    INFO(i);
    const double lost_As = (began[i] - bank.soc(0, i)) * 3600.0 * bank.capacity_Ah(0)[i];
    CHECK(lost_As == Approx(own_As + (i == 3 ? bled_As : 0.0)).epsilon(1e-3));
  }
  const StringEnergy e = bank.energy(0);
  const double electric =
      e.terminal_J - (e.chemical_J - before.chemical_J) - e.loss_J - e.drained_J;
  CHECK(std::abs(electric) < 1e-9 * e.drained_J);
  CHECK(e.drained_J == Approx((bled_As + 16 * own_As) * bank.voltage_V(0)[3]).epsilon(1e-3));
}

TEST_CASE("a string is as warm as its room and its coolant, however often curves are looked up",
          "[TK-08]") {
  for (const bool balanced : {false, true}) {
    for (const bool cooled : {false, true}) {
      BankConfig config = spread_bank(1, 16);
      config.temperature_K = 300.0;
      config.thermal.coolant_W_per_K = 40.0;
      CellBank bank(config);
      const double none = 0.0, room = 290.0, coolant = 280.0;
      for (int second = 0; second < 24 * 3600; ++second) {
        const std::uint64_t mask = balanced && second % 5 < 4 ? 1U << (second % 16) : 0;
        bank.set_balancing(0, {&mask, 1});
        BankInputs in{{&none, 1}, {}, {{&room, 1}, {}}};
        if (cooled) in.around.coolant_K = {&coolant, 1};
        bank.step(in, 1.0);
      }
      INFO(balanced << cooled);
      const double expected = cooled ? (8.0 * room + 40.0 * coolant) / 48.0 : room;
      CHECK(bank.temperature_K(0)[0] == Approx(expected).margin(0.1));
      CHECK(bank.frame_K(0) == Approx(expected).margin(0.1));
    }
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
        if (bank.soc(s, 0) > 0.95) drive.current[s] = -40.0;
        if (bank.soc(s, 0) < 0.05) drive.current[s] = 40.0;
      }
      bank.step(drive.inputs(), dt);
    }
    for (std::size_t s = 0; s < 2; ++s) {
      const StringEnergy e = bank.energy(s);
      double throughput = std::abs(e.terminal_J) + e.loss_J;
      const double electric =
          e.terminal_J - (e.chemical_J - before[s].chemical_J) - e.loss_J - e.drained_J;
      CHECK(std::abs(electric) < 1e-9 * throughput);
      const double heat = e.heat_J - before[s].heat_J -
                          (e.loss_J + e.drained_J + e.reversible_J + e.heater_J - e.room_J);
      CHECK(std::abs(heat) < 1e-9 * e.heat_J);
      double stored = 0.0;
      for (std::size_t i = 0; i < 15; ++i) {
        stored += 3600.0 * bank.capacity_Ah(s)[i] * stored_V(bank.kind(), bank.soc(s, i));
      }
      // a line is left at the end of a step, and by then a long one has gone beyond it
      CHECK(std::abs(e.chemical_J - stored) < (dt > 1.0 ? 1e-5 : 1e-6) * stored);
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
      std::vector<double> current = {0.0};
      bank.currents_for(dt, {&power, 1}, current);
      bank.step({current, {}, {room, {}}}, dt);
      CHECK(std::abs(current[0] * bank.string_V(0) - power) < 1e-6 * 2000.0);
    }
  }
}

TEST_CASE("looking at a bank changes nothing of what it does", "[TK-08]") {
  CellBank seen(spread_bank(2, 16)), unseen(spread_bank(2, 16));
  Drive drive(2);
  Random random(5);
  for (int i = 0; i < 1000; ++i) {
    drive.next(random);
    seen.step(drive.inputs(), 1.0);
    unseen.step(drive.inputs(), 1.0);
    CHECK(seen.energy(1).terminal_J == unseen.energy(1).terminal_J);
    CHECK(seen.soc(1, 15) == unseen.soc(1, 15));
  }
  for (int i = 0; i < 1000; ++i) static_cast<void>(seen.energy(0).loss_J + seen.mean_soc(0));
  CHECK(seen.hash() == unseen.hash());
}

TEST_CASE("energy closes at every second, also between two times that heat is settled", "[TK-08]") {
  CellBank bank(spread_bank(1, 16));
  const std::vector<double> room = {298.15}, current = {50.0};
  const StringEnergy before = bank.energy(0);
  double terminal = 0.0, loss = 0.0;
  for (int i = 0; i < 100; ++i) {
    bank.step({current, {}, {room, {}}}, 1.0);
    const StringEnergy e = bank.energy(0);
    CHECK(e.terminal_J > terminal);
    CHECK(e.loss_J > loss);
    terminal = e.terminal_J;
    loss = e.loss_J;
    const double kept = e.chemical_J - before.chemical_J;
    CHECK(std::abs(e.terminal_J - kept - e.loss_J - e.drained_J) < 1e-9 * e.terminal_J);
    const double warmer = e.heat_J - before.heat_J;
    const double cells = bank.temperature_extent(0).sum * bank.kind().heat_J_per_K;
    const double spread = cells + 18000.0 * bank.frame_K(0);
    CHECK(e.heat_J >= spread * (1.0 - 1e-12));
    if (i % 30 == 29) CHECK(e.heat_J == Approx(spread).epsilon(1e-12));
    CHECK(std::abs(warmer - (e.loss_J + e.drained_J + e.reversible_J - e.room_J)) <
          1e-9 * e.heat_J);
  }
}

TEST_CASE("curves near a mean are the curves of each cell", "[TK-08]") {
  for (const CellKind* kind : {&kLfp100Ah, &kSony3Ah}) {
    for (const double mean : {263.15, 298.15, 318.15}) {
      const CurvesNear near(*kind, mean);
      for (const double apart : {-40.0, -2.0, 0.0, 0.5, 2.0, 30.0}) {
        for (const double soc : {-0.01, 0.0, 0.123, 0.5, 0.999, 1.0, 1.01}) {
          const Curves curves = near.at(soc, mean + apart);
          const Resistance r = resistance_of(*kind, soc, mean + apart);
          CHECK(curves.resistance.charge_ohm == Approx(r.charge_ohm).epsilon(3e-7));
          CHECK(curves.resistance.discharge_ohm == Approx(r.discharge_ohm).epsilon(3e-7));
          CHECK(curves.hysteresis_V == hysteresis_V(*kind, soc));
          CHECK(curves.entropy_V_per_K == entropy_V_per_K(*kind, soc));
        }
      }
    }
  }
}
