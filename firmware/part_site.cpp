// SPDX-License-Identifier: Apache-2.0
// The energy management of one inverter through a recorded day, in steps of five seconds: sun,
// load, three working modes one after the other, a demand response, a lost meter, a lost grid. The
// plant takes every set point one step later. The flows must balance to the watt at each step.
#include <iterator>

#include "core/ems/ems.hpp"
#include "firmware/recorded.hpp"
#include "firmware/replay.hpp"
#include "firmware/report.hpp"
#include "firmware/workspace.hpp"

namespace weco::firmware {
namespace {

constexpr std::uint64_t kSeed = 0x517E;
constexpr std::string_view kModel = "SMART-S3-8K";
constexpr std::string_view kGridCode = "VDE-AR-N 4105:2018";
constexpr int kModules = 4;
constexpr int kStepS = 5;
constexpr int kShownEveryS = 3600;
constexpr std::int64_t kCapacityWs = std::int64_t{20480} * 3600;

/// A stretch of the day: who decides, and what is wrong.
struct Chapter {
  int from_s;
  ems::Mode mode;
  bool grid_there;
  bool meter_there;
  std::uint16_t drm;
};
constexpr int at(int hour, int minute) { return hour * 3600 + minute * 60; }
constexpr Chapter kDay[] = {
    {0, ems::Mode::SmartAuto, true, true, 0},
    {at(9, 0), ems::Mode::SmartPeakShaving, true, true, 0},
    {at(11, 0), ems::Mode::SmartPeakShaving, true, true, 1U << 5},
    {at(11, 30), ems::Mode::SmartPeakShaving, true, false, 0},
    {at(12, 0), ems::Mode::SmartBatteryPriority, true, true, 0},
    {at(14, 0), ems::Mode::SmartBatteryPriority, false, true, 0},
    {at(14, 45), ems::Mode::SmartBatteryPriority, true, true, 0},
    {at(18, 0), ems::Mode::SmartAuto, true, true, 1U << 0},
    {at(18, 20), ems::Mode::SmartAuto, true, true, 0},
};

constexpr const Chapter& chapter_at(int second) {
  std::size_t i = 0;
  while (i + 1 < std::size(kDay) && kDay[i + 1].from_s <= second) ++i;
  return kDay[i];
}

/// A triangle of sun between 6 and 18 o'clock with clouds.
Watts sun_at(int second, Recording& recording) {
  const int from_noon = second > at(12, 0) ? second - at(12, 0) : at(12, 0) - second;
  if (from_noon >= at(6, 0)) return Watts(0);
  const std::int32_t clear = 9000 - from_noon * 9000 / at(6, 0);
  return Watts(recording.once_in(6) ? clear / 3 : clear);
}

Result<ems::Config> configure(ems::Mode mode) {
  const Result<const ems::Ratings*> ratings = ems::find_ratings(kModel);
  const Result<const ems::GridCode*> code = ems::find_grid_code(kGridCode);
  if (!ratings || !code) return fail(ErrorCode::NotFound);
  const Result<ems::BatteryRating> battery = ems::battery_rating(**ratings, kModules);
  const Result<ems::ProtectionConfig> protection = ems::make_protection(
      **code, (*ratings)->ac_rated, (*ratings)->phases, ems::Trust::CertainOnly);
  if (!battery || !protection) return fail(ErrorCode::Unsupported);
  ems::Settings settings;
  settings.mode.mode = mode;
  settings.mode.sell = true;
  settings.export_limit = Watts(4000);
  settings.demand.port = ems::DemandPort::Drm;
  if (mode == ems::Mode::SmartPeakShaving) {
    const bool charge = settings.mode.charge.push_back({9 * 60, 10 * 60});
    const bool discharge = settings.mode.discharge.push_back({10 * 60 + 30, 13 * 60});
    WECO_ASSERT(charge && discharge);
    settings.mode.target_soc = Permyriad(8000);
  }
  return ems::make_config(**ratings, *battery, *protection, settings);
}

struct Site {
  ems::State state;
  ems::Inputs in;
  ems::Outputs out;
  std::int64_t stored_ws = kCapacityWs / 2;
};

/// What the sensors show after the last set points have been taken.
void move(Site& site, const Chapter& now, int second, Recording& recording) {
  ems::Inputs& in = site.in;
  in.calendar = {second, 2, 20000, true};
  const Millivolts volts(now.grid_there ? 230000 + recording.between(-2000, 2000) : 0);
  const Millihertz hertz(now.grid_there ? 50000 + recording.between(-20, 20) : 0);
  in.grid = {{volts, volts, volts}, hertz, ems::Quality::Good};
  in.pv_available = sun_at(second, recording);
  in.pv = site.out.flow.pv < in.pv_available ? site.out.flow.pv : in.pv_available;
  in.battery_power = site.out.flow.battery;
  site.stored_ws += std::int64_t{in.battery_power.count()} * kStepS;
  in.soc = Permyriad(static_cast<std::int32_t>(site.stored_ws * 10000 / kCapacityWs));
  in.battery_link = true;
  in.charge_limit = Watts(in.soc < Permyriad(9900) ? 10000 : 0);
  in.discharge_limit = Watts(in.soc > Permyriad(500) ? 8000 : 0);
  const Watts load(recording.between(200, recording.once_in(10) ? 7000 : 1500));
  in.backup_load = Watts(load.count() / 2);
  const Watts grid = site.out.grid_connected ? load - (in.pv - in.battery_power) : Watts(0);
  in.meter = now.meter_there ? ems::Reading<Watts>::good_of(grid) : ems::Reading<Watts>{};
  in.ambient = ems::Reading<Temperature>::good_of(Temperature::celsius(25));
  in.demand.drm = ems::Reading<std::uint16_t>::good_of(now.drm);
}

bool balances(const ems::Outputs& out) {
  const ems::Flow& f = out.flow;
  return f.pv + f.pv_ac + f.grid + out.generator == f.load + f.battery;
}

void add(Digest& digest, const ems::Outputs& out) {
  const ems::Flow& f = out.flow;
  const std::int64_t relays = (out.grid_connected ? 1 : 0) + (out.backup_output ? 2 : 0) +
                              (out.generator_start ? 4 : 0) + (out.meter_lost ? 8 : 0);
  for (const std::int64_t value :
       {relays, std::int64_t{f.pv.count()}, std::int64_t{f.battery.count()},
        std::int64_t{f.grid.count()}, std::int64_t{f.load.count()},
        std::int64_t{f.curtailed.count()}, std::int64_t{out.unserved.count()},
        static_cast<std::int64_t>(f.reason), static_cast<std::int64_t>(out.activity),
        static_cast<std::int64_t>(out.conditions)}) {
    digest.add(value);
  }
}

void show(int second, const Site& site, const Digest& digest) {
  const ems::Flow& f = site.out.flow;
  Line("site")
      .with("s", second)
      .with("pv", f.pv.count())
      .with("battery", f.battery.count())
      .with("grid", f.grid.count())
      .with("load", f.load.count())
      .with("soc", site.in.soc.count())
      .with("why", static_cast<std::int64_t>(f.reason))
      .with("activity", static_cast<std::int64_t>(site.out.activity))
      .hex("conditions", site.out.conditions)
      .hex("digest", digest.value())
      .end();
}

void show_day(const ems::EnergyTotals& today, const ems::EnergyTotals& yesterday) {
  for (std::size_t i = 0; i < ems::kMeters; ++i) {
    Line("energy")
        .with("meter", static_cast<std::int64_t>(i))
        .with("today", today.wh[i].count())
        .with("yesterday", yesterday.wh[i].count())
        .end();
  }
}

}  // namespace

bool replay_site() {
  auto& site = fresh<Site>();
  Recording recording(kSeed);
  Digest digest;
  Result<ems::Config> config = fail(ErrorCode::NotFound);
  const Chapter* chapter = nullptr;
  bool was_off_grid = false;
  bool ok = true;
  for (int second = 0; second < ems::kSecondsPerDay && ok; second += kStepS) {
    const Chapter& now = chapter_at(second);
    if (chapter == nullptr || chapter->mode != now.mode) config = configure(now.mode);
    chapter = &now;
    if (!config) return false;
    move(site, now, second, recording);
    site.out = ems::tick(*config, site.state, site.in, Instant::from_us(second * 1000000LL));
    ok = balances(site.out);
    was_off_grid = was_off_grid || (second > at(14, 1) && !site.out.grid_connected);
    add(digest, site.out);
    if (second % kShownEveryS == 0) show(second, site, digest);
  }
  show_day(site.state.counters.today, site.state.counters.yesterday);
  return ok && was_off_grid && site.out.grid_connected;
}

}  // namespace weco::firmware
