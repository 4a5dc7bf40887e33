// SPDX-License-Identifier: Apache-2.0
// `weco run` with the built program: files, arguments, questions, results and mistakes, in a pipe
// and on a terminal.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "cli/generate/lua_reference.hpp"
#include "host/text/utc.hpp"
#include "scripts/embedded.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using weco::test::Folder;
using weco::test::has;
using weco::test::Ran;
using weco::test::Setting;

namespace {

const std::string kLook = R"lua(#!/usr/bin/env -S weco run
return {
  purpose = "Look at a battery.",
  arguments = {
    { name = "device", type = "device", help = "What to look at" },
    { name = "limit_A", type = "number", unit = "A", min = 1, max = 60, default = 10,
      help = "Largest charge current" },
    { name = "note", optional = true },
  },
  example = "weco run ./look.lua sim:weco_smart",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    ui.say("Reading %s", device.endpoint)
    local soc = assert(device:read("soc"))
    local modules = {}
    for at = 1, 4 do
      modules[at] = { module = at, soc_pct = device:read("tower[1].module[" .. at .. "].soc") }
    end
    return { soc_pct = soc, limit_A = arguments.limit_A, modules = modules,
             level = soc < arguments.limit_A and "warning" or "ok" }
  end,
}
)lua";

}  // namespace

TEST_CASE("a script reads a device and its result is the only thing on stdout", "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("look.lua", kLook);
  const Ran text = weco::test::weco({"run", file, "sim:weco_smart"});
  INFO(text.err);
  CHECK(text.code == 0);
  CHECK(has(text.out, "soc_pct: "));
  CHECK(has(text.out, "  module  soc_pct\n"));
  CHECK(text.err == "Reading sim:weco_smart\n");
  const Ran json = weco::test::weco({"run", "--json", file, "--limit_A=20", "sim:weco_smart"});
  CHECK(json.code == 0);
  CHECK(has(json.out, R"({"schema":"weco.script/1","script":")" + file + "\",\"result\":{"));
  CHECK(has(json.out, R"("limit_A":20)"));
  // global options may stand behind the script too, its own never collide with them
  const Ran behind = weco::test::weco({"run", file, "sim:weco_smart", "--json", "-q"});
  CHECK(has(behind.out, R"("limit_A":10)"));
  CHECK(behind.err.empty());
}

TEST_CASE("a script's arguments are refused before anything is opened, with what was meant",
          "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("look.lua", kLook);
  const auto refused = [&](std::vector<std::string> words, const std::string& part) {
    words.insert(words.begin(), {"run", file});
    const Ran ran = weco::test::weco(words);
    INFO(ran.err);
    CHECK(ran.code == 2);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, part));
    CHECK_FALSE(has(ran.err, "Reading"));
  };
  refused({}, "the argument 'device' is missing");
  refused({"sim:weco_smart", "61"}, "a number from 1 to 60 A");
  refused({"sim:weco_smart", "--limt_A", "5"}, "Did you mean '--limit_A'?");
  refused({"sim:weco_smart", "1", "x", "y"}, "unexpected argument");
  const Ran none = weco::test::weco({"run", file, "roof"});
  CHECK(none.code == 1);
  CHECK(has(none.err, "neither an endpoint nor a configured device"));
}

TEST_CASE("a run that is killed is mentioned, and --resume goes on with it", "[LUA]") {
  const std::string text = R"lua(return {
  purpose = "Work in steps.",
  run = function()
    local first = weco.step("first", {}, function() return { owner = ui.ask { name = "owner" } } end)
    ui.say("waiting")
    local wait_s = ui.ask { name = "wait", type = "number" }
    weco.step("second", {}, function() time.sleep(wait_s) end)
    return first
  end,
}
)lua";
  const Folder folder;
  const std::string file = folder.file("steps.lua", text);
  const auto run = [&](std::vector<std::string> words, const std::string& answers, int signal = 0) {
    words.insert(words.begin(), {"run", file});
    if (!answers.empty()) {
      words.insert(words.end(), {"--answers", folder.file("answers", answers)});
    }
    return weco::test::weco(
        words, {.variables = {{"XDG_DATA_HOME", folder.path()}}, .signal_after_output = signal});
  };
  const auto answer = [](const std::string& name, const std::string& value) {
    return R"({"question":")" + name + R"(","answer":)" + value + "}\n";
  };
  const Ran none = run({"--resume"}, "");
  CHECK(none.code == 1);
  CHECK(has(none.err, "there is no torn run of this script with these arguments"));

  CHECK(run({}, answer("owner", "\"Rossi\"") + answer("wait", "60"), SIGKILL).code ==
        128 + SIGKILL);
  const Ran mentioned = run({"--non-interactive"}, "");
  CHECK(mentioned.code == 2);
  CHECK(has(mentioned.err, "with 1 step; --resume goes on with it."));
  const Ran resumed = run({"--resume"}, answer("wait", "0"));
  CHECK(resumed.code == 0);
  CHECK(resumed.out == "owner: Rossi\n");
  CHECK(has(resumed.err, "Going on with the run of 20"));
  CHECK(run({"--resume"}, "").code == 1);  // it came to its end

  // an end by a mistake keeps what was done, too
  const Ran mistaken = run({}, answer("owner", "\"Bianchi\""));
  CHECK(mistaken.code == 2);
  CHECK(has(mistaken.err, "What was done is kept; --resume goes on with it."));
  folder.file("steps.lua", text + "-- edited\n");
  const Ran changed = run({"--resume"}, answer("wait", "0"));
  CHECK(changed.code == 1);
  CHECK(has(changed.err, "the script has changed since its run of 20"));
  CHECK(has(changed.err, "without --resume"));
  folder.file("steps.lua", text);
  CHECK(run({"--resume"}, answer("wait", "0")).out == "owner: Bianchi\n");
}

