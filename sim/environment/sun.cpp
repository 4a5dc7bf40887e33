// SPDX-License-Identifier: Apache-2.0
#include "sim/environment/sun.hpp"

#include <algorithm>
#include <cmath>

#include "sim/kernels/exp.hpp"
#include "sim/kernels/trig.hpp"

namespace weco::sim {
namespace {

constexpr double kDegree = 0.017453292519943295;
constexpr double kTurn = 6.283185307179586;
constexpr double kDiffuseClear = 0.15;  // share of a clear sky's light that is not direct

double equation_of_time_min(double year_day) {
  const double b = kTurn * (year_day - 80.0) / 364.0;
  return 9.87 * sin_of(2.0 * b) - 7.53 * cos_of(b) - 1.5 * sin_of(b);
}

}  // namespace

SunVector sun_at(double latitude_deg, double longitude_deg, const Date& utc) {
  const double year_day = utc.year_day + utc.second / 86400.0;
  const double sin_declination = -0.39779 * cos_of(kTurn / 365.24 * (year_day + 10.0));
  const double cos_declination = std::sqrt(1.0 - sin_declination * sin_declination);
  const double minutes = utc.second / 60.0 + 4.0 * longitude_deg + equation_of_time_min(year_day);
  const double hour = (minutes / 4.0 - 180.0) * kDegree;  // 0 at noon of the sun
  const double sin_latitude = sin_of(latitude_deg * kDegree);
  const double cos_latitude = cos_of(latitude_deg * kDegree);
  const double cos_hour = cos_of(hour);
  return {-cos_declination * sin_of(hour),
          cos_latitude * sin_declination - sin_latitude * cos_declination * cos_hour,
          sin_latitude * sin_declination + cos_latitude * cos_declination * cos_hour};
}

Plane plane_of(double tilt_deg, double azimuth_deg) {
  const double sin_tilt = sin_of(tilt_deg * kDegree);
  return {sin_tilt * sin_of(azimuth_deg * kDegree), sin_tilt * cos_of(azimuth_deg * kDegree),
          cos_of(tilt_deg * kDegree)};
}

double irradiance(const SunVector& sun, const Plane& plane, double clouds) {
  if (sun.up <= 0.001) return 0.0;
  const double clear = 1098.0 * sun.up * exp_of(-0.057 / sun.up);
  const double c = std::clamp(clouds, 0.0, 1.0);
  const double through = 1.0 - 0.75 * c * c * c * std::sqrt(c);
  // clouds first take the direct light
  const double direct_share = (1.0 - kDiffuseClear) * (1.0 - c);
  const double global = clear * through;
  const double facing =
      std::max(0.0, sun.east * plane.east + sun.north * plane.north + sun.up * plane.up);
  // near the horizon the direct light on a steep plane is bounded by what a clear sky has there
  const double beam = global * direct_share * std::min(facing / sun.up, 6.0);
  const double diffuse = global * (1.0 - direct_share) * (1.0 + plane.up) * 0.5;
  return std::min(beam + diffuse, 1200.0);
}

}  // namespace weco::sim
