// SPDX-License-Identifier: Apache-2.0
#include "lua/scenario/scenario_file.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/environment/environment.hpp"
#include "sim/scenario/play.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/scenario/tub.hpp"

using namespace weco;
using namespace weco::lua;
using namespace weco::sim::testing;

namespace {

Outcome<std::unique_ptr<ScenarioFile>> load(std::string_view text,
                                            std::vector<Setting> settings = {},
                                            ReadFile read_file = {}) {
  LoadOptions options;
  options.read_file = std::move(read_file);
  options.terms = tub_terms();
  options.settings = settings;
  return ScenarioFile::load(text, "dir/a.lua", "a", options);
}

std::unique_ptr<ScenarioFile> loaded(std::string_view text, std::vector<Setting> settings = {}) {
  auto file = load(text, std::move(settings));
  INFO((file ? std::string{} : file.error().where + " " + file.error().what + file.error().hint));
  REQUIRE(file);
  return std::move(*file);
}

constexpr std::string_view kWhole = R"(
local cold = -12
return {
  title = "A cold morning",
  start = "2026-01-15 05:00",
  length = "2min",
  step = "5s",
  rows_every = "30s",
  seed = 7,
  site = { family = "weco_smart", modules = 2, soc_pct = 30.5, cell_degC = cold, ageing = "none" },
  environment = {
    utc_offset_s = 7200,
    pv = { peak_W = 0 },
    load = { rows_W = { { at = "0s", value = 500 }, { at = "1h", value = 3000 } } },
    weather = { indoors = false, rows_degC = { { at = "0s", value = -12 } } },
    grid = { voltage_V = 231 },
    tariff = { windows = { { from = "22:00", to = "24:00", import_per_kWh = 0.12 } } },
  },
  settings = {
    mode = "smart_peak_shaving",
    charge = { { from = "01:30", to = "04:00" } },
    export_limit_W = 0,
    soc_min_pct = 12.5,
    every_day = { { from = "00:00", to = "24:00", action = "hold" } },
  },
  events = {
    { at = "40s", command = "tap", value = "shut" },
    { at = "10s", command = "tap", value = 2 },
    { at = "50s", clear = "meter_lost" },
    { at = "1min30s", run = function()
      if site.value("level_L") > 90 then site.command("tap", 0) end
    end },
  },
  expect = {
    { what = "never negative", always = "level_L", least = 0 },
    { what = "twice as fast from 10 s on", check = "level_L", at = "40s", least = 70, most = 70 },
    { what = "the hook shut the tap", check = "tap", most = 0 },
    { what = "overflows once", event = "overflow", least = 1, most = 1 },
    { what = "full at some time", once = function() return site.value("level_L") > 100 end, every = "1s" },
    { what = "always less than 105", always = function() return site.value("level_L") < 105 end, every = "1s" },
  },
}
)";

}  // namespace

TEST_CASE("a scenario's file says site, surroundings, events and expectations", "[SIM]") {
  const auto file = loaded(kWhole);
  const sim::Scenario& scenario = file->scenario();
  CHECK(scenario.title == "A cold morning");
  CHECK(scenario.site.start_s == 1768453200 - 7200);  // 05:00 of a clock two hours ahead
  CHECK(scenario.length == Duration::s(120));
  CHECK(scenario.step == Duration::s(5));
  CHECK(scenario.site.seed == 7);
  CHECK(scenario.site.modules == 2);
  CHECK(scenario.site.soc_pct == 30.5);
  REQUIRE(scenario.site.cell_degC.has_value());
  CHECK(*scenario.site.cell_degC == -12);
  CHECK(scenario.site.ageing == sim::AgeingChoice::None);
  const sim::EnvironmentConfig& env = scenario.site.environment;
  CHECK(env.pv.peak_W == 0);
  REQUIRE(env.load.rows.size() == 2);
  CHECK(env.load.rows[1].at_s == scenario.site.start_s + 3600);
  CHECK(env.load.rows[1].value == 3000);
  CHECK_FALSE(env.weather.indoors);
  REQUIRE(env.tariff.windows.size() == 1);
  CHECK(env.tariff.windows[0].window.end == 1440);
  const ems::Settings& settings = scenario.site.settings;
  CHECK(settings.mode.mode == ems::Mode::SmartPeakShaving);
  REQUIRE(settings.mode.charge.size() == 1);
  CHECK(settings.mode.charge[0].start == 90);
  CHECK(settings.export_limit == Watts{0});
  CHECK(settings.soc_min == Permyriad{1250});
  REQUIRE(settings.mode.week.templates.size() == 1);
  CHECK(settings.mode.week.templates[0][0].action == ems::SlotAction::Hold);
  REQUIRE(scenario.actions.size() == 4);
  CHECK(scenario.actions[0].at == Instant{} + Duration::s(10));  // by time, not by line
  CHECK(scenario.actions[0].where == "dir/a.lua:28");
  CHECK(file->place_of("modules") == "dir/a.lua:10");
  CHECK(file->place_of("peak_W") == "dir/a.lua:13");
}

