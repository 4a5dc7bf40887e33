// SPDX-License-Identifier: Apache-2.0
#include "core/ems/troubleshooting.hpp"

namespace weco::ems {

Advice next_advice(Complaint complaint, const Answers& answers) {
  for (const TroubleRow& row : kTroubles) {
    if (row.complaint != complaint) continue;
    if (row.question.empty()) return {AdviceKind::CallService, &row};
    const auto bit = static_cast<unsigned>(row.fact);
    if (((answers.known >> bit) & 1U) == 0) return {AdviceKind::Ask, &row};
    if (((answers.yes >> bit) & 1U) == 0) return {AdviceKind::Do, &row};
  }
  return {};
}

}  // namespace weco::ems
