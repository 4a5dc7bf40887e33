// SPDX-License-Identifier: Apache-2.0
#include "core/bms/handling.hpp"

namespace weco::bms {

HandlingVerdict judge_handling(const HandlingReport& report) {
  if (report.deformed || report.smell_or_smoke) return HandlingVerdict::Evacuate;
  const bool suspect = report.dropped || report.hit || report.tilted;
  return suspect ? HandlingVerdict::SetAside : HandlingVerdict::Usable;
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
