// SPDX-License-Identifier: Apache-2.0
// Whole runs of a calibration on simulated sites, over the wire: with a person at the app and with
// the program writing the settings itself, and every way in which one ends too early.
#include <stdlib.h>

#include <filesystem>

#include "host/calibration/supervision.hpp"
#include "host/link/loopback.hpp"
#include "host/profile/catalog.hpp"
#include "host/settings/change_run.hpp"
#include "host/settings/text.hpp"
#include "sim/device/values_site.hpp"
#include "sim/device/virtual_device.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/sim/site/sites.hpp"

using namespace weco;
using namespace weco::calibration;

namespace {

const Catalog& catalog() {
  static const Catalog all = *Catalog::embedded();
  return all;
}

/// A cable that can be pulled out.
class Cable final : public ByteLink {
 public:
  Cable(std::unique_ptr<ByteLink> inner, std::function<bool()> plugged)
      : inner_(std::move(inner)), plugged_(std::move(plugged)) {}
  Done write(Bytes data) override { return plugged_() ? inner_->write(data) : Done{}; }
  Outcome<std::size_t> read(MutableBytes room) override { return inner_->read(room); }
  void on_readable(std::function<void()> action) override {
    inner_->on_readable(std::move(action));
  }
  Done configure(const LineSettings& settings) override { return inner_->configure(settings); }
  [[nodiscard]] LinkTraits traits() const override { return inner_->traits(); }
  [[nodiscard]] std::string describe() const override { return inner_->describe(); }

