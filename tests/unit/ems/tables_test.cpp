// SPDX-License-Identifier: Apache-2.0
// The grid codes and nameplates once more, typed from their sources and not from the code: a figure
// that moves by one step in grid_code.hpp or ratings.hpp fails here. The sources are the ones each
// row names; "unsure" figures are second hand and never enabled without being asked for.
#include <array>
#include <string_view>

#include "core/ems/demand_response.hpp"
#include "core/ems/generator.hpp"
#include "core/ems/grid_protection.hpp"
#include "core/ems/meter.hpp"
#include "core/ems/model.hpp"
#include "core/ems/overload.hpp"
#include "core/ems/panel.hpp"
#include "core/ems/parallel.hpp"
#include "core/ems/schedule.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Millihertz;
using weco::Millivolts;
using weco::Permyriad;
using weco::Temperature;
using weco::Watts;

namespace {

constexpr auto kUnder = TripKind::UnderVoltage;
constexpr auto kOver = TripKind::OverVoltage;
constexpr auto kMean = TripKind::MeanOverVoltage;
constexpr auto kSlow = TripKind::UnderFrequency;
constexpr auto kFast = TripKind::OverFrequency;
constexpr auto kStated = Confidence::Published;
constexpr auto kDecoded = Confidence::Decoded;
constexpr auto kUnsure = Confidence::Unsure;

struct Trip {
  TripKind kind;
  int limit, hold_ms;  // mV or mHz
  Confidence sure;
};
struct Back {
  int first_s, wait_s, volt_min, volt_max, hertz_min, hertz_max, ramp;
  Confidence sure;
};

template <std::size_t N>
void check_code(std::string_view name, const std::array<Trip, N>& trips, const Back& back) {
  INFO(name);
  const auto found = find_grid_code(name);
  REQUIRE(found);
  const GridCode& code = **found;
  REQUIRE(code.rows.size() == N);
  for (std::size_t i = 0; i < N; ++i) {
    INFO("row " << i);
    CHECK(code.rows[i].kind == trips[i].kind);
    CHECK(code.rows[i].limit == trips[i].limit);
    CHECK(code.rows[i].hold == Duration::us(1000LL * trips[i].hold_ms));
    CHECK(code.rows[i].confidence == trips[i].sure);
  }
  const Reconnect& r = code.reconnect;
  CHECK(r.wait_first == Duration::us(1000000LL * back.first_s));
  CHECK(r.wait == Duration::us(1000000LL * back.wait_s));
  CHECK(r.voltage_min == Millivolts(back.volt_min));
  CHECK(r.voltage_max == Millivolts(back.volt_max));
  CHECK(r.frequency_min == Millihertz(back.hertz_min));
  CHECK(r.frequency_max == Millihertz(back.hertz_max));
  CHECK(r.ramp_per_minute == Permyriad(back.ramp));
  CHECK(r.confidence == back.sure);
}

constexpr std::array<Trip, 6> kVde2018{{{kUnder, 184000, 3000, kDecoded},
                                        {kUnder, 103500, 300, kDecoded},
                                        {kOver, 287500, 100, kDecoded},
                                        {kMean, 253000, 0, kDecoded},
                                        {kSlow, 47500, 100, kDecoded},
                                        {kFast, 51500, 100, kDecoded}}};
constexpr std::array<Trip, 5> kVde2011{{{kUnder, 184000, 100, kDecoded},
                                        {kOver, 264500, 100, kDecoded},
                                        {kMean, 253000, 0, kDecoded},
                                        {kSlow, 47500, 100, kDecoded},
                                        {kFast, 51500, 100, kDecoded}}};
constexpr std::array<Trip, 8> kCei{{{kUnder, 195500, 1500, kStated},
                                    {kUnder, 34500, 200, kStated},
                                    {kOver, 264500, 200, kStated},
                                    {kMean, 253000, 3000, kStated},
                                    {kSlow, 49800, 100, kUnsure},
                                    {kFast, 50200, 100, kUnsure},
                                    {kSlow, 47500, 100, kUnsure},
                                    {kFast, 51500, 100, kUnsure}}};
constexpr std::array<Trip, 5> kRd{{{kUnder, 195500, 1200, kDecoded},
                                   {kOver, 253000, 1200, kDecoded},
                                   {kOver, 264500, 160, kDecoded},
                                   {kSlow, 48000, 3600, kDecoded},
                                   {kFast, 50500, 400, kDecoded}}};
constexpr std::array<Trip, 4> kEn{{{kSlow, 47500, 2000, kStated},
                                   {kFast, 51500, 2000, kStated},
                                   {kSlow, 47000, 100, kStated},
                                   {kFast, 52000, 100, kStated}}};
constexpr std::array<Trip, 7> kAustralia{{{kMean, 258000, 3000, kStated},
                                          {kUnder, 180000, 10000, kUnsure},
                                          {kUnder, 70000, 1000, kUnsure},
                                          {kOver, 265000, 1000, kUnsure},
                                          {kOver, 275000, 200, kUnsure},
                                          {kSlow, 47000, 0, kUnsure},
                                          {kFast, 52000, 0, kUnsure}}};
constexpr std::array<Trip, 5> kRegionC{{{kMean, 258000, 3000, kStated},
                                        {kUnder, 180000, 10000, kUnsure},
                                        {kUnder, 70000, 1000, kUnsure},
                                        {kOver, 265000, 1000, kUnsure},
                                        {kOver, 275000, 200, kUnsure}}};
constexpr std::array<Trip, 5> kNewZealand{{{kMean, 249000, 3000, kStated},
                                           {kUnder, 180000, 10000, kUnsure},
                                           {kUnder, 70000, 1000, kUnsure},
                                           {kOver, 265000, 1000, kUnsure},
                                           {kOver, 275000, 200, kUnsure}}};

void check_points(std::string_view name, const std::array<int, 6>& millihertz) {
  INFO(name);
  const FrequencyWatt& f = (*find_grid_code(name))->frequency_watt;
  CHECK(f.kind == FrequencyWattKind::Points);
  CHECK(f.discharge_max_at == Millihertz(millihertz[0]));
  CHECK(f.charge_stop_at == Millihertz(millihertz[1]));
  CHECK(f.under_start == Millihertz(millihertz[2]));
  CHECK(f.over_start == Millihertz(millihertz[3]));
  CHECK(f.transition_at == Millihertz(millihertz[4]));
  CHECK(f.charge_max_at == Millihertz(millihertz[5]));
  CHECK(f.confidence == kStated);
}

}  // namespace

