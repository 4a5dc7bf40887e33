// SPDX-License-Identifier: Apache-2.0
// The shipped scripts against simulated sites: a healthy site passes, what was changed is named,
// and a wizard that is torn goes on. Every fault of the catalogue is in script_faults_test.cpp.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/script_journal.hpp"
#include "core/ems/troubleshooting.hpp"
#include "tests/sim/script_world.hpp"

using namespace weco;
using namespace weco::sim;
using weco::test::SiteWorld;
using weco::test::text_of;

namespace {

/// WECO_SEEDS=100 for the figure of the report; few in every run.
std::uint64_t seeds() {
  const char* wanted = std::getenv("WECO_SEEDS");
  return wanted == nullptr ? 4 : std::strtoull(wanted, nullptr, 10);
}

}  // namespace

TEST_CASE("nothing is found at a healthy site", "[LUA][TK-04][WS-61]") {
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    INFO("seed " << seed);
    SiteWorld world(seed, "");
    CHECK(world.judge("tower/verify") == "ok:");
    CHECK(world.judge("audit/monthly") == "ok:");
    CHECK(world.judge("diagnose/soc") == "ok:");
    CHECK(world.judge("audit/quarterly") == "ok:");
    SiteWorld many;
    const std::string sites = "device\nsmart\ncm2\nep760\n";
    many.add("smart", SiteFamily::WecoSmart, seed, "");
    many.add("cm2", SiteFamily::SajCm2, seed, "");
    many.add("ep760", SiteFamily::Ep760, seed, "");
    for (const char* place : {"cm2", "ep760"}) {
      CHECK(many.judge("audit/monthly", {place}) == "ok:");
      CHECK(many.judge("audit/quarterly", {place}) == "ok:");
      CHECK(many.judge("diagnose/soc", {place}) == "ok:");
    }
    CHECK(many.judge("tower/verify", {"ep760"}) == "ok:");
    CHECK(many.judge("audit/fleet", {"smart", "cm2", "ep760"}) == "ok:");
    CHECK(many.run("commission/batch", {sites}).get("level")->text == "ok");
  }
}

namespace {

struct Wizard {
  SiteFamily family;
  std::string_view script;
  std::string_view count;  // of modules, packs or cabinets
};
constexpr Wizard kSmart{SiteFamily::WecoSmart, "commission/weco-smart", "4"};
constexpr Wizard kCm2{SiteFamily::SajCm2, "commission/saj-cm2", "2"};
constexpr Wizard kEp760{SiteFamily::Ep760, "commission/ep760", "2"};

struct SetupFault {
  const Wizard& wizard;
  std::string_view fault;
  std::string_view says;
};
std::vector<std::string> words_of(const Wizard& wizard) {
  return {"site:", std::string(wizard.count)};
}

}  // namespace

TEST_CASE("a wizard finds nothing to mend at a healthy site", "[LUA][WS-45][EP-12][CM-10]") {
  for (const Wizard& wizard : {kSmart, kCm2, kEp760}) {
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
      INFO(wizard.script << ", seed " << seed);
      SiteWorld world(wizard.family, seed, "");
      CHECK(world.judge(wizard.script, words_of(wizard)) == "ok:");
    }
  }
}

TEST_CASE("a wizard ends at the first safety step or switch that is not confirmed",
          "[LUA][WS-60][WS-44][EP-10]") {
  struct Row {
    const Wizard& wizard;
    std::string_view step;
  };
  const Row rows[] = {{kSmart, "no_voltage"}, {kSmart, "waited"},       {kSmart, "ac_voltage"},
                      {kEp760, "polarity"},   {kEp760, "steady_green"}, {kCm2, "cabinet_off"}};
  for (const Row& row : rows) {
    INFO(row.step);
    SiteWorld world(row.wizard.family, 1, "");
    world.no = row.step;
    const std::string found = world.judge(row.wizard.script, words_of(row.wizard));
    CHECK(found.starts_with("alarm: " + std::string(row.step) + ": Not confirmed"));
    CHECK(found.find(';') == found.size() - 1);  // and nothing else was looked at
  }
}

