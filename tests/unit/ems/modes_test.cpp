// SPDX-License-Identifier: Apache-2.0
// Every row of the manuals' working-mode tables, as flows of a site whose battery takes and gives
// 4 kW. The rows are named as in the WeCo manual's tables 7-3 to 7-5.
#include "core/ems/modes.hpp"

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Permyriad;
using weco::Watts;

namespace {
constexpr int kBattery = 4000;

struct Site {
  Flow flow(int pv, int load, int soc = 5000) {
    Bounds b;
    b.pv = Watts(pv);
    b.load = Watts(load);
    b.charge = {battery ? Watts(kBattery) : Watts(0), LimitReason::ChargeLimit};
    b.discharge = {battery ? Watts(kBattery) : Watts(0), LimitReason::DischargeLimit};
    b.export_max = {settings.sell ? kNoLimit : Watts(0), LimitReason::SellingOff};
    if (!on_grid) b.export_max.value = Watts(0);
    ModeInputs in;
    in.calendar = {minute * 60, weekday, 0, clock};
    in.soc = Permyriad(soc);
    in.pv_present = pv > 0;
    in.on_grid = on_grid;
    in.generator = generator;
    in.discharge_max = b.discharge.value;
    const ModeDecision d = decide(settings, state, in);
    activity = d.activity;
    const Flow f = solve(d.intent, b);
    CHECK(f.pv + f.grid == f.load + f.battery);
    return f;
  }
  ModeSettings settings{};
  ModeState state{};
  Activity activity{};
  bool battery = true;
  bool on_grid = true;
  bool generator = false;
  bool clock = true;
  std::int32_t minute = 12 * 60;
  std::uint8_t weekday = 0;
};

void expect(const Flow& f, int pv, int battery, int grid) {
  CHECK(f.pv == Watts(pv));
  CHECK(f.battery == Watts(battery));
  CHECK(f.grid == Watts(grid));
}

Site smart(Mode mode, bool sell = true) {
  Site s;
  s.settings.mode = mode;
  s.settings.sell = sell;
  static_cast<void>(s.settings.charge.push_back({0, 360}));            // 0:00 - 6:00
  static_cast<void>(s.settings.discharge.push_back({17 * 60, 1260}));  // 17:00 - 21:00
  return s;
}
}  // namespace

TEST_CASE("auto 1: surplus PV charges, the rest is sold or not made", "[WS-40]") {
  Site s = smart(Mode::SmartAuto);
  expect(s.flow(3000, 1000), 3000, 2000, 0);
  expect(s.flow(8000, 1000), 8000, 4000, -3000);
  s.settings.sell = false;
  expect(s.flow(8000, 1000), 5000, 4000, 0);
  CHECK(s.flow(8000, 1000).curtailed == Watts(3000));
  CHECK(s.flow(8000, 1000).reason == LimitReason::SellingOff);
}

TEST_CASE("auto 2: a shortfall is met by the battery, then by the grid", "[WS-40]") {
  Site s = smart(Mode::SmartAuto);
  expect(s.flow(1000, 3000), 1000, -2000, 0);
  expect(s.flow(1000, 5000), 1000, -4000, 0);
  expect(s.flow(1000, 5001), 1000, -4000, 1);
  expect(s.flow(1000, 9000), 1000, -4000, 4000);
}

TEST_CASE("auto 3: without a battery the grid makes up or takes the difference", "[WS-40]") {
  Site s = smart(Mode::SmartAuto);
  s.battery = false;
  expect(s.flow(1000, 3000), 1000, 0, 2000);
  expect(s.flow(5000, 3000), 5000, 0, -2000);
  s.settings.sell = false;
  expect(s.flow(5000, 3000), 3000, 0, 0);
}

TEST_CASE("auto 4: without PV the battery feeds the load, the grid the rest", "[WS-40]") {
  Site s = smart(Mode::SmartAuto);
  expect(s.flow(0, 3000), 0, -3000, 0);
  expect(s.flow(0, 6000), 0, -4000, 2000);
  CHECK(s.activity == Activity::SelfConsumption);
}

TEST_CASE("peak shaving 1: in the charge window PV fills the battery, then the load, then the grid",
          "[WS-41]") {
  Site s = smart(Mode::SmartPeakShaving);
  s.minute = 60;
  expect(s.flow(9000, 2000), 9000, 4000, -3000);
  CHECK(s.activity == Activity::ChargeWindow);
  expect(s.flow(5000, 2000), 5000, 4000, 1000);  // the excess serves the load, the grid the rest
  s.settings.sell = false;
  expect(s.flow(9000, 2000), 6000, 4000, 0);
}

