// SPDX-License-Identifier: Apache-2.0
// `weco simulate` with scenarios: the shipped set, mistakes, sweeps, and what is written to files.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/render/simulation.hpp"
#include "cli/sweep.hpp"
#include "scripts/embedded.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::cli;
using weco::test::Folder;
using weco::test::has;
using weco::test::Ran;

namespace {

constexpr std::string_view kShort = R"(return {
  title = "Ten minutes",
  length = "10min", rows_every = "10s",
  site = { family = "weco_smart", modules = 1 },
  expect = { { what = "it is <simulated> & judged", check = "pack[1].soc_pct", least = 0 } },
}
)";

}  // namespace

TEST_CASE("every shipped scenario keeps what it promises", "[SIM]") {
  REQUIRE(scripts::scenarios().size() == 18);
  for (const scripts::EmbeddedScript& script : scripts::scenarios()) {
    INFO(script.name);
    test::Setting patient;
    patient.silence_ms = 120000;  // a year says nothing until it is over
    // the shipped program where there is one: others take minutes for a year
    const Ran ran = test::run_in_pipe(
        {WECO_SHIPPED_BINARY, "simulate", std::string(script.name), "--quiet"}, patient);
    INFO(ran.out);
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK_FALSE(ran.hung);
  }
}

TEST_CASE("the usual site of each family is played by its name", "[SIM]") {
  for (const char* site : {"site:weco_smart", "site:saj_cm2", "site:ep760"}) {
    INFO(site);
    const Ran ran = test::weco({"simulate", site, "--for", "10min", "--json"});
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const auto json = nlohmann::json::parse(ran.out);
    CHECK(json["held"] == true);
    CHECK(json["scenario"] == site);
  }
  const Ran none = test::weco({"simulate", "site:weco_smar"});
  CHECK(none.code == 1);
  CHECK(has(none.err, "weco_smart"));
}

TEST_CASE("the same scenario and seed give the same bytes for any jobs and any shards", "[SIM]") {
  const Folder folder;
  const std::string file = folder.file("short.lua", std::string(kShort));
  const auto sweep = [&](const std::string& name, std::vector<std::string> more) {
    std::vector<std::string> words = {"simulate",    file,
                                      "--sweep",     "seed=1..4",
                                      "--sweep",     "site.soc_pct=20,80",
                                      "--telemetry", folder.path() + "/" + name + ".csv",
                                      "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = test::weco(words);
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out + test::read_file(folder.path() + "/" + name + ".csv");
  };
  const std::string whole = sweep("one", {});
  CHECK(has(whole, "run,time,"));
  CHECK(sweep("two", {"--jobs", "3"}) == whole);
  const Ran a = test::weco({"simulate", file, "--sweep", "seed=1..5", "--json"});
  std::string merged;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    merged +=
        test::weco({"simulate", file, "--sweep", "seed=1..5", "--json", "--shard", shard}).out;
  }
  CHECK(merged == a.out);
}

