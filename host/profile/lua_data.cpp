// SPDX-License-Identifier: Apache-2.0
#include "host/profile/lua_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <lua.hpp>

#include "host/profile/lua_places.hpp"
#include "host/profile/profile.hpp"

namespace weco {
namespace {

/// Plain data that the interpreter's callbacks reach: nothing here has a destructor, because Lua
/// leaves their frames with longjmp.
struct Budget {
  std::size_t used = 0;
  std::size_t turnover = 0;
  bool memory_gone = false;
  bool instructions_gone = false;
};

void* allocate(void* user, void* block, std::size_t old_size, std::size_t new_size) {
  auto* budget = static_cast<Budget*>(user);
  const std::size_t old = block == nullptr ? 0 : old_size;  // else old_size is a type tag
  if (new_size == 0) {
    std::free(block);  // NOLINT: the interpreter owns raw blocks
    budget->used -= old;
    return nullptr;
  }
  if (new_size > old &&
      (budget->used - old + new_size > kProfileMemoryMax || new_size > kProfileBlockMax ||
       budget->turnover + new_size > kProfileTurnoverMax)) {
    budget->memory_gone = true;
    return nullptr;
  }
  void* moved = std::realloc(block, new_size);  // NOLINT
  if (moved != nullptr) budget->used = budget->used - old + new_size;
  if (new_size > old) budget->turnover += new_size;
  return moved;
}

void stop(lua_State* lua, lua_Debug* /*where*/) {
  void* user = nullptr;
  lua_getallocf(lua, &user);
  static_cast<Budget*>(user)->instructions_gone = true;
  luaL_error(lua, "instructions");
}

struct Chunk {
  const char* data;
  std::size_t size;
};

/// Everything that may raise, inside lua_pcall. Leaves the returned value.
int run(lua_State* lua) {
  const auto* chunk = static_cast<const Chunk*>(lua_touserdata(lua, 1));
  if (luaL_loadbufferx(lua, chunk->data, chunk->size, "=p", "t") != LUA_OK) return lua_error(lua);
  lua_sethook(lua, stop, LUA_MASKCOUNT, kProfileInstructionsMax);
  lua_call(lua, 0, 1);
  lua_sethook(lua, nullptr, 0, 0);
  return 1;
}

class State {
 public:
  State() : lua_(lua_newstate(allocate, &budget_)) {}
  ~State() {
    if (lua_ != nullptr) lua_close(lua_);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  [[nodiscard]] lua_State* lua() const { return lua_; }
  [[nodiscard]] const Budget& budget() const { return budget_; }

 private:
  Budget budget_;
  lua_State* lua_;
};

/// Copies values out of the interpreter with calls that never raise.
class Copier {
 public:
  Copier(lua_State* lua, const std::string& file) : lua_(lua), file_(file) {}

  Done copy(DataValue& to, const DataPlace* place, int depth) {
    to.line = place != nullptr ? place->line : line_of_parent_;
    if (++values_ > kProfileValuesMax) return over("more than 50000 values");
    switch (lua_type(lua_, -1)) {
      case LUA_TBOOLEAN:
        to.kind = DataValue::Kind::Boolean;
        to.truth = lua_toboolean(lua_, -1) != 0;
        return {};
      case LUA_TNUMBER:
        to.kind = lua_isinteger(lua_, -1) != 0 ? DataValue::Kind::Whole : DataValue::Kind::Fraction;
        to.whole = lua_tointegerx(lua_, -1, nullptr);
        return {};
      case LUA_TSTRING:
        return copy_text(to);
      case LUA_TTABLE:
        return copy_table(to, place, depth);
      default:
        return bad(to.line, std::string("a ") + lua_typename(lua_, lua_type(lua_, -1)) +
                                " is not allowed; a data file holds plain values only");
    }
  }

 private:
  Unexpected<Failure> bad(int line, std::string what) const {
    return failure(ErrorCode::BadInput, std::move(what), file_ + ":" + std::to_string(line));
  }
  Unexpected<Failure> over(const std::string& what) const {
    return failure(ErrorCode::Exhausted, what + " in one data file",
                   file_ + ":" + std::to_string(line_of_parent_));
  }

  Done copy_text(DataValue& to) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(lua_, -1, &size);  // a string stays as it is: no allocation
    to.kind = DataValue::Kind::Text;
    to.text.assign(bytes, size);
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (std::any_of(to.text.begin(), to.text.end(), control)) {
      return bad(to.line, "a text with control characters is not allowed");
    }
    return {};
  }