TEST_CASE("peak shaving 2: below the target the grid helps to charge, at it only PV does",
          "[WS-41]") {
  Site s = smart(Mode::SmartPeakShaving);
  s.minute = 60;
  s.settings.target_soc = Permyriad(8000);
  expect(s.flow(1000, 500, 7999), 1000, 4000, 3500);
  expect(s.flow(1000, 500, 8000), 1000, 1000, 500);
  expect(s.flow(1000, 500, 7900), 1000, 1000, 500);   // held: it was reached
  expect(s.flow(1000, 500, 7899), 1000, 4000, 3500);  // a percent below it charges again
  s.settings.grid_charge_power = Watts(2500);
  expect(s.flow(1000, 500, 5000), 1000, 2500, 2000);
}

TEST_CASE("peak shaving 3: without PV the mains charge the battery", "[WS-41]") {
  Site s = smart(Mode::SmartPeakShaving);
  s.minute = 60;
  expect(s.flow(0, 500), 0, 4000, 4500);
}

TEST_CASE("peak shaving 4 and 5: the discharge window serves the load like auto", "[WS-41]") {
  Site s = smart(Mode::SmartPeakShaving);
  s.minute = 18 * 60;
  expect(s.flow(8000, 1000), 8000, 4000, -3000);
  expect(s.flow(1000, 3000), 1000, -2000, 0);
  expect(s.flow(1000, 9000), 1000, -4000, 4000);
  CHECK(s.activity == Activity::DischargeWindow);
}

TEST_CASE("windows open at their first minute and close at their last", "[WS-41][WS-42]") {
  Site s = smart(Mode::SmartPeakShaving);
  const struct {
    int minute;
    Activity activity;
  } edges[] = {{0, Activity::ChargeWindow},       {359, Activity::ChargeWindow},
               {360, Activity::BetweenWindows},   {1019, Activity::BetweenWindows},
               {1020, Activity::DischargeWindow}, {1259, Activity::DischargeWindow},
               {1260, Activity::BetweenWindows}};
  for (const auto& edge : edges) {
    s.minute = edge.minute;
    s.flow(0, 1000);
    CHECK(s.activity == edge.activity);
  }
}

TEST_CASE("between its windows peak shaving keeps the battery for the discharge window",
          "[WS-41]") {
  Site s = smart(Mode::SmartPeakShaving);
  expect(s.flow(0, 3000), 0, 0, 3000);
  expect(s.flow(5000, 3000), 5000, 2000, 0);
}

TEST_CASE("without a clock no window opens", "[WS-41][CM-12][EP-05]") {
  Site s = smart(Mode::SmartPeakShaving);
  s.clock = false;
  s.minute = 60;
  expect(s.flow(0, 3000), 0, 0, 3000);
  s.minute = 18 * 60;
  CHECK(s.flow(0, 3000).battery == Watts(0));
  s.settings.mode = Mode::SajTimeOfUse;
  expect(s.flow(0, 3000), 0, -3000, 0);
  s.settings.mode = Mode::Ep760;
  s.settings.charge_from_grid = true;
  s.minute = 60;
  expect(s.flow(0, 3000), 0, -3000, 0);
}

TEST_CASE("battery priority 1 to 3: PV, then the grid, charge first", "[WS-43]") {
  Site s = smart(Mode::SmartBatteryPriority);
  expect(s.flow(9000, 2000), 9000, 4000, -3000);
  expect(s.flow(5000, 2000), 5000, 4000, 1000);
  expect(s.flow(1000, 2000), 1000, 4000, 5000);
  expect(s.flow(0, 2000), 0, 4000, 6000);
  s.settings.target_soc = Permyriad(9000);
  expect(s.flow(1000, 2000, 9000), 1000, 1000, 2000);  // above the target only PV charges
  s.settings.sell = false;
  expect(s.flow(9000, 2000), 6000, 4000, 0);
  CHECK(s.activity == Activity::BatteryPriority);
}

TEST_CASE(
    "battery priority feeds the load from the battery once the grid is gone, and charges "
    "first when it is back",
    "[WS-43]") {
  Site s = smart(Mode::SmartBatteryPriority);
  s.on_grid = false;
  expect(s.flow(1000, 3000), 1000, -2000, 0);
  CHECK(s.activity == Activity::OffGrid);
  s.on_grid = true;
  expect(s.flow(1000, 3000), 1000, 4000, 6000);
}

TEST_CASE("maximum self-consumption feeds the load, then the battery, then the grid", "[CM-11]") {
  Site s;
  s.settings.mode = Mode::SajSelfConsumption;
  s.settings.sell = true;
  expect(s.flow(8000, 1000), 8000, 4000, -3000);
  expect(s.flow(1000, 9000), 1000, -4000, 4000);
}

