// SPDX-License-Identifier: Apache-2.0
// A scenario: a site, what happens to it and when, and what must come of it. Plain values; where a
// scenario's file has functions, they stand here as functions, so that whoever plays it knows
// nothing of the language it was written in.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/points.hpp"
#include "sim/site/site.hpp"

namespace weco::sim {

/// What a hook may touch while it runs.
struct Scene {
  Stage& stage;
  Points& points;
};

struct Action {
  enum class Kind : std::uint8_t { Inject, Clear, Command, Hook };
  Kind kind = Kind::Hook;
  Instant at{};
  FaultSpec fault{};             // Inject, Clear
  std::string command;           // Command
  std::optional<double> number;  // Command: its value, or else `text`
  std::string text;
  std::function<Done(Scene&)> hook;
  std::string where;  // file:line
};

/// What a check found: whether it holds, and the values it looked at.
struct Judgement {
  bool holds = false;
  std::string values;
};

struct Expectation {
  enum class Kind : std::uint8_t {
    Always,  // at every step of its time
    Once,    // at some step of its time
    At,      // at its end
    Events,  // so many events of a name within its time
  };
  Kind kind = Kind::Always;
  std::string text;  // what is promised, for people
  Instant from{};
  std::optional<Instant> to;  // empty: the end of the run
  // a value within bounds, both included
  std::string point;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  // Events: `least` .. `most` of these; "fault short_circuit" counts those of one kind only
  std::string event;
  // or a function, asked at most this often
  std::function<Outcome<Judgement>(Scene&)> check;
  Duration every = Duration::s(60);
  std::string where;  // file:line
};

inline constexpr std::size_t kActionsMax = 1000;
inline constexpr std::size_t kExpectationsMax = 200;

struct Scenario {
  std::string name;   // "cold-morning"
  std::string title;  // one line
  SiteConfig site{};
  Duration length = Duration::hours(24);
  Duration step = Site::kStepUsual;
  Duration row_every = Duration::s(60);  // between two rows of telemetry
  std::vector<Action> actions;           // ascending
  std::vector<Expectation> expectations;
};

}  // namespace weco::sim
