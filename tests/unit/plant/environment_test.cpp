// SPDX-License-Identifier: Apache-2.0
#include "sim/environment/environment.hpp"

#include <cmath>
#include <cstdio>

#include "tests/support/catch.hpp"
#include "tests/unit/plant/csv.hpp"

using namespace weco::sim;

namespace {

/// Seconds since 1970 of a text such as 2023-01-31T09:15:00, read as if it were UTC.
std::int64_t seconds_of(const std::string& text) {
  int y = 0, m = 0, d = 0, h = 0, min = 0;
  REQUIRE(std::sscanf(text.c_str(), "%d-%d-%dT%d:%d", &y, &m, &d, &h, &min) == 5);
  std::int64_t at = (y - 1970) * 365 * kDay_s;
  while (date_of(at).year < y) at += kDay_s;
  while (date_of(at).month < m) at += kDay_s;
  return at + (d - 1) * kDay_s + h * 3600 + min * 60;
}

constexpr std::int64_t kYear2023 = 1672531200;

}  // namespace

TEST_CASE("a household draws what the published profile says", "[TK-08]") {
  const Csv table("profiles/bdew_h0dyn_2023_checkpoints.csv");
  Household household;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    INFO(table.rows[i][0]);
    const double W = household.power_W(date_of(seconds_of(table.rows[i][0])));
    CHECK(W / 4 == Approx(table.at(i, "dynamic_normalised")).epsilon(1e-9));  // of a quarter
  }
}

TEST_CASE("a household draws its yearly energy", "[TK-08]") {
  EnvironmentConfig config;
  config.load.annual_Wh = 3000e3;
  Environment environment(config, 1);
  double Wh = 0.0;
  for (std::int64_t at = kYear2023; at < kYear2023 + 365 * kDay_s; at += 900) {
    Wh += environment.at(at).load_W / 4;
  }
  CHECK(Wh == Approx(3000e3).epsilon(0.02));  // the dynamisation is not normalised
}

TEST_CASE("the calendar knows leap years, weekdays and ends of months", "[TK-08]") {
  const Date first = date_of(0);
  CHECK((first.year == 1970 && first.month == 1 && first.month_day == 1 && first.weekday == 3));
  const Date leap = date_of(1709164800);  // Thursday, 2024-02-29
  CHECK((leap.year == 2024 && leap.month == 2 && leap.month_day == 29 && leap.weekday == 3));
  const Date last = date_of(1735689599);  // 2024-12-31T23:59:59
  CHECK((last.month == 12 && last.month_day == 31 && last.year_day == 365));
  CHECK(last.second == 86399);
}

TEST_CASE("the sun rises in the east, stands highest in the south and is down at night",
          "[TK-08]") {
  // Padua, 2023-06-21 and 2023-12-21; noon there is about 11:13 UTC.
  const std::int64_t june = 1687305600, december = 1703116800;
  const auto up = [](std::int64_t at) { return sun_at(45.4, 11.9, date_of(at)).up; };
  CHECK(std::asin(up(june + 11 * 3600 + 840)) * 57.29578 == Approx(68.0).margin(0.6));
  CHECK(std::asin(up(december + 11 * 3600 + 660)) * 57.29578 == Approx(21.2).margin(0.6));
  CHECK(up(june) < 0.0);
  CHECK(sun_at(45.4, 11.9, date_of(june + 5 * 3600)).east > 0.5);
  CHECK(sun_at(45.4, 11.9, date_of(june + 17 * 3600)).east < -0.5);
  CHECK(sun_at(45.4, 11.9, date_of(june + 11 * 3600)).north < 0.0);
}

TEST_CASE("a roof in Padua makes a believable year, and clouds take from it", "[TK-08]") {
  const auto year_kWh_per_kW = [](double cloudiness, std::uint64_t seed) {
    EnvironmentConfig config;
    config.pv.peak_W = 1000;
    config.weather.cloudiness = cloudiness;
    Environment environment(config, seed);
    double Wh = 0.0;
    for (std::int64_t at = kYear2023; at < kYear2023 + 365 * kDay_s; at += 600) {
      const Surroundings& now = environment.at(at);
      CHECK(now.pv_W >= 0.0);
      Wh += now.pv_W / 6;
    }
    return Wh / 1000;
  };
  const double usual = year_kWh_per_kW(0.45, 1);
  CHECK((usual > 1000 && usual < 1500));  // long-term means of the region are about 1250
  CHECK(year_kWh_per_kW(0.0, 1) > usual);
  CHECK(year_kWh_per_kW(1.0, 1) < 0.6 * usual);
}

TEST_CASE("a seed makes the weather, in any order of asking", "[TK-08]") {
  EnvironmentConfig config;
  Environment one(config, 5), again(config, 5), other(config, 6);
  int differ = 0;
  for (std::int64_t at = kYear2023; at < kYear2023 + kDay_s; at += 977) {
    const double pv = one.at(at).pv_W;
    static_cast<void>(again.at(kYear2023 + 300 * kDay_s));
    CHECK(again.at(at).pv_W == pv);
    differ += other.at(at).pv_W != pv ? 1 : 0;
  }
  CHECK(differ > 5);
}

TEST_CASE("measured rows replace the profile, straight lines between them", "[TK-08]") {
  const std::vector<ProfileRow> rows = {{100, 10.0}, {200, 30.0}};
  CHECK(profile_at(rows, 0) == 10.0);
  CHECK(profile_at(rows, 150) == 20.0);
  CHECK(profile_at(rows, 200) == 30.0);
  CHECK(profile_at(rows, 900) == 30.0);
  EnvironmentConfig config;
  config.load.rows = {{kYear2023, 1234.0}};
  Environment environment(config, 1);
  CHECK(environment.at(kYear2023 + 50000).load_W == 1234.0);
}

TEST_CASE("a kilowatt-hour costs what the window of the minute says", "[TK-08]") {
  EnvironmentConfig config;
  config.tariff.import_per_kWh = 0.2;
  config.tariff.windows = {{{60, 120}, 0.5}};
  const Environment environment(config, 1);
  CHECK(environment.import_price(59) == 0.2);
  CHECK(environment.import_price(60) == 0.5);
  CHECK(environment.import_price(119) == 0.5);
  CHECK(environment.import_price(120) == 0.2);
}