 private:
  std::unique_ptr<ByteLink> inner_;
  std::function<bool()> plugged_;
};

/// The program is killed here.
struct Killed {};

struct Happens {
  std::optional<Duration> stop = {};    // Ctrl-C
  std::optional<Duration> unplug = {};  // the cable
  std::optional<Duration> plug = {};    // in again
  std::optional<Duration> kill = {};    // of the program
  std::optional<Duration> fault = {};   // of the site
  std::string_view which = "insulation_low:pack=2";
};

class Bench final : public Attendance {
 public:
  Bench(std::string_view family, sim::SiteConfig config, bool commanded)
      : profile_(*catalog().load(family)), commanded_(commanded) {
    std::string pattern = "/tmp/weco-calibration-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    config.start_s = test::kSummerNoon;
    config.full_charge_monthly = false;
    site_ = std::make_shared<sim::SharedSite>(test::made(config));
    auto values = sim::site_values(*profile_, site_, 1, 1);
    REQUIRE(values);
    auto made = sim::VirtualDevice::make(time_, *profile_, {.update_period = Duration::s(20)},
                                         std::move(*values));
    REQUIRE(made);
    device_ = std::move(*made);
    device_->serve(wire_.join(), Carrier::Rtu);
    time_.leap(Duration::minutes(2));
    REQUIRE(reopen());
    before_ = settings();
  }
  ~Bench() override { std::filesystem::remove_all(folder); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  [[nodiscard]] Reactor& reactor() override { return time_; }
  [[nodiscard]] LiveDevice& device() override { return *live_; }
  [[nodiscard]] bool stopped() const override { return passed(happens_.stop); }
  void waits() override { ++waited; }
  Done reopen() override {
    if (stopped()) happens_.stop.reset();  // it is answered
    LiveDevice::Setup setup;
    setup.link = std::make_unique<Cable>(
        wire_.join(), [this] { return !passed(happens_.unplug) || passed(happens_.plug); });
    setup.profile = profile_;
    setup.carrier = Carrier::Rtu;
    setup.unit = device_->unit();
    auto live = LiveDevice::make(time_, std::move(setup));
    REQUIRE(live);
    live_ = std::move(*live);
    return {};
  }
  void begins(const Place& place) override {
    begun += place.leg == Leg::Charge ? "charge " : "discharge ";
    if (!commanded_) obey(place.leg);
  }
  void saw(const SiteReading&, const Progress&) override {
    if (passed(happens_.kill)) throw Killed{};
    if (passed(happens_.fault)) {
      test::inject(site_->site(), happens_.which);
      happens_.fault.reset();
    }
  }

  /// The installer at the app.
  void obey(Leg leg) {
    sim::Site& site = site_->site();
    ems::Settings settings = site.settings();
    if (settings.mode.mode == ems::Mode::Ep760) {
      settings.mode.charge_from_grid = leg == Leg::Charge;
      settings.mode.charge.clear();
      static_cast<void>(settings.mode.charge.push_back({0, 1440}));
    } else {
      settings.mode.mode = ems::Mode::SmartBatteryPriority;
    }
    settings.mode.target_soc = Permyriad(10000);
    settings.soc_max = Permyriad(10000);
    REQUIRE(site.configure(settings));
  }

  Ending watch(const Happens& happens, bool resume = false) {
    happens_ = happens;
    begun_at_ = time_.now();
    const Order order{rule(), "bench", folder + "/journal", Duration::minutes(2),
                      commanded_ ? folder + "/changes" : std::string()};
    if (!resume) {
      if (!commanded_) obey(Leg::Charge);
      return supervise(order, Procedure(rule()), {}, *this);
    }
    REQUIRE(reopen());
    const Entry last = last_entry(order.journal, "bench").value();
    return supervise(order,
                     Procedure(rule(), last.progress, Duration::s(time_.wall_seconds() - last.at)),
                     last.standing, *this);
  }
  [[nodiscard]] Rule rule() const { return rule_of(profile_->family).value(); }
  [[nodiscard]] Entry noted() const { return last_entry(folder + "/journal", "bench").value(); }
  [[nodiscard]] bool as_before() {
    UNSCOPED_INFO(before_ << "\n" << settings());
    return settings() == before_;
  }
  [[nodiscard]] bool wrote() const { return std::filesystem::exists(folder + "/changes"); }
  [[nodiscard]] sim::Site& site() { return site_->site(); }

  std::string folder;
  std::string begun;
  int waited = 0;

 private:
  [[nodiscard]] bool passed(const std::optional<Duration>& after) const {
    return after && time_.now() >= begun_at_ + *after;
  }
  /// All that a calibration may write.
  std::string settings() {
    device_->refresh();
    std::string all;
    const Rule rules = rule();
    for (const auto* wishes : {&rules.charge_wishes, &rules.discharge_wishes}) {
      for (const Wish& wish : *wishes) {
        const Reading* reading = device_->values().get(parse_point_ref(wish.point).value());
        all += std::string(wish.point) + "=" +
               (reading == nullptr ? "-" : settings::setting_text(*reading)) + " ";
      }
    }
    return all;
  }

  const Profile* profile_;
  bool commanded_;
  sim::Timeline time_;
  LoopbackLine wire_{time_, {.name = "bench", .shared_line = true}};
  std::shared_ptr<sim::SharedSite> site_;
  std::unique_ptr<sim::VirtualDevice> device_;
  std::unique_ptr<LiveDevice> live_;
  Happens happens_;
  Instant begun_at_;
  std::string before_;
};

std::unique_ptr<Bench> tower(bool commanded) {
  sim::SiteConfig config = sim::default_site(sim::SiteFamily::WecoSmart);
  config.modules = 2;
  config.soc_pct = 85;
  config.cell_degC = 20;
  return std::make_unique<Bench>("weco_smart", config, commanded);
}

}  // namespace

TEST_CASE("a calibration on the wire ends calibrated, and what it wrote is as it was before",
          "[WS-13]") {
  for (const bool commanded : {false, true}) {
    CAPTURE(commanded);
    const auto bench = tower(commanded);
    const Ending ending = bench->watch({});
    INFO((ending.cut ? ending.cut->what : ending.refusal.text));
    INFO((ending.stands ? ending.stands->what + ending.stands->hint : ""));
    CHECK(ending.progress.phase == Phase::Calibrated);
    CHECK(ending.standing.empty());
    CHECK(bench->wrote() == commanded);
    if (commanded) CHECK(bench->as_before());
  }
}

TEST_CASE(
    "a setting that has no value on the device is not written, since nothing could put it back",
    "[WS-13]") {
  const auto bench = tower(true);
  const Rule rule = rule_of("weco_smart").value();
  const Profile& profile = **catalog().load("weco_smart");
  auto report = bench->device().read(Duration::s(10));
  REQUIRE(report);
  REQUIRE(plan_wishes(rule, Leg::Charge, profile, *report));
  Reading target = *report->snapshot.get({point("soc_target"), 0, {}});
  target.quality = Quality::NotImplemented;
  report->snapshot.put(target);
  const auto refused = plan_wishes(rule, Leg::Charge, profile, *report);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what ==
        "soc_target has no value on the device, so it could not be put back");
  CHECK_FALSE(refused.error().hint.empty());
}

