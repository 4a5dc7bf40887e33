// SPDX-License-Identifier: Apache-2.0
#include "core/ems/commissioning.hpp"

#include <array>

#include "core/ems/model.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Millihertz;
using weco::Millivolts;
using weco::Watts;

namespace {
const Ratings& smart() { return **find_ratings("SMART-S3-8K"); }

GridSample grid(int mv, int mhz = 50000) {
  return {{Millivolts(mv), Millivolts(mv), Millivolts(mv)}, Millihertz(mhz), Quality::Good};
}
SwitchView all_well(bool display) { return {grid(230000), true, display}; }

constexpr std::array<SwitchStep, 10> kAllSteps{
    SwitchStep::BatterySwitchOn,  SwitchStep::PowerButtonOn,    SwitchStep::PvSwitchOn,
    SwitchStep::CloseGridBreaker, SwitchStep::ReadDisplay,      SwitchStep::OpenGridBreaker,
    SwitchStep::PvSwitchOff,      SwitchStep::BatterySwitchOff, SwitchStep::PowerButtonOff,
    SwitchStep::WaitUntilDark};

/// Walks an order; before each step, every other step of both orders must be refused.
void walk(const SwitchOrder& order, std::size_t first, const SwitchView& view) {
  SwitchProgress progress{&order, 0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const SwitchStep due = kAllSteps[first + i];
    for (const SwitchStep other : kAllSteps) {
      if (other == due) continue;
      CHECK(report_step(progress, other, smart(), view) == SwitchRefusal::OutOfOrder);
    }
    CHECK(progress.done == i);
    CHECK(report_step(progress, due, smart(), view) == SwitchRefusal::None);
    CHECK_FALSE(order[i].what.empty());
  }
  CHECK(report_step(progress, kAllSteps[first + 4], smart(), view) == SwitchRefusal::Finished);
}

SetupFacts good_facts() {
  SetupFacts f;
  f.grid = grid(230000);
  f.battery_link = true;
  f.modules = 4;
  f.meter = Reading<Watts>::good_of(Watts(500));
  f.pv = Reading<Millivolts>::good_of(Millivolts(600000));
  return f;
}
SetupVerdict verdict_of(SetupCheck check, const SetupFacts& facts) {
  SetupState state;
  for (std::size_t i = 0; i < static_cast<std::size_t>(check); ++i) {
    state.verdict[i] = SetupVerdict::Passed;
  }
  REQUIRE(run_check(state, check, smart(), facts) == SetupRefusal::None);
  return state.verdict[static_cast<std::size_t>(check)];
}
}  // namespace

TEST_CASE(
    "start-up goes battery, POWER, PV, grid, display; shut-down grid, PV, battery, POWER, dark",
    "[WS-44]") {
  walk(kStartUp, 0, all_well(true));
  walk(kShutDown, 5, all_well(false));
}

TEST_CASE("the grid breaker is closed only on a grid that was measured inside the range",
          "[WS-44]") {
  const auto close = [](const GridSample& sample) {
    SwitchProgress progress{&kStartUp, 3};
    const SwitchRefusal refusal =
        report_step(progress, SwitchStep::CloseGridBreaker, smart(), {sample, true, true});
    CHECK(progress.done == (refusal == SwitchRefusal::None ? 4 : 3));
    return refusal;
  };
  CHECK(close({}) == SwitchRefusal::GridNotMeasured);
  CHECK(close(grid(178999)) == SwitchRefusal::GridOutOfRange);
  CHECK(close(grid(179000)) == SwitchRefusal::None);
  CHECK(close(grid(274800)) == SwitchRefusal::None);
  CHECK(close(grid(274801)) == SwitchRefusal::GridOutOfRange);
  for (std::size_t phase = 0; phase < 3; ++phase) {
    GridSample lost = grid(230000);
    lost.voltage[phase] = Millivolts(0);
    CHECK(close(lost) == SwitchRefusal::GridOutOfRange);
  }
}

TEST_CASE("a lamp or display that does not show the step is done holds the order up", "[WS-44]") {
  const auto report = [](const SwitchOrder& order, std::uint8_t done, const SwitchView& view) {
    SwitchProgress progress{&order, done};
    return report_step(progress, order[done].step, smart(), view);
  };
  CHECK(report(kStartUp, 1, {grid(230000), false, true}) == SwitchRefusal::LedDark);
  CHECK(report(kStartUp, 1, {grid(230000), true, false}) == SwitchRefusal::None);
  CHECK(report(kStartUp, 4, {grid(230000), true, false}) == SwitchRefusal::DisplayDark);
  CHECK(report(kShutDown, 3, {{}, false, true}) == SwitchRefusal::LedDark);
  CHECK(report(kShutDown, 4, {{}, true, true}) == SwitchRefusal::DisplayLit);
  CHECK(report(kShutDown, 4, {{}, false, false}) == SwitchRefusal::None);
  for (int i = 0; i <= static_cast<int>(SwitchRefusal::DisplayLit); ++i) {
    CHECK_FALSE(name(static_cast<SwitchRefusal>(i)).empty());
  }
  CHECK(name(static_cast<SwitchRefusal>(99)).empty());
}

