// SPDX-License-Identifier: Apache-2.0
// One image on many devices, as a thing that is asked what comes next: slaves before masters, one
// first to see whether it lives, never two on one bus, and the restart into the new firmware one
// device at a time, however many are being sent it. By default it ends at the first that fails.
// What was not begun is not touched. It reads no clock and moves no byte; whoever drives it does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/update/procedure.hpp"

namespace weco {

/// As many cabinets as a site has at most.
inline constexpr std::size_t kRolloutMax = 20;

struct RolloutNode {
  std::string name;
  bool master = false;
  /// What an update of it occupies: its line, and the line of its readings.
  std::vector<std::string> buses;
};

enum class NodeEnd : std::uint8_t {
  Confirmed,
  AlreadyThere,
  Failed,
  Ready,  // the image lies in the spare slot and was not tried, because another one failed
  Untouched
};
std::string_view name(NodeEnd end);

struct NodeResult {
  NodeEnd end = NodeEnd::Untouched;
  std::optional<Failure> failure;
};

struct RolloutRules {
  std::size_t at_once = 1;  // devices that are worked on, each on a bus of its own
  bool go_on_after_failure = false;
};

class Rollout {
 public:
  /// Full beyond kRolloutMax; BadUsage for a name that is there twice.
  static Outcome<Rollout> make(std::vector<RolloutNode> nodes, RolloutRules rules);

  /// In the order of the work; the first one is the canary.
  [[nodiscard]] const std::vector<RolloutNode>& nodes() const { return nodes_; }
  [[nodiscard]] const NodeResult& result(std::size_t n) const { return results_[n]; }
  [[nodiscard]] std::size_t count(NodeEnd end) const;

  /// The next device that may be begun; it counts as begun.
  std::optional<std::size_t> begin();
  /// Its image lies ready: it waits for its turn to be tried.
  void ready(std::size_t n) { states_[n] = State::Ready; }
  /// Whose turn it is; none while another one is being tried.
  std::optional<std::size_t> turn();
  /// One that waits for a turn that will not come.
  std::optional<std::size_t> held();
  void ended(std::size_t n, NodeEnd end, std::optional<Failure> failure = {});
  /// A device that was done is not well any more.
  void fell_ill(std::size_t n, Failure why);
  /// Nothing more is begun.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Nobody is at work and nobody will be.
  [[nodiscard]] bool over() const;
  [[nodiscard]] bool at_work(std::size_t n) const {
    return states_[n] != State::Waiting && states_[n] != State::Ended;
  }
  /// Whether somebody at work occupies this line.
  [[nodiscard]] bool occupied(const std::string& bus) const;

 private:
  enum class State : std::uint8_t { Waiting, Sending, Ready, Trying, Ended };
  Rollout(std::vector<RolloutNode> nodes, RolloutRules rules)
      : nodes_(std::move(nodes)),
        rules_(rules),
        states_(nodes_.size(), State::Waiting),
        results_(nodes_.size()) {}
  [[nodiscard]] bool may_begin(std::size_t n) const;
  void failed(std::size_t n);

  std::vector<RolloutNode> nodes_;
  RolloutRules rules_;
  std::vector<State> states_;
  std::vector<NodeResult> results_;
  bool stopped_ = false;
};

}  // namespace weco