TEST_CASE("help of a script comes from its header", "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("look.lua", kLook);
  const Ran ran = weco::test::weco({"run", file, "--help"});
  CHECK(ran.code == 0);
  for (const char* part : {"Usage: weco run ", "device [limit_A] [note]", "Look at a battery.",
                           "--limit_A NUMBER", "A number from 1 to 60 A.", "Default: 10.",
                           "Required.", "Rights: read devices", "weco run ./look.lua"}) {
    INFO(part);
    CHECK(has(ran.out, part));
  }
  CHECK(has(weco::test::weco({"run", "--help"}).out, "weco run [OPTION]... SCRIPT"));
}

TEST_CASE("a script that may be executed is a command of its own", "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("look.lua", kLook);
  REQUIRE(::chmod(file.c_str(), 0755) == 0);
  const std::string program = WECO_BINARY;
  const Setting path{
      .variables = {{"PATH", program.substr(0, program.rfind('/')) + ":/usr/bin:/bin"}}};
  const Ran ran = weco::test::run_in_pipe({file, "sim:weco_smart", "--limit_A", "5"}, path);
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "limit_A: 5"));
}

TEST_CASE("a mistake in a script is told with file, line, the line itself and a hint", "[LUA]") {
  const Folder folder;
  const auto told = [&](const std::string& body, const std::vector<std::string>& parts) {
    const std::string file = folder.file("bad.lua", body);
    const Ran ran = weco::test::weco({"run", file});
    INFO(ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, "bad.lua:"));
    CHECK(has(ran.err, "Hint: "));
    CHECK_FALSE(has(ran.err, "traceback"));
    CHECK_FALSE(has(ran.err, ".cpp"));
    for (const std::string& part : parts) CHECK(has(ran.err, part));
  };
  const std::string head = "return { purpose = \"x.\",\n  run = function()\n    ";
  told("local x = = 1\n", {":1", "Line 1 is: local x = = 1"});
  told(head + "return nothing_here\n  end }", {":3", "return nothing_here", "not defined"});
  told(head + "local t = {} return t.a.b\n  end }", {":3", "nil value", "local t = {}"});
  told(head + "return 1 + {}\n  end }", {":3", "arithmetic"});
  told(head + "ui.say(5)\n  end }", {":3", "ui.say: the text must be a string"});
  // a call that is returned leaves no trace: the function says where it begins
  told(head + "return ui.say(5)\n  end }", {":2", "ui.say: the text must be a string"});
  told(
      "return { purpose = \"x.\", rights = { },\n  run = function()\n    return "
      "weco.open('sim:weco_smart')\n  end }",
      {":2", "no right to read", "rights = { \"read\" }"});
  told(head + "assert(weco.open('nobody'))\n  end }", {":3", "'nobody'"});
  told(head + "while true do end\n  end }", {":3", "instructions", "a loop without an end"});
}

TEST_CASE("questions are answered by a file, at a terminal, or not at all", "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("ask.lua", R"lua(return {
  purpose = "Ask.", rights = {},
  arguments = { { name = "site", help = "Name of the site" } },
  run = function(arguments)
    local side = ui.choose { name = "side", text = "Which side?", choices = { "left", "right" } }
    local torque = ui.ask { name = "torque", type = "number", min = 1, max = 50, text = "Torque" }
    local sure = ui.confirm { name = "sure", text = "Covers closed?", default = true }
    return { site = arguments.site, side = side, torque = torque, sure = sure }
  end }
)lua");
  const std::string answers = folder.file(
      "answers",
      "{\"question\":\"side\",\"answer\":\"left\"}\n{\"question\":\"torque\",\"answer\":"
      "12.5}\n\n{\"question\":\"site\",\"answer\":\"Roof\"}\n"
      "{\"question\":\"colour\",\"answer\":\"red\"}\n");
  const Ran by_file = weco::test::weco({"run", file, "--answers", answers});
  INFO(by_file.err);
  CHECK(by_file.code == 0);
  CHECK(by_file.out == "side: left\nsite: Roof\nsure: yes\ntorque: 12.5\n");
  CHECK(has(by_file.err, "'colour' was not asked for"));

  const Ran nobody = weco::test::weco({"run", file, "Roof", "--non-interactive"});
  CHECK(nobody.code == 2);
  CHECK(has(nobody.err, "nobody is there to answer 'side'"));
  CHECK(has(nobody.err, "one of: left, right"));

  const std::string bad = folder.file("bad", "{\"question\":\"side\",\"answer\":\"up\"}\n");
  CHECK(has(weco::test::weco({"run", file, "Roof", "--answers", bad}).err, "one of: left, right"));
  const std::string worse = folder.file("worse", "{}\n{\n");
  const Ran line = weco::test::weco({"run", file, "Roof", "--answers", worse});
  CHECK(line.code == 1);
  CHECK(has(line.err, "worse:1"));

  const Ran typed =
      weco::test::weco_in_terminal({"run", file}, {.typed = "Roof\nup\nright\n99\n7\n\n"});
  INFO(typed.out);
  CHECK(typed.code == 0);
  CHECK(has(typed.out, "Name of the site (a text):"));
  CHECK(has(typed.out, "Which side? (one of: left, right):"));
  CHECK(has(typed.out, "is not what it must be"));
  CHECK(has(typed.out, "torque: 7"));
  CHECK(has(typed.out, "sure: yes"));
}

