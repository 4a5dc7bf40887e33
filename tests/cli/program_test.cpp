// SPDX-License-Identifier: Apache-2.0
// The built program as a script and as a person meet it: what it says, where it says it and with
// which exit code it ends.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/version.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using weco::test::Folder;
using weco::test::has;
using weco::test::Ran;
using weco::test::Setting;
using weco::test::weco_in_terminal;
namespace test = weco::test;

namespace {

struct BadLine {
  std::vector<std::string> words;
  std::string says;
  int code = 2;
};

const std::string kCommands =
    "The commands are scan, status, flash, log-dump, calibrate-soc, checklist, key, simulate, run, "
    "undo, repl, script, devices, help and completion.";

const std::vector<BadLine>& bad_lines() {
  static const std::vector<BadLine> lines = {
      {{}, "weco: no command was given.\nHint: " + kCommands + " See 'weco help'.\n"},
      {{"scna"}, "weco: unknown command 'scna'.\nHint: Did you mean 'scan'?\n"},
      {{"reanimate"}, "weco: unknown command 'reanimate'.\nHint: " + kCommands + "\n"},
      {{"devices"},
       "weco: 'weco devices' needs a command of its own.\nHint: The commands are list, show, "
       "check, fault and port. See 'weco help devices'.\n"},
      {{"devices", "sohw"},
       "weco: unknown command 'sohw' of 'weco devices'.\nHint: Did you mean 'show'?\n"},
      {{"devices", "show"},
       "weco: 'weco devices show' needs FAMILY.\nHint: A device family. See 'weco help devices "
       "show'.\n"},
      {{"status", "--famly", "x", "d"},
       "weco: unknown option '--famly' of 'weco status'.\nHint: Did you mean '--family'?\n"},
      {{"--quite", "help"}, "weco: unknown option '--quite'.\nHint: Did you mean '--quiet'?\n"},
      {{"scan", "-x"}, "weco: unknown option '-x' of 'weco scan'.\nHint: See 'weco help scan'.\n"},
      {{"scan", "--speed"}, "weco: --speed needs a value.\nHint: See 'weco help scan'.\n"},
      {{"scan", "--speed", "abc"},
       "weco: --speed 'abc' is not a whole number.\nHint: Give a whole number from 300 to "
       "4000000.\n"},
      {{"scan", "--speed", "299"},
       "weco: --speed '299' is outside its range.\nHint: Give a whole number from 300 to "
       "4000000.\n"},
      {{"scan", "--timeout", "5"},
       "weco: --timeout '5' is not a time.\nHint: Give a number with its unit (ms, s, min, h or "
       "d), such as 500ms or 2min.\n"},
      {{"scan", "--timeout", "61s"},
       "weco: --timeout '61s' is outside its range.\nHint: Give a time from 1ms to 1min.\n"},
      {{"scan", "--parity", "evne"},
       "weco: --parity 'evne' is not one of its values.\nHint: Did you mean 'even'?\n"},
      {{"scan", "--listen", "1s", "--listen", "2s"},
       "weco: --listen is given more than once.\nHint: Give it once.\n"},
      {{"--config", "a", "help", "--config", "b"},
       "weco: --config is given more than once.\nHint: Give it once.\n"},
      {{"scan", "--addresses", "9-1"},
       "weco: --addresses '9-1' is not a list of numbers.\nHint: Give numbers and ranges from 0 to "
       "255, such as 1-16,247.\n"},
      {{"scan", "--addresses", "1-256"},
       "weco: --addresses '1-256' is outside its range.\nHint: Give numbers and ranges from 0 to "
       "255, such as 1-16,247.\n"},
      {{"status"},
       "weco: 'weco status' needs DEVICE.\nHint: A configured name or an endpoint such as "
       "serial:/dev/ttyUSB0?baud=9600. See 'weco help status'.\n"},
      {{"status", "a", "b"}, "weco: unexpected argument 'b'.\nHint: See 'weco help status'.\n"},
      {{"status", "--point", "sco", "x"},
       "weco: --point 'sco' is not a known point.\nHint: Did you mean 'soc'?\n"},
      {{"--quiet=yes", "help"}, "weco: --quiet takes no value.\nHint: See 'weco help help'.\n"},
      {{"--color", "blue", "help"},
       "weco: --color 'blue' is not one of its values.\nHint: Give one of auto, always and "
       "never.\n"},
      {{"help", "scn"}, "weco: there is no command 'scn'.\nHint: Did you mean 'scan'?\n"},
      {{"ev\x1bil\xff"}, "weco: unknown command 'ev\\x1Bil\\xFF'.\nHint: " + kCommands + "\n"},
      {{"devices", "check", "/nonexistent/profile.lua"},
       "weco: there is no such profile, /nonexistent/profile.lua.\nHint: Check the path.\n",
       1},
      {{"--config", "/nonexistent/c.toml", "devices", "list"},
       "weco: there is no configuration file, /nonexistent/c.toml.\nHint: Check the path.\n",
       1},
  };
  return lines;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text = "weco";
  for (const std::string& word : words) text += " " + word;
  return text;
}

}  // namespace

