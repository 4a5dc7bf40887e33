// SPDX-License-Identifier: Apache-2.0
#include "sim/environment/environment.hpp"

#include <algorithm>

#include "sim/kernels/random.hpp"
#include "sim/kernels/trig.hpp"

namespace weco::sim {
namespace {

constexpr double kTurn = 6.283185307179586;
constexpr double kWarmest_day = 200.0;     // of the year, July 20
constexpr double kWarmest_s = 15 * 3600;   // of the local day
constexpr double kPanelPerKelvin = 0.004;  // power lost; panels are 30 K above the air at 1000 W/m2
constexpr double kPanelOverAir_K = 30.0;

// Streams of the seed.
enum Stream : std::uint32_t { kCloudDay, kCloudHour, kCloudMinute, kVoltage, kFrequency, kNoise };

double between(double a, double b, double share) { return a + (b - a) * share; }

/// Even over -1 .. 1, by seed, stream and place.
double hashed(std::uint64_t seed, std::uint32_t stream, std::int64_t place) {
  Random random(seed * 0x9e3779b97f4a7c15 + stream * 0xd1342543de82ef95 +
                static_cast<std::uint64_t>(place));
  return 2.0 * random.uniform() - 1.0;
}

}  // namespace

double profile_at(const std::vector<ProfileRow>& rows, std::int64_t at_s) {
  const auto after =
      std::upper_bound(rows.begin(), rows.end(), at_s,
                       [](std::int64_t t, const ProfileRow& r) { return t < r.at_s; });
  if (after == rows.begin()) return rows.front().value;
  const ProfileRow& before = *(after - 1);
  if (after == rows.end()) return before.value;
  const double share =
      static_cast<double>(at_s - before.at_s) / static_cast<double>(after->at_s - before.at_s);
  return between(before.value, after->value, share);
}

Environment::Environment(const EnvironmentConfig& config, std::uint64_t seed)
    : config_(config), seed_(seed), plane_(plane_of(config.pv.tilt_deg, config.pv.azimuth_deg)) {}

/// A slow walk between -1 and 1: random values every `period_s`, a smooth curve through them.
double Environment::wander(std::uint32_t what, std::int64_t utc_s, std::int64_t period_s) const {
  const std::int64_t place = utc_s / period_s;
  const double x = static_cast<double>(utc_s - place * period_s) / static_cast<double>(period_s);
  const double smooth = x * x * (3.0 - 2.0 * x);
  return between(hashed(seed_, what, place), hashed(seed_, what, place + 1), smooth);
}

/// Weather of days, of hours and single clouds.
double Environment::clouds(std::int64_t utc_s) const {
  const double level = config_.weather.cloudiness;
  if (level <= 0.0) return 0.0;
  const double days = 0.9 * wander(kCloudDay, utc_s, 36 * 3600);
  const double hours = 0.35 * wander(kCloudHour, utc_s, 2 * 3600);
  const double passing = 0.15 * wander(kCloudMinute, utc_s, 300);
  // near both ends of the scale there is less room for change
  const double room = 4.0 * level * (1.0 - level);
  return std::clamp(level + room * (days + hours + passing) * 0.6, 0.0, 1.0);
}

Surroundings Environment::minute(std::int64_t utc_s) {
  const Date utc = date_of(utc_s);
  const Date local = date_of(utc_s + config_.utc_offset_s);
  Surroundings s;
  const WeatherConfig& w = config_.weather;
  const double season = cos_of(kTurn * (local.year_day - kWarmest_day) / 365.25);
  const double hour = cos_of(kTurn * (local.second - kWarmest_s) / 86400.0);
  s.outside_degC = w.rows.empty() ? w.mean_degC + w.season_K * season + w.day_K * hour
                                  : profile_at(w.rows, utc_s);
  s.room_degC = w.indoors ? w.room_mean_degC + w.room_season_K * season : s.outside_degC;
  const double light =
      irradiance(sun_at(config_.latitude_deg, config_.longitude_deg, utc), plane_, clouds(utc_s));
  const double warm = s.outside_degC + kPanelOverAir_K * light / 1000.0 - 25.0;
  const double share =
      light / 1000.0 * config_.pv.performance * std::max(0.0, 1.0 - kPanelPerKelvin * warm);
  s.pv_W = config_.pv.peak_W * share;
  s.pv_ac_W = config_.pv.ac_coupled_W * share;
  const LoadConfig& l = config_.load;
  s.load_W = l.rows.empty() ? l.annual_Wh * household_.power_W(local) : profile_at(l.rows, utc_s);
  if (l.noise > 0.0) s.load_W *= std::max(0.0, 1.0 + l.noise * hashed(seed_, kNoise, utc_s / 60));
  const GridConfig& g = config_.grid;
  s.grid_V = g.voltage_V + g.voltage_noise_V * wander(kVoltage, utc_s, 900);
  s.grid_Hz = g.frequency_Hz + g.frequency_noise_Hz * wander(kFrequency, utc_s, 120);
  return s;
}

const Surroundings& Environment::at(std::int64_t utc_s) {
  const std::int64_t begin = utc_s - utc_s % kMinute_s;
  if (begin != begin_s_) {
    from_ = begin == begin_s_ + kMinute_s && begin_s_ >= 0 ? to_ : minute(begin);
    to_ = minute(begin + kMinute_s);
    begin_s_ = begin;
  }
  const double share = static_cast<double>(utc_s - begin) / static_cast<double>(kMinute_s);
  now_.pv_W = between(from_.pv_W, to_.pv_W, share);
  now_.pv_ac_W = between(from_.pv_ac_W, to_.pv_ac_W, share);
  // A measured profile is as it was measured; the household's steps are steps.
  now_.load_W = config_.load.rows.empty() ? from_.load_W : profile_at(config_.load.rows, utc_s);
  now_.outside_degC = between(from_.outside_degC, to_.outside_degC, share);
  now_.room_degC = between(from_.room_degC, to_.room_degC, share);
  now_.grid_V = between(from_.grid_V, to_.grid_V, share);
  now_.grid_Hz = between(from_.grid_Hz, to_.grid_Hz, share);
  return now_;
}

double Environment::import_price(std::int32_t minute) const {
  for (const TariffWindow& w : config_.tariff.windows) {
    if (w.window.contains(minute)) return w.import_per_kWh;
  }
  return config_.tariff.import_per_kWh;
}

}  // namespace weco::sim
