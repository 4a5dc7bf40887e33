// SPDX-License-Identifier: Apache-2.0
#include "lua/state/sandbox.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "core/base/assert.hpp"
#include "lua/state/bodies.hpp"
#include "lua/state/convert.hpp"
#include "lua/state/prelude.hpp"
#include "lua/state/trampoline.hpp"

namespace weco::lua {
namespace {

constexpr std::size_t kChunkNameMax = 48;  // shorter than LUA_IDSIZE: a name is never cut by Lua
constexpr std::size_t kMessageMax = 300;
constexpr std::size_t kModuleNameMax = 64;

struct Defined {
  std::string table;  // empty: a global
  std::string name;
  Native native;
};

struct Setup {
  const std::vector<std::unique_ptr<Defined>>* defined;
  const std::vector<std::unique_ptr<Defined>>* inner;
  std::int64_t seed;
  std::string_view extension;
  const std::span<const std::string_view>* parts;
};

void open(lua_State* lua, const char* name, lua_CFunction opener, int to) {
  luaL_requiref(lua, name, opener, 0);
  lua_setfield(lua, to, name);
}

void set_function(lua_State* lua, int to, const char* name, lua_CFunction function) {
  lua_pushcfunction(lua, function);
  lua_setfield(lua, to, name);
}

/// A function of the list into the table on top, or into a table of that table.
void set_native(lua_State* lua, const Defined& defined) {
  const int top = lua_gettop(lua);
  if (!defined.table.empty()) {
    if (lua_getfield(lua, top, defined.table.c_str()) != LUA_TTABLE) {
      lua_createtable(lua, 0, 4);
      lua_pushvalue(lua, -1);
      lua_setfield(lua, top, defined.table.c_str());
      lua_replace(lua, top + 1);
    }
  }
  lua_pushlightuserdata(lua, const_cast<Native*>(&defined.native));  // NOLINT: only called
  lua_pushcclosure(lua, trampoline<native_body>, 1);
  lua_setfield(lua, -2, defined.name.c_str());
  lua_settop(lua, top);
}

/// (number): a part of the owner's text as a function.
int part_body(lua_State* lua) {
  const auto* parts = static_cast<const std::span<const std::string_view>*>(
      lua_touserdata(lua, lua_upvalueindex(1)));
  const auto number = static_cast<std::size_t>(lua_tointegerx(lua, 1, nullptr));
  if (number == 0 || number > parts->size()) return 0;
  const std::string_view text = (*parts)[number - 1];
  if (luaL_loadbufferx(lua, text.data(), text.size(), kPreludeName, "t") != LUA_OK) return kRaise;
  return 1;
}

int failure_text(lua_State* lua) {
  lua_getfield(lua, 1, "message");
  return 1;
}

/// Inside a protected call: opens libraries, runs the prelude, leaves the environment in the
/// registry.
int set_up(lua_State* lua) {
  const auto* setup = static_cast<const Setup*>(lua_touserdata(lua, 1));
  luaL_checkstack(lua, 20, nullptr);
  lua_gc(lua, LUA_GCSTOP);  // nothing of what is made here is ever given back
  luaL_newmetatable(lua, "weco failure");
  set_function(lua, lua_gettop(lua), "__tostring", failure_text);
  lua_settop(lua, 0);
  luaL_loadbufferx(lua, kPrelude.data(), kPrelude.size(), kPreludeName, "t");
  luaL_requiref(lua, "_G", luaopen_base, 0);  // the standard library: only the prelude sees it
  open(lua, LUA_STRLIBNAME, luaopen_string, 2);
  open(lua, LUA_TABLIBNAME, luaopen_table, 2);
  open(lua, LUA_MATHLIBNAME, luaopen_math, 2);
  open(lua, LUA_UTF8LIBNAME, luaopen_utf8, 2);
  open(lua, LUA_COLIBNAME, luaopen_coroutine, 2);
  lua_getfield(lua, 2, LUA_MATHLIBNAME);
  lua_getfield(lua, -1, "randomseed");
  lua_pushinteger(lua, setup->seed);
  lua_pushinteger(lua, 0);
  lua_call(lua, 2, 0);
  lua_settop(lua, 2);
  lua_createtable(lua, 0, 8);
  set_function(lua, 3, "charge", trampoline<charge_body>);
  set_function(lua, 3, "check", trampoline<check_body>);
  set_function(lua, 3, "is_stopped", trampoline<is_stopped_body>);
  set_function(lua, 3, "refuse", trampoline<refuse_body>);
  set_function(lua, 3, "unknown", trampoline<unknown_body>);
  set_function(lua, 3, "scan", trampoline<scan_body>);
  lua_pushlightuserdata(
      lua, const_cast<std::span<const std::string_view>*>(setup->parts));  // NOLINT: only read
  lua_pushcclosure(lua, trampoline<part_body>, 1);
  lua_setfield(lua, 3, "part");
  lua_pushinteger(lua, static_cast<lua_Integer>(kTextMax));
  lua_setfield(lua, 3, "text_max");
  for (const auto& inner : *setup->inner) set_native(lua, *inner);
  lua_createtable(lua, 0, 8);
  for (const auto& defined : *setup->defined) set_native(lua, *defined);
  if (!setup->extension.empty()) {
    const std::string_view text = setup->extension;
    luaL_loadbufferx(lua, text.data(), text.size(), kPreludeName, "t");
  }
  lua_call(lua, lua_gettop(lua) - 1, 2);
  lua_pushlstring(lua, "", 0);
  lua_pushvalue(lua, 2);
  lua_setmetatable(lua, -2);  // of every text
  lua_pushvalue(lua, 1);
  lua_setfield(lua, LUA_REGISTRYINDEX, "weco environment");
  lua_gc(lua, LUA_GCRESTART);
  return 0;
}

struct Chunk {
  std::string_view text;
  const char* name;
};

/// Inside a protected call: compiles a chunk into the environment of scripts.
int load(lua_State* lua) {
  const auto* chunk = static_cast<const Chunk*>(lua_touserdata(lua, 1));
  const int status =
      luaL_loadbufferx(lua, chunk->text.data(), chunk->text.size(), chunk->name, "t");
  if (status != LUA_OK) return finish(lua, kRaise);
  lua_getfield(lua, LUA_REGISTRYINDEX, "weco environment");
  if (lua_setupvalue(lua, -2, 1) == nullptr) lua_pop(lua, 1);
  return 1;
}

/// Remembers where the script was when the error was raised, before the stack is unwound.
int remember(lua_State* lua) {
  auto* place = static_cast<ScriptPlace*>(lua_touserdata(lua, lua_upvalueindex(1)));
  *place = script_place(lua);
  lua_settop(lua, 1);
  return 1;
}

/// Inside a protected call: globals that may be made, before those of everybody.
int make_session(lua_State* lua) {
  lua_createtable(lua, 0, 0);
  lua_createtable(lua, 0, 1);
  lua_getfield(lua, LUA_REGISTRYINDEX, "weco environment");
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_setfield(lua, LUA_REGISTRYINDEX, "weco session");
  return 0;
}

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, kMessageMax));
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  const std::size_t first = clean.find_first_not_of(' ');
  const std::size_t last = clean.find_last_not_of(' ');
  return first == std::string::npos ? "" : clean.substr(first, last - first + 1);
}

