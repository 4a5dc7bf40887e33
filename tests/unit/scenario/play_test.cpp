// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/play.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/chart.hpp"
#include "sim/scenario/telemetry.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/scenario/tub.hpp"

using namespace weco;
using namespace weco::sim;
using namespace weco::sim::testing;

namespace {

Instant at_s(std::int64_t seconds) { return Instant{} + Duration::s(seconds); }

Scenario minutes(std::int64_t count) {
  Scenario scenario;
  scenario.length = Duration::minutes(count);
  scenario.row_every = Duration::s(60);
  return scenario;
}

Expectation bound(Expectation::Kind kind, double least, double most) {
  Expectation expected;
  expected.kind = kind;
  expected.text = "the level";
  expected.point = "level_L";
  expected.least = least;
  expected.most = most;
  expected.where = "a.lua:7";
  return expected;
}

Action turn(std::int64_t seconds, double tap) {
  Action action;
  action.kind = Action::Kind::Command;
  action.at = at_s(seconds);
  action.command = "tap";
  action.number = tap;
  action.where = "a.lua:3";
  return action;
}

struct Played {
  Tub tub;
  std::vector<Verdict> verdicts;
  std::vector<double> rows;
  std::vector<std::string> events;
};

Played play_all(const Scenario& scenario) {
  Played played;
  Audience audience{[&](std::span<const double> values) { played.rows.push_back(values[0]); },
                    [&](const SiteEvent& event) { played.events.emplace_back(event.what); }};
  auto play = Play::make(scenario, played.tub, audience);
  REQUIRE(play);
  while (!(*play)->ended()) REQUIRE((*play)->advance());
  (*play)->finish();
  played.verdicts = (*play)->verdicts();
  return played;
}

using State = Verdict::State;
constexpr double kAny = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("what happens at a time happens at that time, whatever the step", "[SIM]") {
  for (const std::int64_t step : {1, 7, 60}) {
    Scenario scenario = minutes(2);
    scenario.step = Duration::s(step);
    scenario.actions = {turn(25, 0), turn(50, 2)};
    const Played played = play_all(scenario);
    INFO(step);
    CHECK(played.tub.level == 25 + 70 * 2);
    REQUIRE(played.rows.size() == 3);
    CHECK(played.rows[0] == 0);
    CHECK(played.rows[1] == 25 + 10 * 2);
    CHECK(played.rows[2] == 165);
    CHECK(played.events == std::vector<std::string>{"overflow"});
    for (const Duration dt : played.tub.steps) CHECK(dt <= scenario.step);
  }
}

TEST_CASE("a bound that is kept holds, one that is broken names time and value", "[SIM]") {
  Scenario scenario = minutes(2);
  scenario.expectations = {
      bound(Expectation::Kind::Always, -kAny, 120), bound(Expectation::Kind::Always, -kAny, 119.5),
      bound(Expectation::Kind::Once, 120, kAny), bound(Expectation::Kind::Once, 120.5, kAny),
      bound(Expectation::Kind::At, 120, 120)};
  const Played played = play_all(scenario);
  REQUIRE(played.verdicts.size() == 6);
  CHECK(played.verdicts[0].state == State::Held);
  CHECK(played.verdicts[1].state == State::Failed);
  CHECK(played.verdicts[1].at == at_s(120));
  CHECK(played.verdicts[1].values == "level_L = 120");
  CHECK(played.verdicts[1].allowed == "at most 119.5");
  CHECK(played.verdicts[1].where == "a.lua:7");
  CHECK(played.verdicts[2].state == State::Held);
  CHECK(played.verdicts[3].state == State::Failed);
  CHECK(played.verdicts[3].allowed == "at least 120.5");
  CHECK(played.verdicts[4].state == State::Held);
  CHECK(played.verdicts[5].state == State::Held);
}

TEST_CASE("an expectation looks at its own time only", "[SIM]") {
  Scenario scenario = minutes(2);
  Expectation window = bound(Expectation::Kind::Always, 30, 60);
  window.from = at_s(30);
  window.to = at_s(60);
  scenario.expectations = {window, window, window};
  scenario.expectations[1].from = at_s(29);
  scenario.expectations[2].to = at_s(61);
  const Played played = play_all(scenario);
  CHECK(played.verdicts[0].state == State::Held);
  CHECK(played.verdicts[1].state == State::Failed);
  CHECK(played.verdicts[1].at == at_s(29));
  CHECK(played.verdicts[2].state == State::Failed);
  CHECK(played.verdicts[2].at == at_s(61));
}

TEST_CASE("events are counted within their time", "[SIM]") {
  Scenario scenario = minutes(2);
  Expectation once = bound(Expectation::Kind::Events, 1, 1);
  once.event = "overflow";
  Expectation never = once;
  never.least = never.most = 0;
  Expectation before = never;
  before.to = at_s(100);
  scenario.expectations = {once, never, before};
  const Played played = play_all(scenario);
  CHECK(played.verdicts[0].state == State::Held);
  CHECK(played.verdicts[1].state == State::Failed);
  CHECK(played.verdicts[1].values == "1 times overflow");
  CHECK(played.verdicts[2].state == State::Held);
}

TEST_CASE("a run that ends early says nothing about what lies behind its end", "[SIM]") {
  Scenario scenario = minutes(2);
  scenario.length = Duration::s(30);
  Expectation late = bound(Expectation::Kind::At, 0, 1);
  late.to = at_s(60);
  Expectation always = bound(Expectation::Kind::Always, 0, 50);
  always.to = at_s(60);
  scenario.expectations = {late, always, bound(Expectation::Kind::At, 30, 30)};
  const Played played = play_all(scenario);
  CHECK(played.verdicts[0].state == State::NotReached);
  CHECK(played.verdicts[1].state == State::NotReached);
  CHECK(played.verdicts[2].state == State::Held);
}

TEST_CASE("a simulation that breaks its own promise fails every scenario", "[SIM]") {
  Tub tub;
  const Scenario scenario = minutes(1);
  auto play = Play::make(scenario, tub, {});
  REQUIRE(play);
  REQUIRE((*play)->advance());
  CHECK((*play)->held());
  tub.faithful.violations = 1;
  REQUIRE((*play)->advance_to(at_s(60)));
  (*play)->finish();
  CHECK_FALSE((*play)->held());
  CHECK((*play)->verdicts().back().at == at_s(2));
}

TEST_CASE("an unknown value is refused before anything moves", "[SIM]") {
  Tub tub;
  Scenario scenario = minutes(1);
  scenario.expectations = {bound(Expectation::Kind::At, 0, 1)};
  scenario.expectations[0].point = "levl_L";
  const auto play = Play::make(scenario, tub, {});
  REQUIRE(!play);
  CHECK(play.error().where == "a.lua:7");
  CHECK(play.error().what == "the site has no 'levl_L'");
  CHECK(play.error().hint.find("Did you mean 'level_L'?") == 0);
  CHECK(tub.steps.empty());
}

TEST_CASE("an action that the site refuses ends the run at its line", "[SIM]") {
  Tub tub;
  Scenario scenario = minutes(1);
  scenario.actions = {turn(10, 1)};
  scenario.actions[0].command = "plug";
  auto play = Play::make(scenario, tub, {});
  REQUIRE(play);
  const Done done = (*play)->advance_to(at_s(60));
  REQUIRE(!done);
  CHECK(done.error().where == "a.lua:3");
  CHECK(tub.now() == at_s(10));
}

TEST_CASE("values are read by the names of channels, packs, energies and the whole", "[SIM]") {
  Tub tub;
  Points points(tub);
  tub.step(Duration::hours(1));
  const std::pair<std::string_view, double> rows[] = {{"level_L", 3600},
                                                      {"pack[2].soc_pct", 3600},
                                                      {"pack[2].cell_spread_V", 0.06},
                                                      {"energy.load_kWh", 1000 * 3600 / 3.6e6},
                                                      {"site.packs", 2},
                                                      {"fidelity.violations", 0}};
  for (const auto& [name, value] : rows) {
    INFO(name);
    const auto point = points.find(name);
    REQUIRE(point);
    CHECK(std::abs(points.read(*point) - value) < 1e-9);
  }
  for (const std::string_view bad :
       {"pack[0].soc_pct", "pack[3].soc_pct", "pack[1]soc_pct", "pack[1].", "energy.load", ""}) {
    CHECK(!points.find(bad));
  }
}

TEST_CASE("telemetry is the same text for the same values", "[SIM]") {
  const std::vector<Channel> channels = {{"grid_power_W", Unit::None}, {"soc_pct", Unit::None}};
  const std::pair<double, std::string_view> kNumbers[] = {
      {0, "0"},         {-0.00001, "0"},     {12.5, "12.5"}, {1e9, "1000000000"},
      {-1.25, "-1.25"}, {0.00005, "0.0001"}, {100, "100"}};
  for (const auto& [value, expected] : kNumbers) {
    std::string text;
    append_number(text, value);
    CHECK(text == expected);
  }
  std::string text;
  const double values[] = {-1500.25, std::nan("")};
  append_header(text, TelemetryForm::Csv, channels, 0);
  append_row(text, TelemetryForm::Csv, channels, values, 1768449600, 0);
  append_row(text, TelemetryForm::Csv, channels, values, 1768449600, 3);
  append_row(text, TelemetryForm::Ndjson, channels, values, 1768449600, 3);
  CHECK(
      text ==
      "time,grid_power_W,soc_pct\n"
      "2026-01-15T04:00:00Z,-1500.25,\n"
      "3,2026-01-15T04:00:00Z,-1500.25,\n"
      "{\"run\":3,\"time\":\"2026-01-15T04:00:00Z\",\"grid_power_W\":-1500.25,\"soc_pct\":null}\n");
}

TEST_CASE("a curve of any length keeps its peaks in the same memory", "[SIM]") {
  Curve curve("load", Duration::minutes(1));
  constexpr std::int64_t kMinutes = 365 * 24 * 60;
  for (std::int64_t i = 0; i < kMinutes; ++i) {
    curve.add(Instant{} + Duration::minutes(i), i == 200000 ? 5000.0 : 100.0);
  }
  CHECK(curve.size() <= kBuckets);
  CHECK(curve.size() > kBuckets / 2);
  double most = 0;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    most = std::max(most, curve.bucket(i).most);
    count += curve.bucket(i).count;
    CHECK(curve.bucket(i).least == 100);
  }
  CHECK(most == 5000);
  CHECK(count == kMinutes);
}

TEST_CASE("charts show the power that the ledger counted", "[SIM]") {
  Tub tub;
  Charts charts(tub);
  for (int i = 0; i < 180; ++i) {
    charts.look();
    tub.step(Duration::s(10));
  }
  const Curve& load = charts.power()[5];
  CHECK(load.name() == "load");
  REQUIRE(load.size() == 29);
  for (std::size_t i = 0; i < load.size(); ++i) {
    CHECK(std::abs(load.bucket(i).mean() - 1000) < 1e-6);
  }
  REQUIRE(charts.cells().size() == 2);
  CHECK(std::abs(charts.cells()[1].bucket(0).mean() - 60) < 1e-6);
}
