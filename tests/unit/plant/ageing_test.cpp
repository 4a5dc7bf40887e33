// SPDX-License-Identifier: Apache-2.0
#include "sim/ageing/ageing.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/kernels/log.hpp"
#include "sim/plant/cell_bank.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/plant/csv.hpp"

using namespace weco::sim;

namespace {

constexpr double kZero_K = 273.15;

/// The same days over and over; what is left of the capacity.
double after(AgeingChoice model, const Wear& day, double days) {
  Health health;
  for (int i = 0; i < static_cast<int>(days); ++i) wear_down(model, day, health);
  return health.capacity();
}

/// Mean of a rate over a recorded day, straight lines between its rows.
template <class Rate>
double mean_over(const Csv& profile, const Rate& rate) {
  double sum = 0.0, seconds = 0.0;
  for (std::size_t i = 1; i < profile.rows.size(); ++i) {
    const double dt = profile.at(i, "Time_s") - profile.at(i - 1, "Time_s");
    sum += 0.5 * dt * (rate(profile.at(i, "SOC")) + rate(profile.at(i - 1, "SOC")));
    seconds += dt;
  }
  return sum / seconds;
}

}  // namespace

TEST_CASE("the anode's potential is that of Safari and Delacourt", "[TK-08]") {
  const Csv table("aging/ua_safari_delacourt.csv");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    CHECK(std::abs(nrel::anode_potential_V(table.at(i, "soc")) - table.at(i, "Ua_V")) < 1e-9);
  }
}

TEST_CASE("a resting cell ages as NREL's model of 250 Ah says", "[TK-08]") {
  const Csv table("aging/blast_lfp250_calendar.csv");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const double kelvin = table.at(i, "T_C") + kZero_K, soc = table.at(i, "soc");
    const double days = table.at(i, "t_days");
    const double rate = nrel::time_rate(kelvin, soc);
    CHECK(rate == Approx(table.at(i, "kcal_per_day^0.526")).epsilon(1e-9));
    CHECK(std::abs(1.0 - rate * pow_of(days, nrel::kTimePower) -
                   table.at(i, "q_closed_form_1-k*t^0.526")) < 1e-9);
    if (table.at(i, "years") != 1 && table.at(i, "years") != 20) continue;
    const Wear day{.days = 1, .kelvin = kelvin, .soc = soc};
    CHECK(std::abs(after(AgeingChoice::Nrel, day, days) - table.at(i, "q_blast_daily_euler")) <
          2e-4);
  }
}

TEST_CASE("a cycled cell ages as NREL's model of 250 Ah says", "[TK-08]") {
  const Csv table("aging/blast_lfp250_cycling.csv");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const double kelvin = table.at(i, "T_C") + kZero_K;
    const double rate = nrel::use_rate(kelvin, table.at(i, "dod"), table.at(i, "Crate_mean_blast"));
    CHECK(rate == Approx(table.at(i, "kcyc")).epsilon(1e-8));  // the C rate is given to 9 digits
    const Wear day{.cycles = table.at(i, "cycles_per_day") * table.at(i, "dod"),
                   .kelvin = kelvin,
                   .depth = table.at(i, "dod"),
                   .c_rate = table.at(i, "Crate_mean_blast")};
    const double days = 365.0 * table.at(i, "years");
    if (table.at(i, "years") == 1 || table.at(i, "years") == 20) {
      CHECK(std::abs(after(AgeingChoice::Nrel, day, days) - table.at(i, "q_EFC")) < 2e-4);
    }
    CHECK(std::abs(1.0 - table.at(i, "kcal") * pow_of(days, nrel::kTimePower) -
                   table.at(i, "q_t")) < 2e-4);
  }
}

TEST_CASE("a recorded day of charge ages a cell as NREL's model does", "[TK-08]") {
  const Csv table("aging/blast_lfp250_cycling.csv");
  const Csv profile("aging/blast_cycle_profile_example_0.1-0.9_0.25C_1perday.csv");
  int judged = 0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (table.at(i, "soc_min") != 0.1 || table.at(i, "soc_max") != 0.9) continue;
    if (table.at(i, "crate") != 0.25 || table.at(i, "cycles_per_day") != 1) continue;
    const double kelvin = table.at(i, "T_C") + kZero_K;
    const auto rate = [&](double soc) { return nrel::time_rate(kelvin, soc); };
    CHECK(mean_over(profile, rate) == Approx(table.at(i, "kcal")).epsilon(1e-8));
    if (table.at(i, "years") != 20) continue;
    const Wear day{.days = 1,
                   .cycles = table.at(i, "dod"),
                   .kelvin = kelvin,
                   .depth = table.at(i, "dod"),
                   .c_rate = table.at(i, "Crate_mean_blast"),
                   .nrel_time_rate = mean_over(profile, rate)};
    Health health;
    for (int n = 0; n < 20 * 365; ++n) wear_down(AgeingChoice::Nrel, day, health);
    CHECK(std::abs(health.capacity() - table.at(i, "q")) < 2e-4);
    ++judged;
  }
  CHECK(judged > 0);
}