TEST_CASE("Ctrl-C during a charge puts back what was set, and leaves what a person set",
          "[WS-13]") {
  for (const bool commanded : {false, true}) {
    CAPTURE(commanded);
    const auto bench = tower(commanded);
    const Ending ending = bench->watch({.stop = Duration::minutes(20)});
    REQUIRE(ending.cut);
    CHECK(ending.cut->code() == ErrorCode::Interrupted);
    CHECK(ending.progress.phase == Phase::Charging);
    CHECK(ending.standing.empty());
    CHECK(bench->wrote() == commanded);
    CHECK(bench->as_before() == commanded);
    CHECK(bench->noted().standing.empty());
  }
}

TEST_CASE("a link lost during a charge is waited for only to put back what was set", "[WS-13]") {
  for (const bool commanded : {false, true}) {
    CAPTURE(commanded);
    const auto bench = tower(commanded);
    const Ending ending =
        bench->watch({.unplug = Duration::minutes(20), .plug = Duration::minutes(31)});
    REQUIRE(ending.cut);
    CHECK(ending.cut->code() == ErrorCode::Timeout);
    CHECK(ending.standing.empty());
    CHECK(bench->waited == (commanded ? 1 : 0));
    CHECK(bench->as_before() == commanded);
  }
}

TEST_CASE("a link that stays lost leaves settings behind, named, and undone by their runs",
          "[WS-13]") {
  const auto bench = tower(true);
  const Ending ending = bench->watch({.unplug = Duration::minutes(20)});
  REQUIRE(ending.cut);
  REQUIRE(ending.stands);
  CHECK(ending.stands->code() == ErrorCode::Timeout);
  REQUIRE(ending.standing.size() == 1);
  CHECK_FALSE(bench->as_before());
  CHECK(bench->noted().standing == ending.standing);
  const auto recorded = settings::read_ledger(bench->folder + "/changes", ending.standing.front());
  REQUIRE(recorded);
  CHECK(recorded->changes.size() >= 2);
}

TEST_CASE("Ctrl-C ends the wait for a lost link, and what stands is named", "[WS-13]") {
  const auto bench = tower(true);
  const Instant begun = bench->reactor().now();
  const Ending ending =
      bench->watch({.stop = Duration::minutes(25), .unplug = Duration::minutes(20)});
  REQUIRE(ending.cut);
  CHECK(ending.cut->code() == ErrorCode::Timeout);
  CHECK(bench->waited == 1);
  CHECK(ending.standing.size() == 1);
  CHECK(bench->reactor().now() - begun < Duration::minutes(26));
}

TEST_CASE("a limit that is broken during a charge stops the clock and puts back what was set",
          "[WS-17]") {
  for (const bool commanded : {false, true}) {
    CAPTURE(commanded);
    const auto bench = tower(commanded);
    const Ending ending = bench->watch({.fault = Duration::minutes(20)});
    CHECK_FALSE(ending.cut);
    CHECK(ending.progress.phase == Phase::Stopped);
    CHECK(ending.refusal.rule == "WS-17");
    INFO((ending.stands ? ending.stands->what : ""));
    CHECK(ending.standing.empty());
    CHECK(bench->as_before() == commanded);
  }
}

TEST_CASE("a calibration that is killed goes on from its journal and still puts everything back",
          "[WS-13]") {
  for (const bool commanded : {false, true}) {
    CAPTURE(commanded);
    const auto bench = tower(commanded);
    CHECK_THROWS_AS(bench->watch({.kill = Duration::minutes(20)}), Killed);
    CHECK(bench->noted().standing.size() == (commanded ? 1 : 0));
    const Ending ending = bench->watch({}, true);
    INFO((ending.cut ? ending.cut->what : ending.refusal.text));
    CHECK(ending.progress.phase == Phase::Calibrated);
    CHECK(ending.standing.empty());
    CHECK(bench->as_before() == commanded);
  }
}

TEST_CASE("an EP760 that is commanded goes through two cycles, killed on the way, and is as before",
          "[EP-15]") {
  sim::SiteConfig config = sim::default_site(sim::SiteFamily::Ep760);
  config.soc_pct = 90;
  config.cell_degC = 22;
  Bench bench("ep760_open", config, true);
  test::command(bench.site(), "pv_share", 0.0);
  test::command(bench.site(), "extra_load_W", 6000.0);
  CHECK_THROWS_AS(bench.watch({.kill = Duration::hours(4)}), Killed);
  const Ending ending = bench.watch({}, true);
  INFO((ending.cut ? ending.cut->what + " " + ending.cut->where : ending.refusal.text));
  INFO((ending.stands ? ending.stands->what + ending.stands->hint : ""));
  CHECK(ending.progress.phase == Phase::Calibrated);
  CHECK(bench.begun == "charge discharge discharge charge discharge charge ");
  CHECK(ending.standing.empty());
  CHECK(bench.as_before());
}
