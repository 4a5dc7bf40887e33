// SPDX-License-Identifier: Apache-2.0
#include "core/ems/site.hpp"

#include <array>

namespace weco::ems {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Text for people: UTF-8 passes, control characters never do.
bool readable(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) return false;
  }
  return !text.empty() && text.size() <= kPlantTextMax;
}

bool alphanumeric(std::string_view text) {
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c)) return false;
  }
  return !text.empty() && text.size() <= kPlantTextMax;
}

/// Unicast: not "this network", not loopback, not multicast or above.
bool is_host(Ipv4 address) {
  const std::uint32_t first = address >> 24;
  return first != 0 && first != 127 && first < 224;
}

/// Neither the network itself nor everybody in it.
bool inside_network(Ipv4 address, std::uint32_t host_mask) {
  const std::uint32_t host = address & host_mask;
  return is_host(address) && host != 0 && host != host_mask;
}

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

bool valid_label(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  for (const char c : label) {
    if (!is_letter(c) && !is_digit(c) && c != '-') return false;
  }
  return true;
}

constexpr std::array<std::string_view, 4> kReservedStarts{"rac", "lac", "sgsn", "rnc"};
constexpr std::string_view kReservedEnd = ".gprs";

bool reserved(std::string_view apn) {
  for (const std::string_view start : kReservedStarts) {
    if (equal_ignoring_case(apn.substr(0, start.size()), start)) return true;
  }
  if (apn.size() < kReservedEnd.size()) return false;
  apn.remove_prefix(apn.size() - kReservedEnd.size());
  return equal_ignoring_case(apn, kReservedEnd);
}

}  // namespace

PlantField check_plant(const Plant& plant) {
  if (!readable(plant.owner)) return PlantField::Owner;
  if (!alphanumeric(plant.cabinet_serial)) return PlantField::CabinetSerial;
  if (!readable(plant.name)) return PlantField::Name;
  if (!readable(plant.address)) return PlantField::Address;
  if (!alphanumeric(plant.installer_code)) return PlantField::InstallerCode;
  if (plant.type == PlantType::Unset || plant.type > PlantType::Industrial) return PlantField::Type;
  const bool fits = plant.capacity > WattHours(0) && plant.capacity <= kPlantCapacityMax;
  return fits ? PlantField::None : PlantField::Capacity;
}

WiredField check_wired(const WiredSettings& s) {
  if (s.automatic) return WiredField::None;
  if (s.prefix < 1 || s.prefix > 30) return WiredField::Prefix;
  const std::uint32_t host_mask = 0xFFFFFFFFU >> s.prefix;
  if (!inside_network(s.address, host_mask)) return WiredField::Address;
  const bool same_network = ((s.address ^ s.gateway) & ~host_mask) == 0;
  if (!inside_network(s.gateway, host_mask) || !same_network || s.gateway == s.address) {
    return WiredField::Gateway;
  }
  return is_host(s.name_server) ? WiredField::None : WiredField::NameServer;
}

bool valid_apn(std::string_view apn) {
  if (apn.size() > kApnMax || reserved(apn)) return false;
  for (std::size_t dot = apn.find('.'); dot != std::string_view::npos; dot = apn.find('.')) {
    if (!valid_label(apn.substr(0, dot))) return false;
    apn.remove_prefix(dot + 1);
  }
  return valid_label(apn);
}

}  // namespace weco::ems