TEST_CASE("modules come from beside the script and from the library, and from nowhere else",
          "[LUA]") {
  const Folder folder;
  folder.file("mine.lua", "return { answer = function() return 42 end }");
  const std::string good =
      folder.file("good.lua",
                  "local mine = require('mine')\nlocal checks = require('checks')\n"
                  "return { purpose = \"x.\", rights = {}, run = function()\n"
                  "  local list = checks.new()\n  list.add('a', 'alarm', 'Bad.')\n"
                  "  return list.result { answer = mine.answer() } end }");
  const Ran ran = weco::test::weco({"run", good, "--json"});
  INFO(ran.err);
  CHECK(ran.code == 11);
  CHECK(has(ran.out, R"("answer":42)"));
  for (const char* name : {"../mine", "/etc/passwd", "nobody", "scenario.cold-morning"}) {
    const std::string bad = folder.file("bad.lua", "return require('" + std::string(name) + "')");
    CHECK(weco::test::weco({"run", bad}).code == 1);
  }
  const Ran none = weco::test::weco({"run", "tower/verfy"});
  CHECK(none.code == 1);
  CHECK(has(none.err, "tower/verify"));
}

TEST_CASE("a script calibrates as the command does, and writes only what its header names",
          "[LUA][WS-13]") {
  const Folder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());  // where the journal would be
  const auto run = [&](const std::string& rights, const std::string& options,
                       std::vector<std::string> more, int signal = 0) {
    const std::string file = folder.file(
        "calibrate.lua", "return { purpose = 'Calibrate.', rights = { 'read'" + rights +
                             " }, run = function() local d = assert(weco.open('sim:ep760_open')) "
                             "local done, why = d:calibrate { " +
                             options +
                             " } ui.say('soc %s', assert(d:read('soc'))) return done or { why = "
                             "why.message, hint = why.hint, code = why.code } end }");
    std::vector<std::string> words = {"run", file, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}},
                       .signal_after_output = signal};
    return weco::test::weco(words, home);
  };
  const Ran guided = run("", "plan = true", {});
  INFO(guided.err);
  CHECK(guided.code == 0);
  CHECK(has(guided.out, "\"instruction\":\"Set in the app"));
  CHECK(has(guided.err, "soc "));  // the line is open again
  const Ran undeclared = run(", 'write:soc_max'", "set = true", {"--yes"});
  CHECK(has(undeclared.out, "no right to all that this calibration writes"));
  CHECK(has(undeclared.out, "\\\"write:charge_from_grid\\\""));
  CHECK_FALSE(has(undeclared.out, "\\\"write:soc_max\\\""));
  const std::string all =
      ", 'write:soc_max', 'write:soc_target', 'write:charge_window_start', "
      "'write:charge_window_end', 'write:charge_from_grid', 'write:soc_reserve', 'write:soc_min'";
  const Ran planned = run(all, "set = true, plan = true", {});
  INFO(planned.out);
  CHECK(has(planned.out, "\"sets\":["));
  CHECK(has(run(all, "set = true", {"--non-interactive"}).out, "answer 'calibrate' in a file"));
  const std::string no = folder.file("no", "{\"question\":\"calibrate\",\"answer\":false}\n");
  const Ran declined = run(all, "set = true", {"--answers", no});
  CHECK(has(declined.err, "This is set now, and put back at the end:"));
  CHECK(has(declined.out, "did not agree"));
  CHECK(has(declined.err, "soc "));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/weco-calibration.log"));
  const Ran stopped = run(all, "set = true", {"--yes"}, SIGINT);
  INFO(stopped.err);
  CHECK(stopped.code == 130);
  CHECK(has(stopped.err, "the settings are as they were before"));
  CHECK_FALSE(has(stopped.err, "soc "));  // nor does the script go on
  std::filesystem::current_path(before);
}

TEST_CASE("every example of the documentation does what it says", "[LUA]") {
  const Folder folder;
  int examples = 0;
  for (const weco::cli::LuaEntry& entry : weco::cli::read_lua_meta(weco::scripts::meta())) {
    if (entry.signature.empty()) continue;
    INFO(entry.name);
    CHECK_FALSE(entry.about.empty());
    const std::size_t says = entry.example.rfind("--> ");
    REQUIRE(says != std::string::npos);
    const std::string file =
        folder.file("example.lua",
                    "return { purpose = \"Example.\", rights = { \"read\", \"records\" },\n"
                    "run = function()\n" +
                        entry.example + "end }");
    const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}}};
    const Ran ran = weco::test::weco({"run", file, "--non-interactive"}, home);
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.out == entry.example.substr(says + 4));
    ++examples;
  }
  CHECK(examples == 60);
}

TEST_CASE("what a function takes and gives is told whole, however many lines it takes", "[LUA]") {
  const auto entries = weco::cli::read_lua_meta(
      "---Does it.\n---Twice.\n---@param x { a: string,\n---b?: integer } What is\n---given.\n"
      "---@return number|nil y What comes\n---of it.\n---@return weco.Failure|nil problem\n---\n"
      "---Behind.\nfunction weco.it(x) end\n");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].about == "Does it. Twice. Behind.");
  REQUIRE(entries[0].parameters.size() == 1);
  CHECK(entries[0].parameters[0].type == "{ a: string, b?: integer }");
  CHECK(entries[0].parameters[0].about == "What is given.");
  REQUIRE(entries[0].results.size() == 2);
  CHECK(entries[0].results[0].name == "y");
  CHECK(entries[0].results[0].about == "What comes of it.");
  CHECK(entries[0].results[1].name == "problem");
}

