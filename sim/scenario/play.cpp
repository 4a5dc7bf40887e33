// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weco::sim {
namespace {

constexpr std::string_view kStateNames[] = {"open", "held", "failed", "not_reached"};
/// The promise of the simulation itself, added to every scenario.
constexpr std::string_view kOwnPromise = "no cell beyond its fault limits, every energy accounted";

std::string number_text(double value) { return fmt::format("{:.6g}", value); }

std::string allowed_text(const Expectation& expected) {
  if (expected.check) return "true";
  if (std::isinf(expected.least)) return "at most " + number_text(expected.most);
  if (std::isinf(expected.most)) return "at least " + number_text(expected.least);
  return expected.least == expected.most
             ? number_text(expected.least)
             : number_text(expected.least) + " .. " + number_text(expected.most);
}

/// "contactor_welded", or with its kind "fault contactor_welded".
bool called(const SiteEvent& event, std::string_view wanted) {
  const std::size_t space = wanted.find(' ');
  if (space == std::string_view::npos) return event.what == wanted;
  return name(event.kind) == wanted.substr(0, space) && event.what == wanted.substr(space + 1);
}

}  // namespace

std::string_view name(Verdict::State state) { return kStateNames[static_cast<std::size_t>(state)]; }

Outcome<std::unique_ptr<Play>> Play::make(const Scenario& scenario, Stage& stage,
                                          Audience audience) {
  std::unique_ptr<Play> play(new Play(scenario, stage, std::move(audience)));
  if (Done done = play->look_up(); !done) return Unexpected{std::move(done).error()};
  return play;
}

Play::Play(const Scenario& scenario, Stage& stage, Audience audience)
    : scenario_(scenario),
      stage_(stage),
      points_(stage),
      audience_(std::move(audience)),
      end_(stage.now() + scenario.length),
      row_at_(stage.now()) {}

Done Play::look_up() {
  for (const Expectation& expected : scenario_.expectations) {
    Watched watched;
    if (!expected.check && expected.kind != Expectation::Kind::Events) {
      const auto found = points_.find(expected.point);
      if (!found) {
        return failure(found.error().code(), found.error().what, expected.where,
                       found.error().hint);
      }
      watched.point = *found;
    }
    watched.next = expected.from;
    watched_.push_back(watched);
    verdicts_.push_back({.text = expected.text,
                         .where = expected.where,
                         .values = {},
                         .allowed = allowed_text(expected)});
  }
  verdicts_.push_back(
      {.text = std::string(kOwnPromise), .where = {}, .values = {}, .allowed = "0 violations"});
  return {};
}

bool Play::ended() const { return stage_.now() >= end_; }

bool Play::held() const {
  return std::none_of(verdicts_.begin(), verdicts_.end(),
                      [](const Verdict& v) { return v.state == Verdict::State::Failed; });
}

Instant Play::end_of(const Expectation& expected) const { return expected.to.value_or(end_); }

/// To the next instant at which something must be seen exactly, at most one step.
Duration Play::next_step() const {
  const Instant now = stage_.now();
  Instant next = std::min(now + scenario_.step, end_);
  const auto stop_at = [&](Instant at) {
    if (at > now && at < next) next = at;
  };
  if (next_action_ < scenario_.actions.size()) stop_at(scenario_.actions[next_action_].at);
  stop_at(row_at_);
  for (const Expectation& expected : scenario_.expectations) {
    if (expected.from <= now) stop_at(end_of(expected));
  }
  return next - now;
}

Done Play::act() {
  while (next_action_ < scenario_.actions.size() &&
         scenario_.actions[next_action_].at <= stage_.now()) {
    const Action& action = scenario_.actions[next_action_++];
    Done done;
    switch (action.kind) {
      case Action::Kind::Inject:
        done = stage_.inject(action.fault);
        break;
      case Action::Kind::Clear:
        done = stage_.clear(action.fault);
        break;
      case Action::Kind::Command:
        done = action.number ? stage_.command(action.command, *action.number)
                             : stage_.command(action.command, action.text);
        break;
      case Action::Kind::Hook: {
        Scene scene{stage_, points_};
        done = action.hook(scene);
        break;
      }
    }
    if (!done) {
      Failure failed = std::move(done).error();
      if (action.kind != Action::Kind::Hook || failed.where.empty()) failed.where = action.where;
      return Unexpected{std::move(failed)};
    }
  }
  return {};
}

