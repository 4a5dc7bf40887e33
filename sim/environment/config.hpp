// SPDX-License-Identifier: Apache-2.0
// What surrounds a site, as a scenario states it: where it stands, what its roof, house, grid and
// weather are like. Everything has a sensible value, so that a scenario names only what matters to
// it. Power and energy are in watts and watt-hours, angles in degrees, time in seconds UTC.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ems/schedule.hpp"

namespace weco::sim {

/// PV behind the inverters (on the DC side) and of other inverters on the AC side.
struct PvConfig {
  double peak_W = 8000;       // 0: none; shared equally by the inverters
  double ac_coupled_W = 0;    // made by another maker's inverter at the same connection
  double tilt_deg = 30;       // 0 lies flat, 90 stands
  double azimuth_deg = 180;   // compass: 90 east, 180 south, 270 west
  double performance = 0.86;  // what is left after dirt, heat, cables and mismatch
};

/// One row of a measured profile; between two rows the value is a straight line.
struct ProfileRow {
  std::int64_t at_s = 0;  // UTC; rows ascend
  double value = 0;
};

struct LoadConfig {
  double annual_Wh = 4500e3;       // scales the standard household profile (BDEW H0, dynamised)
  double noise = 0;                // share by which single minutes differ from the profile
  double reactive = 0;             // of the active power, at the meter only
  double backup_share = 0.4;       // of the load that hangs on the backup output
  std::vector<ProfileRow> rows{};  // watts; where there are any, they replace the profile
};

struct WeatherConfig {
  double cloudiness = 0.45;        // 0 never a cloud, 1 always overcast
  double mean_degC = 12;           // of the year
  double season_K = 10;            // warmest month above the mean; coldest below it
  double day_K = 5;                // afternoon above the day's mean
  bool indoors = true;             // batteries stand in a room that follows only slowly
  double room_mean_degC = 18;      // of that room in spring and autumn
  double room_season_K = 6;        // by which it follows the year
  std::vector<ProfileRow> rows{};  // outside temperature; replace the curve where there are any
};

struct GridConfig {
  double voltage_V = 230;      // phase to neutral
  double voltage_noise_V = 2;  // slow wander
  double frequency_Hz = 50;
  double frequency_noise_Hz = 0.02;
};

struct TariffWindow {
  ems::Window window{};  // of each day, local time
  double import_per_kWh = 0;
};
struct TariffConfig {
  double import_per_kWh = 0.30;
  double export_per_kWh = 0.08;
  std::vector<TariffWindow> windows{};  // the first that contains the minute counts
};

struct EnvironmentConfig {
  double latitude_deg = 45.4;        // north positive
  double longitude_deg = 11.9;       // east positive
  std::int32_t utc_offset_s = 3600;  // local standard time; the clock of the site knows no summer
  PvConfig pv{};
  LoadConfig load{};
  WeatherConfig weather{};
  GridConfig grid{};
  TariffConfig tariff{};
  bool generator = false;  // there is one at the generator input
};

}  // namespace weco::sim