TEST_CASE("each slot of a time-of-use template does what it says", "[CM-12]") {
  Site s;
  s.settings.mode = Mode::SajTimeOfUse;
  s.settings.sell = true;
  Slot charge{{0, 480}, SlotAction::Charge, Watts(3000), Permyriad(9000), true};
  const Slot hold{{480, 1020}, SlotAction::Hold, Watts(0), Permyriad(10000), false};
  const Slot give{{1020, 1200}, SlotAction::Discharge, Watts(3500), Permyriad(10000), false};
  const Slot own{{1200, 1440}, SlotAction::SelfConsumption, Watts(0), Permyriad(10000), false};
  Template t;
  for (const Slot& slot : {charge, hold, give, own}) REQUIRE(t.push_back(slot));
  Slot pv_only = charge;
  pv_only.from_grid = false;
  Template weekend;
  for (const Slot& slot : {pv_only, hold, give, own}) REQUIRE(weekend.push_back(slot));
  REQUIRE(s.settings.week.templates.push_back(t));
  REQUIRE(s.settings.week.templates.push_back(weekend));
  s.settings.week.by_weekday = {0, 0, 0, 0, 0, 1, 1};
  REQUIRE(check_week(s.settings.week).accepted());
  s.minute = 0;
  expect(s.flow(1000, 500), 1000, 3000, 2500);
  CHECK(s.activity == Activity::SlotCharge);
  expect(s.flow(1000, 500, 9000), 1000, 1000, 500);
  s.weekday = 6;
  expect(s.flow(1000, 500), 1000, 1000, 500);
  s.minute = 480;
  expect(s.flow(0, 500), 0, 0, 500);
  CHECK(s.activity == Activity::SlotHold);
  s.minute = 1020;
  expect(s.flow(0, 500), 0, -3500, -3000);
  CHECK(s.activity == Activity::SlotDischarge);
  expect(s.flow(0, 3800), 0, -3800, 0);  // more than the slot's power when the load asks for it
  s.settings.week.templates[1].begin()[2].power = Watts(9000);
  expect(s.flow(0, 500), 0, -4000, -3500);
  s.minute = 1439;
  expect(s.flow(0, 500), 0, -500, 0);
  CHECK(s.activity == Activity::SelfConsumption);
}

TEST_CASE("EP760 mode 1: PV serves the load, charges, and feeds in when the switch allows",
          "[EP-05][EP-06]") {
  Site s;
  s.settings.mode = Mode::Ep760;
  expect(s.flow(8000, 1000), 5000, 4000, 0);
  s.settings.sell = true;
  expect(s.flow(8000, 1000), 8000, 4000, -3000);
  CHECK(s.activity == Activity::Ep760Mode1);
}

TEST_CASE("EP760 mode 2: without PV the battery, and the grid once it is empty", "[EP-05]") {
  Site s;
  s.settings.mode = Mode::Ep760;
  expect(s.flow(0, 3000), 0, -3000, 0);
  CHECK(s.activity == Activity::Ep760Mode2);
  s.battery = false;
  expect(s.flow(0, 3000), 0, 0, 3000);
}

TEST_CASE("EP760 mode 3: without the grid PV and battery feed the load", "[EP-05]") {
  Site s;
  s.settings.mode = Mode::Ep760;
  s.on_grid = false;
  expect(s.flow(1000, 3000), 1000, -2000, 0);
  CHECK(s.activity == Activity::Ep760Mode3);
}

TEST_CASE(
    "EP760 mode 4: the grid charges in its window with the set power, and only with the switch",
    "[EP-05][EP-06]") {
  Site s;
  s.settings.mode = Mode::Ep760;
  REQUIRE(s.settings.charge.push_back({60, 120}));
  s.settings.grid_charge_power = Watts(2000);
  s.minute = 60;
  expect(s.flow(0, 1000), 0, -1000, 0);
  s.settings.charge_from_grid = true;
  expect(s.flow(0, 1000), 0, 2000, 3000);
  CHECK(s.activity == Activity::Ep760Mode4);
  expect(s.flow(5000, 1000), 5000, 4000, 0);
  s.minute = 59;
  expect(s.flow(0, 1000), 0, -1000, 0);
  s.minute = 120;
  expect(s.flow(0, 1000), 0, -1000, 0);
  s.minute = 119;
  s.settings.target_soc = Permyriad(6000);
  expect(s.flow(0, 1000, 6000), 0, 0, 1000);  // charged: kept, not used up again in the window
}

TEST_CASE("a generator charges the battery as far as it can", "[WS-49]") {
  Site s = smart(Mode::SmartAuto);
  s.on_grid = false;
  s.generator = true;
  expect(s.flow(500, 1000), 500, 4000, 4500);
  CHECK(s.activity == Activity::Generator);
}

TEST_CASE("a mode nobody knows does no more than self-consumption", "[WS-40]") {
  Site s;
  s.settings.mode = static_cast<Mode>(99);
  expect(s.flow(0, 3000), 0, -3000, 0);
}

TEST_CASE("every mode belongs to one product", "[WS-40][CM-11][EP-05]") {
  CHECK(product_of(Mode::SmartAuto) == Product::WecoSmart);
  CHECK(product_of(Mode::SmartBatteryPriority) == Product::WecoSmart);
  CHECK(product_of(Mode::SajSelfConsumption) == Product::SajCm2);
  CHECK(product_of(Mode::SajTimeOfUse) == Product::SajCm2);
  CHECK(product_of(Mode::Ep760) == Product::Ep760);
}