/// What to do about the mistakes that everybody makes.
std::string_view hint_for(std::string_view message) {
  struct Row {
    std::string_view part;
    std::string_view hint;
  };
  static constexpr Row kRows[] = {
      {"a nil value",
       "Something here has no value: check the name, that it was set before, and that the call it "
       "came from did not fail; assert(...) around that call says why."},
      {"attempt to compare", "Both sides of a comparison must be of one kind; see tonumber."},
      {"attempt to perform arithmetic", "Only numbers can be calculated with; see tonumber."},
      {"attempt to concatenate", "Use tostring for what is neither a text nor a number."},
      {"attempt to call", "Only functions can be called: check the name before the brackets."},
      {"number has no integer representation", "Use math.floor to make the number whole."},
      {"stack overflow", "A function calls itself without an end."},
      {"expected near", "Check commas, brackets and 'end' in this line and the one before."},
      {"unexpected symbol", "Check commas, brackets and 'end' in this line and the one before."},
      {"unfinished string", "The text needs its closing quotation mark."},
  };
  for (const Row& row : kRows) {
    if (message.find(row.part) != std::string_view::npos) return row.hint;
  }
  return {};
}

}  // namespace

class Sandbox::Engine {
 public:
  Engine(const Limits& limits, Surroundings surroundings) : surroundings_(std::move(surroundings)) {
    budget_.instructions_max = limits.instructions;
    budget_.memory_max = limits.memory;
    if (surroundings_.interrupted) budget_.interrupted = &surroundings_.interrupted;
    lua_ = lua_newstate(allocate, &budget_);
  }
  ~Engine() {
    if (lua_ != nullptr) lua_close(lua_);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] bool exists() const { return lua_ != nullptr; }
  [[nodiscard]] const Budget& budget() const { return budget_; }