TEST_CASE("a bad command line gets one sentence, a hint, its exit code and an empty stdout",
          "[TK-10]") {
  for (const BadLine& bad : bad_lines()) {
    INFO(joined(bad.words));
    const Ran ran = test::weco(bad.words);
    CHECK(ran.err == bad.says);
    CHECK(ran.out.empty());
    CHECK(ran.code == bad.code);
  }
}

TEST_CASE("a recording that would stay empty is refused before anything is done", "[TK-10]") {
  const Folder folder;
  const std::string record = folder.path() + "/run.ndjson";
  using Words = std::vector<std::string>;
  for (Words words :
       {Words{"devices", "list"}, Words{"checklist", "list"}, Words{"flash", "verify", "none"},
        Words{"flash", "rollout", "none", "--all"}, Words{"key", "new", "ann"},
        Words{"simulate", "weco_smart", "--serve", "pty:x"}}) {
    INFO(joined(words));
    words.insert(words.end(), {"--record", record});
    const Ran ran = test::weco(words);
    CHECK(ran.code == 2);
    CHECK(ran.err.find("record") != std::string::npos);
    CHECK(ran.err.find("Hint: ") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(record));
  }
}

TEST_CASE("with --json a bad command line gives one object on stdout and nothing on stderr",
          "[TK-07][TK-10]") {
  for (const BadLine& bad : bad_lines()) {
    std::vector<std::string> words = bad.words;
    words.insert(words.begin(), "--json");
    INFO(joined(words));
    const Ran ran = test::weco(words);
    CHECK(ran.err.empty());
    CHECK(ran.out.starts_with("{\"schema\":\"weco.error/1\",\"error\":{\"code\":"));
    CHECK(std::ranges::count(ran.out, '\n') == 1);
    CHECK(ran.code == bad.code);
  }
}

TEST_CASE("an unknown family is refused with the families there are", "[TK-10]") {
  const Ran ran = test::weco({"devices", "show", "weco_smrt"});
  CHECK(ran.code == 1);
  CHECK(ran.out.empty());
  CHECK(has(ran.err, "weco_smart"));
}

TEST_CASE("--version and --help answer on stdout", "[TK-01]") {
  CHECK(test::weco({"--version"}).out == std::string(weco::cli::kProgram) + "\n");
  CHECK(test::weco({"--version", "--json"}).out == "{\"schema\":\"weco.version/1\",\"version\":\"" +
                                                       std::string(weco::cli::kVersion) + "\"}\n");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"help"}, {"-h"}, {"status", "--help"}, {"devices", "-h"}}) {
    const Ran ran = test::weco(words);
    INFO(joined(words));
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.starts_with("Usage: weco "));
  }
}

TEST_CASE("help fits the terminal it is read on", "[TK-07]") {
  Setting narrow;
  narrow.columns = 60;
  const Ran ran = weco_in_terminal({"help", "status"}, narrow);
  std::size_t longest = 0;
  std::size_t start = 0;
  for (std::size_t end = ran.out.find('\n'); end != std::string::npos;
       start = end + 1, end = ran.out.find('\n', start)) {
    longest = std::max(longest, end - start - 1);  // the terminal adds a carriage return
  }
  CHECK(ran.code == 0);
  CHECK(longest <= 60);
}