TEST_CASE("a wizard says what to set and where, and reads it back", "[LUA][WS-42][CM-01]") {
  SiteWorld smart(SiteFamily::WecoSmart, 1, "");
  const std::string mode = smart.judge("commission/weco-smart", {"site:", "4", "peak_shaving"});
  CHECK(mode ==
        "warning: working_mode: It is auto and should be peak_shaving. Set it at the display or in "
        "the app, then run this again.;");
  SiteWorld fewer(SiteFamily::WecoSmart, 1, "");
  CHECK(fewer.judge("commission/weco-smart", {"site:", "5"}).find("5 modules were installed, 4") !=
        std::string::npos);
  SiteWorld cm2(SiteFamily::SajCm2, 1, "");
  CHECK(cm2.judge("commission/saj-cm2", {"site:", "12"}).starts_with("alarm: plan: From 12"));
  CHECK(
      cm2.judge("commission/saj-cm2", {"site:", "11", "11"}).starts_with("alarm: plan: Below 12"));
  CHECK(cm2.judge("commission/saj-cm2", {"site:", "12", "13"}).starts_with("alarm: plan: From 12"));
}

TEST_CASE("each question about an EP760 that is answered with no gives its remedy",
          "[LUA][EP-18]") {
  constexpr std::string_view kComplaints[] = {
      "no_bluetooth",      "no_remote_access", "no_backup_output",      "does_not_start",
      "no_solar_charging", "no_grid_charging", "wrong_state_of_charge", "breaker_trips"};
  for (const ems::TroubleRow& row : ems::kTroubles) {
    const std::string complaint(kComplaints[static_cast<std::size_t>(row.complaint)]);
    INFO(complaint << ": " << row.question);
    SiteWorld world(1, "");
    world.no = row.question;
    const lua::Value result = world.run("diagnose/ep760-faq", {complaint});
    CHECK(result.get("remedy")->text == row.remedy);
    CHECK(result.get("service")->truth == row.question.empty());
  }
  // with nothing wrong, the vendor's service is next
  SiteWorld well(1, "");
  const lua::Value result = well.run("diagnose/ep760-faq", {"no_bluetooth"});
  CHECK(result.get("service")->truth);
  CHECK(well.asked.size() == 4);
}

TEST_CASE("what an EP760 can say is read instead of asked", "[LUA][EP-18][EP-06]") {
  SiteWorld world(SiteFamily::Ep760, 1, "");
  REQUIRE(world.site().command("ac_output", "off"));
  const lua::Value off = world.run("diagnose/ep760-faq", {"no_backup_output", "site:"});
  CHECK(off.get("cause")->text == "ac_switch_on");
  CHECK(world.asked.empty());
  REQUIRE(world.site().command("ac_output", "on"));
  CHECK(world.run("diagnose/ep760-faq", {"no_backup_output", "site:"}).get("service")->truth);
  CHECK(world.run("diagnose/ep760-faq", {"no_grid_charging", "site:"}).get("cause")->text ==
        "grid_charging_on");
}