TEST_CASE("the documentation declares the functions of a live script, no more and no fewer",
          "[LUA]") {
  std::set<std::string> declared;
  std::set<std::string> globals;
  for (const weco::cli::LuaEntry& entry : weco::cli::read_lua_meta(weco::scripts::meta())) {
    std::string name = entry.name;
    std::replace(name.begin(), name.end(), ':', '.');
    if (!entry.signature.empty()) declared.insert(name);
    if (entry.signature.empty() && name != "device" && name != "site" && name != "run" &&
        name != "weco.files") {
      globals.insert(name);
    }
  }
  // reading a name that is not there tells all that are
  const Folder folder;
  const std::string file = folder.file("live.lua", R"lua(return {
  purpose = "List what is there.",
  rights = { "read", "records" },
  run = function()
    local device = assert(weco.open("sim:weco_smart"))
    local function names(object)
      local _, problem = pcall(function() return object.zzzzzzzzzz end)
      return problem.hint
    end
    local _, all = pcall(function() return zzzzzzzzzz end)
    local text = ""
    for name, object in pairs { weco = weco, ["weco.files"] = weco.files, ui = ui, json = json, csv = csv, time = time,
                                stats = stats, device = device,
                                site = weco.simulate("weco_smart"),
                                run = assert(weco.checklist {
                                  site = "Roof", checklist = "monthly", operator = "Ann",
                                  family = "weco_smart" }) } do
      for word in names(object):gsub("^There is: ", ""):gmatch("[%w_]+") do
        if type(object[word]) == "function" then text = text .. name .. "." .. word .. "\n" end
      end
    end
    return text .. "globals " .. all.hint
  end,
}
)lua");
  const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}}};
  const Ran ran = weco::test::weco({"run", file}, home);
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  std::set<std::string> live;
  const std::string functions = ran.out.substr(0, ran.out.find("globals "));
  for (std::size_t at = 0; at < functions.size();) {
    const std::size_t end = functions.find('\n', at);
    live.insert(functions.substr(at, end - at));
    at = end + 1;
  }
  CHECK(live == declared);
  for (const std::string& name : globals) CHECK(has(ran.out, " " + name));
  static constexpr const char* kPlain[] = {
      "_VERSION", "assert", "coroutine",    "csv",   "error",  "getmetatable", "ipairs", "json",
      "math",     "next",   "os",           "pairs", "pcall",  "rawequal",     "rawget", "rawlen",
      "require",  "select", "setmetatable", "stats", "string", "table",        "time",   "tonumber",
      "tostring", "type",   "ui",           "utf8",  "weco",   "xpcall"};
  std::string all = "A script knows: ";
  for (const char* name : kPlain) all += (name == kPlain[0] ? "" : ", ") + std::string(name);
  CHECK(has(ran.out, all + "."));
}

namespace {

const std::string kVisit = R"lua(return {
  purpose = "Do the monthly check of a site.",
  arguments = { { name = "device", type = "device" } },
  rights = { "read", "records" },
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local run = assert(weco.checklist { site = "Casa Neri", checklist = "monthly",
                                        operator = "Ann", family = device.family })
    local resumed, before = run.resumed, #assert(run:missing())
    local blocked, why = run:answer("room")
    local read = assert(run:read(device))
    local asked = run:ask()
    return { blocked = blocked == nil and why.code, resumed = resumed, missing = before,
             read = read, asked = asked, record = assert(run:finish()) }
  end }
)lua";

}  // namespace

TEST_CASE("a script works through a checklist and its record is the one of weco checklist",
          "[LUA][WS-61][WS-65]") {
  const Folder folder;
  const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}}};
  const std::string file = folder.file("visit.lua", kVisit);
  REQUIRE(weco::test::weco({"key", "new", "ann"}, home).code == 0);
  std::string lines;
  for (const char* item : {"safety_qualified", "safety_covers", "full_charge", "event_log",
                           "firmware_due", "online", "room"}) {
    lines += "{\"question\":\"" + std::string(item) + "\",\"answer\":\"ok\"}\n";
  }
  // nobody declares anything for the operator: the run stays open, with what was answered
  const std::string half = folder.file("half", lines);
  const Ran open = weco::test::weco({"run", file, "sim:weco_smart", "--answers", half}, home);
  CHECK(open.code == 2);
  CHECK(has(open.err, "there is no answer to 'declare'"));
  const std::string declared = "{\"question\":\"declare\",\"answer\":\"no_discrepancy\"}\n";
  const std::string end = folder.file("end", declared);
  const Ran closed =
      weco::test::weco({"run", file, "sim:weco_smart", "--answers", end, "--json"}, home);
  INFO(closed.err);
  REQUIRE(closed.code == 0);
  CHECK(has(closed.out, R"("resumed":true)"));
  CHECK(has(closed.out, R"("missing":0)"));
  CHECK(has(closed.out, R"("signed":true)"));
  CHECK(has(closed.out, R"("conforming":true)"));
  const std::string out = folder.path() + "/record.json";
  REQUIRE(weco::test::weco({"checklist", "export", "Casa Neri", out, "--number", "1"}, home).code ==
          0);
  CHECK(weco::test::weco({"checklist", "verify", out}, home).code == 0);
  // and read again, with what the device said
  const std::string look = folder.file("look.lua", R"lua(return {
  purpose = "Look.", rights = { "records" },
  run = function()
    local record = assert(weco.record("Casa Neri", { checklist = "monthly" }))
    local good = assert(weco.record("Casa Neri", { number = 1 })).hash == record.hash
    return { good = good, signed = record.signed, operator = record.body.operator,
             devices = #record.body.devices, declaration = record.body.declaration,
             other = select(2, weco.record("Casa Neri", { number = 2 })).code }
  end }
)lua");
  const Ran read = weco::test::weco({"run", look}, home);
  INFO(read.err);
  CHECK(read.out ==
        "declaration: no_discrepancy\ndevices: 6\ngood: yes\noperator: Ann\n"
        "other: not_found\nsigned: yes\n");
}

