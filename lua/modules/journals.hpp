// SPDX-License-Identifier: Apache-2.0
// How a script reads what a device remembers: the newest records that it wants, as values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "lua/modules/world.hpp"

namespace weco::lua {

class Journals {
 public:
  using Answer = std::function<void(Outcome<Value>)>;
  struct Wanted {
    std::string kind;                   // "event", "hour", ...; empty: all, and the gaps
    std::optional<std::int64_t> since;  // seconds since 1970
    std::optional<std::int64_t> till;
    std::size_t limit = 0;
    std::string console;  // a place; empty: the one beside the device
    bool alone = true;    // no other task goes on
  };
  Journals(World& world, Person& person);
  ~Journals();
  Journals(const Journals&) = delete;
  Journals& operator=(const Journals&) = delete;

  /// A list of records, oldest first. `done` is called once, here or from the reactor.
  void read(ScriptDevice& device, Wanted wanted, Answer done);
  /// Drops what is under way; its `done` is not called.
  void forget();

 private:
  struct Run;
  void begin(std::int64_t id, Outcome<Console> console);
  void ended(std::int64_t id, Done done);

  World& world_;
  Person& person_;
  std::map<std::int64_t, std::unique_ptr<Run>> runs_;
  std::int64_t last_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

/// What a script may ask for: kind, since, till, limit, console. BadInput says what is wrong.
Outcome<Journals::Wanted> read_wanted(const Value& given);

}  // namespace weco::lua
