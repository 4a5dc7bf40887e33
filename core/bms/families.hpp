// SPDX-License-Identifier: Apache-2.0
// The product families. Numbers the vendors state are named by requirement; what they have not
// published is taken from the field's practice and marked "assumption". A vendor's number replaces
// an assumption by changing a row here and nothing else.
#pragma once

#include "core/bms/config.hpp"
#include "core/bms/events.hpp"

namespace weco::bms {
namespace detail {

inline constexpr std::string_view kWecoManual =
    "WeCo SMART manual, operating temperature thresholds";
inline constexpr std::string_view kBluettiManual =
    "EP760 manual: -20 to 40 degrees; no charging below 0 is field practice (assumption)";

/// Without an emergency the row's own share holds (it is the larger of the two that counts).
consteval TemperatureRow row(std::int32_t deci, std::int32_t c_rate, std::int32_t emergency = 0) {
  return {Temperature::deci_celsius(deci), Permyriad(c_rate), Permyriad(emergency)};
}

/// Discharge down to -20 degrees (WS-11, EP-04); the shares are field practice (assumption).
inline constexpr TemperatureRows kLfpDischarge = {row(-10000, 0),  row(-200, 2000), row(0, 5000),
                                                  row(100, 10000), row(451, 8000),  row(501, 5000),
                                                  row(550, 0),     row(600, 0)};

/// Field practice for LFP (assumption): nothing below 0 degrees.
inline constexpr TemperatureRows kLfpCharge = {row(-10000, 0), row(0, 0),      row(1, 1000),
                                               row(50, 2000),  row(100, 5000), row(451, 1000),
                                               row(500, 0),    row(550, 0)};

/// WS-11. The manual leaves three gaps; the stricter neighbour fills each (assumption): an
/// emergency between -7 and 0 gets the 0.03C stated for -10 to -7; 11 to 12 gets 0.2C; above 35
/// nothing is stated, 0.2C to 45 and 0.1C to 50 are field practice.
inline constexpr TemperatureRows kWecoCharge = {row(-10000, 0), row(-100, 0, 300), row(1, 2000),
                                                row(120, 5000), row(351, 2000),    row(451, 1000),
                                                row(500, 0),    row(550, 0)};

inline constexpr SocConfig kLfpSoc = {
    .sensor_offset = Milliamps(15),
    .sensor_gain = Permyriad(50),
    .capacity_doubt = Permyriad(100),
    .efficiency = Permyriad(9995),  // modelling practice is 0.999 to 1.0, assumption
    .efficiency_doubt = Permyriad(5),
    .full_band = Permyriad(50),
    .empty_band = Permyriad(300),
    .full_cell = Millivolts(3480),
    .full_lowest_cell = Millivolts(3380),
    .full_tail = Permyriad(510),  // balancing lets in 0.05C, and a sensor may read more of it
    .full_hold_s = 60,
    .empty_cell = Millivolts(2850),
    .rest_s = 1800,
    .rest_current = Permyriad(20),
    // WS-10 states 25 and 10 degrees; below that the line is continued gently (assumption)
    .capacity = {{{Temperature::celsius(-20), Permyriad(4500)},
                  {Temperature::celsius(0), Permyriad(6000)},
                  {Temperature::celsius(10), Permyriad(7500)},
                  {Temperature::celsius(25), Permyriad(10000)}}},
    .rate_loss = Permyriad(400),  // assumption
    .full_due_s = 30 * 24 * 3600,
};

inline constexpr BalanceConfig kLfpBalance = {
    Millivolts(3400), Millivolts(10), 5, Temperature::celsius(50), Temperature::celsius(45), 4, 1};

inline constexpr HeaterConfig kWecoHeater = {true,
                                             Temperature::celsius(5),
                                             Temperature::celsius(13),
                                             Temperature::celsius(40),
                                             Permyriad(2000),
                                             2 * 3600};
inline constexpr HeaterConfig kNoHeater = {false,
                                           Temperature::celsius(5),
                                           Temperature::celsius(13),
                                           Temperature::celsius(40),
                                           Permyriad(2000),
                                           2 * 3600};

inline constexpr HeadroomConfig kLfpHeadroom = {Millivolts(3450), Millivolts(3570),
                                                Millivolts(3050), Millivolts(2820)};

inline constexpr TimeoutConfig kTimeouts = {
    .self_test = Duration::s(10),
    .self_test_least = Duration::s(2),
    .standby = Duration::hours(48),
    .precharge = Duration::s(2),        // physics 3.1
    .precharge_pause = Duration::s(3),  // physics 3.1
    .closing = Duration::s(5),          // physics 3.1
    .link_open = Duration::s(60),
    .opening = Duration::s(3),     // physics 3.1
    .fault = Duration::hours(24),  // WS-18
    .locked = Duration::hours(1),
    .updating = Duration::minutes(30),
    .storage = Duration::hours(24 * 90),  // WS-37: three months, the shorter interval
    .off = Duration::hours(24 * 7),
};

using Lamps = std::array<LedPattern, kStates>;
/// By State. WS-17: locked alternates red; the rest of WeCo's patterns is unpublished (assumption).
inline constexpr Lamps kWecoLamps = {
    LedPattern::Dark,     LedPattern::Blink,  LedPattern::Blink,    LedPattern::Blink,
    LedPattern::Steady,   LedPattern::Steady, LedPattern::RedBlink, LedPattern::RedAlternating,
    LedPattern::AllFlash, LedPattern::Dark,   LedPattern::SlowBlink};
/// EP-07.
inline constexpr Lamps kB500Lamps = {
    LedPattern::Dark,     LedPattern::Blink,  LedPattern::Blink,      LedPattern::Blink,
    LedPattern::Steady,   LedPattern::Steady, LedPattern::FaultFlash, LedPattern::FaultFlash,
    LedPattern::AllFlash, LedPattern::Dark,   LedPattern::SlowBlink};

consteval PackConfig lfp_pack(const EventLimits& limits, std::int32_t capacity_mAh) {
  return {
      .name = "",
      .type_code = 0,
      .cells = static_cast<std::uint16_t>(limits.cells),
      .sensors = 4,  // unpublished for all families, assumption
      .capacity = MilliampHours(capacity_mAh),
      .charge_rating = Milliamps(limits.charge_mA),
      .discharge_rating = Milliamps(limits.discharge_mA),
      .charge_cell = Millivolts(3520),     // assumption
      .discharge_cell = Millivolts(2850),  // assumption
      .events = make_event_table(lfp_rows(limits)),
      .charge_temperature = kLfpCharge,
      .discharge_temperature = kLfpDischarge,
      .temperature_hysteresis = TemperatureDelta(10),
      .emergency_soc = Permyriad(500),
      .soc = kLfpSoc,
      .headroom = kLfpHeadroom,
      .balance = kLfpBalance,
      .heater = kNoHeater,
      .timeout = kTimeouts,
      .zero_current = Milliamps(3500),  // physics 3.1
      // physics 3.1; long strings by their sensors' errors, 20 mV a cell (assumption)
      .precharge_match = Millivolts(std::max<std::int32_t>(1000, 20 * limits.cells)),
      .precharge_current = Milliamps(50),  // physics 3.1
      .link_silent = Duration::s(5),
      .rest_enforced = false,
      .rest_s = 35 * 60,
      .history_s = 600,
      .history_share = Permyriad(5000),
      .led = kB500Lamps,
  };
}

consteval PackConfig weco_smart() {
  // WS-02: 16 cells, 100 Ah; WS-11: charge to 0.5C. The bus is 460 V: 46 kiloohms, rounded up.
  PackConfig c = lfp_pack({16, 50000, 100000, -101, -201, 47, "WS-11", kWecoManual}, 100000);
  c.name = "weco_smart";
  c.type_code = 1;
  c.charge_temperature = kWecoCharge;
  c.heater = kWecoHeater;
  c.led = kWecoLamps;
  return c;
}

consteval PackConfig ep760() {
  // EP-02: 4.96 kWh a pack. Cell count and ampere-hours are unpublished: 16 cells of 96.9 Ah at
  // 3.2 V give that energy (assumption). 7.6 kW from two packs is 0.77C.
  PackConfig c = lfp_pack({16, 48400, 96900, -1, -201, 10, "EP-04", kBluettiManual}, 96900);
  c.name = "ep760_b500";
  c.type_code = 2;
  return c;
}

consteval PackConfig cm2() {
  // The manual of the EMS says nothing about the cabinet's cells: 240 in series of 280 Ah at 0.5C
  // are common in this class (assumption).
  PackConfig c = lfp_pack({240, 140000, 140000, -1, -201, 88, "CM-15", kField}, 280000);
  c.name = "cm2";
  c.type_code = 3;
  c.sensors = 30;
  c.balance.cells_max = 60;
  return c;
}

}  // namespace detail

inline constexpr PackConfig kWecoSmart = detail::weco_smart();
inline constexpr PackConfig kEp760 = detail::ep760();
inline constexpr PackConfig kCm2 = detail::cm2();
static_assert(pack_config_sound(kWecoSmart));
static_assert(pack_config_sound(kEp760));
static_assert(pack_config_sound(kCm2));

}  // namespace weco::bms