TEST_CASE("the first installation checks grid, battery, meter and PV in this order", "[WS-45]") {
  constexpr std::array<SetupCheck, 4> kOrder{SetupCheck::Grid, SetupCheck::Battery,
                                             SetupCheck::Meter, SetupCheck::Pv};
  SetupState state;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    for (std::size_t later = i + 1; later < kOrder.size(); ++later) {
      CHECK(run_check(state, kOrder[later], smart(), good_facts()) == SetupRefusal::CheckBefore);
    }
    CHECK(set_parameter(state, SetupParameter::DateTime) == SetupRefusal::CheckBefore);
    CHECK(state.verdict[i] == SetupVerdict::Open);
    CHECK(run_check(state, kOrder[i], smart(), good_facts()) == SetupRefusal::None);
    CHECK(state.verdict[i] == SetupVerdict::Passed);
  }
  CHECK_FALSE(finished(state));
}

TEST_CASE("after the checks come date, working mode, inverter and battery, in this order",
          "[WS-45]") {
  SetupState state;
  state.verdict.fill(SetupVerdict::Passed);
  constexpr std::array<SetupParameter, 4> kOrder{SetupParameter::DateTime,
                                                 SetupParameter::WorkingMode,
                                                 SetupParameter::Inverter, SetupParameter::Battery};
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    for (std::size_t later = i + 1; later < kOrder.size(); ++later) {
      CHECK(set_parameter(state, kOrder[later]) == SetupRefusal::OutOfOrder);
    }
    CHECK_FALSE(finished(state));
    CHECK(set_parameter(state, kOrder[i]) == SetupRefusal::None);
    CHECK(set_parameter(state, kOrder[0]) == SetupRefusal::None);  // again is allowed
    CHECK(state.parameters == i + 1);
  }
  CHECK(finished(state));
  SECTION("a check that is repeated opens again what rests on it") {
    SetupFacts dark = good_facts();
    dark.battery_link = false;
    CHECK(run_check(state, SetupCheck::Battery, smart(), dark) == SetupRefusal::None);
    CHECK(state.verdict[0] == SetupVerdict::Passed);
    CHECK(state.verdict[1] == SetupVerdict::NoLink);
    CHECK(state.verdict[2] == SetupVerdict::Open);
    CHECK(state.verdict[3] == SetupVerdict::Open);
    CHECK_FALSE(finished(state));
    CHECK(set_parameter(state, SetupParameter::DateTime) == SetupRefusal::CheckBefore);
    CHECK(run_check(state, SetupCheck::Meter, smart(), good_facts()) == SetupRefusal::CheckBefore);
  }
}

TEST_CASE("each check of the first installation says what it found", "[WS-45]") {
  SetupFacts f = good_facts();
  SECTION("grid") {
    f.grid = grid(230000, 45000);
    CHECK(verdict_of(SetupCheck::Grid, f) == SetupVerdict::Passed);
    f.grid = grid(230000, 44999);
    CHECK(verdict_of(SetupCheck::Grid, f) == SetupVerdict::OutOfRange);
    f.grid = grid(230000, 65000);
    CHECK(verdict_of(SetupCheck::Grid, f) == SetupVerdict::Passed);
    f.grid = grid(230000, 65001);
    CHECK(verdict_of(SetupCheck::Grid, f) == SetupVerdict::OutOfRange);
    f.grid = grid(178999);
    CHECK(verdict_of(SetupCheck::Grid, f) == SetupVerdict::OutOfRange);
    f.grid.quality = Quality::Absent;
    CHECK(verdict_of(SetupCheck::Grid, f) == SetupVerdict::NotMeasured);
  }
  SECTION("battery") {
    f.modules = 0;
    CHECK(verdict_of(SetupCheck::Battery, f) == SetupVerdict::OutOfRange);
    f.modules = 1;
    CHECK(verdict_of(SetupCheck::Battery, f) == SetupVerdict::Passed);
    f.modules = 12;
    CHECK(verdict_of(SetupCheck::Battery, f) == SetupVerdict::Passed);
    f.modules = 13;
    CHECK(verdict_of(SetupCheck::Battery, f) == SetupVerdict::OutOfRange);
    f.battery_fault = true;
    CHECK(verdict_of(SetupCheck::Battery, f) == SetupVerdict::FaultActive);
    f.battery_link = false;
    CHECK(verdict_of(SetupCheck::Battery, f) == SetupVerdict::NoLink);
  }
  SECTION("meter") {
    f.transformer = CtVerdict::Right;
    CHECK(verdict_of(SetupCheck::Meter, f) == SetupVerdict::Passed);
    f.transformer = CtVerdict::Reversed;
    CHECK(verdict_of(SetupCheck::Meter, f) == SetupVerdict::WrongWiring);
    f.transformer = CtVerdict::Misplaced;
    CHECK(verdict_of(SetupCheck::Meter, f) == SetupVerdict::WrongWiring);
    f.meter = {};
    CHECK(verdict_of(SetupCheck::Meter, f) == SetupVerdict::NotMeasured);
  }
  SECTION("PV") {
    const auto at = [&f](int mv) {
      f.pv = Reading<Millivolts>::good_of(Millivolts(mv));
      return verdict_of(SetupCheck::Pv, f);
    };
    CHECK(at(159999) == SetupVerdict::OutOfRange);
    CHECK(at(160000) == SetupVerdict::Passed);
    CHECK(at(1000000) == SetupVerdict::Passed);
    CHECK(at(1000001) == SetupVerdict::OutOfRange);
    f.pv = {};
    CHECK(verdict_of(SetupCheck::Pv, f) == SetupVerdict::NotMeasured);
  }
}
