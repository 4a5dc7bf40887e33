// SPDX-License-Identifier: Apache-2.0
// What a session of `weco repl` explains and how it takes what is typed, with the built program.
#include <set>
#include <string>

#include "cli/plain_lua.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using weco::test::Folder;
using weco::test::has;
using weco::test::Ran;
using weco::test::Setting;

TEST_CASE("a session explains every function of Lua itself that scripts have", "[LUA]") {
  const Folder folder;
  const std::string file = folder.file("plain.lua", R"lua(return {
  purpose = "List what is there of Lua.",
  run = function()
    local text = ""
    for _, library in ipairs { "coroutine", "math", "os", "string", "table", "utf8" } do
      local of = ({ coroutine = coroutine, math = math, os = os, string = string, table = table,
                    utf8 = utf8 })[library]
      local _, problem = pcall(function() return of.zzzzzzzzzz end)
      for word in problem.hint:gsub("^There is: ", ""):gmatch("[%w_]+") do
        text = text .. library .. "." .. word .. "\n"
      end
    end
    local _, all = pcall(function() return zzzzzzzzzz end)
    for word in all.hint:gsub("^A script knows: ", ""):gmatch("[%w_]+") do
      text = text .. word .. "\n"
    end
    return text:sub(1, -2)
  end,
}
)lua");
  const Ran ran = weco::test::weco({"run", file});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  std::set<std::string> live;
  for (std::size_t at = 0; at < ran.out.size();) {
    const std::size_t end = ran.out.find('\n', at);
    live.insert(ran.out.substr(at, end - at));
    at = end + 1;
  }
  std::set<std::string> told = {"csv", "json", "stats", "time", "ui", "weco"};  // in lua/meta
  for (const weco::cli::PlainLua& row : weco::cli::plain_lua()) {
    const std::string name(row.name());
    told.insert(name);
    told.insert(name.substr(0, name.find('.')));
  }
  CHECK(live == told);
}

TEST_CASE("a session is asked about functions as they are typed", "[LUA]") {
  const Folder folder;
  Setting setting;
  setting.stdin_file = folder.file("input",
                                   "help d:read\nhelp(weco.open)\nhelp \"math.floor\"\nhelp utf8\n"
                                   "1 +\n2\nhelp = 4\nhelp\nmath.floor(\n2.5)\n");
  const Ran ran = weco::test::weco({"repl"}, setting);
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "device:read(point)\n"));
  CHECK(has(ran.out, "run:read(device)\n"));  // the session's names say nothing of their kinds
  CHECK(has(ran.out, "weco.open(place, options)\n"));
  CHECK(has(ran.out, "math.floor(x)\n  The largest whole number that is not above x.\n"));
  CHECK(has(ran.out, "utf8.len(s, i, j)\n"));
  CHECK(has(ran.out, "\n3\n"));  // an expression may go on in the next line
  CHECK(has(ran.out, "Lua itself: "));
  CHECK(ran.out.ends_with("\n2\n"));
}
