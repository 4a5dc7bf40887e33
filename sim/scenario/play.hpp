// SPDX-License-Identifier: Apache-2.0
// Plays a scenario step by step: does what is due, moves the stage on, judges what was promised.
// Whoever drives it decides how fast time passes and what becomes of rows and events; the same
// scenario gives the same rows whatever that is.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace weco::sim {

struct Verdict {
  enum class State : std::uint8_t { Open, Held, Failed, NotReached };
  State state = State::Open;
  std::string text;
  std::string where;    // file:line of the expectation
  Instant at{};         // Failed: when
  std::string values;   // what was seen then
  std::string allowed;  // what would have held, "0 .. 5"
};
std::string_view name(Verdict::State state);

struct Audience {
  std::function<void(std::span<const double> values)> row;
  std::function<void(const SiteEvent& event)> event;
};

class Play {
 public:
  /// Looks every point up that is named; nothing has moved when that fails. The scenario and the
  /// stage must outlive the play.
  static Outcome<std::unique_ptr<Play>> make(const Scenario& scenario, Stage& stage,
                                             Audience audience);

  [[nodiscard]] bool ended() const;
  /// Up to one step of the scenario; shorter where something is due in between. Fails when an
  /// action is refused or a function of the scenario fails.
  Done advance();
  /// All steps up to `until`.
  Done advance_to(Instant until);
  /// Closes what is still open: what lies behind the end of the run was not reached.
  void finish();

  [[nodiscard]] const std::vector<Verdict>& verdicts() const { return verdicts_; }
  [[nodiscard]] bool held() const;  // nothing failed
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  struct Watched {
    Point point{};
    Instant next{};    // of a function: when it is asked again
    double count = 0;  // of its events
  };
  Play(const Scenario& scenario, Stage& stage, Audience audience);
  Done look_up();
  Done act();
  Done judge();
  Done judge_one(std::size_t index);
  void settle(std::size_t index, const Judgement& found, bool last);
  void hear();
  [[nodiscard]] Instant end_of(const Expectation& expected) const;
  [[nodiscard]] Duration next_step() const;

  const Scenario& scenario_;
  Stage& stage_;
  Points points_;
  Audience audience_;
  std::vector<Verdict> verdicts_;
  std::vector<Watched> watched_;
  Instant end_{};
  Instant row_at_{};
  std::size_t next_action_ = 0;
  std::uint64_t heard_ = 0;
  std::uint64_t steps_ = 0;
  bool begun_ = false;
};

}  // namespace weco::sim
