// SPDX-License-Identifier: Apache-2.0
// Which of the many relatives of the 0x35x family a battery speaks, and what is said about it. A
// dialect is recognised from the ids on the bus; the ones that are only named here are recognised
// so that an installer learns why nothing is shown, and are not decoded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weco::canbms {

/// Append only: the values are part of recorded evidence.
enum class Dialect : std::uint8_t {
  Unknown,
  Common35x,
  Pylontech12,
  Pylontech13,
  PylontechPlus,
  SmaVictron,
  DiscoverLynk2,
  PytesNative,
  DeyeLv,
  DeyePcs,
  Sofar,
  GrowattLv,
  GrowattHv,
  PylontechHv,
  SolaX,
  BydHvs,
};

struct DialectInfo {
  Dialect dialect;
  std::string_view name;    // stable, for options and JSON
  bool decoded;             // false: only recognised
  bool current_sign_known;  // true: sources agree that charging is positive
  std::string_view title;
  std::string_view seen;  // the ids that tell it
};

inline constexpr std::array kDialects = {
    DialectInfo{Dialect::Unknown, "unknown", false, false, "unknown", "nothing that tells"},
    DialectInfo{Dialect::Common35x, "common-35x", true, false, "0x35x family, maker not told",
                "351, 355 or 356, and none of the ids that tell the maker's set"},
    DialectInfo{Dialect::Pylontech12, "pylontech-1.2", true, true,
                "Pylontech 1.2 (also Deye, Seplos and many emulators)", "359 with 35C"},
    DialectInfo{Dialect::Pylontech13, "pylontech-1.3", true, true, "Pylontech firmware 1.3",
                "35A, 35E 'PYLON', neither 359 nor 35C"},
    DialectInfo{Dialect::PylontechPlus, "pylontech-plus", true, true,
                "Pylontech plus, V2.0.6 (Eco-Worthy, Shoto, Seplos)", "359 with 35C and 370..379"},
    DialectInfo{Dialect::SmaVictron, "sma-victron", true, true,
                "SMA/Victron set (BYD LV, Pytes, REC, MG)", "35A and another maker than Pylontech"},
    DialectInfo{Dialect::DiscoverLynk2, "discover-lynk2", true, false, "Discover LYNK II",
                "354, and 35A with 7 data bytes"},
    DialectInfo{Dialect::PytesNative, "pytes-native", true, true, "Pytes native",
                "400 with 404 or 405, or 40A 'PYTES'"},
    DialectInfo{Dialect::DeyeLv, "deye", true, false, "Deye low voltage",
                "35E 'PYLON' with three binary bytes"},
    DialectInfo{Dialect::DeyePcs, "deye-pcs", true, false, "Deye PCS set",
                "two or more of 200, 361, 363, 364"},
    DialectInfo{Dialect::Sofar, "sofar", true, false, "Sofar (0x35x and its own ids)",
                "30F, 605, 705, 670..6C0 or 770..7C0"},
    DialectInfo{Dialect::GrowattLv, "growatt-lv", false, false, "Growatt low voltage (big-endian)",
                "301 from the inverter, or two of 311..321"},
    DialectInfo{Dialect::GrowattHv, "growatt-hv", false, false, "Growatt high voltage",
                "29-bit 3110..3290"},
    DialectInfo{Dialect::PylontechHv, "pylontech-hv", false, false,
                "Pylontech high voltage (Force H, SC, Powercube)", "29-bit 42x0/42x1, 73xx"},
    DialectInfo{Dialect::SolaX, "solax", false, false, "SolaX / Triple Power",
                "29-bit 1871..1882, 1801"},
    DialectInfo{
        Dialect::BydHvs, "byd-hvs", false, false, "BYD HVS/HVM (Fronius, SMA, GoodWe)",
        "two or more of 110, 150, 190, 1D0, 210, 250, 290, 2D0, 3D0, 091, 0D1, 111, 151, 191"},
};

namespace detail {
consteval bool dialects_in_order() {
  for (std::size_t i = 0; i < kDialects.size(); ++i) {
    if (static_cast<std::size_t>(kDialects[i].dialect) != i) return false;
  }
  return true;
}
}  // namespace detail
static_assert(detail::dialects_in_order(), "kDialects is indexed by Dialect");

constexpr const DialectInfo& info(Dialect dialect) {
  return kDialects[static_cast<std::size_t>(dialect)];
}

/// A set of dialects, bit n = enumerator n.
using Dialects = std::uint32_t;
constexpr Dialects set_of(Dialect dialect) { return 1U << static_cast<unsigned>(dialect); }
template <class... Rest>
constexpr Dialects set_of(Dialect first, Rest... rest) {
  return set_of(first) | set_of(rest...);
}

}  // namespace weco::canbms
