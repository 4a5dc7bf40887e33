// SPDX-License-Identifier: Apache-2.0
// Where scripts run. A sandbox knows only what is on a list: no files, no processes, no debug
// library, no loading of code from text or bytes. Globals are frozen, an unknown name is an error,
// instructions, memory and the length of a text are bounded, and the order of pairs() and the
// random numbers are the same in every run. It refuses by default: what a script may do beyond
// computing is what its owner defines.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"
#include "lua/state/budget.hpp"
#include "lua/state/value.hpp"

namespace weco::lua {

struct Limits {
  std::uint64_t instructions = kInstructionsDefault;  // of one run or call
  std::size_t memory = kMemoryDefault;                // of the sandbox
};

inline constexpr std::size_t kSourceMax = 256 * 1024;
inline constexpr int kNestingMax = 16;            // of tables that go in or out
inline constexpr std::size_t kValuesMax = 50000;  // in one value that goes in or out

struct Module {
  std::string file;
  std::string text;
};

/// What a script may know of the world; everything may be left out.
struct Surroundings {
  std::uint64_t seed = 1;                                        // of math.random
  std::function<std::int64_t()> wall_seconds;                    // os.time
  std::function<double()> seconds;                               // os.clock
  std::function<bool()> interrupted;                             // asked every few instructions
  std::function<Outcome<Module>(std::string_view name)> module;  // what require finds
};

/// A function that scripts can call. A Failure is raised at the place of the call.
using Native = std::function<Outcome<Values>(std::span<const Value> arguments)>;

/// What one input of a session came to.
struct Evaluated {
  bool incomplete = false;  // a prefix of something: more lines are needed
  Value value;
};

class Sandbox {
 public:
  static Outcome<std::unique_ptr<Sandbox>> make(const Limits& limits, Surroundings surroundings);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// Makes `name` known to scripts: "now", or "site.read" in a table of its own. Before run() only.
  void define(std::string name, Native function);
  /// What the owner offers, written in Lua: a trusted chunk, called with the table of globals, what
  /// was defined and the means of the prelude. The globals it returns are what scripts see instead
  /// of what was defined. Before run() only; the text must outlive the sandbox.
  /// `parts`: more of it, compiled when it asks for one: owner.part(1) gives the first as a
  /// function.
  void extend(std::string_view chunk, std::span<const std::string_view> parts = {});

  /// Runs a script and returns what it returns. `file` is its name in messages. Failures carry
  /// file and line, and the line itself in the hint.
  Outcome<Value> run(std::string_view text, const std::string& file);
  /// One input of a session, an expression or statements. What it assigns to globals is there for
  /// the inputs after it, and for nobody else.
  Outcome<Evaluated> evaluate(std::string_view text, const std::string& file);
  /// Calls a function that run() returned, with a fresh budget of instructions.
  Outcome<Values> call(Function function, std::span<const Value> arguments);

  /// The script has waited for the world: it begins with a fresh budget of instructions.
  void refresh();
  /// Something was used up: every further run or call is refused.
  [[nodiscard]] bool stopped() const;
  [[nodiscard]] std::uint64_t instructions() const;  // of the last run or call
  [[nodiscard]] std::size_t memory() const;

 private:
  class Engine;
  explicit Sandbox(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace weco::lua