TEST_CASE("a loaded scenario plays: events act, functions look, failures show values", "[SIM]") {
  const auto file = loaded(kWhole);
  Tub tub;
  auto play = sim::Play::make(file->scenario(), tub, {});
  REQUIRE(play);
  while (!(*play)->ended()) {
    const Done done = (*play)->advance();
    INFO((done ? std::string{} : done.error().what + " " + done.error().where));
    REQUIRE(done);
  }
  (*play)->finish();
  const auto& verdicts = (*play)->verdicts();
  using State = sim::Verdict::State;
  CHECK(verdicts[0].state == State::Held);
  CHECK(verdicts[1].state == State::Held);
  CHECK(verdicts[2].state == State::Held);
  CHECK(verdicts[3].state == State::Held);
  CHECK(verdicts[4].state == State::Held);
  CHECK(verdicts[5].state == State::Failed);
  CHECK(verdicts[5].values == "level_L = 105");
  CHECK(verdicts[5].where == "dir/a.lua:40");
}

TEST_CASE("every field of a scenario is told with its kind, its usual value and a word of help",
          "[SIM]") {
  const auto fields = scenario_fields(tub_terms(), "weco_smart");
  const auto told = [&](std::string_view path) {
    const auto at = std::ranges::find(fields, path, &FieldText::path);
    REQUIRE(at != fields.end());
    return at->kind + "|" + at->usual;
  };
  for (const FieldText& field : fields) {
    INFO(field.path);
    CHECK_FALSE(field.kind.empty());
    CHECK_FALSE(field.help.empty());
    CHECK(std::ranges::count(fields, field.path, &FieldText::path) == 1);
  }
  CHECK(told("length") == "time such as \"1h30min\"|1d");
  CHECK(told("site.modules") == "whole number|4");
  CHECK(told("site.ageing") == "none, nrel, naumann, wang|nrel");
  CHECK(told("site.cell_degC") == "number|");
  CHECK(told("environment.load.csv") == "name of a file|");
  CHECK(told("environment.weather.rows_degC") == "list|");
  CHECK(told("environment.weather.rows_degC[N].at") == "time such as \"1h30min\"|");
  CHECK(told("settings.export_limit_W") == "number from 0 to 1000000000|no limit");
  CHECK(told("settings.soc_min_pct") == "number from 0 to 100|10");
  CHECK(told("settings.charge[N].from") == "time of day|");
  CHECK(told("expect[N].always") == "a value or a function|");
}

TEST_CASE("a sweep changes a value as if it stood in the file", "[SIM]") {
  const auto file = loaded(kWhole, {{"seed", "9"},
                                    {"site.soc_pct", "80"},
                                    {"environment.pv.tilt_deg", "12.5"},
                                    {"settings.mode", "smart_auto"},
                                    {"settings.sell", "true"}});
  const sim::SiteConfig& site = file->scenario().site;
  CHECK(site.seed == 9);
  CHECK(site.soc_pct == 80);
  CHECK(site.environment.pv.tilt_deg == 12.5);
  CHECK(site.settings.mode.mode == ems::Mode::SmartAuto);
  CHECK(site.settings.mode.sell);
  const auto wrong = load(kWhole, {{"site.soc_pc", "80"}});
  REQUIRE(!wrong);
  CHECK(wrong.error().what == "'site' has no 'soc_pc'");
  CHECK(wrong.error().hint.find("soc_pct") != std::string::npos);
  CHECK(!load(kWhole, {{"site.soc_pct.x", "80"}}));
  CHECK(!load(kWhole, {{"site..x", "80"}}));
  CHECK(!load(kWhole, {{"", "80"}}));
}