TEST_CASE("colour appears on a terminal only, and never against the user's word", "[TK-07]") {
  const std::vector<std::string> words = {"devices", "list"};
  const auto colored = [](const Ran& ran) { return has(ran.out + ran.err, "\x1b["); };
  CHECK(colored(weco_in_terminal(words)));
  CHECK_FALSE(colored(test::weco(words)));
  CHECK(colored(test::weco({"--color", "always", "devices", "list"})));
  CHECK_FALSE(colored(weco_in_terminal({"--color", "never", "devices", "list"})));
  CHECK_FALSE(colored(weco_in_terminal(words, {.variables = {{"NO_COLOR", "1"}}})));
  CHECK(colored(weco_in_terminal(words, {.variables = {{"NO_COLOR", ""}}})));
  CHECK_FALSE(colored(weco_in_terminal(words, {.variables = {{"TERM", "dumb"}}})));
  CHECK(colored(weco_in_terminal({"--color", "always", "devices", "list"},
                                 {.variables = {{"NO_COLOR", "1"}}})));
  CHECK_FALSE(colored(weco_in_terminal({"--json", "devices", "list"})));
}

TEST_CASE("a hostile word on the command line reaches no terminal raw", "[TK-10]") {
  for (const std::string hostile : {"\x1b]0;owned\x07", "a\x9b", "a\u202Eb", "\r\n\x08"}) {
    const Ran ran = weco_in_terminal({"--color", "never", hostile});
    CHECK(ran.code == 2);
    CHECK_FALSE(has(ran.out, hostile));
    CHECK_FALSE(has(ran.out, "\x1b"));
    CHECK(has(ran.out, "\\x"));
  }
}

TEST_CASE("a reader that goes away ends the program quietly", "[TK-07]") {
  const Ran ran = test::weco({"devices", "show", "weco_smart"}, {.close_reader = true});
  CHECK(ran.code == 0);
  CHECK(ran.err.empty());
}

TEST_CASE("results that cannot be written are a failure", "[TK-07]") {
  const Ran ran = test::weco({"devices", "list"}, {.stdout_file = "/dev/full"});
  CHECK(ran.code == 1);
  CHECK(ran.err ==
        "weco: cannot write the results, stdout: no space left on device.\n"
        "Hint: Check the disk or pipe that takes them.\n");
}

TEST_CASE("the configuration is found, named devices are listed and a mistake names its place",
          "[TK-06][TK-10]") {
  const Folder folder;
  folder.file("weco/config.toml",
              "[device.roof]\nendpoint = \"tcp:192.0.2.5:502\"\nnote = \"north\"\n");
  const Setting home{.variables = {{"XDG_CONFIG_HOME", folder.path()}}};
  CHECK(has(test::weco({"devices", "list"}, home).out, "tcp:192.0.2.5:502"));
  CHECK(has(test::weco({"completion", "words", "--", "status", "ro"}, home).out, "roof\tnorth\n"));

  const std::string bad = folder.file("bad.toml", "[device.roof]\nendpont = \"tcp:a\"\n");
  const Ran ran = test::weco({"--config", bad, "devices", "list"});
  CHECK(ran.code == 1);
  CHECK(ran.out.empty());
  CHECK(ran.err == "weco: unknown key 'endpont', " + bad +
                       ":2:1.\nHint: Allowed are endpoint, family, unit, note, site, update and "
                       "master.\n");
}

TEST_CASE("a watch that is interrupted ends at once with its own exit code", "[TK-07]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Ran ran =
        test::weco({"status", "sim:weco_smart", "--watch", "--json", "--interval", "1h"},
                   {.signal_after_output = signal});
    CHECK(ran.code == 130);
    CHECK_FALSE(ran.hung);
    CHECK(std::ranges::count(ran.out, '\n') == 1);
  }
}

TEST_CASE("a device can be named by its configured name wherever an endpoint is accepted",
          "[TK-06]") {
  const Folder folder;
  folder.file("weco/config.toml", "[device.tower]\nendpoint = \"sim:weco_smart\"\n");
  const Setting home{.variables = {{"XDG_CONFIG_HOME", folder.path()}}};
  CHECK(has(test::weco({"status", "tower", "--json"}, home).out, "\"weco.status/1\""));
  const Ran near = test::weco({"status", "towr"}, home);
  CHECK(near.err ==
        "weco: 'towr' is neither an endpoint nor a configured device.\n"
        "Hint: Did you mean 'tower'?\n");
  CHECK(near.code == 1);
  const Ran path = test::weco({"status", "/dev/ttyUSB0"}, home);
  CHECK(has(path.err, "Hint: Write serial:/dev/ttyUSB0 for a port"));
  CHECK(path.code == 2);
}

