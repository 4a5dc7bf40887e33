// SPDX-License-Identifier: Apache-2.0
// How a pack is kept on a shelf (WS-37, EP-16), as a table and one question to it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/units.hpp"
#include "core/bms/cells.hpp"

namespace weco::bms {

/// From `from` up to and including `to`.
struct StorageRow {
  Temperature from;
  Temperature to;
  std::uint8_t months;  // between two inspections
  Permyriad soc_low;
  Permyriad soc_high;
  std::string_view requirement;
};

/// WS-37. Where two rows meet, the one with the shorter interval counts.
inline constexpr std::array kWecoStorage = {
    StorageRow{Temperature::celsius(-10), Temperature::celsius(0), 3, Permyriad(4000),
               Permyriad(6000), "WS-37"},
    StorageRow{Temperature::deci_celsius(1), Temperature::deci_celsius(299), 6, Permyriad(4000),
               Permyriad(7000), "WS-37"},
    StorageRow{Temperature::celsius(30), Temperature::celsius(45), 3, Permyriad(2500),
               Permyriad(3000), "WS-37"},
};
/// EP-16; the temperature range is the operating range.
inline constexpr std::array kEp760Storage = {
    StorageRow{Temperature::celsius(-20), Temperature::celsius(40), 6, Permyriad(4000),
               Permyriad(6000), "EP-16"},
};

enum class StorageVerdict : std::uint8_t {
  Good,
  InspectionDue,
  ChargeFirst,      // below the range of this temperature
  DischargeFirst,   // above it
  TooColdToCharge,  // below the range, but not to be charged below 10 degrees (WS-37)
  OutsideRange,     // no storage at this temperature
};

struct StorageAdvice {
  StorageVerdict verdict = StorageVerdict::OutsideRange;
  const StorageRow* row = nullptr;  // null only for OutsideRange
};

/// Trickle charge of a stored WeCo pack: 0.1C to 0.2C (WS-37).
inline constexpr Permyriad kTrickleLow{1000};
inline constexpr Permyriad kTrickleHigh{2000};

StorageAdvice storage_advice(std::span<const StorageRow> table, Temperature t, Permyriad soc,
                             std::int32_t months_since_inspection);

}  // namespace weco::bms