  void define(std::string name, Native native) {
    const std::size_t dot = name.find('.');
    auto row = std::make_unique<Defined>();
    if (dot != std::string::npos) row->table = name.substr(0, dot);
    row->name = dot == std::string::npos ? std::move(name) : name.substr(dot + 1);
    row->native = std::move(native);
    defined_.push_back(std::move(row));
  }
  void extend(std::string_view chunk, std::span<const std::string_view> parts) {
    extension_ = chunk;
    parts_ = parts;
  }
  void refresh() {
    if (!budget_.stopped()) budget_.instructions = 0;
  }

  Outcome<Value> run(std::string_view text, const std::string& file) {
    if (Done done = prepare(); !done) return Unexpected{std::move(done).error()};
    if (Done done = compile(text, file); !done) return Unexpected{std::move(done).error()};
    auto values = invoke(0, true);
    if (!values) return Unexpected{std::move(values).error()};
    return values->empty() ? Value{} : std::move(values->front());
  }

  Outcome<Evaluated> evaluate(std::string_view text, const std::string& file) {
    if (Done done = begin_session(); !done) return Unexpected{std::move(done).error()};
    if (const Done expression = compile("return " + std::string(text), file); !expression) {
      lua_settop(lua_, 0);
      if (Done statements = compile(text, file); !statements) {
        lua_settop(lua_, 0);
        if (unfinished(expression) || unfinished(statements)) return Evaluated{true, {}};
        return Unexpected{std::move(statements).error()};
      }
    }
    sources_[chunk_name(file)].text = text;  // as it was typed
    lua_getfield(lua_, LUA_REGISTRYINDEX, "weco session");
    lua_setupvalue(lua_, -2, 1);
    auto values = invoke(0, true);
    if (!values) return Unexpected{std::move(values).error()};
    return Evaluated{false, values->empty() ? Value{} : std::move(values->front())};
  }

  Outcome<Values> call(Function function, std::span<const Value> arguments) {
    if (Done done = prepare(); !done) return Unexpected{std::move(done).error()};
    if (lua_checkstack(lua_, 8) == 0) return exhausted();
    lua_rawgeti(lua_, LUA_REGISTRYINDEX, function.reference);
    begin_ = function_place();
    if (Done done = push_values(lua_, arguments); !done) return Unexpected{std::move(done).error()};
    auto values = invoke(static_cast<int>(arguments.size()), false);
    begin_ = {};
    return values;
  }

 private:
  static bool unfinished(const Done& compiled) {
    return compiled.error().what.ends_with("near <eof>");
  }

  /// Where the function on top of the stack begins.
  ScriptPlace function_place() {
    ScriptPlace place;
    lua_Debug where{};
    lua_pushvalue(lua_, -1);
    if (lua_getinfo(lua_, ">S", &where) == 0) return place;
    std::copy(std::begin(where.short_src), std::end(where.short_src), std::begin(place.chunk));
    place.line = where.linedefined;
    return place;
  }

