// SPDX-License-Identifier: Apache-2.0
// Lights and ports, and the promise that a day of ticks allocates nothing.

#include "core/ems/ems.hpp"
#include "core/ems/panel.hpp"
#include "core/ems/ports.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Instant;
using weco::Millihertz;
using weco::Millivolts;
using weco::Permyriad;
using weco::Watts;

TEST_CASE("a day of ticks and grid samples allocates nothing", "[TK-03]") {
  const Ratings& ratings = **find_ratings("SMART-S3-10K");
  Settings settings;
  settings.mode.mode = Mode::SmartPeakShaving;
  settings.generator.fitted = true;
  settings.demand.port = DemandPort::Ripple;
  REQUIRE(settings.mode.charge.push_back({0, 360}));
  REQUIRE(settings.mode.discharge.push_back({1020, 1260}));
  const auto protection =
      make_protection(**find_grid_code("RD1699"), Watts(10000), 3, Trust::CertainOnly);
  const auto config = make_config(ratings, *battery_rating(ratings, 8), *protection, settings);
  REQUIRE(config);
  State state;
  Inputs in;
  Instant now{};
  std::int64_t charged = 0;
  const std::size_t before = weco::test::allocations_made();
  REQUIRE(before > 0);  // the counter counts
  for (int second = 0; second < kSecondsPerDay; ++second) {
    in.calendar = {second, 1, 20777, true};
    const bool outage = second > 40000 && second < 50000;
    const Millivolts v(outage ? 0 : 230000);
    in.grid = {{v, v, v}, Millihertz(50000), Quality::Good};
    in.meter = Reading<Watts>::good_of(Watts(second % 3000));
    in.demand.ripple = Reading<std::uint8_t>::good_of(1);
    in.battery_link = true;
    in.soc = Permyriad(second % 9000);
    in.charge_limit = in.discharge_limit = Watts(4000);
    in.pv_available = Watts(second % 8000);
    in.backup_load = Watts(500);
    in.slaves_lost = static_cast<std::uint32_t>(second / 1000 % 16);
    now = now + Duration::ms(500);
    tick_fast(*config, state, in.grid, now);
    now = now + Duration::ms(500);
    charged += tick(*config, state, in, now).flow.battery.count();
  }
  CHECK(weco::test::allocations_made() == before);
  CHECK(charged != 0);
  CHECK(state.counters.yesterday.of(Meter::Load).count() > 0);
}

TEST_CASE("the EMS's power light tells online, starting, failed and no supply apart", "[CM-04]") {
  int slow = 0;
  int fast = 0;
  for (int ms = 0; ms < 3000; ++ms) {
    CHECK(power_light(EmsPhase::Online, Duration::ms(ms)));
    CHECK_FALSE(power_light(EmsPhase::NoSupply, Duration::ms(ms)));
    const auto turns_on = [ms](EmsPhase phase) {
      return power_light(phase, Duration::ms(ms)) && !power_light(phase, Duration::ms(ms + 2999));
    };
    slow += turns_on(EmsPhase::Starting) ? 1 : 0;
    fast += turns_on(EmsPhase::StartFailed) ? 1 : 0;
  }
  CHECK(slow == 2);
  CHECK(fast == 6);
}

TEST_CASE("the EMS has the ports its manual names, as many as a plan may use",
          "[CM-02][CM-03][CM-06]") {
  const auto count = [](std::string_view name) {
    for (const EmsPort& port : kCm2EmsPorts) {
      if (port.name == name) return static_cast<int>(port.count);
    }
    return 0;
  };
  CHECK(count("Ethernet") == 12);
  CHECK(count("NET2") == 1);
  CHECK(count("RS485-1") + count("RS485-2") + count("RS485-3") == 3);
  CHECK(count("DI") == 2);
  CHECK(count("DO") == 2);
  CHECK(count("HSD") == 1);
  CHECK(count("RS485-4") == 0);
  CHECK(kCm2SwitchPorts == 16);
}