TEST_CASE("a live view on a terminal redraws in place and a pipe gets one picture after another",
          "[TK-07]") {
  const std::vector<std::string> words = {"status", "sim:weco_smart", "--watch", "--count",
                                          "2",      "--interval",     "100ms"};
  CHECK(has(weco_in_terminal(words).out, "\x1b[J"));
  CHECK_FALSE(has(test::weco(words).out, "\x1b"));
  CHECK_FALSE(has(weco_in_terminal(words, {.variables = {{"TERM", "dumb"}}}).out, "\x1b"));
}

TEST_CASE("a broken configuration breaks neither help nor completion", "[TK-05]") {
  const Folder folder;
  folder.file("weco/config.toml", "nonsense");
  const Setting home{.variables = {{"XDG_CONFIG_HOME", folder.path()}}};
  CHECK(test::weco({"help"}, home).code == 0);
  CHECK(test::weco({"--version"}, home).code == 0);
  const Ran ran = test::weco({"completion", "words", "--", "status", "tc"}, home);
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "tcp:"));
}

TEST_CASE("completion offers commands, options, values, families, points, codes and connectors",
          "[TK-05]") {
  const auto offers = [](std::vector<std::string> words, const std::string& word) {
    words.insert(words.begin(), {"completion", "words", "--"});
    const Ran ran = test::weco(words);
    const std::string all = "\n" + ran.out;
    return has(all, "\n" + word + "\t") || has(all, "\n" + word + "\n");
  };
  CHECK(offers({""}, "scan"));
  CHECK(offers({"sc"}, "scan"));
  CHECK_FALSE(offers({"sc"}, "status"));
  CHECK_FALSE(offers({""}, "generate"));  // works, but is not for installers
  CHECK(offers({"devices", ""}, "fault"));
  CHECK(offers({"status", "--w"}, "--watch"));
  CHECK_FALSE(offers({"status", "--watch", "--w"}, "--watch"));  // given already
  CHECK(offers({"scan", "--parity", ""}, "even"));
  CHECK(offers({"scan", "--parity=e"}, "--parity=even"));
  CHECK(offers({"status", "--family", "weco"}, "weco_smart"));
  CHECK(offers({"--color", "never", "status", "--point", "so"}, "soc"));
  CHECK(offers({"devices", "fault", "F01"}, "F013"));
  CHECK(offers({"devices", "port", "BA"}, "BAT1"));
  CHECK(offers({"status", "sim:w"}, "sim:weco_smart"));
  CHECK(offers({"status", "serial:/dev/ttyUSB0?par"}, "serial:/dev/ttyUSB0?parity="));
  CHECK(offers({"status", "serial:/x?parity=e"}, "serial:/x?parity=even"));
  CHECK(offers({"help", "devices", "s"}, "show"));
  CHECK(offers({"--config", ""}, ":files"));
  CHECK(offers({"generate", "man", ""}, ":directories"));
  CHECK_FALSE(offers({"status", "--interval", ""}, "scan"));
  CHECK_FALSE(offers({"status", "a", ""}, "sim:"));  // one device is enough
}

TEST_CASE("completion survives whatever is typed", "[TK-05][TK-10]") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"--"},
                                             {"-"},
                                             {"--="},
                                             {"status", "?"},
                                             {"status", "serial:?&&="},
                                             {"\xff\x1b", ""},
                                             {"status", "replay:/nonexistent/"},
                                             {"--", "--", ""},
                                             {std::string(5000, 'x')}}) {
    std::vector<std::string> line = {"completion", "words", "--"};
    line.insert(line.end(), words.begin(), words.end());
    const Ran ran = test::weco(line);
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
  }
}

TEST_CASE("the knowledge about families needs no device", "[WS-07][WS-46]") {
  CHECK(has(test::weco({"devices", "fault", "f013"}).out, "F013"));
  const Ran unknown = test::weco({"devices", "fault", "F999"});
  CHECK(unknown.code == 1);
  CHECK(unknown.out.empty());
  CHECK(has(unknown.err, "no family lists the fault code 'F999'"));
  CHECK(has(test::weco({"devices", "port", "BAT1"}).out, "CAN"));
  const Ran drm = test::weco({"devices", "port", "saj_cm2_ems", "DRM"});
  CHECK(has(drm.out, "DRM 2/6"));
  CHECK_FALSE(has(drm.out, "weco_smart"));
  const Ran every = test::weco({"devices", "port", "bluetti_ep760"});
  CHECK(has(every.out, "generator relay, common (GEN COM)"));
  CHECK(has(every.out, "PACK LINK OUT"));
  CHECK(has(test::weco({"devices", "port", "weco_smrt", "BAT1"}).err,
            "Hint: Did you mean \"weco_smart\"?"));
  CHECK(test::weco({"devices", "port", "weco_smart", "BAT1", "BAT2"}).code == 2);
  CHECK(has(test::weco({"devices", "port", "BAT9"}).err, "Hint: Did you mean 'BAT"));
  CHECK(has(test::weco({"devices", "show", "weco_smart", "--json"}).out, "\"weco.family/1\""));
}