  Done copy_table(DataValue& to, const DataPlace* place, int depth) {
    to.kind = DataValue::Kind::Table;
    if (depth > kProfileDepthMax) return over("tables nested deeper than 10");
    if (lua_checkstack(lua_, 4) == 0) return over("tables nested too deep");
    lua_pushnil(lua_);
    while (lua_next(lua_, -2) != 0) {
      line_of_parent_ = to.line;
      Done done = copy_entry(to, place, depth);
      if (!done) return done;
      lua_pop(lua_, 1);
    }
    std::stable_sort(
        to.fields.begin(), to.fields.end(), [](const DataField& a, const DataField& b) {
          return a.value.line != b.value.line ? a.value.line < b.value.line : a.key < b.key;
        });
    std::sort(to.items.begin(), to.items.end(),
              [](const DataItem& a, const DataItem& b) { return a.key < b.key; });
    return {};
  }

  /// The entry whose key and value are on the stack.
  Done copy_entry(DataValue& to, const DataPlace* place, int depth) {
    if (lua_type(lua_, -2) == LUA_TSTRING) {
      std::size_t size = 0;
      const char* bytes = lua_tolstring(lua_, -2, &size);
      const std::string key(bytes, size);
      const DataPlace* found = nullptr;
      if (place != nullptr) {
        for (const DataPlace& entry : place->entries) {
          if (!entry.named || entry.key != key) continue;
          if (found != nullptr) {
            return bad(entry.line, "\"" + key + "\" is given twice; the first is in line " +
                                       std::to_string(found->line));
          }
          found = &entry;
        }
      }
      to.fields.push_back({key, {}});
      return copy(to.fields.back().value, found, depth + 1);
    }
    if (lua_isinteger(lua_, -2) == 0) {
      return bad(to.line, "an entry's key is neither a name nor a whole number");
    }
    const lua_Integer key = lua_tointegerx(lua_, -2, nullptr);
    const DataPlace* found = nullptr;
    if (place != nullptr) found = numbered_place(*place, key);
    to.items.push_back({key, {}});
    return copy(to.items.back().value, found, depth + 1);
  }

  static const DataPlace* numbered_place(const DataPlace& place, lua_Integer key) {
    if (key >= 1 && static_cast<std::size_t>(key) <= place.entries.size()) {
      const DataPlace& guess = place.entries[static_cast<std::size_t>(key) - 1];
      if (!guess.named && guess.number == key) return &guess;
    }
    for (const DataPlace& entry : place.entries) {
      if (!entry.named && entry.number == key) return &entry;
    }
    return nullptr;
  }

  lua_State* lua_;
  const std::string& file_;
  std::size_t values_ = 0;
  int line_of_parent_ = 1;
};

/// What the interpreter said, as a failure with the line taken out of its text.
Unexpected<Failure> run_failure(const State& state, const std::string& file) {
  if (state.budget().memory_gone) {
    return failure(ErrorCode::Exhausted, "the file needs too much memory", file);
  }
  if (state.budget().instructions_gone) {
    return failure(ErrorCode::Exhausted, "the file runs more than 200000 instructions", file,
                   "A data file is one table of plain values; it computes nothing.");
  }
  std::string_view text = "the file cannot be read";
  if (lua_type(state.lua(), -1) == LUA_TSTRING) text = lua_tostring(state.lua(), -1);
  int line = 1;
  if (text.substr(0, 2) == "p:") {
    text.remove_prefix(2);
    const auto end = std::from_chars(text.data(), text.data() + text.size(), line);
    text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
    if (text.substr(0, 2) == ": ") text.remove_prefix(2);
  }
  std::string clean(text.substr(0, 200));
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return failure(ErrorCode::BadInput, std::move(clean), file + ":" + std::to_string(line));
}

}  // namespace

const DataValue* DataValue::get(std::string_view key) const {
  for (const DataField& field : fields) {
    if (field.key == key) return &field.value;
  }
  return nullptr;
}

std::string_view describe(DataValue::Kind kind) {
  constexpr std::array<std::string_view, 5> kNames = {
      "true or false", "a whole number", "a number with a fraction", "a text", "a table"};
  return kNames[static_cast<std::size_t>(kind)];
}

Outcome<DataValue> read_lua_data(std::string_view text, const std::string& file) {
  if (text.size() > kProfileTextMax) {
    return failure(ErrorCode::TooLong, "the file is larger than 256 KiB", file);
  }
  State state;
  lua_State* lua = state.lua();
  if (lua == nullptr) return failure(ErrorCode::Exhausted, "there is no memory left", file);
  Chunk chunk{text.data(), text.size()};
  lua_pushcfunction(lua, run);
  lua_pushlightuserdata(lua, &chunk);
  if (lua_pcall(lua, 1, 1, 0) != LUA_OK) return run_failure(state, file);
  if (lua_type(lua, -1) != LUA_TTABLE) {
    return failure(ErrorCode::BadInput, "the file does not return a table", file + ":1",
                   "Write: return { family = \"...\", ... }");
  }
  lua_gc(lua, LUA_GCSTOP);
  const DataPlace places = find_places(text, kProfileDepthMax + 1);
  DataValue root;
  Done done = Copier(lua, file).copy(root, &places, 1);
  if (!done) return Unexpected<Failure>{done.error()};
  return root;
}

}  // namespace weco
