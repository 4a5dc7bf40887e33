// SPDX-License-Identifier: Apache-2.0
// The product families. Numbers the vendors state are named by requirement; what they have not
// published is taken from the field's practice and marked "assumption". A vendor's number replaces
// an assumption by changing a row here and nothing else.
#pragma once

#include "core/bms/config.hpp"

namespace weco::bms {
namespace detail {

/// The numbers in which the families' event tables differ.
struct EventLimits {
  std::int32_t cells;
  std::int32_t charge_mA;         // rating
  std::int32_t discharge_mA;      // 1C
  std::int32_t charge_low_dC;     // alarm below the last permitted 0.1 degree
  std::int32_t discharge_low_dC;  // the same for discharge
  std::int32_t insulation_kohm;   // fault: 100 ohm per volt of the bus (ISO 6469), rounded up
};

inline constexpr std::string_view kField =
    "field practice (several makers), assumption for this family";
inline constexpr std::string_view kWecoManual =
    "WeCo SMART manual, operating temperature thresholds";

inline constexpr LevelRow kUnused{};

/// Counts are cycles of 100 ms.
consteval EventRows lfp_rows(const EventLimits& l) {
  using enum EventId;
  using enum Sense;
  using enum Clearing;
  constexpr auto record = Reaction::Record;
  constexpr auto no_charge = Reaction::StopCharge;
  constexpr auto no_discharge = Reaction::StopDischarge;
  constexpr auto no_current = Reaction::StopBoth;
  constexpr auto open = Reaction::Open;
  const std::int32_t n = l.cells;
  const std::int32_t ch = l.charge_mA;
  const std::int32_t dis = l.discharge_mA;
  const std::int32_t iso = l.insulation_kohm;
  return {{
      // millivolts, highest cell
      {CellOverVoltage,
       "cell_over_voltage",
       High,
       Locks,
       {{{3580, 3500, 10, 10, record},
         {3600, 3450, 10, 20, no_charge},
         {3650, 3450, 10, 50, open}}},
       "WS-17",
       kField},
      // millivolts, lowest cell
      {CellUnderVoltage,
       "cell_under_voltage",
       Low,
       Locks,
       {{{2900, 3000, 10, 10, record},
         {2800, 3100, 10, 20, no_discharge},
         {2500, 3100, 10, 50, open}}},
       "WS-17",
       kField},
      // millivolts, sum of cells
      {PackOverVoltage,
       "pack_over_voltage",
       High,
       Locks,
       {{{3560 * n, 3500 * n, 10, 10, record},
         {3590 * n, 3450 * n, 10, 20, no_charge},
         {3640 * n, 3450 * n, 10, 50, open}}},
       "WS-17",
       kField},
      {PackUnderVoltage,
       "pack_under_voltage",
       Low,
       Locks,
       {{{2950 * n, 3050 * n, 10, 10, record},
         {2850 * n, 3100 * n, 10, 20, no_discharge},
         {2550 * n, 3100 * n, 10, 50, open}}},
       "WS-17",
       kField},
      // 0.1 degrees; the fault level counts only while current flows in that direction
      {ChargeOverTemperature,
       "charge_over_temperature",
       High,
       Locks,
       {{{450, 430, 10, 50, record}, {500, 450, 10, 50, no_charge}, {550, 500, 10, 50, open}}},
       "WS-17",
       kField},
      {ChargeUnderTemperature,
       "charge_under_temperature",
       Low,
       Locks,
       {{{0, 20, 10, 50, record},
         {l.charge_low_dC, l.charge_low_dC + 20, 10, 50, no_charge},
         {l.charge_low_dC, l.charge_low_dC + 20, 50, 50, open}}},
       "WS-11",
       kWecoManual},
      {DischargeOverTemperature,
       "discharge_over_temperature",
       High,
       Locks,
       {{{500, 480, 10, 50, record}, {550, 500, 10, 50, no_current}, {600, 550, 10, 50, open}}},
       "WS-17",
       kField},
      {DischargeUnderTemperature,
       "discharge_under_temperature",
       Low,
       Locks,
       {{{-100, -80, 10, 50, record},
         {l.discharge_low_dC, l.discharge_low_dC + 20, 10, 50, no_discharge},
         {l.discharge_low_dC, l.discharge_low_dC + 20, 50, 50, open}}},
       "WS-11",
       kWecoManual},
      // milliamps, magnitude in that direction
      {ChargeOverCurrent1,
       "charge_over_current_1",
       High,
       Locks,
       {{{ch / 100 * 105, ch, 20, 20, record},
         {ch / 10 * 11, ch, 50, 100, no_charge},
         {ch / 10 * 11, ch, 100, 600, open}}},
       "WS-17",
       kField},
      {ChargeOverCurrent2,
       "charge_over_current_2",
       High,
       Locks,
       {{kUnused, kUnused, {ch / 10 * 15, ch, 5, 600, open}}},
       "WS-17",
       kField},
      {DischargeOverCurrent1,
       "discharge_over_current_1",
       High,
       Locks,
       {{{dis / 100 * 105, dis, 20, 20, record},
         {dis / 10 * 11, dis, 50, 100, no_discharge},
         {dis / 10 * 11, dis, 100, 600, open}}},
       "WS-17",
       kField},
      {DischargeOverCurrent2,
       "discharge_over_current_2",
       High,
       Locks,
       {{kUnused, kUnused, {dis / 10 * 15, dis, 5, 600, open}}},
       "WS-17",
       kField},
      // 1 when the front end's own microsecond trip fired
      {ShortCircuit,
       "short_circuit",
       High,
       Locks,
       {{kUnused, kUnused, {1, 0, 1, 600, open}}},
       "WS-17",
       kField},
      // millivolts between highest and lowest cell
      {Imbalance,
       "imbalance",
       High,
       Locks,
       {{{150, 100, 100, 100, record},
         {500, 300, 100, 100, no_charge},
         {1000, 500, 50, 100, open}}},
       "WS-62",
       kField},
      // readings that did not come
      {SensorLost,
       "sensor_lost",
       High,
       NeedsReset,
       {{{1, 0, 3, 10, record}, {1, 0, 10, 20, no_current}, {1, 0, 50, 50, open}}},
       "WS-13",
       kField},
      // milliseconds since the inverter was heard; the opening after 60 s is the running state's
      // own time-out
      {LinkLost,
       "link_lost",
       High,
       SelfClears,
       {{{2000, 1500, 1, 10, record}, {5000, 1500, 1, 20, no_current}, kUnused}},
       "WS-21",
       "WeCo SMART manual demands the line; the seconds are field practice"},
      // 1 when the feedback says closed while the coil is off
      {ContactorWelded,
       "contactor_welded",
       High,
       Locks,
       {{kUnused, kUnused, {1, 0, 10, 50, open}}},
       "WS-63",
       kField},
      {ContactorNoClose,
       "contactor_no_close",
       High,
       NeedsReset,
       {{kUnused, kUnused, {1, 0, 5, 1, open}}},
       "WS-63",
       kField},
      {PrechargeFailed,
       "precharge_failed",
       High,
       NeedsReset,
       {{kUnused, kUnused, {1, 0, 1, 1, open}}},
       "WS-17",
       kField},
      {SelfTestFailed,
       "self_test_failed",
       High,
       NeedsReset,
       {{kUnused, kUnused, {1, 0, 1, 1, open}}},
       "WS-17",
       kField},
      // kiloohms against earth
      {Insulation,
       "insulation",
       Low,
       Locks,
       {{{iso * 10, iso * 12, 10, 50, record},
         {iso * 2, iso * 4, 30, 50, no_current},
         {iso, iso * 4, 30, 50, open}}},
       "WS-62",
       "ISO 6469 floor of 100 ohm per volt; vendor value unpublished"},
      // millivolts, lowest cell
      {DeepDischarge,
       "deep_discharge",
       Low,
       Permanent,
       {{kUnused, kUnused, {2000, 3100, 5, 50, open}}},
       "WS-19",
       "cell makers' absolute minimum of 2.0 V; vendor value unpublished, assumption"},
      // milliseconds since the last good cycle of the front end
      {AfeCommunication,
       "afe_communication",
       High,
       NeedsReset,
       {{{300, 200, 1, 10, record}, {500, 200, 1, 20, no_current}, {1000, 200, 1, 50, open}}},
       "WS-17",
       kField},
      {Interlock,
       "interlock",
       High,
       SelfClears,
       {{kUnused, kUnused, {1, 0, 1, 10, open}}},
       "WS-63",
       kField},
      {TypeMismatch,
       "type_mismatch",
       High,
       NeedsReset,
       {{kUnused, kUnused, {1, 0, 1, 10, open}}},
       "WS-22",
       "WeCo SMART manual"},
      // milliseconds since the master was heard; open at most 60 s after it is gone
      {MasterLost,
       "master_lost",
       High,
       SelfClears,
       {{{10000, 5000, 1, 10, record},
         {30000, 5000, 1, 20, no_current},
         {59000, 5000, 1, 20, open}}},
       "WS-03",
       "WeCo 5K3-XP manual: red after 10 s, off within 60 s"},
      // millivolts between this pack and its tower while joined
      {TowerDrift,
       "tower_drift",
       High,
       NeedsReset,
       {{{1000, 800, 20, 20, record}, kUnused, {1500, 1000, 50, 50, open}}},
       "WS-03",
       "join limit of 1.5 V of the WeCo chain manuals, applied to joined packs too"},
      // trips of the pack's circuit breaker
      {BreakerTripping,
       "breaker_tripping",
       High,
       Locks,
       {{{1, 0, 1, 10, record}, kUnused, {2, 0, 1, 10, open}}},
       "EP-20",
       "EP760 manual: not reset by hand when it keeps tripping; two trips is our reading"},
      {Fire, "fire", High, Locks, {{kUnused, kUnused, {1, 0, 2, 600, open}}}, "CM-15", kField},
      {CoolingFailed,
       "cooling_failed",
       High,
       SelfClears,
       {{{1, 0, 10, 50, record}, {1, 0, 600, 50, no_charge}, kUnused}},
       "CM-15",
       kField},
  }};
}

consteval TemperatureRow row(std::int32_t deci, std::int32_t c_rate, std::int32_t emergency = -1) {
  return {Temperature::deci_celsius(deci), Permyriad(c_rate),
          Permyriad(emergency < 0 ? c_rate : emergency)};
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
    .full_tail = Permyriad(500),
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
      .zero_current = Milliamps(3500),      // physics 3.1
      .precharge_match = Millivolts(1000),  // physics 3.1
      .precharge_current = Milliamps(50),   // physics 3.1
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
  PackConfig c = lfp_pack({16, 50000, 100000, -101, -201, 47}, 100000);
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
  PackConfig c = lfp_pack({16, 48400, 96900, -1, -201, 10}, 96900);
  c.name = "ep760_b500";
  c.type_code = 2;
  return c;
}

consteval PackConfig cm2() {
  // The manual of the EMS says nothing about the cabinet's cells: 240 in series of 280 Ah at 0.5C
  // are common in this class (assumption).
  PackConfig c = lfp_pack({240, 140000, 140000, -1, -201, 88}, 280000);
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
