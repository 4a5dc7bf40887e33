// SPDX-License-Identifier: Apache-2.0
#include "host/update/rollout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weco {

std::string_view name(NodeEnd end) {
  constexpr std::string_view kNames[] = {"confirmed", "already_there", "failed", "ready",
                                         "untouched"};
  return kNames[static_cast<std::size_t>(end)];
}

Outcome<Rollout> Rollout::make(std::vector<RolloutNode> nodes, RolloutRules rules) {
  if (nodes.size() > kRolloutMax) {
    return failure(ErrorCode::Full,
                   fmt::format("{} devices are more than {}", nodes.size(), kRolloutMax), {},
                   "Name them in parts.");
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (nodes[k].name != nodes[i].name) continue;
      return failure(ErrorCode::BadUsage, fmt::format("'{}' is named twice", nodes[i].name));
    }
  }
  std::stable_partition(nodes.begin(), nodes.end(),
                        [](const RolloutNode& node) { return !node.master; });
  return Rollout(std::move(nodes), rules);
}

std::size_t Rollout::count(NodeEnd end) const {
  return static_cast<std::size_t>(std::count_if(
      results_.begin(), results_.end(), [end](const NodeResult& each) { return each.end == end; }));
}

bool Rollout::occupied(const std::string& bus) const {
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const auto& buses = nodes_[n].buses;
    if (at_work(n) && std::find(buses.begin(), buses.end(), bus) != buses.end()) return true;
  }
  return false;
}

bool Rollout::may_begin(std::size_t n) const {
  if (states_[n] != State::Waiting) return false;
  if (n > 0 && states_[0] != State::Ended) return false;  // the canary is alone
  for (std::size_t other = 0; nodes_[n].master && other < nodes_.size(); ++other) {
    if (!nodes_[other].master && states_[other] != State::Ended) return false;
  }
  return std::none_of(nodes_[n].buses.begin(), nodes_[n].buses.end(),
                      [this](const std::string& bus) { return occupied(bus); });
}

std::optional<std::size_t> Rollout::begin() {
  std::size_t working = 0;
  for (std::size_t n = 0; n < nodes_.size(); ++n) working += at_work(n) ? 1 : 0;
  if (stopped_ || working >= rules_.at_once) return {};
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (!may_begin(n)) continue;
    states_[n] = State::Sending;
    return n;
  }
  return {};
}

std::optional<std::size_t> Rollout::turn() {
  if (stopped_ || std::find(states_.begin(), states_.end(), State::Trying) != states_.end()) {
    return {};
  }
  const auto next = std::find(states_.begin(), states_.end(), State::Ready);
  if (next == states_.end()) return {};
  *next = State::Trying;
  return static_cast<std::size_t>(next - states_.begin());
}

std::optional<std::size_t> Rollout::held() {
  const auto next = std::find(states_.begin(), states_.end(), State::Ready);
  if (!stopped_ || next == states_.end()) return {};
  *next = State::Sending;  // told once; it ends now
  return static_cast<std::size_t>(next - states_.begin());
}

void Rollout::failed(std::size_t n) {
  // A canary that dies ends it even for those who want to go on.
  if (!rules_.go_on_after_failure || n == 0) stopped_ = true;
}

void Rollout::ended(std::size_t n, NodeEnd end, std::optional<Failure> failure) {
  states_[n] = State::Ended;
  results_[n] = {end, std::move(failure)};
  if (end == NodeEnd::Failed) failed(n);
}

void Rollout::fell_ill(std::size_t n, Failure why) {
  results_[n] = {NodeEnd::Failed, std::move(why)};
  failed(n);
}

bool Rollout::over() const {
  bool waiting = false;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    if (at_work(n)) return false;
    waiting |= states_[n] == State::Waiting;
  }
  return stopped_ || !waiting;
}

}  // namespace weco
