// SPDX-License-Identifier: Apache-2.0
// Where the sun stands and what it gives to a roof. Position by the usual formulas of solar
// engineering (declination and equation of time to about half a degree and half a minute), clear
// sky by Haurwitz 1945, clouds by Kasten and Czeplak 1980 with an exponent of 3.5 instead of 3.4,
// which needs no power function. A model of a believable day, not of a certain one.
#pragma once

#include "sim/environment/calendar.hpp"

namespace weco::sim {

/// A unit vector towards the sun: east, north, up. Below the horizon `up` is negative.
struct SunVector {
  double east = 0.0;
  double north = 0.0;
  double up = 0.0;
};
/// `utc` is the date of UTC.
SunVector sun_at(double latitude_deg, double longitude_deg, const Date& utc);

struct Plane {
  double east = 0.0;  // its normal
  double north = 0.0;
  double up = 1.0;
};
/// Tilt 0 lies flat; azimuth by the compass.
Plane plane_of(double tilt_deg, double azimuth_deg);

/// W/m2 on the plane under a share of clouds, 0 clear to 1 overcast.
double irradiance(const SunVector& sun, const Plane& plane, double clouds);

}  // namespace weco::sim