/// Events since the last time, for the audience and for those who count them.
void Play::hear() {
  const std::uint64_t dropped = stage_.events_dropped();
  const std::uint64_t total = dropped + stage_.event_count();
  for (std::uint64_t i = std::max(heard_, dropped); i < total; ++i) {
    const SiteEvent& event = stage_.event(static_cast<std::size_t>(i - dropped));
    if (audience_.event) audience_.event(event);
    for (std::size_t e = 0; e < scenario_.expectations.size(); ++e) {
      const Expectation& expected = scenario_.expectations[e];
      if (expected.kind == Expectation::Kind::Events && called(event, expected.event) &&
          event.at >= expected.from && event.at <= end_of(expected)) {
        watched_[e].count += 1;
      }
    }
  }
  heard_ = total;
}

void Play::settle(std::size_t index, const Judgement& found, bool last) {
  using Kind = Expectation::Kind;
  const Expectation& expected = scenario_.expectations[index];
  Verdict& verdict = verdicts_[index];
  const bool fails = !found.holds && (expected.kind == Kind::Always || last);
  const bool holds = found.holds && (expected.kind == Kind::Once || last);
  if (!fails && !holds) return;
  verdict.state = fails ? Verdict::State::Failed : Verdict::State::Held;
  verdict.at = stage_.now();
  verdict.values = found.values;
}

Done Play::judge_one(std::size_t index) {
  using Kind = Expectation::Kind;
  const Expectation& expected = scenario_.expectations[index];
  Watched& watched = watched_[index];
  const Instant now = stage_.now();
  const bool last = now >= end_of(expected);
  if (now < expected.from) return {};
  if ((expected.kind == Kind::At || expected.kind == Kind::Events) && !last) return {};
  Judgement found;
  if (expected.kind == Kind::Events) {
    found.holds = watched.count >= expected.least && watched.count <= expected.most;
    found.values = fmt::format("{} times {}", watched.count, expected.event);
  } else if (expected.check) {
    if (!last && now < watched.next) return {};
    watched.next = now + expected.every;
    Scene scene{stage_, points_};
    auto asked = expected.check(scene);
    if (!asked) return Unexpected{std::move(asked).error()};
    found = std::move(*asked);
  } else {
    const double value = points_.read(watched.point);
    found.holds = value >= expected.least && value <= expected.most;
    if (!found.holds || last || expected.kind == Kind::Once) {
      found.values = fmt::format("{} = {:.6g}", expected.point, value);
    }
  }
  settle(index, found, last);
  return {};
}

Done Play::judge() {
  for (std::size_t i = 0; i < scenario_.expectations.size(); ++i) {
    if (verdicts_[i].state != Verdict::State::Open) continue;
    if (Done done = judge_one(i); !done) return done;
  }
  Verdict& own = verdicts_.back();
  const Fidelity& fidelity = stage_.fidelity();
  if (own.state == Verdict::State::Open && fidelity.violations > 0) {
    own.state = Verdict::State::Failed;
    own.at = stage_.now();
    own.values =
        fmt::format("{} violations, {:.3g} s beyond limits, balance {:.3g}", fidelity.violations,
                    fidelity.longest_beyond_s, fidelity.worst_balance);
  }
  return {};
}

Done Play::advance() {
  if (Done done = act(); !done) return done;
  if (!begun_) {  // the state before the first step counts, too
    begun_ = true;
    if (Done done = judge(); !done) return done;
  }
  if (stage_.now() >= row_at_) {
    if (audience_.row) audience_.row(points_.channels());
    row_at_ = row_at_ + scenario_.row_every;
  }
  if (ended()) return {};
  stage_.step(next_step());
  ++steps_;
  hear();
  return judge();
}

Done Play::advance_to(Instant until) {
  while (!ended() && stage_.now() < until) {
    if (Done done = advance(); !done) return done;
  }
  return {};
}

void Play::finish() {
  if (audience_.row && ended() && stage_.now() >= row_at_) audience_.row(points_.channels());
  for (Verdict& verdict : verdicts_) {
    if (verdict.state != Verdict::State::Open) continue;
    const bool own = &verdict == &verdicts_.back();
    verdict.state = own ? Verdict::State::Held : Verdict::State::NotReached;
    verdict.at = stage_.now();
  }
}

}  // namespace weco::sim
