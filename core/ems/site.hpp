// SPDX-License-Identifier: Apache-2.0
// The description of a plant before its EMS is bonded with the first cabinet (CM-08), and the
// network settings that take it to the cloud (CM-09). Settings are checked as a whole and refused
// with the field that is wrong, because an EMS with a wrong network setting can only be mended by
// somebody who drives there. Sources: SAJ CM2 EMS manual 5.5, 5.6 and 6; RFC 1122 and RFC 4632 for
// addresses; 3GPP TS 23.003 section 9 for access points. SAJ publishes no lengths: ours follow the
// text a device of ours can hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/units.hpp"

namespace weco::ems {

inline constexpr std::size_t kPlantTextMax = 40;            // bytes, ours
inline constexpr WattHours kPlantCapacityMax{20 * 215000};  // 20 cabinets (CM-01) of 215 kWh, ours

/// Which use a plant has; the manual names the field and no values, so these are ours.
enum class PlantType : std::uint8_t { Unset, Residential, Commercial, Industrial };

struct Plant {
  std::string_view owner{};           // account of the owner
  std::string_view cabinet_serial{};  // of the cabinet the EMS is bonded with; letters and digits
  std::string_view name{};
  std::string_view address{};
  std::string_view installer_code{};  // letters and digits
  PlantType type = PlantType::Unset;
  WattHours capacity{};  // 1 .. kPlantCapacityMax
};
enum class PlantField : std::uint8_t {
  None,
  Owner,
  CabinetSerial,
  Name,
  Address,
  InstallerCode,
  Type,
  Capacity
};
/// The first field that is missing, too long, has characters that do not belong there or lies
/// outside its bounds; None when the plant may be created.
PlantField check_plant(const Plant& plant);

/// Four bytes, the first in the highest place: 192.168.1.2 is 0xC0A80102.
using Ipv4 = std::uint32_t;
struct WiredSettings {
  bool automatic = true;     // DHCP; then the rest is not looked at
  Ipv4 address = 0;          // of a host
  std::uint8_t prefix = 24;  // 1 .. 30
  Ipv4 gateway = 0;          // another host of the same network
  Ipv4 name_server = 0;      // any host
};
enum class WiredField : std::uint8_t { None, Address, Prefix, Gateway, NameServer };
WiredField check_wired(const WiredSettings& settings);

inline constexpr std::size_t kApnMax = 63;  // TS 23.003: network identifier, in octets
/// An access point's network identifier: labels of letters, digits and inner hyphens between single
/// dots; not starting with a name that TS 23.003 keeps for itself and not ending in ".gprs".
bool valid_apn(std::string_view apn);

}  // namespace weco::ems
