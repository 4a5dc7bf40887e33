// SPDX-License-Identifier: Apache-2.0
#include "lua/state/sandbox.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::lua;

namespace {

std::unique_ptr<Sandbox> sandbox(Surroundings surroundings = {}, Limits limits = {}) {
  auto made = Sandbox::make(limits, std::move(surroundings));
  REQUIRE(made);
  return std::move(*made);
}

std::string text_of(std::string_view script) {
  const auto value = sandbox()->run(script, "a.lua");
  INFO(script);
  INFO((value ? std::string{} : value.error().what + " " + value.error().where));
  REQUIRE(value);
  return value->text;
}

Failure failure_from(std::string_view script) {
  const auto value = sandbox()->run(script, "dir/a.lua");
  INFO(script);
  REQUIRE(!value);
  return value.error();
}

/// Counts how many of its kind are alive, to see whether a raised error skips a destructor.
struct Counted {
  static inline int alive = 0;
  Counted() { ++alive; }
  Counted(const Counted&) { ++alive; }
  ~Counted() { --alive; }
};

}  // namespace

TEST_CASE("a script computes and hands over what it returns", "[LUA]") {
  const auto value =
      sandbox()->run("return { soc = 0.5, name = 'a', 10, 20, on = true, [7] = {x = 1} }", "a.lua");
  REQUIRE(value);
  CHECK(value->get("soc")->number == 0.5);
  CHECK(value->get("name")->text == "a");
  CHECK(value->get("on")->truth);
  REQUIRE(value->entries.size() == 6);
  CHECK(value->entries[0].value.whole == 10);
  CHECK(value->entries[2].number == 7);
  CHECK(value->get("none") == nullptr);
}

TEST_CASE("text functions give what the language's manual says", "[LUA]") {
  static constexpr std::pair<std::string_view, std::string_view> kRows[] = {
      {"return ('hello world'):match('^(%w+)')", "hello"},
      {"return ('key = value'):gsub('%s*=%s*', ':')", "key:value"},
      {"return (('abc'):gsub('', '-'))", "-a-b-c-"},
      {"return (('abc'):gsub('%w', '%0%0'))", "aabbcc"},
      {"return (('hello world'):gsub('o', '0', 1))", "hell0 world"},
      {"return (('$name is $age'):gsub('%$(%w+)', {name='Bo', age=3}))", "Bo is 3"},
      {"return (('abc'):gsub('b', function(x) return x:upper() end))", "aBc"},
      {"return (('abc'):gsub('b', function() end))", "abc"},
      {"return table.concat({('a,b,,c'):match('([^,]*),([^,]*),([^,]*),(.*)')}, '|')", "a|b||c"},
      {"return ('THE (quick) fox'):match('%((%a+)%)')", "quick"},
      {"return ('x(a(b)c)y'):match('%b()')", "(a(b)c)"},
      {"return (('THE (quick) fox'):gsub('%f[%a]%a+', string.lower))", "the (quick) fox"},
      {"return ('\"say\"'):match('([\"\\'])(.-)%1') .. ('aXa'):match('^(a)X%1$')", "\"a"},
      {"return tostring(('abc'):find('b', 1, true)) .. tostring(('abc'):find('()c'))", "23"},
      {"local t = {} for w in ('one two'):gmatch('%a+') do t[#t+1] = w end return t[2]", "two"},
      {"local t = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do t[#t+1]=k..v end "
       "return table.concat(t)",
       "a1b2"},
      {"local n = 0 for _ in ('abc'):gmatch('') do n = n + 1 end return tostring(n)", "4"},
      {"return ('a-b]c'):match('[]%-]+')", "-"},
      {"return ('2026-11-25'):match('[0-9]+-(%d%d)')", "11"},
      {"return ('abc'):match('.-$') .. ('   x  '):match('^%s*(.-)%s*$')", "abcx"},
      {"return ('aaa'):match('a?a?a?a$') .. tostring(('b'):match('a+'))", "aaanil"},
      {"return string.format('%5.2f|%s|%d', 1.5, true, 3)", " 1.50|true|3"},
      {"return tostring({}) .. tostring(print_nothing == nil)", ""},
  };
  for (const auto& [script, expected] : kRows) {
    if (expected.empty()) continue;
    CHECK(text_of(script) == expected);
  }
}

TEST_CASE("the order of pairs and the random numbers are the same in every run", "[LUA]") {
  constexpr std::string_view kScript =
      "local t = {b=1, a=2, [3]='x', [1]='y', [2.5]=0, [true]=1, zebra=1, apple=2}\n"
      "local s = '' for k in pairs(t) do s = s .. tostring(k) .. ' ' end\n"
      "return s .. math.random(1, 1000000) .. tostring({}) .. tostring(pairs)";
  const std::string first = text_of(kScript);
  CHECK(first.starts_with("1 2.5 3 a apple b zebra true "));
  CHECK(first.ends_with("tablefunction"));
  CHECK(text_of(kScript) == first);
  Surroundings other;
  other.seed = 2;
  CHECK(sandbox(other)->run(kScript, "a.lua")->text != first);
}