TEST_CASE("German, Italian and Spanish inverters trip and return at their code's figures",
          "[WS-08][EP-01]") {
  check_code("VDE-AR-N 4105:2018", kVde2018, {60, 60, 195500, 253000, 47500, 50100, 0, kDecoded});
  check_code("VDE-AR-N 4105:2011", kVde2011, {65, 65, 184000, 253000, 47500, 51500, 0, kDecoded});
  check_code("CEI 0-21", kCei, {30, 300, 195500, 253000, 49900, 50100, 2000, kStated});
  check_code("RD1699", kRd, {180, 180, 195500, 253000, 48000, 50500, 0, kDecoded});
  check_code("EN 50549-1", kEn, {60, 60, 0, 0, 47500, 51500, 1000, kUnsure});
  const FrequencyWatt& droop = (*find_grid_code("VDE-AR-N 4105:2018"))->frequency_watt;
  CHECK(droop.kind == FrequencyWattKind::Droop);
  CHECK(droop.start == Millihertz(50200));
  CHECK(droop.slope_per_hertz == Permyriad(4000));
}

TEST_CASE("Australian and New Zealand inverters trip and return at their code's figures",
          "[WS-08][CM-05]") {
  check_code("AS/NZS 4777.2 A", kAustralia, {60, 60, 180000, 258000, 47000, 52000, 1600, kStated});
  check_code("AS/NZS 4777.2 B", kAustralia, {60, 60, 180000, 258000, 47000, 52000, 1600, kStated});
  check_code("AS/NZS 4777.2 C", kRegionC, {60, 60, 180000, 258000, 47000, 53000, 1600, kStated});
  check_code("AS/NZS 4777.2 NZ", kNewZealand,
             {60, 60, 180000, 249000, 48000, 52000, 1600, kStated});
  check_points("AS/NZS 4777.2 A", {48000, 49000, 49750, 50250, 50750, 52000});
  check_points("AS/NZS 4777.2 B", {48000, 49000, 49850, 50150, 50750, 52000});
  check_points("AS/NZS 4777.2 C", {47000, 48250, 49500, 50500, 51750, 53000});
  check_points("AS/NZS 4777.2 NZ", {48000, 49000, 49800, 50200, 51000, 52000});
}

