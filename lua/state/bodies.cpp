// SPDX-License-Identifier: Apache-2.0
#include "lua/state/bodies.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "host/failure/nearest.hpp"
#include "lua/state/convert.hpp"
#include "lua/state/pattern.hpp"
#include "lua/state/prelude.hpp"
#include "lua/state/trampoline.hpp"

namespace weco::lua {
namespace {

constexpr char kFailureMark[] = "weco failure";
constexpr int kLevelsMax = 200;

Budget& budget_of(lua_State* lua) {
  void* user = nullptr;
  lua_getallocf(lua, &user);
  return *static_cast<Budget*>(user);
}

int stopped(lua_State* lua) {
  lua_pushlightuserdata(lua, const_cast<char*>(&kStopped));  // NOLINT: never written through
  return kRaise;
}

std::string_view text_at(lua_State* lua, int index) {
  if (lua_type(lua, index) != LUA_TSTRING) return {};
  std::size_t size = 0;
  const char* bytes = lua_tolstring(lua, index, &size);
  return {bytes, size};
}

/// Makes the table that stands for a failure; raises when memory is gone, owns nothing.
int make_failure(lua_State* lua) {
  const auto* failed = static_cast<const Failure*>(lua_touserdata(lua, 1));
  const auto set = [lua](const char* key, std::string_view value) {
    lua_pushlstring(lua, value.data(), value.size());
    lua_setfield(lua, -2, key);
  };
  lua_createtable(lua, 0, 4);
  set("code", info(failed->code()).name);
  set("message", failed->what);
  set("hint", failed->hint);
  set("where", failed->where);
  lua_getfield(lua, LUA_REGISTRYINDEX, kFailureMark);
  lua_setmetatable(lua, -2);
  return 1;
}

std::string_view field(lua_State* lua, int index, const char* key, std::string& to) {
  lua_getfield(lua, index, key);  // a plain table of ours: no metamethod, the key exists as text
  to = std::string(text_at(lua, -1));
  lua_pop(lua, 1);
  return to;
}

}  // namespace

int charge_body(lua_State* lua) {
  const lua_Integer bytes = std::max<lua_Integer>(lua_tointegerx(lua, 1, nullptr), 0);
  const auto cost = static_cast<std::uint64_t>(bytes) / kBytesAnInstruction;
  return budget_of(lua).spend(cost) ? 0 : stopped(lua);
}

int check_body(lua_State* lua) {
  Budget& budget = budget_of(lua);
  if (!budget.stopped() && budget.interrupted != nullptr && (*budget.interrupted)()) {
    budget.stop = Stop::Interrupted;
  }
  return budget.stopped() ? stopped(lua) : 0;
}

int is_stopped_body(lua_State* lua) {
  lua_pushboolean(lua, budget_of(lua).stopped() ? 1 : 0);
  return 1;
}

int raise_failure(lua_State* lua, const Failure& failed) {
  if (lua_checkstack(lua, 4) == 0) return stopped(lua);
  lua_pushcfunction(lua, make_failure);
  lua_pushlightuserdata(lua, const_cast<Failure*>(&failed));  // NOLINT: only read
  static_cast<void>(lua_pcall(lua, 1, 1, 0));  // either way there is a value to raise
  return kRaise;
}

bool failure_of(lua_State* lua, int index, Failure& failed) {
  if (lua_type(lua, index) != LUA_TTABLE || lua_getmetatable(lua, index) == 0) return false;
  lua_getfield(lua, LUA_REGISTRYINDEX, kFailureMark);
  const bool ours = lua_rawequal(lua, -1, -2) != 0;
  lua_pop(lua, 2);
  if (!ours) return false;
  std::string name;
  field(lua, index, "code", name);
  failed.error = {ErrorCode::BadInput, 0};
  for (const ErrorInfo& row : kErrors) {
    if (row.name == name) failed.error.code = row.code;
  }
  field(lua, index, "message", failed.what);
  field(lua, index, "hint", failed.hint);
  field(lua, index, "where", failed.where);
  return true;
}

ScriptPlace script_place(lua_State* lua) {
  ScriptPlace place;
  lua_Debug where{};
  for (int level = 0; level < kLevelsMax && lua_getstack(lua, level, &where) != 0; ++level) {
    if (lua_getinfo(lua, "Sl", &where) == 0 || where.currentline <= 0) continue;
    if (std::strcmp(where.short_src, kPreludeName + 1) == 0) continue;
    std::copy(std::begin(where.short_src), std::end(where.short_src), std::begin(place.chunk));
    place.line = where.currentline;
    break;
  }
  return place;
}

namespace {

std::string place_text(lua_State* lua) {
  const ScriptPlace place = script_place(lua);
  return place.line == 0 ? std::string{}
                         : std::string(place.chunk) + ":" + std::to_string(place.line);
}

Failure located(lua_State* lua, Failure failed) {
  if (failed.where.empty()) failed.where = place_text(lua);
  return failed;
}

}  // namespace

int refuse_body(lua_State* lua) {
  return raise_failure(lua, {{ErrorCode::BadInput, 0},
                             std::string(text_at(lua, 1)),
                             place_text(lua),
                             std::string(text_at(lua, 2))});
}

int unknown_body(lua_State* lua) {
  const std::string title(text_at(lua, 1));
  const std::string member(text_at(lua, 2));
  std::vector<std::string_view> names;
  const auto count = static_cast<lua_Integer>(lua_rawlen(lua, 3));
  if (lua_checkstack(lua, 8) == 0) return stopped(lua);
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(lua, 3, i);
    names.push_back(text_at(lua, -1));  // stays alive in the list
    lua_pop(lua, 1);
  }
  const std::string_view close = nearest(member, names);
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  std::string hint = close.empty() ? "" : "Did you mean '" + std::string(close) + "'? ";
  hint += (title.empty() ? "A script knows: " : "There is: ") + all + ".";
  const std::string what =
      title.empty() ? "'" + member + "' is not defined" : "'" + title + "' has no '" + member + "'";
  return raise_failure(lua, {{ErrorCode::BadInput, 0}, what, place_text(lua), hint});
}