TEST_CASE("time comes from the caller", "[LUA]") {
  Surroundings world;
  world.wall_seconds = [] { return std::int64_t{1767225600}; };
  world.seconds = [] { return 12.5; };
  const auto value = sandbox(world)->run("return os.time() + os.clock()", "a.lua");
  REQUIRE(value);
  CHECK(value->number == 1767225612.5);
}

TEST_CASE("a mistake is told with file, line, the line itself and a hint", "[LUA]") {
  struct Row {
    std::string_view script;
    std::string_view where;
    std::string_view what;
    std::string_view hint;
  };
  static constexpr Row kRows[] = {
      {"local a\nlocal b = a.x\n", "dir/a.lua:2", "attempt to index a nil value (local 'a')",
       "Line 2 is: local b = a.x"},
      {"\n\nretrun 1", "dir/a.lua:3", "syntax error near '1'", "Line 3 is: retrun 1"},
      {"return sting.rep('x', 2)", "dir/a.lua:1", "'sting' is not defined",
       "Did you mean 'string'?"},
      {"return string.fromat('x')", "dir/a.lua:1", "'string' has no 'fromat'",
       "Did you mean 'format'?"},
      {"x = 1", "dir/a.lua:1", "a global cannot be made or changed: 'x'", "local x = ..."},
      {"string.rep = nil", "dir/a.lua:1", "'string' cannot be changed", "Line 1 is"},
      {"error('too cold')", "dir/a.lua:1", "too cold", "Line 1 is: error('too cold')"},
      {"local x = ('x'):match('[a')", "dir/a.lua:1", "a set has no closing ]", "Line 1"},
      {"return 1 + {}", "dir/a.lua:1", "attempt to perform arithmetic on a table value",
       "Only numbers"},
      {"assert(false, 'no meter')", "dir/a.lua:1", "no meter", ""},
      {"return coroutine.wrap(function() error('inside') end)()", "dir/a.lua:1", "inside", ""},
  };
  for (const Row& row : kRows) {
    const Failure failed = failure_from(row.script);
    INFO(row.script);
    CHECK(failed.where == row.where);
    CHECK(failed.what == row.what);
    INFO(failed.hint);
    CHECK(failed.hint.find(row.hint) != std::string::npos);
    CHECK(failed.what.find("weco:") == std::string::npos);
  }
}

TEST_CASE("a function of the host fails where the script called it", "[LUA]") {
  auto box = sandbox();
  box->define("site.read", [](std::span<const Value> arguments) -> Outcome<Values> {
    const Counted guard;
    if (arguments.size() != 1 || !arguments[0].is(Value::Kind::Text)) {
      return failure(ErrorCode::BadInput, "site.read needs the name of a point", {}, "Say which.");
    }
    return Values{Value::of(42.0), Value::of(arguments[0].text)};
  });
  box->define("double", [](std::span<const Value> arguments) -> Outcome<Values> {
    return Values{Value::of(2 * arguments[0].number)};
  });
  auto value = box->run("local v, n = site.read('soc')\nreturn { v, n, double(4) }", "a.lua");
  REQUIRE(value);
  CHECK(value->entries[0].value.number == 42.0);
  CHECK(value->entries[1].value.text == "soc");
  CHECK(value->entries[2].value.number == 8.0);
  value = box->run(
      "local ok, e = pcall(site.read)\n"
      "return { ok, e.code, e.message, e.hint, tostring(e) }",
      "a.lua");
  REQUIRE(value);
  CHECK(value->entries[1].value.text == "bad_input");
  CHECK(value->entries[4].value.text == "site.read needs the name of a point");
  value = box->run("\nsite.read()", "a.lua");
  REQUIRE(!value);
  CHECK(value.error().where == "a.lua:2");
  CHECK(value.error().hint == "Line 2 is: site.read()  Say which.");
  CHECK(Counted::alive == 0);
}

TEST_CASE("a function that the script returns can be called later", "[LUA]") {
  auto box = sandbox();
  const auto value = box->run("local n = 0 return { f = function(x) n = n + x return n end }", "a");
  REQUIRE(value);
  const Value* f = value->get("f");
  REQUIRE(f->is(Value::Kind::Function));
  CHECK(f->function.line == 1);
  const std::array<Value, 1> two{Value::of(std::int64_t{2})};
  REQUIRE(box->call(f->function, two));
  const auto second = box->call(f->function, two);
  REQUIRE(second);
  CHECK(second->front().whole == 4);
}

TEST_CASE("modules come from the caller and are loaded once", "[LUA]") {
  int loads = 0;
  Surroundings world;
  world.module = [&loads](std::string_view name) -> Outcome<Module> {
    ++loads;
    if (name == "wiring") return Module{"lib/wiring.lua", "return { ohms = 60 }"};
    if (name == "broken") return Module{"lib/broken.lua", "\nreturn nothing.there"};
    return failure(ErrorCode::NotFound, "there is no module '" + std::string(name) + "'");
  };
  auto box = sandbox(world);
  const auto value = box->run("return require('wiring').ohms + require('wiring').ohms", "a.lua");
  REQUIRE(value);
  CHECK(value->whole == 120);
  CHECK(loads == 1);
  CHECK(!box->run("return require('none')", "a.lua"));
  const auto broken = box->run("return require('broken')", "a.lua");
  REQUIRE(!broken);
  CHECK(broken.error().what == "'nothing' is not defined");
}