TEST_CASE("a script without the right to the records sees none and adds none", "[LUA]") {
  const Folder folder;
  const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}}};
  for (const char* body :
       {"return weco.record('Casa Neri')",
        "return weco.checklist { site = 'Casa Neri', checklist = 'monthly', operator = 'Ann', "
        "family = 'weco_smart' }"}) {
    const std::string file =
        folder.file("bad.lua",
                    "return { purpose = \"x.\", run = function()\n  local good, problem = pcall("
                    "function() return assert((function() " +
                        std::string(body) + " end)()) end)\n  return problem end }");
    const Ran ran = weco::test::weco({"run", file}, home);
    INFO(ran.out << ran.err);
    CHECK(has(ran.out + ran.err, "no right to the records"));
  }
  CHECK(weco::test::weco({"checklist", "list", "--site", "Casa Neri"}, home).code != 0);
}

TEST_CASE("scripts are listed, shown, checked and begun", "[LUA]") {
  const Folder folder;
  const Setting own{.variables = {{"XDG_DATA_HOME", folder.path()}}};
  const std::string fresh = folder.path() + "/fresh.lua";
  CHECK(weco::test::weco({"script", "new", fresh}).code == 0);
  const Ran again = weco::test::weco({"script", "new", fresh});
  CHECK(again.code == 1);
  CHECK(has(again.err, "exists already"));
  CHECK(weco::test::weco({"script", "check", fresh, "tower/verify"}).code == 0);
  const Ran run = weco::test::weco({"run", fresh, "sim:weco_smart", "--spread_pct", "0"});
  CHECK(run.code == 10);
  CHECK(has(run.out, "tower[1].module[4]"));
  const std::string bad = folder.file("bad.lua", "return {\n  purpos = 1 }");
  const Ran checked = weco::test::weco({"script", "check", bad});
  CHECK(checked.code == 1);
  CHECK(has(checked.err, "bad.lua:2"));
  CHECK(has(weco::test::weco({"script", "show", "tower/verify"}).out, "purpose = "));
  CHECK(has(weco::test::weco({"script", "list"}, own).out, "tower/verify"));
  for (const weco::scripts::EmbeddedScript& script : weco::scripts::shipped()) {
    INFO(script.name);
    CHECK(weco::test::weco({"script", "check", std::string(script.name)}).code == 0);
    CHECK(weco::test::weco({"run", std::string(script.name), "--help"}).code == 0);
  }
}

TEST_CASE("the shell is offered what a script's header declares", "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("look.lua", kLook);
  const auto offered = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"completion", "words", "--"});
    return weco::test::weco(words).out;
  };
  CHECK(has(offered({"run", "tower/"}), "tower/verify\t"));
  CHECK(has(offered({"run", file, "--"}), "--limit_A\tLargest charge current"));
  CHECK(has(offered({"run", file, "--"}), "--answers"));
  CHECK(has(offered({"run", file, "--device", "sim:weco"}), "sim:weco_smart"));
  CHECK(has(offered({"run", file, "sim:weco"}), "sim:weco_smart"));
}

