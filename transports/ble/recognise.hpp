// SPDX-License-Identifier: Apache-2.0
// Which advertisements are worth a connection. An advertisement proves nothing; what a device is,
// its registers say. But connecting to strangers' devices is rude, so only these are tried.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transports/ble/value.hpp"

namespace weco::transports::ble {

/// One device as it was heard.
struct Advertised {
  std::string adapter;
  std::string address;
  std::string name;  // untrusted; at most kNameMax bytes
  std::optional<std::int16_t> rssi;
  Texts services;
  CompanyData companies;
};
inline constexpr std::size_t kNameMax = 64;

enum class Likeness : std::uint8_t {
  None,
  Name,          // model letters and a serial number, as BLUETTI devices call themselves
  Manufacturer,  // "BLUETT." in the manufacturer data
  Service,       // a service that carries a byte stream
};
Likeness likeness(const Advertised& device);
/// Manufacturer data of modules that encrypt ("BLUETTE", "BLUETTF"; one source).
bool advertises_encryption(const Advertised& device);

}  // namespace weco::transports::ble