  static Unexpected<Failure> exhausted() {
    return failure(ErrorCode::Exhausted, "there is no memory left for scripts");
  }

  /// Before every entry: set up once, refuse what was stopped, a fresh count of instructions.
  Done prepare() {
    if (budget_.stopped()) return stop_failure(ScriptPlace{});
    if (!ready_) {
      add_inner();
      Setup setup{&defined_, &inner_, static_cast<std::int64_t>(surroundings_.seed), extension_,
                  &parts_};
      lua_pushcfunction(lua_, set_up);
      lua_pushlightuserdata(lua_, &setup);
      const int status = lua_pcall(lua_, 1, 0, 0);
      WECO_ASSERT(status == LUA_OK || status == LUA_ERRMEM);  // else a mistake in our own text
      if (status != LUA_OK) return exhausted();
      ready_ = true;
    }
    lua_settop(lua_, 0);
    budget_.instructions = 0;
    return {};
  }

  Done begin_session() {
    if (Done done = prepare(); !done || session_) return done;
    lua_pushcfunction(lua_, make_session);
    if (lua_pcall(lua_, 0, 0, 0) != LUA_OK) return exhausted();
    session_ = true;
    return {};
  }

  void add_inner() {
    const auto add = [this](const char* name, Native native) {
      auto row = std::make_unique<Defined>();
      row->name = name;
      row->native = std::move(native);
      inner_.push_back(std::move(row));
    };
    add("time", [this](std::span<const Value>) -> Outcome<Values> {
      const auto& clock = surroundings_.wall_seconds;
      return Values{Value::of(clock ? clock() : std::int64_t{0})};
    });
    add("clock", [this](std::span<const Value>) -> Outcome<Values> {
      return Values{Value::of(surroundings_.seconds ? surroundings_.seconds() : 0.0)};
    });
    add("load", [this](std::span<const Value> arguments) { return load_module(arguments); });
  }

  /// Compiles; leaves the chunk on the stack.
  Done compile(std::string_view text, const std::string& file) {
    if (text.size() > kSourceMax) {
      return failure(ErrorCode::TooLong, "the script is larger than 256 KiB", file);
    }
    const std::string shown = chunk_name(file);
    file_ = file;
    sources_[shown] = {file, std::string(text)};
    const std::string name = "=" + shown;
    Chunk chunk{sources_[shown].text, name.c_str()};
    if (lua_checkstack(lua_, 8) == 0) return exhausted();
    lua_pushcfunction(lua_, load);
    lua_pushlightuserdata(lua_, &chunk);
    if (lua_pcall(lua_, 1, 1, 0) == LUA_OK) return {};
    return failed_as(ScriptPlace{});
  }

  /// Calls what lies below `arguments` values on the stack and takes its results.
  Outcome<Values> invoke(int arguments, bool first_only) {
    const int base = lua_gettop(lua_) - arguments;
    ScriptPlace place;
    lua_pushlightuserdata(lua_, &place);
    lua_pushcclosure(lua_, remember, 1);
    lua_insert(lua_, base);
    arm(lua_);
    const int status = lua_pcall(lua_, arguments, first_only ? 1 : LUA_MULTRET, base);
    lua_sethook(lua_, nullptr, 0, 0);
    if (status != LUA_OK || budget_.stopped()) {
      Done failed = failed_as(place);
      lua_settop(lua_, base - 1);
      return Unexpected{std::move(failed).error()};
    }
    auto values = read_values(lua_, base + 1);
    lua_settop(lua_, base - 1);
    return values;
  }