TEST_CASE("a tower is planned from the manual's numbers without any device",
          "[LUA][WS-02][WS-03]") {
  const Ran ran = weco::test::weco(
      {"run", "tower/plan", "--model", "8K", "--modules", "2", "--towers", "2", "--json"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  for (const char* part : {"\"modules\":4", "\"capacity_kWh\":20.48", "\"usable_kWh\":20",
                           "\"discharge_power_W\":8000", "\"charge_power_W\":10000", "BAT1",
                           "60 ohm", "within 1.5 V", "BAT SWITCH of auxiliary tower 2"}) {
    INFO(part);
    CHECK(has(ran.out, part));
  }
  // unpublished numbers are left out, and what is beyond the manual is refused
  const Ran other =
      weco::test::weco({"run", "tower/plan", "--model", "15K", "--modules", "4", "--json"});
  CHECK_FALSE(has(other.out, "power_W"));
  CHECK(weco::test::weco({"run", "tower/plan", "--modules", "5"}).code == 2);
  CHECK(weco::test::weco({"run", "tower/plan", "--modules", "4", "--towers", "4"}).code == 2);
}

TEST_CASE("modules are compared side by side once a quarter", "[LUA][WS-62]") {
  const Ran good = weco::test::weco({"run", "audit/quarterly", "sim:weco_smart"});
  INFO(good.err);
  CHECK(good.code == 0);
  CHECK(has(good.out, "tower[1].module[4]"));
  const Ran strict =
      weco::test::weco({"run", "audit/quarterly", "sim:weco_smart", "--soh_spread_pct", "0"});
  CHECK(strict.code == 10);
  CHECK(has(strict.out, "apart"));
}

TEST_CASE("a device that does not answer is a row of the fleet and stops nobody", "[LUA]") {
  const Ran ran = weco::test::weco(
      {"run", "audit/fleet", "sim:weco_smart", "tcp:127.0.0.1:1", "sim:ep760_open"});
  INFO(ran.err);
  CHECK(ran.code == 11);
  CHECK(has(ran.out, "WI2511000123"));
  CHECK(has(ran.out, "nobody listens on this port"));
  CHECK(has(ran.out, "ep760_open"));
  CHECK(weco::test::weco({"run", "audit/fleet", "sim:weco_smart"}).code == 0);
}

namespace {

/// Half a minute of a battery that sends once a second; `stops` is silent from the sixth on.
std::string timed_log(const std::string& stops) {
  std::string text;
  for (int second = 0; second < 30; ++second) {
    for (const char* frame :
         {"351#1402740E740ECC01", "355#1A0064000000", "356#021300004A01", "359#000000000A504E",
          "35C#C000", "35E#50594C4F4E202020", "305#0000000000000000"}) {
      if (second > 5 && std::string(frame).starts_with(stops)) continue;
      text += "(" + std::to_string(1767225600 + second) + ".000000) can0 " + frame + "\n";
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a CAN line is judged from a recording, and a silent one is told as such", "[LUA]") {
  const Folder folder;
  const auto listened = [&](const std::string& text) {
    return weco::test::weco({"run", "diagnose/can", "replay:" + folder.file("bus.log", text)});
  };
  const std::string vectors = WECO_VECTORS "/can/";
  const std::string well = weco::test::read_file(vectors + "pylontech_setfirelabs_10pack.log");
  for (const std::string& text : {well, timed_log("none")}) {
    const Ran good = listened(text);
    INFO(good.out << good.err);
    CHECK(good.code == 0);
    CHECK(has(good.out, "Nothing is wrong with the line."));
  }
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = well;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  struct Row {
    std::string text;
    int code;
    const char* check;
    const char* says;
  };
  const Row rows[] = {
      {with("359   [7]  00", "359   [7]  02"), 11, "events", "high voltage"},
      {with("359   [7]  00 00", "359   [7]  00 08"), 11, "events", "system error"},
      {well + "  can0  20000040   [8]  00 00 00 00 00 00 00 00\n", 10, "bus_off",
       "has switched itself off"},
      {well + "  can0  20000008   [8]  00 00 08 00 00 00 00 00\n", 10, "termination", "60 ohm"},
      {well + "  can0  20000020   [8]  00 00 00 00 00 00 00 00\n", 10, "no_acknowledge",
       "not acknowledged once"},
      {timed_log("351"), 10, "stale_frame", "0x351 stopped"},
      {well + weco::test::read_file(vectors + "pytes_native_opendtu1188.log"), 10, "mixed_dialects",
       "Pytes native"},
      {weco::test::read_file(vectors + "victron_gx_tx_to_byd.log"), 10,
       "keep_alive_without_battery", "no battery answers"},
      {weco::test::read_file(vectors + "goodwe_inverter_tx_be28.log"), 10, "no_battery",
       "not decoded here"},
  };
  for (const Row& row : rows) {
    const Ran ran = listened(row.text);
    INFO(row.check << ": " << ran.out << ran.err);
    CHECK(ran.code == row.code);
    CHECK(has(ran.out, row.check));
    CHECK(has(ran.out, row.says));
    CHECK(has(ran.out, "Nothing is wrong with the line.") == (row.code == 11));
  }
  // a bus on which no battery speaks reports no good news of it
  CHECK(has(listened(rows[7].text).out, "events                      not_checked"));
  CHECK(weco::test::weco({"run", "diagnose/can", "replay:/none.log"}).code == 1);
  CHECK(listened("").code == 1);
}

TEST_CASE("a session keeps what is set, shows what is given, and goes on after a mistake",
          "[LUA]") {
  const Folder folder;
  Setting setting;
  setting.stdin_file = folder.file("input",
                                   "d = weco.open(\"sim:weco_smart\")\n"
                                   "d:read(\"soc\") > 1\n"
                                   "for i = 1, 2 do\n ui.say(\"turn %d\", i)\nend\n"
                                   "d:read(\"sok\")\n"
                                   "help device:read\n"
                                   "d.family\n");
  const Ran ran = weco::test::weco({"repl"}, setting);
  CHECK(ran.code == 1);  // one of them was a mistake
  CHECK(has(ran.out, "yes\n"));
  CHECK(has(ran.err, "turn 1\nturn 2\n"));
  CHECK(has(ran.err, "there is no point 'sok', input 4"));
  CHECK(has(ran.err, "Did you mean 'soc'?"));
  CHECK(has(ran.out, "device:read(point)"));
  CHECK(ran.out.ends_with("weco_smart\n"));
}

TEST_CASE("a session that computes without an end is stopped and begins anew", "[LUA]") {
  const Folder folder;
  Setting setting;
  setting.stdin_file = folder.file("input", "x = 1\nwhile true do end\nx\n1 + 1\nif true then\n");
  const Ran ran = weco::test::weco({"repl"}, setting);
  CHECK(ran.code == 1);
  CHECK(has(ran.err, "begins anew"));
  CHECK(has(ran.err, "'x' is not defined"));
  CHECK(has(ran.out, "2\n"));
  CHECK(has(ran.err, "the last input is not finished"));
}

TEST_CASE("at a terminal Tab completes functions, devices and points", "[LUA]") {
  Setting setting;
  setting.typed =
      "d = weco.op\t(\"sim:weco_sm\t\")\nd:read_\t({\"soc_p\t\"})\nmath.flo\t(7.5) + 1000\nquit\n";
  const Ran ran = weco::test::weco_in_terminal({"repl"}, setting);
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "soc_pct: "));  // so every name was whole
  CHECK(has(ran.out, "1007"));
}

TEST_CASE("a batch gives one report a site, and a site that fails does not stop the others",
          "[LUA][TK-04]") {
  const Folder folder;
  const std::string sites = folder.file("sites.csv",
                                        "site;device;parts\nRoof;sim:weco_smart;4\n"
                                        "Barn;serial:/dev/none;\nShop;sim:ep760_open;3\n"
                                        "Plant;sim:saj_cm2_ems;20\n");
  const Ran ran =
      weco::test::weco({"run", "commission/batch", sites, "--separator", "semicolon", "--json"});
  INFO(ran.err);
  CHECK(ran.code == 11);
  CHECK(has(ran.out, R"({"device":"sim:weco_smart","findings":"","level":"ok","site":"Roof"})"));
  CHECK(has(ran.out, R"("site":"Barn")"));
  CHECK(has(ran.out, "/dev/none"));
  CHECK(has(ran.out, "3 modules were installed, 4 answer"));
  CHECK(has(ran.out, R"({"device":"sim:saj_cm2_ems","findings":"","level":"ok","site":"Plant"})"));
  // the mistakes of a row are those of its site
  const std::string rows = folder.file("rows.csv",
                                       "site,device,parts,owner\nRoof,sim:weco_smart,4,Ann\n"
                                       "Barn,sim:weco_smart,four,Bo\nShop,,4,Cy\n"
                                       "Mill,sim:ep760_open,4,Di\nRoof,sim:weco_smart,3,Ed\n");
  const Ran mixed = weco::test::weco({"run", "commission/batch", rows, "--json"});
  INFO(mixed.out << mixed.err);
  CHECK(mixed.code == 11);
  CHECK(has(mixed.out, R"({"device":"sim:weco_smart","findings":"","level":"ok","site":"Roof"})"));
  CHECK(has(mixed.out, R"({"device":"sim:ep760_open","findings":"","level":"ok","site":"Mill"})"));
  CHECK(has(mixed.out, "the column parts holds 'four', which is no number of parts."));
  CHECK(has(mixed.out, "the row names no device."));
  CHECK(has(mixed.out, "\"Roof (row 5)\":"));  // no report replaces another
  CHECK(has(mixed.out, "3 modules were installed, 4 answer"));
  CHECK(has(mixed.out, R"("columns_not_read":"owner")"));
  // and those of the whole file are told before any device is asked
  const std::string bad = folder.file("bad.csv", "site;place\nRoof;sim:weco_smart\n");
  const Ran column = weco::test::weco({"run", "commission/batch", bad, "--separator", "semicolon"});
  CHECK(column.code == 1);
  CHECK(has(column.err, "the CSV has no column 'device', but place;"));
  CHECK(has(weco::test::weco({"run", "commission/batch", bad}).err, "but site;place;"));
  const std::string none = folder.file("none.csv", "site,device\n");
  CHECK(has(weco::test::weco({"run", "commission/batch", none}).err, "names no site"));
}

TEST_CASE("the warranty's script judges as weco checklist warranty does", "[LUA][WS-30][WS-36]") {
  const Folder folder;
  const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}}};
  const std::string file = folder.file("visit.lua", kVisit);
  const Ran visit = weco::test::weco({"run", file, "sim:weco_smart", "--non-interactive"}, home);
  CHECK(visit.code == 2);  // the run stays open; serial numbers and counters are kept
  const std::string log =
      folder.file("log.csv", "time,soc_pct\n2026-01-01T00:00:00Z,50\n2026-01-01T00:10:00Z,5\n");
  const Ran script =
      weco::test::weco({"run", "audit/warranty", "Casa Neri", "--log", log, "--json"}, home);
  const Ran command =
      weco::test::weco({"checklist", "warranty", "Casa Neri", "--telemetry", log, "--json"}, home);
  INFO(script.out << script.err << command.out << command.err);
  CHECK(script.code == command.code);
  std::size_t rows = 0;
  for (std::size_t at = command.out.find("\"name\":\""); at != std::string::npos;
       at = command.out.find("\"name\":\"", at + 1)) {
    const std::size_t end = command.out.find('"', at + 8);
    CHECK(has(script.out, "\"check\":\"" + command.out.substr(at + 8, end - at - 8) + "\""));
    ++rows;
  }
  CHECK(rows > 5);
  CHECK(weco::test::weco({"run", "audit/warranty", "Nowhere"}, home).code == 1);
}

