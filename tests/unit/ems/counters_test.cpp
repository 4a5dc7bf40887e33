// SPDX-License-Identifier: Apache-2.0
#include "core/ems/counters.hpp"

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Permyriad;
using weco::WattHours;
using weco::Watts;

namespace {
Calendar at(int date, int second, bool known = true) {
  Calendar c;
  c.date = date;
  c.second_of_day = second;
  c.known = known;
  return c;
}
Flow flow(int pv, int load, int battery) {
  Flow f;
  f.pv = Watts(pv);
  f.load = Watts(load);
  f.battery = Watts(battery);
  f.grid = f.load + f.battery - f.pv;
  return f;
}
const Duration kSecond = Duration::s(1);
}  // namespace

TEST_CASE("each direction of energy is counted for itself, to the watt-hour", "[WS-47]") {
  CounterState s;
  for (int i = 0; i < 3600; ++i)
    count_energy(s, flow(5000, 1000, 1500), Watts(0), at(1, i), kSecond);
  for (int i = 0; i < 1800; ++i) {
    count_energy(s, flow(0, 3000, -2000), Watts(700), at(1, 3600 + i), kSecond);
  }
  CHECK(s.today.of(Meter::Pv) == WattHours(5000));
  CHECK(s.today.of(Meter::Load) == WattHours(2500));
  CHECK(s.today.of(Meter::Charge) == WattHours(1500));
  CHECK(s.today.of(Meter::Discharge) == WattHours(1000));
  CHECK(s.today.of(Meter::Export) == WattHours(2500));
  CHECK(s.today.of(Meter::Import) == WattHours(500));
  CHECK(s.today.of(Meter::Generator) == WattHours(350));
}

TEST_CASE("a single watt is not lost: it is a watt-hour after an hour", "[WS-47]") {
  CounterState s;
  for (int i = 0; i < 3599; ++i) count_energy(s, flow(0, 1, 0), Watts(0), at(1, i), kSecond);
  CHECK(s.today.of(Meter::Load) == WattHours(0));
  count_energy(s, flow(0, 1, 0), Watts(0), at(1, 3599), kSecond);
  CHECK(s.today.of(Meter::Load) == WattHours(1));
}

TEST_CASE("the day is closed at 23:59 and once only", "[WS-47]") {
  CounterState s;
  count_energy(s, flow(0, 3600000, 0), Watts(0), at(1, 86000), kSecond);
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(1, 86339), kSecond));
  CHECK(s.today.of(Meter::Load) == WattHours(1000));
  CHECK(count_energy(s, flow(0, 3600000, 0), Watts(0), at(1, 86340), kSecond));
  CHECK(s.yesterday.of(Meter::Load) == WattHours(1000));
  CHECK(s.today.of(Meter::Load) == WattHours(1000));  // the second after belongs to the new day
  CHECK(s.total.of(Meter::Load) == WattHours(2000));
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(1, 86399), kSecond));
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(2, 0), kSecond));
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(2, 86339), kSecond));
  CHECK(count_energy(s, flow(0, 0, 0), Watts(0), at(2, 86340), kSecond));
}

TEST_CASE("a day whose 23:59 was slept through is closed on waking", "[WS-47]") {
  CounterState s;
  count_energy(s, flow(0, 3600000, 0), Watts(0), at(1, 50000), kSecond);
  CHECK(count_energy(s, flow(0, 0, 0), Watts(0), at(4, 100), kSecond));
  CHECK(s.yesterday.of(Meter::Load) == WattHours(1000));
}

TEST_CASE("a clock set back or not set closes no day", "[WS-47]") {
  CounterState s;
  CHECK_FALSE(count_energy(s, flow(0, 3600000, 0), Watts(0), at(9, 0, false), kSecond));
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(9, 0), kSecond));
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(5, 0), kSecond));
  CHECK(s.today.of(Meter::Load) == WattHours(1000));
  CHECK_FALSE(count_energy(s, flow(0, 0, 0), Watts(0), at(20, 0, false), kSecond));
  CHECK(count_energy(s, flow(0, 0, 0), Watts(0), at(6, 0), kSecond));
}

TEST_CASE("time without a call counts with ten seconds at most and is reported", "[WS-47]") {
  CounterState s;
  count_energy(s, flow(0, 3600, 0), Watts(0), at(1, 0), Duration::s(10));
  CHECK_FALSE(s.gap);
  CHECK(s.today.of(Meter::Load) == WattHours(10));
  count_energy(s, flow(0, 3600, 0), Watts(0), at(1, 0), Duration::hours(5));
  CHECK(s.gap);
  CHECK(s.today.of(Meter::Load) == WattHours(20));
}

TEST_CASE("self-sufficiency is PV production over total consumption", "[WS-47]") {
  EnergyTotals t;
  CHECK_FALSE(self_sufficiency(t).good());
  t.wh[static_cast<std::size_t>(Meter::Load)] = WattHours(4000);
  CHECK(self_sufficiency(t).value == Permyriad(0));
  t.wh[static_cast<std::size_t>(Meter::Pv)] = WattHours(1000);
  CHECK(self_sufficiency(t).value == Permyriad(2500));
  t.wh[static_cast<std::size_t>(Meter::Pv)] = WattHours(8000);
  CHECK(self_sufficiency(t).value == Permyriad(20000));
  t.wh[static_cast<std::size_t>(Meter::Pv)] = WattHours(100000000000);
  CHECK(self_sufficiency(t).value == Permyriad(1000000));
}

TEST_CASE("PV of other inverters counts as PV", "[WS-47]") {
  CounterState s;
  Flow f = flow(1000, 0, 0);
  f.pv_ac = Watts(500);
  for (int i = 0; i < 3600; ++i) count_energy(s, f, Watts(0), at(1, i), kSecond);
  CHECK(s.today.of(Meter::Pv) == WattHours(1500));
}