namespace {

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("the six-monthly audit passes a healthy site and names what it can read",
          "[LUA][WS-63]") {
  for (const Wizard& wizard : {kSmart, kCm2, kEp760}) {
    for (std::uint64_t seed = 1; seed <= (seeds() + 1) / 2; ++seed) {
      SiteWorld world(wizard.family, seed, "");
      CHECK(world.judge("audit/semester") == "ok:");
    }
  }
  const SetupFault seeded[] = {
      {kSmart, "insulation_low:pack=2", "tower[1].module[2]: 20 kohm"},
      {kSmart, "battery_link_lost", "The line is lost: tower[1].module[1]: communication"},
      {kSmart, "contactor_stuck_open:pack=3", "tower[1].module[3] is isolated"},
      {kCm2, "insulation_low:pack=1", "cabinet[1]: 20 kohm"},
      {kCm2, "fire:pack=2", "cabinet[2]: system error"},
      {kEp760, "master_lost", "module[2]: communication"},
      {kEp760, "grid_lost", "102 ("},
  };
  for (const SetupFault& row : seeded) {
    INFO(row.wizard.script << ", " << row.fault);
    SiteWorld world(row.wizard.family, 1, row.fault);
    const std::string found = world.judge("audit/semester");
    INFO(found);
    CHECK(found.starts_with("alarm:"));
    CHECK(found.find(row.says) != std::string::npos);
  }
}

TEST_CASE("what changed since a site was built is named, and nothing else is", "[LUA][WS-65]") {
  for (const SiteFamily family : {SiteFamily::WecoSmart, SiteFamily::SajCm2, SiteFamily::Ep760}) {
    SiteWorld world(family, 1, "");
    CHECK(world.judge("audit/drift", {"site:", world.status()}) == "ok:");
  }
  SiteWorld world(SiteFamily::WecoSmart, 1, "");
  const std::string built = world.status();
  const auto found = [&](const std::string& before) {
    return world.judge("audit/drift", {"site:", before});
  };
  const std::size_t nodes = built.find(R"("nodes":)");
  const std::string older =
      built.substr(0, nodes) + replaced(built.substr(nodes), R"("firmware_version":"2.1.0")",
                                        R"("firmware_version":"2.0.9")");
  CHECK(found(older) == "warning: identity: inverter: firmware version was 2.0.9 and is 2.1.0.;");
  CHECK(found(replaced(built, R"("path":"tower[1].module[4]")", R"("path":"tower[2].module[1]")"))
            .find("tower[1].module[4] is new") != std::string::npos);
  CHECK(found(replaced(built, R"("soc_min_pct":10)", R"("soc_min_pct":20)")) ==
        "warning: settings: inverter: soc min pct was 20 and is 10.;");
  REQUIRE(world.site().command("mode", "smart_peak_shaving"));
  CHECK(found(built) == "warning: settings: inverter: working mode was auto and is peak_shaving.;");
}

TEST_CASE("towers are configured step by step and the result is read back",
          "[LUA][TK-04][WS-02][WS-03][WS-22]") {
  const std::vector<std::string> words = {"--devices", "site:", "--modules", "4"};
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    SiteWorld world(SiteFamily::WecoSmart, seed, "");
    CHECK(world.judge("tower/configure", words) == "ok:");
  }
  SiteWorld denied(SiteFamily::WecoSmart, 1, "");
  denied.no = "termination";
  CHECK(denied.judge("tower/configure", words).starts_with("alarm: termination: Not confirmed"));
  SiteWorld fewer(SiteFamily::WecoSmart, 1, "");
  CHECK(fewer.judge("tower/configure", {"--devices", "site:", "--towers", "2"})
            .find("2 towers were installed, 1 answer") != std::string::npos);
  for (const auto& [fault, says] : std::map<std::string_view, std::string_view>{
           {"other_battery_type:pack=2", "tower[1].module[2]: mixed types"},
           {"battery_link_lost", "tower[1].module[1] is isolated"},
           {"master_lost", "tower[1].module[2]: communication"}}) {
    INFO(fault);
    SiteWorld world(SiteFamily::WecoSmart, 1, fault);
    const std::string text = world.judge("tower/configure", words);
    CHECK(text.starts_with("alarm:"));
    CHECK(text.find(says) != std::string::npos);
  }
}

namespace {

/// Where the steps are kept, for one test.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "weco-steps-XXXXXX").string()) {
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Keeps steps in the program's own file, and dies as by kill -9 after so many of them.
class Deadly final : public lua::StepJournal {
 public:
  Deadly(cli::ScriptJournal& journal, int last) : journal_(journal), left_(last) {}
  [[nodiscard]] const lua::Step* before(std::string_view name) const override {
    return journal_.before(name);
  }
  Done keep(const lua::Step& step) override {
    Done done = journal_.keep(step);
    names.push_back(step.name);
    if (--left_ == 0) kill(getpid(), SIGKILL);
    return done;
  }
  std::vector<std::string> names;

