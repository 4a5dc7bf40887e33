// SPDX-License-Identifier: Apache-2.0
#include "host/doctor/radio.hpp"

#include <fmt/format.h>

#include <utility>

namespace weco {

std::string radio_text(const RadioHealth& radio) {
  std::string text;
  if (radio.signal_dbm) text = fmt::format("signal {} dBm, ", *radio.signal_dbm);
  text += fmt::format("MTU {}", radio.mtu);
  return text;
}

Findings radio_findings(const RadioHealth& radio) {
  Findings found;
  if (radio.signal_dbm && *radio.signal_dbm <= kSignalWeak_dbm) {
    found.push_back({FindingId::WeakSignal,
                     fmt::format("The signal is {} dBm; from {} dBm on packets get lost.",
                                 *radio.signal_dbm, kSignalWeak_dbm)});
  }
  if (radio.mtu <= kMtuSmallest) {
    found.push_back(
        {FindingId::SmallPackets, fmt::format("The MTU is {}: a packet carries {} bytes.",
                                              radio.mtu, radio.mtu < 3 ? 0 : radio.mtu - 3)});
  }
  if (radio.reconnections > 0) {
    found.push_back(
        {FindingId::LinkDropped,
         fmt::format("The link was lost {} and got back.",
                     radio.reconnections == 1 ? std::string("once")
                                              : fmt::format("{} times", radio.reconnections))});
  }
  return found;
}

std::string judge_radio(const ByteLink& link, Findings& into) {
  const std::optional<RadioHealth> radio = link.radio();
  if (!radio) return {};
  for (Finding& each : radio_findings(*radio)) into.push_back(std::move(each));
  return radio_text(*radio);
}

}  // namespace weco