  Outcome<Values> load_module(std::span<const Value> arguments) {
    const std::string& name = arguments.empty() ? std::string{} : arguments[0].text;
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    const bool well = !name.empty() && name.size() <= kModuleNameMax && name.front() != '.' &&
                      name.back() != '.' && name.find("..") == std::string::npos &&
                      std::all_of(name.begin(), name.end(), plain);
    if (!well) {
      return failure(ErrorCode::BadInput, "'" + printable(name) + "' is no name of a module", {},
                     "Names are lower-case words divided by points, such as site.wiring.");
    }
    if (!surroundings_.module) {
      return failure(ErrorCode::NotFound, "there is no module '" + name + "'", {},
                     "This script stands alone: it has no modules.");
    }
    auto found = surroundings_.module(name);
    if (!found) return Unexpected{std::move(found).error()};
    const int top = lua_gettop(lua_);
    if (Done done = compile(found->text, found->file); !done) {
      lua_settop(lua_, top);
      return Unexpected{std::move(done).error()};
    }
    ScriptPlace place;
    const int base = lua_gettop(lua_);
    lua_pushlightuserdata(lua_, &place);
    lua_pushcclosure(lua_, remember, 1);
    lua_insert(lua_, base);
    if (lua_pcall(lua_, 0, 1, base) != LUA_OK) {
      Done failed = failed_as(place);
      lua_settop(lua_, top);
      return Unexpected{std::move(failed).error()};
    }
    auto value = read_value(lua_, -1);
    lua_settop(lua_, top);
    if (!value) return Unexpected{std::move(value).error()};
    return Values{std::move(*value)};
  }

  /// The name of a file as Lua's messages show it: short and different for every file.
  std::string chunk_name(const std::string& file) {
    std::string shown =
        file.size() <= kChunkNameMax ? file : "..." + file.substr(file.size() - kChunkNameMax + 3);
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    const auto taken = sources_.find(shown);
    if (taken != sources_.end() && taken->second.file != file) shown.insert(0, "~");
    return shown;
  }

  Done stop_failure(const ScriptPlace& place) const {
    const std::string where = where_text(place);
    switch (budget_.stop) {
      case Stop::Memory:
        return failure(ErrorCode::Exhausted,
                       "the script needs more than " + std::to_string(budget_.memory_max >> 20U) +
                           " MiB of memory",
                       where, "Keep less at a time.");
      case Stop::TextLength:
        return failure(ErrorCode::Exhausted, "the script makes a text longer than 1 MiB", where,
                       "Keep texts in a table and join them at the end.");
      case Stop::Interrupted:
        return failure(ErrorCode::Interrupted, "the script was interrupted", where);
      default:
        return failure(ErrorCode::Exhausted,
                       "the script runs more than " + std::to_string(budget_.instructions_max) +
                           " instructions",
                       where, "Look for a loop without an end.");
    }
  }

  [[nodiscard]] std::string where_text(const ScriptPlace& place) const {
    if (place.line == 0) return {};
    const auto source = sources_.find(place.chunk);
    return (source == sources_.end() ? std::string(place.chunk) : source->second.file) + ":" +
           std::to_string(place.line);
  }

  /// The error on top of the stack as a Failure with file, line and the line itself.
  Done failed_as(ScriptPlace place) {
    if (budget_.stopped()) return stop_failure(place);
    Failure failed{{ErrorCode::BadInput, 0}, "the script failed", {}, {}};
    if (failure_of(lua_, lua_gettop(lua_), failed)) {
      const bool script = take_place(failed.where + ":", place) > 0;
      if (!script && !failed.where.empty() && place.line + begin_.line != 0) {
        failed.what += " (" + failed.where + ")";  // a device or a file; the script's line follows
      }
    } else if (lua_type(lua_, -1) == LUA_TSTRING) {
      std::size_t size = 0;
      const char* bytes = lua_tolstring(lua_, -1, &size);
      std::string_view message(bytes, size);
      message.remove_prefix(take_place(message, place));
      failed.what = printable(message);
      failed.hint = hint_for(message);
    } else {
      failed.what = std::string("the script raised ") + lua_typename(lua_, lua_type(lua_, -1));
    }
    // "return f(x)" leaves no trace of its caller: then the function says where it begins
    if (place.line == 0) place = begin_;
    if (failed.where.empty()) failed.where = file_;
    if (place.line != 0) {
      failed.where = where_text(place);
      const std::string line = printable(source_line(place));
      if (!line.empty()) {
        failed.hint = "Line " + std::to_string(place.line) + " is: " + line +
                      (failed.hint.empty() ? "" : "  ") + failed.hint;
      }
    }
    return Unexpected{std::move(failed)};
  }

