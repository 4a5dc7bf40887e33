// SPDX-License-Identifier: Apache-2.0
#include "transports/ble/recognise.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "transports/ble/services.hpp"

namespace weco::transports::ble {
namespace {

constexpr std::string_view kMaker = "BLUETT";
/// How BLUETTI devices begin their names; digits of the serial number follow (two and more sources
/// each; the EP760's controller calls itself PBOX, the EP2000's EBOX).
constexpr std::array<std::string_view, 8> kNames = {"PBOX", "EBOX", "EP",   "AC",
                                                    "EB",   "AP",   "AORA", "Elite"};
constexpr std::size_t kSerialDigitsMin = 6;

/// The company number is the first two bytes of the text.
std::string maker_text(const CompanyData& companies) {
  for (const auto& [company, data] : companies) {
    std::string text{static_cast<char>(company & 0xFFU), static_cast<char>(company >> 8U)};
    text.append(data.begin(), data.end());
    if (text.starts_with(kMaker)) return text;
  }
  return {};
}

bool named_like_one(std::string_view name) {
  const bool begins = std::any_of(kNames.begin(), kNames.end(),
                                  [&](std::string_view each) { return name.starts_with(each); });
  const auto last =
      std::find_if(name.rbegin(), name.rend(), [](char c) { return c < '0' || c > '9'; });
  return begins && static_cast<std::size_t>(last - name.rbegin()) >= kSerialDigitsMin;
}

}  // namespace

Likeness likeness(const Advertised& device) {
  for (const ByteService& each : kByteServices) {
    const Texts& services = device.services;
    if (std::find(services.begin(), services.end(), each.service) != services.end()) {
      return Likeness::Service;
    }
  }
  if (!maker_text(device.companies).empty()) return Likeness::Manufacturer;
  return named_like_one(device.name) ? Likeness::Name : Likeness::None;
}

bool advertises_encryption(const Advertised& device) {
  const std::string text = maker_text(device.companies);
  return text.size() > kMaker.size() && (text[kMaker.size()] == 'E' || text[kMaker.size()] == 'F');
}

}  // namespace weco::transports::ble
