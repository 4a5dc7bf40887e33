// SPDX-License-Identifier: Apache-2.0
#include "host/update/rollout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weco {
namespace {

NodeResult update_one(const RolloutNode& node) {
  NodeResult result{node.name, NodeEnd::Failed, {}};
  const auto end = node.update();
  if (!end) {
    result.failure = end.error();
  } else {
    result.end = *end == FlashEnd::Confirmed ? NodeEnd::Confirmed : NodeEnd::AlreadyThere;
  }
  return result;
}

}  // namespace

Outcome<std::vector<NodeResult>> roll_out(std::vector<RolloutNode> nodes, const RolloutPlan& plan) {
  if (nodes.size() > kRolloutMax) {
    return failure(ErrorCode::Full,
                   fmt::format("{} devices are more than {}", nodes.size(), kRolloutMax), {},
                   "Name them in parts.");
  }
  std::stable_partition(nodes.begin(), nodes.end(),
                        [](const RolloutNode& node) { return !node.master; });
  std::vector<NodeResult> results;
  bool stopped = false;
  for (const RolloutNode& node : nodes) {
    NodeResult result{node.name, NodeEnd::Untouched, {}};
    if (!stopped) {
      result = update_one(node);
      if (result.end != NodeEnd::Failed && plan.gate) {
        if (Done well = plan.gate(); !well) result.failure = std::move(well).error();
      }
      // A canary that dies ends it even for those who want to go on.
      const bool bad = result.failure.has_value();
      stopped = bad && (!plan.go_on_after_failure || results.empty());
    }
    results.push_back(std::move(result));
    if (plan.told) plan.told(results.back(), results.size(), nodes.size());
  }
  return results;
}

}  // namespace weco
