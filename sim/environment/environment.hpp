// SPDX-License-Identifier: Apache-2.0
// What surrounds a site at one moment. Weather, sun and household are worked out once a minute and
// are straight lines in between; the same seed gives the same years.
#pragma once

#include <array>
#include <cstdint>

#include "sim/environment/config.hpp"
#include "sim/environment/household.hpp"
#include "sim/environment/sun.hpp"

namespace weco::sim {

struct Surroundings {
  double pv_W = 0;     // all panels behind the inverters, DC, if nobody curtails
  double pv_ac_W = 0;  // by other inverters
  double load_W = 0;   // the whole house
  double outside_degC = 0;
  double room_degC = 0;  // where the batteries stand
  double grid_V = 230;   // phase to neutral, all phases alike
  double grid_Hz = 50;
};

class Environment {
 public:
  Environment(const EnvironmentConfig& config, std::uint64_t seed);

  /// At `utc_s` seconds since 1970. Times may be asked for in any order, rising ones are quick.
  const Surroundings& at(std::int64_t utc_s);
  [[nodiscard]] const EnvironmentConfig& config() const { return config_; }

  /// Price of a kWh at this minute of the local day.
  [[nodiscard]] double import_price(std::int32_t minute) const;

 private:
  static constexpr std::int64_t kMinute_s = 60;
  Surroundings minute(std::int64_t utc_s);
  [[nodiscard]] double wander(std::uint32_t what, std::int64_t utc_s, std::int64_t period_s) const;
  [[nodiscard]] double clouds(std::int64_t utc_s) const;

  EnvironmentConfig config_;
  std::uint64_t seed_;
  Plane plane_;
  Household household_;
  std::int64_t begin_s_ = -1;  // of the minute that `from_` and `to_` span
  Surroundings from_, to_, now_;
};

/// Straight lines between rows; constant before the first and after the last.
double profile_at(const std::vector<ProfileRow>& rows, std::int64_t at_s);

}  // namespace weco::sim
