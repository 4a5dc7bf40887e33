// SPDX-License-Identifier: Apache-2.0
// How a script changes settings: a plan with everything as it is and as it would be, a person's
// word for it, and the run that carries it out. The rights are those of the script's header.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/settings/change_run.hpp"
#include "lua/modules/world.hpp"

namespace weco::lua {

class Settings {
 public:
  using Answer = std::function<void(Outcome<Value>)>;
  struct Terms {
    std::vector<PointId> granted;  // what the header declares with write:POINT
    std::string by;                // who writes, for the record: "script tower/configure"
    bool agreed = false;           // nobody is asked
  };
  Settings(World& world, Person& person, Terms terms);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  /// A plan as scripts see it: { id, changes = { { point, before, after, unit } } }. `done` is
  /// called once, here or from the reactor.
  void plan(ScriptDevice& device, std::vector<Reading> wanted, Answer done);
  /// Shows the plan, asks, and carries it out: { run, changed = { ... } }. A plan is used once.
  void apply(ScriptDevice& device, std::int64_t plan, Answer done);
  /// Drops what is under way; its `done` is not called.
  void forget();

 private:
  struct Run;
  Done agree(const settings::Plan& plan);
  void finished(std::int64_t id, settings::ChangeRun::Result result);

  World& world_;
  Person& person_;
  Terms terms_;
  std::map<std::int64_t, settings::Plan> plans_;
  std::map<std::int64_t, std::unique_ptr<Run>> runs_;
  std::int64_t last_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

/// A reading as the script means it; a yes or no stands for "on" or "off", a list for a set.
Outcome<Reading> setting_of(const PointRef& point, const Value& value);

}  // namespace weco::lua