TEST_CASE("a profile with mistakes names file and line, and a clean one says so", "[TK-10]") {
  const Folder folder;
  const std::string bad = folder.file("profile.lua", "return {\n  familly = 'x',\n}\n");
  const Ran ran = test::weco({"devices", "check", bad});
  CHECK(ran.code == 1);
  CHECK(ran.out.empty());
  CHECK(has(ran.err, bad));
  CHECK(has(ran.err, "Hint: "));
  const Ran clean = test::weco({"devices", "check", WECO_SOURCE "/devices/weco_smart"});
  CHECK(clean.err.empty());
  CHECK(clean.code == 0);
  CHECK(has(clean.out, "no mistakes"));
}

TEST_CASE("calibrate-soc plans, refuses by name, asks, and writes down how far it came",
          "[WS-13]") {
  const Folder folder;
  const std::string journal = folder.path() + "/journal";
  const auto calibrate = [&](std::string family, std::vector<std::string> more) {
    std::vector<std::string> words = {"calibrate-soc", "sim:" + family, "--family",
                                      family,          "--journal",     journal};
    words.insert(words.end(), more.begin(), more.end());
    return test::weco(words);
  };
  const std::string tariff =
      folder.file("home.lua",
                  "return { currency = 'EUR', utc_offset = '+01:00', summer_time = 'eu', "
                  "import_per_kWh = '0.30', export_per_kWh = '0' }");
  const Ran plan = calibrate("weco_smart", {"--plan", "--tariff", tariff});
  INFO(plan.err);
  CHECK(plan.code == 0);
  CHECK(plan.out.find("EUR") != std::string::npos);
  CHECK(plan.out.find("band not published") != std::string::npos);
  CHECK(plan.out.find("charge from grid on") != std::string::npos);
  const Ran cycles = calibrate("ep760_open", {"--plan", "--tariff", tariff});
  CHECK(cycles.code == 0);
  CHECK(cycles.out.find("kWh go from the battery to the house") != std::string::npos);
  CHECK(cycles.out.find("Later, when it is said: Set in the app") != std::string::npos);
  const Ran cabinets = calibrate("saj_cm2_ems", {"--plan"});
  CHECK(cabinets.code == 0);
  CHECK(
      cabinets.out.find("One after the other, while the rest keep serving the site: cabinet[1]") !=
      std::string::npos);
  const Ran other = calibrate("saj_h2", {"--plan"});
  CHECK(other.code != 0);
  CHECK(other.err.find("nobody has published how this family is calibrated") != std::string::npos);
  const Ran alone = calibrate("saj_cm2_ems", {"--plan", "--set"});
  CHECK(alone.code != 0);
  CHECK(alone.err.find("this family is guided only") != std::string::npos);
  for (const char* open : {"weco_smart", "ep760_open"}) {
    const Ran sets = calibrate(open, {"--plan", "--set"});
    CHECK(sets.code == 0);
    CHECK((sets.out + sets.err).find("charge_from_grid: off -> on") != std::string::npos);
    const Setting stopped{.variables = {{"XDG_DATA_HOME", folder.path()}},
                          .signal_after_output = SIGINT};
    const Ran begun = test::weco({"calibrate-soc", std::string("sim:") + open, "--family", open,
                                  "--set", "--yes", "--journal", folder.path() + "/" + open},
                                 stopped);
    INFO(begun.err);
    CHECK(begun.code == 130);
    CHECK(begun.err.find("the settings are as they were before") != std::string::npos);
  }
  const Ran asked = calibrate("weco_smart", {});
  CHECK(asked.code == 6);
  CHECK(asked.err.find("nobody is there to be asked") != std::string::npos);
  const Ran unknown = calibrate("weco_smart", {"--resume", "--yes"});
  CHECK(unknown.code != 0);
  CHECK(unknown.err.find("there is no such journal") != std::string::npos);
}
