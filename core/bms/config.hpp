// SPDX-License-Identifier: Apache-2.0
// A product family is a constant: everything the battery core needs to know about it, as numbers in
// tables. The code asks the tables and never the family's name. Values that the vendor has not
// published carry the word "assumption" in families.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/time.hpp"
#include "core/base/units.hpp"
#include "core/bms/diagnosis.hpp"
#include "core/bms/led.hpp"
#include "core/bms/machine.hpp"

namespace weco::bms {

/// The count of a Permyriad that is the whole.
inline constexpr std::int64_t kWhole = 10000;

/// From `from` upwards (inclusive) until the next row, at most this share of 1C. `emergency` is the
/// share while the pack is nearly empty and only charging can save it (WS-11).
struct TemperatureRow {
  Temperature from;
  Permyriad c_rate;
  Permyriad emergency;
};
inline constexpr std::size_t kTemperatureRows = 8;
using TemperatureRows = std::array<TemperatureRow, kTemperatureRows>;

/// Usable share of the capacity at this temperature; straight lines in between, flat outside.
struct CapacityRow {
  Temperature at;
  Permyriad share;
};
inline constexpr std::size_t kCapacityRows = 4;

struct SocConfig {
  Milliamps sensor_offset;      // largest zero error of the current sensor
  Permyriad sensor_gain;        // largest gain error
  Permyriad capacity_doubt;     // how far the capacity may be off
  Permyriad efficiency;         // coulombs stored of coulombs charged
  Permyriad efficiency_doubt;   // how far it may be off
  Permyriad full_band;          // error left right after a true full charge
  Permyriad empty_band;         // highest state of charge that "empty" may mean
  Millivolts full_cell;         // highest cell at or above, and ...
  Millivolts full_lowest_cell;  // ... lowest cell at or above, and ...
  Permyriad full_tail;          // ... charge current at or below this share of 1C, for ...
  std::int32_t full_hold_s;     // ... so many seconds: a true full charge (WS-13)
  Millivolts empty_cell;        // lowest cell at or below while discharging: empty
  std::int32_t rest_s;          // at rest for so long before the open-circuit voltage counts
  Permyriad rest_current;       // at or below this share of 1C is rest
  std::array<CapacityRow, kCapacityRows> capacity;  // WS-10
  Permyriad rate_loss;                              // usable share lost at 1C
  std::int32_t full_due_s;                          // WS-13: a full charge at least this often
};

struct BalanceConfig {
  Millivolts start;        // only cells at or above
  Millivolts difference;   // and this much above the lowest
  std::uint8_t cells_max;  // at once (heat)
  Temperature stop;        // thermal guard: off at or above ...
  Temperature resume;      // ... until at or below
  std::uint8_t on_s;       // bleeding, then ...
  std::uint8_t off_s;      // ... a pause in which the cells are measured unloaded
};

struct HeaterConfig {
  bool fitted;
  Temperature on;          // coldest cell at or below
  Temperature off;         // coldest cell at or above
  Temperature warmest;     // never while a cell is at or above
  Permyriad soc_min;       // from its own energy only at or above
  std::int32_t run_max_s;  // then a pause of the same length
};

/// Limits in per-cell voltage: full current up to the first, none from the second on.
struct HeadroomConfig {
  Millivolts charge_full;
  Millivolts charge_zero;
  Millivolts discharge_full;
  Millivolts discharge_zero;
};

/// How long each state may last. Where it leads is in machine.cpp.
struct TimeoutConfig {
  Duration self_test;        // longest; then a fault
  Duration self_test_least;  // shortest, so that every counter had its time
  Duration standby;          // idle, then off
  Duration precharge;        // one try
  Duration precharge_pause;  // between tries
  Duration closing;          // main contactor must report closed
  Duration link_open;        // running without the inverter heard (WS-21)
  Duration opening;          // wait for zero current, then open under load
  Duration fault;            // WS-18: 24 hours
  Duration locked;           // then off
  Duration updating;         // then self-test with whatever image is there
  Duration storage;          // WS-37: then inspection
  Duration off;              // wakes by itself to look after its cells
};

struct PackConfig {
  std::string_view name;
  std::uint16_t type_code;  // packs of different codes are never joined (WS-22)
  std::uint16_t cells;
  std::uint8_t sensors;
  MilliampHours capacity;
  Milliamps charge_rating;     // positive
  Milliamps discharge_rating;  // positive, a magnitude
  Millivolts charge_cell;      // CVL per cell
  Millivolts discharge_cell;   // DVL per cell
  EventTable events;
  TemperatureRows charge_temperature;
  TemperatureRows discharge_temperature;
  TemperatureDelta temperature_hysteresis;
  Permyriad emergency_soc;  // at or below, cold charging counts as emergency
  SocConfig soc;
  HeadroomConfig headroom;
  BalanceConfig balance;
  HeaterConfig heater;
  TimeoutConfig timeout;
  Milliamps zero_current;               // |I| at or below: may be opened
  Millivolts precharge_match;           // |pack - bus| at or below, and ...
  Milliamps precharge_current;          // ... |I| at or below: precharge done
  Duration link_silent;                 // link counts as lost (same as the row's alarm)
  bool rest_enforced;                   // WS-20 as a limit, else advice only
  std::int32_t rest_s;                  // WS-20
  std::int32_t history_s;               // how long an alarm keeps the limits down (WS-15)
  Permyriad history_share;              // to this share of the rating
  std::array<LedPattern, kStates> led;  // by State
};

/// Everything static_assert can know about a family.
consteval bool pack_config_sound(const PackConfig& c) {
  if (!event_table_sound(c.events)) return false;
  if (c.cells == 0 || c.sensors == 0 || c.sensors > 32 || c.cells > 240) return false;
  for (const TemperatureRows& rows : {c.charge_temperature, c.discharge_temperature}) {
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i].from < rows[i - 1].from) return false;
    }
    for (const TemperatureRow& row : rows) {
      if (row.c_rate > Permyriad(10000) || row.emergency < Permyriad(0)) return false;
    }
    if (rows[0].c_rate != Permyriad(0) || rows.back().c_rate != Permyriad(0)) return false;
  }
  if (c.soc.full_tail <= Permyriad(0) || c.charge_cell < c.soc.full_cell) return false;
  const auto& ov = c.events.rows[static_cast<std::size_t>(EventId::CellOverVoltage)].levels;
  const auto& uv = c.events.rows[static_cast<std::size_t>(EventId::CellUnderVoltage)].levels;
  if (c.charge_cell.count() >= ov[0].trip || c.discharge_cell.count() < uv[1].trip) return false;
  if (c.headroom.charge_zero.count() > ov[1].trip) return false;
  if (c.headroom.discharge_zero.count() < uv[1].trip) return false;
  if (c.headroom.charge_full >= c.headroom.charge_zero) return false;
  if (c.headroom.discharge_full <= c.headroom.discharge_zero) return false;
  if (c.heater.on >= c.heater.off || c.balance.resume >= c.balance.stop) return false;
  if (c.balance.cells_max == 0 || c.balance.on_s == 0 || c.balance.off_s == 0) return false;
  if (c.timeout.fault != Duration::hours(24)) return false;  // WS-18
  return c.timeout.self_test_least < c.timeout.self_test && c.timeout.opening > Duration::us(0);
}

}  // namespace weco::bms
