// SPDX-License-Identifier: Apache-2.0
#include "core/bms/handling.hpp"

namespace weco::bms {

namespace {
constexpr HandlingReport kDamage =
    HandlingReport{}.and_also(Mishap::Deformed).and_also(Mishap::SmellOrSmoke);
}

HandlingVerdict judge_handling(const HandlingReport& report) {
  if ((report.mishaps & kDamage.mishaps) != 0) return HandlingVerdict::Evacuate;
  return report.mishaps != 0 ? HandlingVerdict::SetAside : HandlingVerdict::Usable;
}

std::string_view advice(HandlingVerdict verdict) {
  switch (verdict) {
    case HandlingVerdict::Usable:
      break;
    case HandlingVerdict::SetAside:
      return "Do not use this pack; have a professional take it to a safe open place and call "
             "service.";
    case HandlingVerdict::Evacuate:
      return "Leave the place and call the fire brigade or service; do not touch this pack.";
  }
  return "";
}

void forbid_use(const HandlingReport& report, PackInputs& inputs) {
  if (judge_handling(report) == HandlingVerdict::Usable) return;
  inputs.permit_close = false;
  inputs.force_open = true;
}

}  // namespace weco::bms
