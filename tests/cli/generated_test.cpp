// SPDX-License-Identifier: Apache-2.0
// What is derived from the tables is committed, and the committed copy is what the program makes.
// Manual pages, completion scripts and schemas are tried with the real tools where they are
// installed; where they are not, the test says loudly what it could not prove.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using weco::test::Folder;
using weco::test::installed;
using weco::test::Ran;
using weco::test::read_file;
using weco::test::run_in_pipe;
using weco::test::Setting;
namespace test = weco::test;

namespace {

struct Generated {
  const char* what;
  const char* committed;
};
constexpr Generated kGenerated[] = {
    {"man", "man"},
    {"completions", "completions"},
    {"reference", "docs/reference"},
    {"schema", "docs/reference/schema"},
    {"lua-reference", "docs/reference"},
};

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

const std::string kSource = WECO_SOURCE;
const std::string kBinFolder = std::filesystem::path(WECO_BINARY).parent_path().string();

/// PATH with the built program first.
Setting with_weco() { return {.variables = {{"PATH", kBinFolder + ":" + std::getenv("PATH")}}}; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       start = end + 1, end = text.find('\n', start)) {
    lines.push_back(text.substr(start, end - start));
  }
  return lines;
}

bool contains(const std::vector<std::string>& lines, const std::string& line) {
  return std::ranges::find(lines, line) != lines.end();
}

constexpr const char* kValidate = R"py(
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
for line in open(sys.argv[2]):
    jsonschema.Draft202012Validator(schema).validate(json.loads(line))
)py";

/// Validates JSON lines against a committed schema; empty when all is well.
std::string validate(const std::string& schema, const std::string& json) {
  const Folder folder;
  const std::string path = folder.file("lines.json", json);
  const Ran ran =
      run_in_pipe({"python3", "-c", kValidate, kSource + "/docs/reference/schema/" + schema, path});
  return ran.code == 0 ? std::string() : ran.err.substr(0, 2000) + json.substr(0, 500);
}

bool can_validate() { return run_in_pipe({"python3", "-c", "import jsonschema"}).code == 0; }

}  // namespace

TEST_CASE("manual, completions, reference and schemas are what the program makes",
          "[TK-05][TK-06]") {
  for (const Generated& generated : kGenerated) {
    const Folder folder;
    const std::string made = folder.path() + "/made";
    REQUIRE(test::weco({"generate", generated.what, made}).code == 0);
    const std::string committed = kSource + "/" + generated.committed;
    INFO("when wanted: weco generate " << generated.what << " " << generated.committed);
    std::vector<std::string> there = files_in(committed);
    const std::vector<std::string> wanted = files_in(made);
    for (const std::string& name : wanted) {
      INFO(name);
      CHECK(contains(there, name));
      CHECK((read_file(made + "/" + name) == read_file(committed + "/" + name)));
    }
  }
}

TEST_CASE("every manual page passes man without a warning", "[TK-06]") {
  if (!installed("man")) {
    WARN("NOT PROVED: man is not installed, so no manual page was formatted");
    return;
  }
  for (const std::string& name : files_in(kSource + "/man")) {
    const Ran ran = run_in_pipe({"man", "--warnings", "-l", kSource + "/man/" + name},
                                {.variables = {{"MANWIDTH", "80"}, {"MAN_KEEP_FORMATTING", ""}}});
    INFO(name);
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.size() > 300);
  }
}

TEST_CASE("bash completes with the committed script, inside endpoints too", "[TK-05]") {
  if (!installed("bash")) {
    WARN("NOT PROVED: bash is not installed, so its completion was not loaded");
    return;
  }
  const std::string ask = R"sh(
. "$1"; shift
COMP_LINE=$1; COMP_POINT=${#COMP_LINE}; COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_weco weco '' ''
printf '%s\n' "${COMPREPLY[@]}"
)sh";
  const auto offered = [&](const std::string& line) {
    const Ran ran =
        run_in_pipe({"bash", "--norc", "-c", ask, "bash", kSource + "/completions/weco.bash", line},
                    with_weco());
    INFO(ran.err);
    CHECK(ran.code == 0);
    return lines_of(ran.out);
  };
  CHECK(contains(offered("weco st"), "status"));
  CHECK(offered("weco st").size() == 1);
  CHECK(contains(offered("weco status --family we"), "weco_smart"));
  CHECK(contains(offered("weco status sim:weco"), "weco_smart"));
  CHECK(contains(offered("weco status --family=we"), "weco_smart"));
  CHECK(contains(offered("weco devices "), "list"));
  CHECK(contains(offered("weco --config " + kSource + "/LICEN"), kSource + "/LICENSE"));
}