TEST_CASE("a run's summary, JUnit file and report escape what a scenario says", "[SIM]") {
  const Folder folder;
  const std::string file = folder.file("short.lua", std::string(kShort));
  const Ran ran = test::weco({"simulate", file, "--json", "--junit", folder.path() + "/j.xml",
                              "--report", folder.path() + "/r.html"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const auto json = nlohmann::json::parse(ran.out);
  CHECK(json["held"] == true);
  CHECK(json["expectations"][0]["what"] == "it is <simulated> & judged");
  CHECK(has(test::read_file(folder.path() + "/j.xml"), "it is &lt;simulated&gt; &amp; judged"));
  const std::string html = test::read_file(folder.path() + "/r.html");
  CHECK(has(html, "it is &lt;simulated&gt; &amp; judged"));
  CHECK_FALSE(has(html, "<script"));
  CHECK_FALSE(has(html, "http"));
  CHECK(has(html, "<svg"));
}

TEST_CASE("a promise that fails gives exit code 5, time, values and the command again", "[SIM]") {
  const Folder folder;
  std::string text(kShort);
  text.replace(text.find("least = 0"), 9, "most = 1");
  const std::string file = folder.file("short.lua", text);
  const Ran ran = test::weco({"simulate", file, "--seed", "3"});
  CHECK(ran.code == 5);
  CHECK(has(ran.out, "Failed: it is <simulated> & judged"));
  CHECK(has(ran.out, "seen: pack[1].soc_pct = "));
  CHECK(has(ran.out, "allowed: at most 1"));
  CHECK(has(ran.out, "short.lua:5"));
  CHECK(has(ran.out, "weco simulate " + file + " --seed 3\n"));
}

TEST_CASE("a load is read from a file beside the scenario, and never made longer", "[SIM]") {
  const Folder folder;
  static_cast<void>(folder.file("house.csv",
                                "time,load_power_W\n2026-03-01T12:00:00Z,800\n"
                                "2026-03-01T18:00:00Z,800\n"));
  const std::string file = folder.file(
      "house.lua",
      "return { title = 'x', start = '2026-03-01 13:00', length = '1h',\n"
      " site = { family = 'weco_smart' }, environment = { load = { csv = 'house.csv' } },\n"
      " expect = { { what = 'as measured', always = 'load_power_W', least = 799, most = 801,\n"
      "   from = '10min' } } }");
  CHECK(test::weco({"simulate", file}).code == 0);
  CHECK(test::weco({"simulate", file, "--for", "6h"}).code == 0);
  const Ran longer = test::weco({"simulate", file, "--for", "21601s"});
  CHECK(longer.code == 1);
  CHECK(has(longer.err, "house.csv knows the load from 2026-03-01T12:00:00Z"));
  CHECK(has(longer.err, "house.lua:2"));
  const Ran other =
      test::weco({"simulate", "site:weco_smart", "--for", "1h", "--sweep", "start=2026-03-01 13:00",
                  "--sweep", "environment.load.csv=" + folder.path() + "/house.csv"});
  CHECK(other.code == 0);
}

TEST_CASE("a mistake is said with its line and leaves no file behind", "[SIM]") {
  const Folder folder;
  std::string text(kShort);
  text.replace(text.find("soc_pct"), 7, "soc_pc");
  const std::string file = folder.file("short.lua", text);
  const std::string out = folder.path() + "/t.csv";
  const Ran ran = test::weco({"simulate", file, "--telemetry", out});
  CHECK(ran.code == 1);
  CHECK(has(ran.err, "short.lua:5"));
  CHECK(has(ran.err, "Did you mean 'pack[1].soc_pct'?"));
  CHECK(test::read_file(out).empty());
  const std::vector<std::pair<std::vector<std::string>, std::string>> lines = {
      {{"cold-mornin"}, "Did you mean 'cold-morning'?"},
      {{"cold-morning", "--sweep", "site.soc=1,2"}, "soc_pct"},
      {{"cold-morning", "--sweep", "site.modules=9"}, "modules"},
      {{"cold-morning", "--sweep", "seed"}, "NAME=VALUE"},
      {{"cold-morning", "--sweep", "seed=5..1"}, "seed=1..100"},
      {{"cold-morning", "--shard", "1/2"}, "--sweep NAME=VALUES"},
      {{"cold-morning", "--sweep", "seed=1,2", "--shard", "3/2"}, "1/8 to 8/8"},
      {{"cold-morning", "--sweep", "seed=1,2", "--report", "x"}, "--sweep NAME=VALUE"},
      {{"cold-morning", "--fault", "meter_lst"}, "meter_lost"},
      {{"cold-morning", "--fault", "meter_lost@x"}, "meter_lost@2h"},
      {{"cold-morning", "--fault", "wire_late"}, "--serve"},
      {{"cold-morning", "--telemetry", "x.txt"}, ".ndjson"},
      {{"weco_smart", "--telemetry", "x.csv"}, "--list"},
      {{}, "--list"},
  };
  for (const auto& [words, hint] : lines) {
    std::vector<std::string> all = {"simulate"};
    all.insert(all.end(), words.begin(), words.end());
    const Ran bad = test::weco(all);
    INFO(fmt::format("{}", bad.err));
    CHECK((bad.code == 1 || bad.code == 2));
    CHECK(bad.out.empty());
    CHECK(has(bad.err, hint));
  }
}

TEST_CASE("shards divide any number of runs without gap or overlap", "[SIM]") {
  for (std::size_t runs = 1; runs < 40; ++runs) {
    for (std::size_t shards = 1; shards < 12; ++shards) {
      std::size_t next = 0;
      for (std::size_t i = 1; i <= shards; ++i) {
        const auto part = parse_shard(fmt::format("{}/{}", i, shards), runs);
        REQUIRE(part);
        CHECK(part->first == next);
        CHECK(part->last >= part->first);
        next = part->last;
      }
      CHECK(next == runs);
    }
  }
  for (const char* bad : {"", "1", "/", "0/2", "3/2", "1/0", "-1/2", "1/2x", "1/2/3"}) {
    INFO(bad);
    CHECK(!parse_shard(bad, 10));
  }
}

TEST_CASE("a sweep counts like a clock: the last value changes fastest", "[SIM]") {
  const std::vector<std::string> options = {"seed=3..4", "site.soc_pct=1,2.5,x"};
  const auto axes = parse_sweep(options);
  REQUIRE(axes);
  REQUIRE(run_count(*axes) == 6);
  CHECK(run_values(*axes, 0)[0].second == "3");
  CHECK(run_values(*axes, 2)[1].second == "x");
  CHECK(run_values(*axes, 3)[0].second == "4");
  CHECK(run_values(*axes, 5)[1].second == "x");
  for (const char* bad : {"seed", "=1", "seed=", "seed=1,", "seed=1..x", "seed=1..100001"}) {
    INFO(bad);
    const std::vector<std::string> one = {bad};
    CHECK(!parse_sweep(one));
  }
  const std::vector<std::string> twice = {"seed=1", "seed=2"};
  CHECK(!parse_sweep(twice));
}

TEST_CASE("processes hand over in order, and one that dies is noticed", "[SIM]") {
  std::string all;
  const auto take = [&](std::size_t index, int fd) -> Done {
    auto text = read_whole(fd, 3);
    if (!text) return Unexpected{std::move(text).error()};
    all += fmt::format("{}:{} ", index, *text);
    return {};
  };
  const auto never = [] { return false; };
  REQUIRE(run_in_processes(
      {2, 9}, 3,
      [](std::size_t index, int fd) {
        static_cast<void>(write_whole(fd, fmt::format("{:03}", index * index)));
      },
      take, never));
  CHECK(all == "2:004 3:009 4:016 5:025 6:036 7:049 8:064 ");
  const Done died = run_in_processes(
      {0, 2}, 2, [](std::size_t, int) {}, take, never);
  REQUIRE(!died);
  CHECK(died.error().code() == ErrorCode::Truncated);
}
