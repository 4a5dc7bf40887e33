// SPDX-License-Identifier: Apache-2.0
#include "lua/state/convert.hpp"

#include <algorithm>

#include "lua/state/sandbox.hpp"

namespace weco::lua {
namespace {

/// Takes the value on top into the registry; raises when memory is gone.
int keep(lua_State* lua) {
  lua_pushinteger(lua, luaL_ref(lua, LUA_REGISTRYINDEX));
  return 1;
}

class Reader {
 public:
  explicit Reader(lua_State* lua) : lua_(lua) {}

  /// The value on top of the stack, which stays there.
  Done read(Value& to, int depth) {
    if (++values_ > kValuesMax) return refuse("a table with more than 50000 values");
    switch (lua_type(lua_, -1)) {
      case LUA_TNIL:
        return {};
      case LUA_TBOOLEAN:
        to = Value::boolean(lua_toboolean(lua_, -1) != 0);
        return {};
      case LUA_TNUMBER:
        to = lua_isinteger(lua_, -1) != 0
                 ? Value::of(static_cast<std::int64_t>(lua_tointegerx(lua_, -1, nullptr)))
                 : Value::of(static_cast<double>(lua_tonumberx(lua_, -1, nullptr)));
        return {};
      case LUA_TSTRING: {
        std::size_t size = 0;
        const char* bytes = lua_tolstring(lua_, -1, &size);  // a string stays: no allocation
        to = Value::of(std::string(bytes, size));
        return {};
      }
      case LUA_TTABLE:
        return table(to, depth);
      case LUA_TFUNCTION:
        return function(to);
      default:
        return refuse(std::string("a ") + lua_typename(lua_, lua_type(lua_, -1)));
    }
  }

 private:
  static Done refuse(const std::string& what) {
    return failure(ErrorCode::BadInput, what + " cannot be handed over");
  }

  Done function(Value& to) {
    lua_Debug where{};
    lua_pushvalue(lua_, -1);
    lua_getinfo(lua_, ">S", &where);
    to.kind = Value::Kind::Function;
    to.function.line = where.linedefined;
    lua_pushcfunction(lua_, keep);
    lua_pushvalue(lua_, -2);
    if (lua_pcall(lua_, 1, 1, 0) != LUA_OK) {
      lua_pop(lua_, 1);
      return failure(ErrorCode::Exhausted, "there is no memory left");
    }
    to.function.reference = static_cast<int>(lua_tointegerx(lua_, -1, nullptr));
    lua_pop(lua_, 1);
    return {};
  }

  Done table(Value& to, int depth) {
    to = Value::table();
    if (depth > kNestingMax) return refuse("a table nested deeper than 16, or in itself");
    if (lua_checkstack(lua_, 8) == 0) return refuse("a table nested too deep");
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      Entry entry;
      if (lua_isinteger(lua_, -2) != 0) {
        entry.number = static_cast<std::int64_t>(lua_tointegerx(lua_, -2, nullptr));
      } else if (lua_type(lua_, -2) == LUA_TSTRING) {
        std::size_t size = 0;
        const char* bytes = lua_tolstring(lua_, -2, &size);
        entry.name.assign(bytes, size);
      }
      if (entry.name.empty() && lua_isinteger(lua_, -2) == 0) {
        return refuse("a table with a key that is neither a name nor a whole number");
      }
      if (Done done = read(entry.value, depth + 1); !done) return done;
      to.entries.push_back(std::move(entry));
      lua_pop(lua_, 1);
    }
    std::sort(to.entries.begin(), to.entries.end(), [](const Entry& a, const Entry& b) {
      if (a.numbered() != b.numbered()) return a.numbered();
      return a.numbered() ? a.number < b.number : a.name < b.name;
    });
    return {};
  }

  lua_State* lua_;
  std::size_t values_ = 0;
};

/// Everything below may raise; it owns nothing.
void push(lua_State* lua, const Value& value, int depth) {
  luaL_checkstack(lua, 4, nullptr);
  switch (value.kind) {
    case Value::Kind::Nil:
      return lua_pushnil(lua);
    case Value::Kind::Boolean:
      return lua_pushboolean(lua, value.truth ? 1 : 0);
    case Value::Kind::Whole:
      return lua_pushinteger(lua, value.whole);
    case Value::Kind::Number:
      return lua_pushnumber(lua, value.number);
    case Value::Kind::Text:
      lua_pushlstring(lua, value.text.data(), value.text.size());
      return;
    case Value::Kind::Function:
      lua_rawgeti(lua, LUA_REGISTRYINDEX, value.function.reference);
      return;
    case Value::Kind::Table:
      break;
  }
  lua_createtable(lua, 0, 0);
  if (depth > kNestingMax) return;
  for (const Entry& entry : value.entries) {
    if (entry.numbered()) {
      lua_pushinteger(lua, entry.number);
    } else {
      lua_pushlstring(lua, entry.name.data(), entry.name.size());
    }
    push(lua, entry.value, depth + 1);
    lua_rawset(lua, -3);
  }
}

bool needs_no_memory(const Value& value) {
  return value.is(Value::Kind::Nil) || value.is(Value::Kind::Boolean) || value.numeric();
}

int push_all(lua_State* lua) {
  const auto* values = static_cast<const std::span<const Value>*>(lua_touserdata(lua, 1));
  for (const Value& value : *values) push(lua, value, 1);
  return static_cast<int>(values->size());
}

Done read_into(lua_State* lua, int index, Value& value) {
  if (lua_checkstack(lua, 8) == 0) return failure(ErrorCode::Exhausted, "the stack is full");
  const int top = lua_gettop(lua);
  lua_pushvalue(lua, index);
  Done done = Reader(lua).read(value, 1);
  lua_settop(lua, top);
  return done;
}

}  // namespace

Outcome<Value> read_value(lua_State* lua, int index) {
  Value value;
  if (Done done = read_into(lua, index, value); !done) return Unexpected{std::move(done).error()};
  return value;
}

Outcome<Values> read_values(lua_State* lua, int first) {
  const int top = lua_gettop(lua);
  Values values;
  values.reserve(static_cast<std::size_t>(std::max(top - first + 1, 0)));
  for (int index = first; index <= top; ++index) {
    Done done = read_into(lua, index, values.emplace_back());
    if (!done) return Unexpected{std::move(done).error()};
  }
  return values;
}

Done push_values(lua_State* lua, std::span<const Value> values) {
  const bool room = lua_checkstack(lua, static_cast<int>(values.size()) + 4) != 0;
  if (room && std::ranges::all_of(values, needs_no_memory)) {
    for (const Value& value : values) push(lua, value, 1);
    return {};
  }
  if (room) {
    lua_pushcfunction(lua, push_all);
    lua_pushlightuserdata(lua, &values);
    if (lua_pcall(lua, 1, static_cast<int>(values.size()), 0) == LUA_OK) return {};
    lua_pop(lua, 1);
  }
  return failure(ErrorCode::Exhausted, "there is no memory left");
}

}  // namespace weco::lua