TEST_CASE("the load of a house comes from a file, for as long as the file knows it", "[SIM]") {
  constexpr std::string_view kHouse =
      "return {\n title = 'x', start = '2026-03-01 13:00', length = '1h',\n"
      " site = { family = 'weco_smart' },\n"
      " environment = { utc_offset_s = 0, load = {\n csv = 'house.csv' } } }";
  std::string content;
  const auto played = [&](std::vector<Setting> settings = {}) {
    return load(kHouse, std::move(settings), [&](const std::string& name) -> Outcome<std::string> {
      CHECK(name == "house.csv");
      return content;
    });
  };
  const auto refused = [&](std::string_view where, std::string_view what) {
    const auto file = played();
    REQUIRE(!file);
    CHECK(file.error().where == where);
    CHECK(file.error().what.find(what) != std::string::npos);
  };
  const std::string head = "time,soc_pct,load_power_W\n";
  const std::string first = "2026-03-01T13:00:00Z,50,500\n";
  content = head + first + "2026-03-01T13:30:00Z,50,\n2026-03-01T14:00:00Z,50,700\n";
  const auto file = played();
  REQUIRE(file);
  const auto& rows = (*file)->scenario().site.environment.load.rows;
  REQUIRE(rows.size() == 2);  // what is empty is not 0
  CHECK(rows[0].at_s == (*file)->scenario().site.start_s);
  CHECK(rows[0].value == 500);
  CHECK(sim::profile_at(rows, rows[0].at_s + 1800) == 600);

  CHECK(played({{"length", "3600s"}}));
  CHECK_FALSE(played({{"length", "3601s"}}));
  CHECK_FALSE(played({{"start", "2026-03-01 12:59"}}));
  refused("dir/a.lua:5", (content = head + "2026-03-01T13:00:01Z,50,500\n", "knows the load from"));
  refused("dir/a.lua:5", (content = head + "2026-03-01T13:00:00Z,50,-1\n", "-1 is no value"));
  refused("dir/a.lua:5", (content = head + "2026-03-01T13:00:00Z,50,\n", "no column load_power_W"));
  refused("house.csv:3", (content = head + first + "2026-03-01T14:00:00Z,50,x\n", "no number"));
  refused("house.csv:3", (content = head + first + first, "does not go forward"));

  const auto refuses_at_all = load(kHouse);
  REQUIRE(!refuses_at_all);
  CHECK(refuses_at_all.error().what.find("only the file of a scenario") == 0);
}