int scan_body(lua_State* lua) {
  const std::string_view text = text_at(lua, 1);
  const std::string_view pattern = text_at(lua, 2);
  const auto start = static_cast<std::size_t>(lua_tointegerx(lua, 3, nullptr)) - 1;
  const Found found = find_pattern(text, pattern, start);
  if (!budget_of(lua).spend(found.steps / 4)) return stopped(lua);
  if (found.match == Match::No) return 0;
  if (found.match != Match::Yes) {
    const bool malformed = found.match == Match::Malformed;
    return raise_failure(
        lua, {{malformed ? ErrorCode::BadInput : ErrorCode::Exhausted, 0},
              malformed ? found.mistake : "the pattern takes too long on this text",
              place_text(lua),
              malformed ? "" : "Use fewer of *, + and - in one pattern, or anchor it with ^."});
  }
  Values values{Value::of(static_cast<std::int64_t>(found.begin + 1)),
                Value::of(static_cast<std::int64_t>(found.end))};
  for (std::size_t i = 0; i < found.captures; ++i) {
    const Capture& capture = found.capture[i];
    values.push_back(capture.size == Capture::kPosition
                         ? Value::of(static_cast<std::int64_t>(capture.begin + 1))
                         : Value::of(std::string(text.substr(
                               capture.begin, static_cast<std::size_t>(capture.size)))));
  }
  if (const Done done = push_values(lua, values); !done) return stopped(lua);
  return static_cast<int>(values.size());
}

int native_body(lua_State* lua) {
  const auto* native = static_cast<const Native*>(lua_touserdata(lua, lua_upvalueindex(1)));
  const auto arguments = read_values(lua, 1);
  if (!arguments) return raise_failure(lua, located(lua, arguments.error()));
  auto results = (*native)(*arguments);
  if (budget_of(lua).stopped()) return stopped(lua);
  if (!results) return raise_failure(lua, located(lua, results.error()));
  if (const Done done = push_values(lua, *results); !done) return stopped(lua);
  return static_cast<int>(results->size());
}

}  // namespace weco::lua