TEST_CASE("a code without figures at hand has none made up", "[WS-08]") {
  CHECK(kGridCodes.size() == 14);
  for (const char* name : {"G98", "G99", "NTS 2.1 type A", "EN 50549-10", "R25"}) {
    check_code(name, std::array<Trip, 0>{}, {0, 0, 0, 0, 0, 0, 0, kUnsure});
    CHECK((*find_grid_code(name))->frequency_watt.kind == FrequencyWattKind::None);
  }
}

TEST_CASE("every model's ratings are those of its nameplate and manual",
          "[WS-05][WS-06][WS-49][EP-01][EP-03][EP-04]") {
  const struct {
    const char* name;
    Product product;
    int pv, ac, bypass, generator, volt_min, volt_max, hertz_min, hertz_max, phases, trackers;
    int changeover_ms, ambient_min, ambient_derating, ambient_max;
    int drm, ripple;
  } plates[] = {
      {"SMART-S3-8K", Product::WecoSmart, 16000, 8000, 16008, 8000, 179000, 274800, 45000, 65000, 3,
       2, 20, -20, 40, 50, 0x1FF, 0xF},
      {"SMART-S3-10K", Product::WecoSmart, 20000, 10000, 20010, 10000, 179000, 274800, 45000, 65000,
       3, 2, 20, -20, 40, 50, 0x1FF, 0xF},
      {"SMART-S3-12K", Product::WecoSmart, 24000, 12000, 24012, 12000, 179000, 274800, 45000, 65000,
       3, 2, 20, -20, 40, 50, 0x1FF, 0xF},
      {"SMART-S3-15K", Product::WecoSmart, 28000, 15000, 30222, 15000, 179000, 274800, 45000, 65000,
       3, 2, 20, -20, 40, 50, 0x1FF, 0xF},
      {"EP760", Product::Ep760, 9000, 7600, 11500, 0, 185000, 285000, 47500, 51500, 1, 3, 10, -20,
       40, 40, 0x001, 0x8},
      {"EP760-DE", Product::Ep760, 9000, 4600, 11500, 0, 185000, 285000, 47500, 51500, 1, 3, 10,
       -20, 40, 40, 0x001, 0x8},
      {"CM2", Product::SajCm2, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0x1FF, 0xF},
  };
  REQUIRE(kRatings.size() == std::size(plates));
  for (const auto& p : plates) {
    INFO(p.name);
    const auto found = find_ratings(p.name);
    REQUIRE(found);
    const Ratings& r = **found;
    CHECK(r.product == p.product);
    CHECK(r.pv_max == Watts(p.pv));
    CHECK(r.ac_rated == Watts(p.ac));
    CHECK(r.ac_input_max == Watts(p.ac));
    CHECK(r.bypass_max == Watts(p.bypass));
    CHECK(r.generator_rated == Watts(p.generator));
    CHECK(r.voltage_min == Millivolts(p.volt_min));
    CHECK(r.voltage_max == Millivolts(p.volt_max));
    CHECK(r.frequency_min == Millihertz(p.hertz_min));
    CHECK(r.frequency_max == Millihertz(p.hertz_max));
    CHECK(r.phases == p.phases);
    CHECK(r.mppt_count == p.trackers);
    CHECK(r.changeover_max == Duration::ms(p.changeover_ms));
    CHECK(r.ambient_min == Temperature::celsius(p.ambient_min));
    CHECK(r.ambient_derating == Temperature::celsius(p.ambient_derating));
    CHECK(r.ambient_max == Temperature::celsius(p.ambient_max));
    CHECK(r.drm_inputs == p.drm);
    CHECK(r.ripple_inputs == p.ripple);
  }
}