  /// Reads "name:line:" at the beginning when the name is one of ours; returns how long it is.
  std::size_t take_place(std::string_view message, ScriptPlace& place) const {
    std::size_t length = 0;
    for (std::size_t colon = message.find(':'); colon != std::string_view::npos && colon <= 64;
         colon = message.find(':', colon + 1)) {
      const std::string name(message.substr(0, colon));
      const bool prelude = name == kPreludeName + 1;
      if (!prelude && sources_.find(name) == sources_.end()) continue;
      int line = 0;
      const char* begin = message.data() + colon + 1;
      const auto read = std::from_chars(begin, message.data() + message.size(), line);
      if (read.ec != std::errc{}) continue;
      length = static_cast<std::size_t>(read.ptr - message.data());
      if (length < message.size() && message[length] == ':') ++length;
      while (length < message.size() && message[length] == ' ') ++length;
      if (!prelude) {
        place.line = line;
        place.chunk[name.copy(place.chunk, sizeof(place.chunk) - 1)] = '\0';
      }
      break;
    }
    return length;
  }

  [[nodiscard]] std::string source_line(const ScriptPlace& place) const {
    const auto source = sources_.find(place.chunk);
    if (source == sources_.end()) return {};
    std::string_view text = source->second.text;
    for (int line = 1; line < place.line; ++line) {
      const std::size_t feed = text.find('\n');
      if (feed == std::string_view::npos) return {};
      text.remove_prefix(feed + 1);
    }
    return std::string(text.substr(0, std::min<std::size_t>(text.find('\n'), 120)));
  }

  Budget budget_;
  Surroundings surroundings_;
  std::vector<std::unique_ptr<Defined>> defined_;
  std::vector<std::unique_ptr<Defined>> inner_;
  std::map<std::string, Module, std::less<>> sources_;  // by the name that messages show
  std::string_view extension_;
  std::span<const std::string_view> parts_;
  ScriptPlace begin_;  // of the function that is being called
  std::string file_;   // where the place of a mistake is unknown
  lua_State* lua_ = nullptr;
  bool ready_ = false;
  bool session_ = false;
};

Sandbox::Sandbox(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Sandbox::~Sandbox() = default;

Outcome<std::unique_ptr<Sandbox>> Sandbox::make(const Limits& limits, Surroundings surroundings) {
  auto engine = std::make_unique<Engine>(limits, std::move(surroundings));
  if (!engine->exists()) {
    return failure(ErrorCode::Exhausted, "there is no memory left for scripts");
  }
  return std::unique_ptr<Sandbox>(new Sandbox(std::move(engine)));
}

void Sandbox::extend(std::string_view chunk, std::span<const std::string_view> parts) {
  engine_->extend(chunk, parts);
}
void Sandbox::refresh() { engine_->refresh(); }
void Sandbox::define(std::string name, Native function) {
  engine_->define(std::move(name), std::move(function));
}
Outcome<Value> Sandbox::run(std::string_view text, const std::string& file) {
  return engine_->run(text, file);
}
Outcome<Evaluated> Sandbox::evaluate(std::string_view text, const std::string& file) {
  return engine_->evaluate(text, file);
}
Outcome<Values> Sandbox::call(Function function, std::span<const Value> arguments) {
  return engine_->call(function, arguments);
}
bool Sandbox::stopped() const { return engine_->budget().stopped(); }
std::uint64_t Sandbox::instructions() const { return engine_->budget().instructions; }
std::size_t Sandbox::memory() const { return engine_->budget().memory; }

}  // namespace weco::lua
