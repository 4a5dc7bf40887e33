// SPDX-License-Identifier: Apache-2.0
// One image on many devices: slaves before masters, one first to see whether it lives, a look at
// the health between two, and by default an end at the first that fails. What was not begun is not
// touched.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/update/procedure.hpp"

namespace weco {

/// As many cabinets as a site has at most.
inline constexpr std::size_t kRolloutMax = 20;

struct RolloutNode {
  std::string name;
  bool master = false;
  /// Updates this one device.
  std::function<Outcome<FlashEnd>()> update;
};

enum class NodeEnd : std::uint8_t { Confirmed, AlreadyThere, Failed, Untouched };

struct NodeResult {
  std::string name;
  NodeEnd end = NodeEnd::Untouched;
  std::optional<Failure> failure;
};

struct RolloutPlan {
  bool go_on_after_failure = false;
  /// After each device and before the next: is the site still well?
  std::function<Done()> gate;
  std::function<void(const NodeResult&, std::size_t done, std::size_t of)> told;
};

/// In the order of the work: the first slave is the canary. Full beyond kRolloutMax.
Outcome<std::vector<NodeResult>> roll_out(std::vector<RolloutNode> nodes, const RolloutPlan& plan);

}  // namespace weco