TEST_CASE("the pessimistic model is Naumann's, resting and cycled", "[TK-08]") {
  const Csv rest("aging/naumann2018_calendar_simses.csv");
  for (std::size_t i = 0; i < rest.rows.size(); ++i) {
    const double kelvin = rest.at(i, "T_C") + kZero_K, soc = rest.at(i, "soc");
    const double seconds = rest.at(i, "t_s");
    CHECK(std::abs(naumann::time_rate(kelvin, soc) * std::sqrt(seconds) - rest.at(i, "qloss_pu")) <
          1e-9);
    CHECK(std::abs(naumann::time_resistance(kelvin, soc) * seconds - rest.at(i, "rinc_pu")) < 1e-9);
    Health health;
    for (int year = 0; year < static_cast<int>(rest.at(i, "years_365d")); ++year) {
      wear_down(AgeingChoice::Naumann, {.days = 365, .kelvin = kelvin, .soc = soc}, health);
    }
    CHECK(std::abs(health.lost_by_time - rest.at(i, "qloss_pu")) < 1e-9);
  }
  const Csv use("aging/naumann2020_cyclic_simses.csv");
  for (std::size_t i = 0; i < use.rows.size(); ++i) {
    const double depth = use.at(i, "dod"), rate = use.at(i, "c_rate"), cycles = use.at(i, "fec");
    CHECK(std::abs(naumann::use_rate(depth, rate) * std::sqrt(cycles) - use.at(i, "qloss_pu")) <
          1e-9);
    CHECK(std::abs(naumann::use_resistance(depth, rate) * cycles - use.at(i, "rinc_pu")) < 1e-9);
  }
}

TEST_CASE("Wang's formula gives its published losses", "[TK-08]") {
  const Csv table("aging/wang2011_formula.csv");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const double loss = wang::loss(table.at(i, "c_rate"), table.at(i, "T_C") + kZero_K,
                                   table.at(i, "Ah_throughput_2p2Ah_cell"));
    CHECK(std::abs(100.0 * loss - table.at(i, "qloss_percent")) <
          1e-9 * (1.0 + table.at(i, "qloss_percent")));
  }
}

TEST_CASE("no model gives a cell anything back, and none ages without one", "[TK-08]") {
  for (const AgeingChoice model :
       {AgeingChoice::None, AgeingChoice::Nrel, AgeingChoice::Naumann, AgeingChoice::Wang}) {
    Health health;
    double before = 1.0;
    for (int day = 0; day < 400; ++day) {
      const double x = day % 7 / 6.0;
      wear_down(model,
                {.days = 1,
                 .cycles = x,
                 .kelvin = 273.15 + 45 * x,
                 .soc = 1 - x,
                 .depth = x,
                 .c_rate = 0.5 * x},
                health);
      CHECK(health.capacity() <= before);
      before = health.capacity();
    }
    CHECK((health.capacity() < 1.0) == (model != AgeingChoice::None));
  }
  CHECK(worn_to(0.7).capacity() == Approx(0.7));
}

namespace {

/// The reference's own ageing: time by the step, cycles by half ones between two turns.
struct Reference {
  Health health;
  double turn = 0.5, soc = 0.5, elapsed_h = 0.0, cycles = 0.0;
  int direction = 0;

  void step(double now, double minutes) {
    wear_down(AgeingChoice::Naumann, {.days = minutes / 1440.0, .kelvin = kReference_K, .soc = now},
              health);
    const int moving = now > soc + 1e-9 ? 1 : now < soc - 1e-9 ? -1 : 0;
    if (moving != 0) {
      if (direction != 0 && moving != direction) half_cycle();
      direction = moving;
      elapsed_h += minutes / 60.0;
    }
    soc = now;
  }
  void half_cycle() {
    const double depth = std::abs(soc - turn);
    wear_down(AgeingChoice::Naumann,
              {.cycles = depth / 2, .depth = depth, .c_rate = depth / elapsed_h}, health);
    cycles += depth / 2;
    turn = soc;
    elapsed_h = 0.0;
  }
};

}  // namespace

TEST_CASE("a year of sun and evening of 16 times 34 cells ends where the reference's does",
          "[TK-08]") {
  BankConfig config;
  config.kind = &kSony3Ah;
  config.cells = 16;
  config.capacity_Ah = 102.0;              // 34 cells of 3 Ah in parallel
  config.thermal = {1e4, 1e12, 1e6, 0.0};  // a room of 25 degrees holds every cell there
  CellBank bank(config);
  Reference reference;
  const std::vector<double> room = {kReference_K};
  for (int minute = 0; minute < 365 * 1440; ++minute) {
    const double hour = (minute % 1440) / 60.0;
    const double power = hour > 9 && hour < 15
                             ? 1000.0 * std::sin(3.14159265358979 * (hour - 9) / 6)
                         : hour >= 18 ? -600.0
                                      : 0.0;
    // the reference stops at a full cell, whatever its voltage
    const double room_A = (1.0 - bank.soc(0, 0)) * bank.capacity_Ah(0)[0] * 60.0;
    std::vector<double> current = {0.0};
    bank.currents_for(60.0, {&power, 1}, current);
    current[0] = std::min(room_A, current[0]);
    bank.step({current, {}, {room, {}}}, 60.0);
    reference.step(bank.soc(0, 0), 1.0);
    if (minute % 1440 == 1439) {
      static_cast<void>(
          bank.set_health(0, reference.health.capacity(), reference.health.resistance()));
    }
  }
  CHECK(std::abs(bank.soc(0, 0) - 0.278119466437) < 0.001);
  CHECK(std::abs(reference.health.capacity() - 0.932594436704) < 0.001);
}