namespace {

/// An hourly log from January 2026 on: `odd` gives what a row has instead of the usual.
std::string hourly_log(int days, const std::function<std::string(int hour)>& odd) {
  std::string text =
      "time,soc_pct,pack[1].cell_min_degC,pack[1].cell_max_degC,pack[1].current_A,humidity_pct\n";
  constexpr std::int64_t kBegin_s = 1767225600;
  for (int hour = 0; hour <= 24 * days; ++hour) {
    const std::string row = odd(hour);
    text += weco::utc_text(kBegin_s + std::int64_t{3600} * hour) + "," +
            (row.empty() ? "60,20,25,10,50" : row) + "\n";
  }
  return text;
}

/// The row of a check in what a script printed as JSON.
std::string row_of(const std::string& json, const std::string& check) {
  const std::size_t from = json.find("{\"check\":\"" + check + "\"");
  return from == std::string::npos ? "" : json.substr(from, json.find('}', from) - from);
}

}  // namespace

TEST_CASE("what would cost a warranty is named with its number from the log and the records",
          "[LUA][WS-13][WS-30][WS-31][WS-32][WS-33]") {
  const Folder folder;
  const Setting home{.variables = {{"XDG_DATA_HOME", folder.path()}}};
  const std::string visit = folder.file("visit.lua", kVisit);
  weco::test::weco({"run", visit, "sim:weco_smart", "--non-interactive"}, home);
  const auto audit = [&](const std::string& log) {
    const std::string file = folder.file("log.csv", log);
    return weco::test::weco({"run", "audit/warranty", "Casa Neri", "--log", file, "--json"}, home);
  };
  // a battery that is treated as it must be
  const Ran well = audit(hourly_log(
      80, [](int hour) -> std::string { return hour % (24 * 20) == 0 ? "100,11,35,50,80" : ""; }));
  INFO(well.out << well.err);
  CHECK(well.code == 0);
  CHECK_FALSE(has(well.out, "\"level\":\"warning\""));
  for (const char* checked : {"outside_cold", "outside_humidity", "offline", "full_charge"}) {
    CHECK(has(row_of(well.out, checked), "\"level\":\"ok\""));
  }
  // and one that is not, whose log has a hole of 70 days
  CHECK(weco::test::weco({"checklist", "warranty", "Casa Neri", "--produced", "2010-01-01",
                          "--released", "9.9.9=2026-01-01"},
                         home)
            .code == 10);
  std::string log = hourly_log(40, [](int hour) -> std::string {
    if (hour == 10 || hour == 11) return "60,5,25,10,50";
    if (hour == 20) return "60,-1,25,10,50";
    if (hour >= 30 && hour < 33) return "60,20,38,10,50";
    if (hour == 40) return "60,20,41,10,50";
    if (hour >= 50 && hour < 55) return "60,20,25,-60,50";
    if (hour == 60) return "5,20,25,10,50";
    return hour >= 70 && hour < 77 ? "60,20,25,10,85" : "";
  });
  log += "2026-04-21T00:00:00Z,60,20,25,10,50\n";
  const Ran ill = audit(log);
  INFO(ill.out << ill.err);
  CHECK(ill.code == 10);
  struct Named {
    const char* check;
    const char* says;
  };
  for (const Named& row :
       {Named{"outside_cold", "\"value\":3"}, Named{"outside_hot", "\"value\":4"},
        Named{"outside_current", "\"value\":5"}, Named{"outside_depth", "worst 5"},
        Named{"outside_humidity", "\"value\":7"}, Named{"outside_functional_cold", "worst -1"},
        Named{"outside_functional_hot", "worst 41"}, Named{"outside", "\"value\":20"},
        Named{"age", "produced on 2010-01-01"}, Named{"end_of_life", "its use must cease"},
        Named{"offline", "\"value\":70"}, Named{"full_charge", "missed 1 time"},
        Named{"firmware", "2026-03-02"}}) {
    const std::string found = row_of(ill.out, row.check);
    INFO(row.check << ": " << found);
    CHECK(has(found, "\"level\":\"warning\""));
    CHECK(has(found, row.says));
  }
}