 private:
  cli::ScriptJournal& journal_;
  int left_;
};

struct SteppedRun {
  std::string_view script;
  std::vector<std::string> words;
  std::string folder;

  /// `last` 0: to its end.
  std::string report(SiteWorld& world, bool resume, int last,
                     std::vector<std::string>* names = nullptr) const {
    const lua::ScriptText text{std::string(script), std::string(script),
                               std::string(text_of(scripts::shipped(), script))};
    cli::ScriptJournal journal(folder, text, 1);
    lua::Value arguments = lua::Value::table();
    for (const std::string& word : words) {
      arguments.entries.push_back(
          {{}, static_cast<std::int64_t>(arguments.entries.size()) + 1, lua::Value::of(word)});
    }
    REQUIRE(journal.begin(arguments, 1781510400, resume));
    Deadly deadly(journal, last);
    const auto result = lua::write_json(world.run(script, words, &deadly));
    REQUIRE(result);
    journal.end();
    if (names != nullptr) *names = deadly.names;
    return *result;
  }

  /// In a process of its own, which is killed after so many steps.
  void torn_after(SiteWorld& world, int last) const {
    const pid_t child = fork();
    if (child == 0) {
      report(world, false, last);
      _exit(1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);
  }
};

std::vector<std::pair<SiteFamily, SteppedRun>> stepped_runs(const std::string& folder) {
  std::vector<std::pair<SiteFamily, SteppedRun>> runs;
  for (const Wizard& wizard : {kSmart, kCm2, kEp760}) {
    runs.push_back({wizard.family, {wizard.script, words_of(wizard), folder}});
  }
  const std::vector<std::string> towers = {"--devices", "site:", "--modules", "4"};
  runs.push_back({SiteFamily::WecoSmart, {"tower/configure", towers, folder}});
  return runs;
}

}  // namespace

TEST_CASE("a wizard that is killed after any of its steps is resumed to the same report",
          "[LUA][WS-45][EP-10][CM-10]") {
  const Folder folder;
  for (const auto& [family, run] : stepped_runs(folder.path())) {
    SiteWorld world(family, 1, "");
    world.freeze();
    std::vector<std::string> steps;
    const std::string whole = run.report(world, false, 0, &steps);
    REQUIRE(steps.size() > 5);
    for (std::size_t last = 1; last <= steps.size(); ++last) {
      INFO(run.script << " is killed after " << steps[last - 1]);
      run.torn_after(world, static_cast<int>(last));
      world.asked.clear();
      world.said.clear();
      std::vector<std::string> repeated;
      CHECK(run.report(world, true, 0, &repeated) == whole);
      CHECK(repeated.size() == steps.size() - last);  // the rest, and nothing twice
      CHECK(world.said.empty());
      CHECK(std::filesystem::is_empty(folder.path() + "/runs"));
    }
    CHECK(world.asked.empty());  // all was answered before the last one
  }
}

TEST_CASE("a resumed wizard repeats the steps whose facts have changed, and says so",
          "[LUA][WS-45]") {
  const Folder folder;
  for (const auto& [family, run] : stepped_runs(folder.path())) {
    if (run.script == "tower/configure") continue;  // reads nothing that a grid changes
    INFO(run.script);
    SiteWorld well(family, 1, "");
    well.freeze();
    std::vector<std::string> steps;
    run.report(well, false, 0, &steps);
    run.torn_after(well, static_cast<int>(steps.size()));
    SiteWorld ill(family, 1, "grid_lost");
    ill.freeze();
    const std::string report = run.report(ill, true, 0);
    CHECK(report.find("L1 0.0 V") != std::string::npos);
    CHECK(report.find("\"level\":\"alarm\"") != std::string::npos);
    REQUIRE_FALSE(ill.said.empty());
    CHECK(ill.said[0] == "The step 'grid' is repeated: what it goes by has changed.");
    // what only a person knows was not asked again
    for (const std::string& question : ill.asked) {
      INFO(question);
      CHECK(question.find("installed") == std::string::npos);
      CHECK(question.find("switched off") == std::string::npos);
    }
  }
}