namespace {

struct Bad {
  std::string_view text;
  std::string_view where;
  std::string_view what;
  std::string_view hint;
};
constexpr Bad kBad[] = {
    {"return 5", "dir/a.lua:1", "a scenario must return a table", "return {"},
    {"retrun {}", "dir/a.lua:1", "'retrun' is not defined", "Line 1"},
    {"return { title = 'x' }", "dir/a.lua:1", "the table 'site' is missing", "family"},
    {"return { site = { family = 'weco_smrt' } }", "dir/a.lua:1", "there is no family 'weco_smrt'",
     "weco_smart"},
    {"return { site = {} }", "dir/a.lua:1", "'site' needs a 'family'", "ep760"},
    {"return {\n site = { family = 'weco_smart' } }", "dir/a.lua:1", "a scenario needs a 'title'",
     "one line"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n lenght = '1h' }", "dir/a.lua:4",
     "a scenario has no 'lenght'", "Did you mean \"length\"?"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart',\n modules = 2.5 } }", "dir/a.lua:4",
     "'site.modules' must be a whole number", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n length = 60 }", "dir/a.lua:4",
     "'length' must be a time", "1h30min"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n step = '2min' }", "dir/a.lua:4",
     "'step' must be longer than 0 and at most 60s", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n start = '2026-02-30 00:00' }",
     "dir/a.lua:4", "'start' must be a date", "2026-01-15 05:00"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n events = {\n  { at = '1s', "
     "fault = 'meter_lst' } } }",
     "dir/a.lua:5", "there is no fault 'meter_lst'", "meter_lost"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n events = {\n  { at = '1s', "
     "command = 'tab' } } }",
     "dir/a.lua:5", "there is no command 'tab'", "tap"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n events = {\n  { at = '1s', "
     "command = 'tap', value = 5.1 } } }",
     "dir/a.lua:5", "'tap' takes 0 to 5 L/s", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n events = {\n  { at = '1s', "
     "command = 'tap', value = 'opn' } } }",
     "dir/a.lua:5", "'events[1].value' cannot be 'opn'", "open"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n events = { { at = '1s' } } }",
     "dir/a.lua:4", "an event needs one of", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n settings = { mode = 'smart' } "
     "}",
     "dir/a.lua:4", "'settings.mode' cannot be 'smart'", "smart_auto"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n settings = { charge = { { from "
     "= '25:00', to = '03:00' } } } }",
     "dir/a.lua:4", "'settings.charge[1].from' must be a time of day", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n settings = { soc_min_pct = 101 "
     "} }",
     "dir/a.lua:4", "'settings.soc_min_pct' must be a number from 0 to 100", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n expect = { { what = 'x', "
     "always = 'level_L' } } }",
     "dir/a.lua:4", "a value needs 'least' or 'most'", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n expect = { { always = "
     "'level_L', least = 0 } } }",
     "dir/a.lua:4", "an expectation needs 'what'", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n expect = { { what = 'x', check "
     "= function() end, least = 0 } } }",
     "dir/a.lua:4", "a function decides alone", ""},
    {"return {\n title = function() end,\n site = { family = 'weco_smart' } }", "dir/a.lua:2",
     "'title' must be a text", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart', modules = function() end } }",
     "dir/a.lua:3", "'site.modules' must be a whole number", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n environment = { pv = { peak_W "
     "= "
     "0/0 } } }",
     "dir/a.lua:4", "'environment.pv.peak_W' must be a finite number", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n environment = { load = { "
     "rows_W "
     "= {\n { at = '0s', value = -1 } } } } }",
     "dir/a.lua:5", "-1 is no value for rows_W", "Give 0 to 10000000."},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n environment = { load = { csv = "
     "'a', rows_W = {} } } }",
     "dir/a.lua:4", "'environment.load' has both 'rows_W' and 'csv'", "once"},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n environment = { load = { csv = "
     "5 "
     "} } }",
     "dir/a.lua:4", "'environment.load.csv' must be the name of a file", ""},
    {"return {\n title = 'x',\n site = { family = 'weco_smart' },\n events = {\n  { at = '1s', "
     "command = 'tap', value = 0/0 } } }",
     "dir/a.lua:5", "'tap' takes 0 to 5 L/s", ""},
    {"local x = site.value('level_L')\nreturn {}", "dir/a.lua:1", "the site is not there yet", ""},
    {"return {\n title = 'x' .. os.getenv('HOME') }", "dir/a.lua:2", "'os' has no 'getenv'", ""},
    {"while true do end", "dir/a.lua:1", "the script runs more than 5000000 instructions", ""},
};

}  // namespace

TEST_CASE("a bad scenario names file, line and what is allowed, and nothing starts", "[SIM]") {
  for (const Bad& bad : kBad) {
    INFO(bad.text);
    const auto file = load(bad.text);
    REQUIRE(!file);
    INFO(file.error().what);
    INFO(file.error().hint);
    CHECK(file.error().where == bad.where);
    CHECK(file.error().what.find(bad.what) == 0);
    CHECK(file.error().hint.find(bad.hint) != std::string::npos);
  }
}

TEST_CASE("an expectation may look, but not touch", "[SIM]") {
  const auto file = loaded(
      "return { title = 'x', site = { family = 'weco_smart' }, length = '10s',\n"
      " expect = { { what = 'x', check = function()\n"
      "   site.command('tap', 0) return true end } } }");
  Tub tub;
  auto play = sim::Play::make(file->scenario(), tub, {});
  REQUIRE(play);
  const Done done = (*play)->advance_to(Instant{} + Duration::s(10));
  REQUIRE(!done);
  CHECK(done.error().what == "an expectation may only look at the site");
  CHECK(done.error().where == "dir/a.lua:3");
  CHECK(tub.tap == 1);
}

TEST_CASE("a check that returns something else than true or false is a mistake", "[SIM]") {
  const auto file = loaded(
      "return { title = 'x', site = { family = 'weco_smart' }, length = '10s',\n"
      " expect = { { what = 'x', check = function() return 1 end } } }");
  Tub tub;
  auto play = sim::Play::make(file->scenario(), tub, {});
  REQUIRE(play);
  const Done done = (*play)->advance_to(Instant{} + Duration::s(10));
  REQUIRE(!done);
  CHECK(done.error().what == "a check must return true or false");
  CHECK(done.error().where == "dir/a.lua:2");
}

TEST_CASE("a time is written as it is read", "[SIM]") {
  for (const std::string_view text : {"90s", "1min30s", "2d", "1d2h3min4s5ms"}) {
    const auto time = read_time(text);
    REQUIRE(time);
    CHECK(read_time(time_text(*time)) == time);
  }
  CHECK(time_text(Duration::s(90)) == "1min30s");
  CHECK(time_text(Duration::hours(24)) == "1d");
}

TEST_CASE("times are written with units", "[SIM]") {
  const auto length = [](std::string_view text) {
    return loaded("return { title = 'x', site = { family = 'weco_smart' }, length = '" +
                  std::string(text) + "' }")
        ->scenario()
        .length;
  };
  CHECK(length("90s") == Duration::s(90));
  CHECK(length("1h30min") == Duration::minutes(90));
  CHECK(length("365d") == Duration::hours(365 * 24));
  CHECK(length("250ms") == Duration::ms(250));
  for (const std::string bad : {"", "5", "s", "-5s", "5 s", "1x", "99999999d", "1h-1min"}) {
    INFO(bad);
    CHECK(
        !load("return { title = 'x', site = { family = 'weco_smart' }, length = '" + bad + "' }"));
  }
}
