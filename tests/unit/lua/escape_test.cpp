// SPDX-License-Identifier: Apache-2.0
// Attempts to get out of the sandbox, to keep it busy or to fill the machine. Each must be refused
// or stopped; none may run longer than a tenth of a second beyond its budget.
#include <string>
#include <string_view>

#include "host/reactor/poll_reactor.hpp"
#include "lua/state/sandbox.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/lua/spent.hpp"

using namespace weco;
using namespace weco::lua;

namespace {

// Every script returns normally only when it got what it wanted.
constexpr std::string_view kAttempts[] = {
    // names that are not there
    "return os.execute('ls')",
    "return os.exit(0)",
    "return os.remove('x')",
    "return os.getenv('HOME')",
    "return os.rename('a', 'b')",
    "return os.tmpname()",
    "return io.open('/etc/passwd')",
    "return io.popen('ls')",
    "return debug.getregistry()",
    "return debug.sethook()",
    "return debug.getupvalue(print, 1)",
    "return package.loadlib('x.so', '*')",
    "return package.path",
    "return dofile('/etc/passwd')",
    "return loadfile('/etc/passwd')",
    "return load('return 1')()",
    "return load('\\27Lua')",
    "return loadstring('x')",
    "return string.dump(function() end)",
    "return collectgarbage('count')",
    "return rawset(string, 'rep', nil)",
    "return _G.print",
    "return _ENV.os.execute",
    "return print('x')",
    "return warn('@on')",
    "return newproxy()",
    // what is frozen
    "os = {}",
    "string.format = nil",
    "_G = {}",
    "math.pi = 3",
    "getmetatable('').__index = nil return 1",
    "getmetatable(string).__index = nil return 1",
    "getmetatable(_ENV).__newindex = nil return 1",
    "setmetatable(_ENV, nil) return 1",
    "setmetatable(string, {}) return 1",
    "table.insert(math, 1) return 1",
    "for k, v in pairs(_ENV) do return v end error('empty')",
    "table.move({1}, 1, 1, 1, math) return 1",
    "local _ENV = {} return os.execute()",
    "return ('x').dump(function() end)",
    "string.__index = 1",
    // bytes as code
    "return require('a;b')",
    "return require('../secret')",
    "return require('/etc/passwd')",
    "return require('..')",
    "return require('a/b')",
    "return require('a..b')",
    "return require('A')",
    "return require('a\\0b')",
    "return require(('a'):rep(100))",
    "return require(nil)",
    "return require({})",
    // metatables
    "return setmetatable({}, {__gc = function() while true do end end})",
    "return setmetatable({}, {__mode = 'k'})",
    "return setmetatable('', {})",
    "return table.concat(setmetatable({}, {__index = rawlen}), '', 1, 1 << 52)",
    "return table.unpack(setmetatable({}, {__len = function() return 1e9 end}))",
    "table.insert(setmetatable({}, {__len = function() return 1 << 52 end}), 1, 'x') return 1",
    "table.sort(setmetatable({}, {__len = function() return 1 << 30 end, __index = rawlen})) "
    "return 1",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(a, k) return a[k] end "
    "return t.x",
    "local t = {} setmetatable(t, {__index = t}) return t.x.y",
    "return tostring(setmetatable({}, {__tostring = function() return 1 end}))",
    // texts and patterns
    "return ('x'):rep(1 << 40)",
    "return (''):rep(1 << 62, 'z')",
    "return ('x'):rep(1 << 62, 'yy')",
    "local s = 'x' while true do s = s .. s end",
    "return ('a'):rep(40):find(('a?'):rep(40) .. ('a'):rep(41))",
    "return ('a'):rep(60):match(('.-'):rep(20) .. 'b')",
    "return ('a'):rep(100000):match('.-.-.-b')",
    "return ('('):rep(200000):match(('('):rep(40))",
    "return ('a'):rep(50000):gsub('.-b', '')",
    "return ('x'):rep(1000000):find(('x*'):rep(30) .. 'y')",
    "return ('%s'):rep(300):format()",
    "return string.format('%p', {})",
    "return string.format('%99999d', 1)",
    "return ('a'):match('%')",
    "return ('a'):match('(')",
    "return ('%'):rep(3):match('%b')",
    "return ('x'):gsub('x', '%9')",
    "return ('x'):match('%1')",
    "local s = ('x'):rep(1000000) while true do local t = s:upper() == s:lower() end",
    "local s = ('x'):rep(1000000) while true do s:find('y', 1, true) end",
    // tables
    "local t = {} while true do t[#t + 1] = {} end",
    "return table.move({}, 1, 1 << 60, 2)",
    "return table.unpack({}, 1, 1 << 30)",
    "return table.concat({}, 'x', 1, 1 << 40)",
    "local t = {} for i = 1, 60000 do t[i] = i end table.sort(t) return t",
    "local t = {} t[1] = t return t",
    "local t = {} local u = t for i = 1, 40 do u.x = {} u = u.x end return t",
    "return pairs({[{}] = 1, [print_ == nil] = 2})",
    // endless, also where something would catch it
    "while true do end",
    "repeat until false",
    "for i = 1, math.huge do end",
    "local function f() return f() end return f()",
    "local function f() return 1 + f() end return f()",
    "while true do pcall(error, 'x') end",
    "pcall(function() while true do end end) while true do end",
    "while true do pcall(function() while true do end end) end",
    "return xpcall(function() while true do end end, function() while true do end end)",
    "local function f() pcall(f) pcall(f) end f() return f()",
    "local co = coroutine.wrap(function() while true do end end) co() return 1",
    "local co = coroutine.create(function() while true do end end) coroutine.resume(co) return 1",
    "while true do coroutine.wrap(function() pcall(function() while true do end end) end)() end",
    "local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = "
    "function() "
    "while true do end end}) while true do end end) pcall(coroutine.resume, co) "
    "coroutine.close(co) return 1",
    "local f = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() "
    "while true do end end}) while true do end end) pcall(f) return 1",
    "local x <close> = setmetatable({}, {__close = function() while true do end end}) return 1",
    "local x <close> = setmetatable({}, {__close = function() while true do end end}) "
    "while true do end",
    "local function f() return coroutine.wrap(f)() end return f()",
    "local t = setmetatable({}, {__eq = function() while true do end end}) return t == "
    "setmetatable({}, getmetatable(t))",
    "return table.sort({3, 2, 1}, function() while true do end end)",
    "return ('x'):gsub('x', function() while true do end end)",
    "for _ in function() return 1 end do end",
    "return (function(...) while true do end end)(table.unpack({}, 1, 200))",
    "return coroutine.close(coroutine.running())",
    "return coroutine.yield(1)",
    "return next({}, 1)",
    "return utf8.char(-1)",
    "return select(0)",
};

/// Of a slow machine: a Raspberry Pi runs some ten million a second.
constexpr std::uint64_t kInstructionsOf100ms = 1'000'000;

}  // namespace