TEST_CASE("overload is carried 10 s to 150 percent, by an EP760 also 10 minutes to 110 percent",
          "[WS-06][EP-04]") {
  struct Step {
    int above, to, seconds;
  };
  const auto check = [](std::string_view name, Step first, Step second) {
    INFO(name);
    const Ratings& r = **find_ratings(name);
    const Step steps[] = {first, second};
    for (std::size_t i = 0; i < kOverloadBandsMax; ++i) {
      CHECK(r.overload[i].above_permille == steps[i].above);
      CHECK(r.overload[i].to_permille == steps[i].to);
      CHECK(r.overload[i].allowed == Duration::ms(1000LL * steps[i].seconds));
    }
  };
  for (const char* name : {"SMART-S3-8K", "SMART-S3-10K", "SMART-S3-12K", "SMART-S3-15K"}) {
    check(name, {1000, 1500, 10}, {0, 0, 0});
  }
  for (const char* name : {"EP760", "EP760-DE"}) check(name, {1000, 1100, 600}, {1100, 1500, 10});
  check("CM2", {0, 0, 0}, {0, 0, 0});
}

TEST_CASE("the demand response and ripple tables are the standard's, at any rated power",
          "[WS-48][CM-05]") {
  const Ratings& r = **find_ratings("CM2");
  for (const int rated : {100, 8000, 107500}) {
    const struct {
      unsigned mode;
      int percent;
      Reactive reactive;
    } modes[] = {{1, 0, Reactive::None},   {2, 50, Reactive::None}, {3, 75, Reactive::Source},
                 {4, 100, Reactive::None}, {5, 0, Reactive::None},  {6, 50, Reactive::None},
                 {7, 75, Reactive::Sink},  {8, 100, Reactive::None}};
    for (const auto& m : modes) {
      DemandState state;
      DemandInputs in;
      in.drm = Reading<std::uint16_t>::good_of(static_cast<std::uint16_t>(1U << m.mode));
      const Demand d = evaluate_demand({DemandPort::Drm, {}}, r, Watts(rated), in, state);
      INFO("DRM" << m.mode << " of " << rated << " W");
      const Watts share(rated / 100 * m.percent);
      CHECK(d.ac_min.value == (m.mode <= 4 ? -share : -kNoLimit));
      CHECK(d.ac_max.value == (m.mode > 4 ? share : kNoLimit));
      CHECK(d.import_mode == (m.mode <= 4 ? m.mode : 0));
      CHECK(d.export_mode == (m.mode > 4 ? m.mode : 0));
      CHECK(d.reactive == m.reactive);
      CHECK(d.charge == (m.mode == 4));
      CHECK(d.discharge == (m.mode == 8));
      CHECK_FALSE(d.disconnect);
    }
    const int shares[] = {100, 60, 30, 0};
    for (unsigned relay = 0; relay < 4; ++relay) {
      DemandState state;
      DemandInputs in;
      in.ripple = Reading<std::uint8_t>::good_of(static_cast<std::uint8_t>(1U << relay));
      const Demand d = evaluate_demand({DemandPort::Ripple, {}}, r, Watts(rated), in, state);
      CHECK(d.ac_max.value == Watts(rated / 100 * shares[relay]));
      CHECK(d.ac_min.value == -kNoLimit);
    }
  }
}

TEST_CASE("the counts and times that plants are held to are the documents' own",
          "[WS-03][WS-42][CM-01][CM-12][EP-07][EP-17]") {
  CHECK(kInvertersMax == 4);
  CHECK(kCabinetsMax == 20);
  CHECK(kSwitchFrom == 12);
  CHECK(kMinutesPerDay == 1440);
  CHECK(kSecondsPerDay == 86400);
  CHECK(kSmartModulesMax == 12);
  CHECK(kEp760PacksMax == 4);
  CHECK(kBeep == Duration::s(2));
  CHECK(kBeepPeriod == Duration::s(3));
  CHECK(kBeeps == 5);
  CHECK(kBlackout == Millivolts(20000));
  CHECK(kMeterSafe < Duration::s(10));
  CHECK(kMeterHold == Duration::s(2));
}