TEST_CASE("settings are changed with a right and a word, and a run is undone", "[LUA]") {
  const Folder folder;
  folder.file("set.lua", R"lua(return {
  purpose = "Keep a reserve.",
  rights = { "read", "write:soc_min" },
  run = function()
    local device = assert(weco.open("serial:line", { family = "ep760_open" }))
    return assert(device:apply(assert(device:plan { soc_min = 25 })))
  end,
})lua");
  const std::string script = folder.file("all.sh", R"sh(
cd "$1"; weco=$2; export XDG_DATA_HOME=$1
"$weco" simulate site:ep760 --serve pty:line --speed real --for 2min >/dev/null 2>ready &
simulator=$!
until grep -q Serving ready; do kill -0 $simulator || exit 9; done
reserve() { "$weco" status serial:line --family ep760_open --json | grep -o '"soc_min_pct":[0-9]*'; }
reserve
"$weco" run ./set.lua --non-interactive; echo "nobody: $?"
"$weco" run ./set.lua --yes --record run.ndjson; echo "agreed: $?"
grep -o '"kind":"write".*' run.ndjson
reserve
run=$(ls weco/changes); run=${run%.ndjson}
"$weco" undo "$run" </dev/null; echo "nobody: $?"
"$weco" undo "$run" --yes --json --record undo.ndjson; echo "undone: $?"
grep -o '"kind":"write".*' undo.ndjson
"$weco" status replay:run.ndjson --family ep760_open --point soc_min
reserve
"$weco" undo "$run" --yes; echo "again: $?"
"$weco" undo nothing; echo "unknown: $?"
kill $simulator
)sh");
  const Ran ran = weco::test::run_in_pipe({"sh", script, folder.path(), WECO_BINARY});
  CAPTURE(ran.out, ran.err);
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "nobody: 2\n"));  // a question without an answer
  CHECK(has(ran.err, "Agree with --yes"));
  CHECK(has(ran.out, "agreed: 0\n"));
  CHECK(has(ran.out, "nobody: 6\n"));
  CHECK(has(ran.out, R"("changed":[{"point":"soc_min","before":"25","after":"10"}])"));
  CHECK(has(ran.out, "undone: 0\n"));
  CHECK(has(ran.out, "Nothing to put back"));
  CHECK(has(ran.out, "again: 0\n"));
  CHECK(has(ran.out, "unknown: 1\n"));
  // What was recorded says what the frames were for, and holds what the device had afterwards.
  const std::string line = R"("kind":"write","link":"serial:line","text":"soc_min: )";
  CHECK(has(ran.out, line + "10 % -> 25 %, by script ./set.lua, run "));
  CHECK(has(ran.out, line + "read back as 25 %"));
  CHECK(has(ran.out, line + "25 % -> 10 %, by undo "));
  CHECK(has(ran.out, line + "read back as 10 %"));
  CHECK(has(ran.out, "soc_min  25 %\n"));
  std::string reserves;  // before, changed, and put back
  for (std::size_t at = 0; (at = ran.out.find("soc_min_pct\":", at)) != std::string::npos; ++at) {
    reserves += ran.out.substr(at + 13, 3);
  }
  CHECK(reserves == "10\n25\n10\n");
}