TEST_CASE("no attempt to leave the sandbox succeeds, and none outlives its budget by 100 ms",
          "[LUA]") {
  static_assert(std::size(kAttempts) >= 60);
  std::int64_t slowest = 0;
  std::uint64_t furthest = 0;
  for (const std::string_view attempt : kAttempts) {
    INFO(attempt);
    Limits limits;
    limits.instructions = 3'000'000;
    auto box = Sandbox::make(limits, {});
    REQUIRE(box);
    const std::int64_t begun = test::spent_ms();
    const auto value = (*box)->run(attempt, "escape.lua");
    const std::int64_t took = test::spent_ms() - begun;
    CHECK_FALSE(value.has_value());
    if (!value) CHECK_FALSE(value.error().what.empty());
    CHECK((*box)->memory() <= limits.memory);
    slowest = std::max(slowest, took);
    CHECK(took < test::kAttemptMost_ms);
    furthest = std::max(furthest, (*box)->instructions());
    CHECK((*box)->instructions() <= limits.instructions + kInstructionsOf100ms);
  }
  WARN("the slowest of " << std::size(kAttempts) << " attempts took " << slowest
                         << " ms, the furthest went to " << furthest << " instructions");
}

TEST_CASE("an endless loop stops within 100 ms of being interrupted", "[LUA]") {
  PollReactor clock;
  Instant asked{};
  Surroundings world;
  int looks = 0;
  world.interrupted = [&] {
    if (++looks == 1000) asked = clock.now();
    return looks >= 1000;
  };
  auto box = Sandbox::make({}, world);
  REQUIRE(box);
  const auto value = (*box)->run("while true do pcall(function() while true do end end) end", "x");
  REQUIRE(!value);
  CHECK(value.error().code() == ErrorCode::Interrupted);
  CHECK((clock.now() - asked).to_ms() < 100);
}

TEST_CASE("a stopped sandbox stays stopped", "[LUA]") {
  Limits limits;
  limits.instructions = 10000;
  auto box = Sandbox::make(limits, {});
  REQUIRE(box);
  CHECK(!(*box)->run("while true do end", "x"));
  CHECK((*box)->stopped());
  CHECK(!(*box)->run("return 1", "x"));
}

TEST_CASE("compiled code is refused whatever it says", "[LUA]") {
  auto box = Sandbox::make({}, {});
  REQUIRE(box);
  const auto value = (*box)->run(std::string_view("\x1bLua\x54\0\x19\x93", 8), "x.luac");
  REQUIRE(!value);
  CHECK(value.error().what.find("binary chunk") != std::string::npos);
}
