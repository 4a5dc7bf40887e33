// SPDX-License-Identifier: Apache-2.0
// Runs one script: reads its header, hands it its arguments, gives it what its rights allow, and
// takes what it returns. Before run() is called a script can compute and nothing else.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lua/modules/header.hpp"
#include "lua/modules/steps.hpp"
#include "lua/modules/world.hpp"
#include "lua/state/sandbox.hpp"

namespace weco::lua {

struct ScriptText {
  std::string name;  // "audit/monthly", for people
  std::string file;  // for messages
  std::string text;
};

struct HostOptions {
  Limits limits{500'000'000, std::size_t{128} << 20U};
  std::uint64_t seed = 1;
  std::function<bool()> interrupted;
  std::function<Outcome<Module>(std::string_view name)> module;
  std::span<const std::string_view> taken;  // names that no argument may have
  StepJournal* journal = nullptr;           // of weco.step; nullptr: nothing is kept
  std::string kept;                         // no script touches what is below it; see Files
  bool agreed = false;                      // changes are carried out unasked
};

class ScriptHost {
 public:
  /// BadInput when the file is wrong: nothing of it has touched anything.
  static Outcome<std::unique_ptr<ScriptHost>> load(ScriptText text, World& world, Person& person,
                                                   HostOptions options);
  ~ScriptHost();
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;

  [[nodiscard]] const Header& header() const;
  [[nodiscard]] const ScriptText& script() const;
  /// Runs it with these arguments; what it opened is closed at the end.
  Outcome<Value> run(const Value& arguments);
  /// One input of a session, see Sandbox::evaluate; what it opens stays open.
  Outcome<Evaluated> evaluate(std::string_view text, const std::string& file);
  /// Interrupted or out of its budget: nothing runs here any more.
  [[nodiscard]] bool stopped() const;

 private:
  class Natives;
  explicit ScriptHost(std::unique_ptr<Natives> natives);
  std::unique_ptr<Natives> natives_;
};

/// A reading as scripts see it; nil when the device does not have it.
Value script_value(const Reading& reading);

}  // namespace weco::lua