TEST_CASE("zsh loads the committed script", "[TK-05]") {
  if (!installed("zsh")) {
    WARN("NOT PROVED: zsh is not installed, so its completion was not loaded");
    return;
  }
  // compadd is replaced, because it works only below the line editor.
  const std::string ask = R"sh(
autoload -Uz compinit && compinit -u -D
. "$1/_weco"
compadd() { local -a names; while [[ $1 == -* ]]; do [[ $1 == -a ]] && names=("${(@P)2}"); shift; [[ $1 != -* && ${#names} -eq 0 && $2 == -* ]] && shift; done; print -l -- "${names[@]}"; }
words=(weco status --family we); CURRENT=4; PREFIX=we
_weco
print "bound: ${_comps[weco]}"
)sh";
  const Ran ran =
      run_in_pipe({"zsh", "-f", "-c", ask, "zsh", kSource + "/completions"}, with_weco());
  INFO(ran.err);
  INFO(ran.out);
  CHECK(ran.code == 0);
  CHECK(contains(lines_of(ran.out), "weco_smart"));
  CHECK(contains(lines_of(ran.out), "bound: _weco"));
}

TEST_CASE("fish completes with the committed script", "[TK-05]") {
  if (!installed("fish")) {
    WARN("NOT PROVED: fish is not installed, so its completion was not loaded");
    return;
  }
  const Folder home;
  Setting setting = with_weco();
  setting.variables.emplace_back("HOME", home.path());
  const auto offered = [&](const std::string& line) {
    const Ran ran =
        run_in_pipe({"fish", "--no-config", "-c",
                     "source " + kSource + "/completions/weco.fish; complete -C '" + line + "'"},
                    setting);
    INFO(ran.err);
    CHECK(ran.code == 0);
    return "\n" + ran.out;
  };
  CHECK(offered("weco st").find("\nstatus\t") != std::string::npos);
  CHECK(offered("weco status --family we").find("\nweco_smart\t") != std::string::npos);
  CHECK(offered("weco status sim:weco").find("\nsim:weco_smart\t") != std::string::npos);
}

TEST_CASE("what --json writes is what the published schemas promise", "[TK-07]") {
  if (!can_validate()) {
    WARN("NOT PROVED: python3-jsonschema is not installed, so no JSON was validated");
    return;
  }
  CHECK(validate("version.json", test::weco({"--version", "--json"}).out).empty());
  CHECK(validate("devices.json", test::weco({"devices", "list", "--json"}).out).empty());
  CHECK(validate("status.json", test::weco({"status", "sim:weco_smart", "--json"}).out).empty());
  CHECK(
      validate("status.json", test::weco({"status", "sim:eastron_sdm630", "--json"}).out).empty());
  CHECK(validate("scripts.json", test::weco({"script", "list", "--json"}).out).empty());
  CHECK(validate("script.json", test::weco({"run", "tower/verify", "sim:weco_smart", "--json"}).out)
            .empty());
  CHECK(validate("scan.json", test::weco({"scan", "sim:weco_smart", "--json"}).out).empty());
  CHECK(validate("scan.json",
                 test::weco({"scan", "serial:/nonexistent", "sim:weco_smart", "--json"}).out)
            .empty());
  const Folder home;
  const Setting own{.variables = {{"XDG_DATA_HOME", home.path()}}};
  const auto records = [&](const std::string& schema, std::vector<std::string> words) {
    words.push_back("--json");
    INFO(schema);
    CHECK(validate(schema, test::weco(words, own).out) == "");
  };
  records("keys.json", {"key", "new", "ann"});
  records("checklists.json", {"checklist", "list"});
  records("checklist.json", {"checklist", "show", "monthly", "--family", "weco_smart"});
  records("run.json", {"checklist", "run", "monthly", "--site", "S", "--operator", "Ann",
                       "--device", "sim:weco_smart"});
  std::string answers;
  for (const char* item : {"safety_qualified", "safety_covers", "full_charge", "event_log",
                           "firmware_due", "online", "room"}) {
    answers += "{\"item\":\"" + std::string(item) + "\"}\n";
  }
  records("run.json", {"checklist", "run", "monthly", "--site", "S", "--operator", "Ann",
                       "--answers", home.file("answers", answers), "--declare", "no-discrepancy"});
  records("records.json", {"checklist", "list", "--site", "S"});
  records("due.json", {"checklist", "due", "--within", "400d"});
  records("records_file.json", {"checklist", "export", "S", home.path() + "/s.json"});
  records("verified.json", {"checklist", "verify", home.path() + "/s.json"});
  const std::string day = "time,pv_power_W\n2026-01-01T00:00:00Z,0\n2026-01-01T00:15:00Z,4000\n";
  records("statistics.json", {"checklist", "statistics", "--telemetry", home.file("day.csv", day)});
  records("warranty.json", {"checklist", "warranty", "S", "--produced", "2025-01-01"});
  std::string errors;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--json"},
                                             {"--json", "scna"},
                                             {"--json", "scan", "--speed", "x"},
                                             {"--json", "\xff\x1b\u202e"},
                                             {"devices", "show", "none", "--json"},
                                             {"--json", "status", "nobody"},
                                             {"--json", "--config", "/none", "devices", "list"}}) {
    errors += test::weco(words).out;
  }
  CHECK(validate("error.json", errors).empty());
  CHECK_FALSE(validate("error.json", "{\"schema\":\"weco.error/1\"}\n").empty());
}

TEST_CASE("the exit codes of the manual are those of the program", "[TK-07]") {
  const std::string page = read_file(kSource + "/man/weco.1");
  for (const char* code : {"0", "1", "2", "3", "4", "5", "6", "7", "10", "11", "130"}) {
    CHECK(page.find(".TP\n\\fB" + std::string(code) + "\\fR\n") != std::string::npos);
  }
}
