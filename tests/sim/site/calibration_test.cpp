// SPDX-License-Identifier: Apache-2.0
// Calibrating the state of charge of simulated towers, guided: the test is the installer who sets
// what the program says. What is promised is measured on the cells themselves, not on their BMS:
// the charge that a string can give, of all that it can take and give. In a string of unequal cells
// the first full one is the end of charging, whatever the mean says.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <tuple>

#include "host/calibration/journal.hpp"
#include "tests/sim/site/sites.hpp"

using namespace weco;
using namespace weco::calibration;

namespace {

struct TemporaryFolder {
  TemporaryFolder() {
    std::string made = (std::filesystem::temp_directory_path() / "weco-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    place = made;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(place); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string place;
};

/// What a status reads, from the packs as their BMS sees them.
SiteReading seen(const sim::Site& site, std::int32_t capacity_mAh = 100000) {
  SiteReading reading;
  for (std::size_t i = 0; i < site.pack_count(); ++i) {
    const sim::PackView view = site.pack(i);
    const auto whole = [](double value) { return static_cast<std::int32_t>(std::lround(value)); };
    PackReading pack;
    pack.name = "module[" + std::to_string(i + 1) + "]";
    pack.soc = site.outputs(i).soc.soc.count();
    pack.band = site.outputs(i).soc.band.count();
    pack.cell_min_mV = whole(view.cell_min_V * 1000);
    pack.cell_max_mV = whole(view.cell_max_V * 1000);
    pack.coldest_dC = whole(view.cell_min_degC * 10);
    pack.warmest_dC = whole(view.cell_max_degC * 10);
    pack.current_mA = whole(view.current_A * 1000);
    pack.capacity_mAh = capacity_mAh;
    pack.voltage_mV = whole(view.voltage_V * 1000);
    pack.full_h = static_cast<std::int32_t>(site.outputs(i).soc.since_full_s / 3600);
    pack.alarm = view.alarms != 0;
    if (view.latch == bms::Latch::Permanent) pack.lock = "permanent";
    if (view.latch == bms::Latch::Lock || view.latch == bms::Latch::Overdue) {
      pack.lock = "temporary";
    }
    if (view.state == bms::State::Fault) pack.state = "fault";
    reading.packs.push_back(pack);
  }
  return reading;
}

/// Numbers from a seed alone.
double drawn(std::uint64_t seed, std::uint64_t which, double from, double to) {
  std::uint64_t x = (seed + 1) * 0x9E3779B97F4A7C15ULL + which * 0xD1B54A32D192ED03ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return from + (to - from) * static_cast<double>((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

std::unique_ptr<sim::Site> wrong_site(std::uint64_t seed) {
  sim::SiteConfig config = sim::default_site(sim::SiteFamily::WecoSmart);
  config.seed = seed + 1;
  config.modules = 1 + static_cast<std::int32_t>(seed % 4);
  config.start_s = test::kSummerNoon;
  config.full_charge_monthly = false;
  config.spread = drawn(seed, 1, 0, 2);
  config.soc_pct = drawn(seed, 2, 35, 65);
  config.cell_degC = drawn(seed, 3, 3, 38);
  auto site = test::made(config);
  test::command(*site, "room_degC", *config.cell_degC);
  test::run(*site, Duration::minutes(2));
  test::command(*site, "charge_shift_pct", drawn(seed, 4, -30, 30));
  return site;
}

/// The installer at the app.
using Person = void (*)(sim::Site& site, Leg leg);

void at_smart(sim::Site& site, Leg) {
  test::command(site, "mode", std::string_view("smart_battery_priority"));
  test::command(site, "soc_max_pct", 100.0);
  test::command(site, "target_soc_pct", 100.0);
}

void at_ep760(sim::Site& site, Leg leg) {
  if (leg != Leg::Charge && leg != Leg::Discharge) return;
  ems::Settings settings = site.settings();
  settings.mode.charge_from_grid = leg == Leg::Charge;
  settings.mode.target_soc = Permyriad(10000);
  settings.soc_max = Permyriad(10000);
  settings.soc_min = Permyriad(1000);
  settings.mode.charge.clear();
  static_cast<void>(settings.mode.charge.push_back({0, 1440}));
  REQUIRE(site.configure(settings));
}

/// All cabinets together: the EMS cannot charge one alone.
void at_cm2(sim::Site& site, Leg) {
  ems::Settings settings = site.settings();
  settings.mode.mode = ems::Mode::SajTimeOfUse;
  settings.mode.week = {};
  ems::Template day;
  static_cast<void>(
      day.push_back({{0, 1440}, ems::SlotAction::Charge, Watts(500000), Permyriad(10000), true}));
  static_cast<void>(settings.mode.week.templates.push_back(day));
  settings.soc_max = Permyriad(10000);
  REQUIRE(site.configure(settings));
}

/// Real time above the current that the manual allows at the cells' real temperature.
struct Watch {
  double over_s = 0;
  double longest_s = 0;
  double highest_V = 0;
  void look(const sim::Site& site, const Rule& rule, double dt_s) {
    bool over = false;
    const SiteReading reading = seen(site);
    for (const PackReading& pack : reading.packs) {
      over = over || *pack.current_mA > allowed_mA(rule.charge, pack) * 1.02 + 500;
      highest_V = std::max(highest_V, *pack.cell_max_mV / 1000.0);
    }
    over_s = over ? over_s + dt_s : 0;
    longest_s = std::max(longest_s, over_s);
  }
};

struct Played {
  Phase phase = Phase::Charging;
  Refusal refusal;
  Progress progress;
  double worst_error = 0;   // of a pack, %
  bool inside = true;       // every pack's truth in its band
  bool inside_mean = true;  // the same of the mean of its cells
  std::string phases;       // in their order, as they were entered
  Watch watch;
  double hours = 0;
};

struct Play {
  std::string_view family = "weco_smart";
  Person person = at_smart;
  int cut_after = 0;  // readings until the program is killed and begun again; 0: never
  std::string journal{};
  int hours = 24;
  std::int32_t capacity_mAh = 100000;
};

void judge(const sim::Site& site, Played& played) {
  for (std::size_t i = 0; i < site.pack_count(); ++i) {
    const sim::PackView view = site.pack(i);
    const double band = site.outputs(i).soc.band.count() / 100.0;
    const double error = std::abs(view.soc_pct - view.usable_pct);
    played.worst_error = std::max(played.worst_error, error);
    played.inside = played.inside && error <= band;
    played.inside_mean = played.inside_mean && std::abs(view.soc_pct - view.soc_true_pct) <= band;
  }
}

Played play(sim::Site& site, const Play& how) {
  const Rule rule = rule_of(how.family).value();
  Procedure procedure(rule);
  Played played;
  std::optional<std::tuple<Phase, std::int32_t, std::uint64_t>> told;
  how.person(site, Leg::Charge);
  const Duration step = Duration::s(5);
  for (int n = 1; n < how.hours * 720; ++n) {
    const Progress progress = procedure.step(seen(site, how.capacity_mAh), site.now());
    const std::tuple news(progress.phase, progress.leg, progress.full);
    if (told != news) {
      if (!how.journal.empty()) {
        REQUIRE(append(how.journal, {progress, "tower", site.wall_seconds()}));
      }
      if (!told || std::get<1>(*told) != progress.leg) {
        played.phases += std::string(name(progress.phase)) + " ";
        if (!ended(progress.phase)) how.person(site, place_of(rule, progress.leg).leg);
      }
      told = news;
    }
    if (ended(progress.phase)) break;
    if (n == how.cut_after) {  // nobody watches for ten minutes
      for (int i = 0; i < 120; ++i) site.step(step);
      const Entry last = last_entry(how.journal, "tower").value();
      procedure = Procedure(rule, last.progress, Duration::s(site.wall_seconds() - last.at));
    }
    site.step(step);
    played.watch.look(site, rule, 5);
  }
  played.phase = procedure.progress().phase;
  played.progress = procedure.progress();
  played.refusal = procedure.refusal();
  played.hours = static_cast<double>((site.now() - Instant{}).to_s()) / 3600;
  judge(site, played);
  return played;
}

}  // namespace

TEST_CASE("after a guided calibration the true state of charge lies in its band",
          "[WS-13][WS-11]") {
  const bool all = std::getenv("WECO_EXHAUSTIVE") != nullptr;
  const std::uint64_t sites = 100;
  std::uint64_t tried = 0, calibrated = 0, inside = 0;
  std::uint64_t inside_mean = 0, service = 0;
  double worst = 0, longest_over = 0, highest = 0, before = 0, hours = 0;
  for (std::uint64_t seed = 0; seed < sites; seed += all ? 1 : 13) {
    const auto site = wrong_site(seed);
    for (std::size_t i = 0; i < site->pack_count(); ++i) {
      before = std::max(before, std::abs(site->pack(i).soc_pct - site->pack(i).usable_pct));
    }
    const Played played = play(*site, {});
    CAPTURE(seed, name(played.phase), played.refusal.text, played.progress.missed);
    CHECK(played.phase != Phase::Stopped);
    CHECK(played.watch.longest_s <= 60);
    CHECK(played.watch.highest_V <= 3.65);
    CHECK(site->fidelity().violations == 0);
    ++tried;
    calibrated += played.phase == Phase::Calibrated ? 1 : 0;
    service += played.phase == Phase::ServiceCase ? 1 : 0;
    inside += played.phase == Phase::Calibrated && played.inside ? 1 : 0;
    inside_mean += played.phase == Phase::Calibrated && played.inside_mean ? 1 : 0;
    worst = std::max(worst, played.worst_error);
    longest_over = std::max(longest_over, played.watch.longest_s);
    highest = std::max(highest, played.watch.highest_V);
    hours = std::max(hours, played.hours);
  }
  std::printf(
      "calibrated %d of %d (service cases %d), inside the band %d (of the cells' mean %d); worst "
      "error %.2f %% (before: %.1f %%), longest above the current %.0f s, highest cell %.3f V, "
      "longest run %.1f h\n",
      static_cast<int>(calibrated), static_cast<int>(tried), static_cast<int>(service),
      static_cast<int>(inside), static_cast<int>(inside_mean), worst, before, longest_over, highest,
      hours);
  CHECK(inside * 100 >= tried * 95);
}

TEST_CASE("a calibration that is killed in any phase goes on from its journal and ends the same",
          "[WS-13]") {
  const TemporaryFolder folder;
  // of the uncut run: begun, in the middle of it, about to be full, at 100 %
  const auto whole = wrong_site(7);
  const Played uncut = play(*whole, {.journal = folder.place + "/uncut"});
  REQUIRE(uncut.phase == Phase::Calibrated);
  const int readings = static_cast<int>((uncut.hours - 2.0 / 60) * 720);
  for (const int cut : {1, 2, readings / 2, readings - 362, readings - 100, readings - 1}) {
    CAPTURE(cut, readings);
    const auto site = wrong_site(7);
    const Played played =
        play(*site, {.cut_after = cut, .journal = folder.place + "/" + std::to_string(cut)});
    CHECK(played.phase == Phase::Calibrated);
    CHECK(played.inside);
    CHECK(played.progress.full == uncut.progress.full);
    CHECK(played.progress.missed == uncut.progress.missed);
    CHECK(played.progress.soc_before == uncut.progress.soc_before);
    CHECK(played.progress.band_before == uncut.progress.band_before);
    CHECK(played.watch.longest_s <= 60);
  }
}

TEST_CASE("a battery in a state that forbids charging is refused with the rule",
          "[WS-11][WS-17][WS-19]") {
  const Rule rule = rule_of("weco_smart").value();
  const auto refused = [&](double degrees, std::string_view fault) {
    sim::SiteConfig config = sim::default_site(sim::SiteFamily::WecoSmart);
    config.cell_degC = degrees;
    auto site = test::made(config);
    test::command(*site, "room_degC", degrees);
    test::run(*site, Duration::s(30));
    if (!fault.empty()) test::inject(*site, fault);
    test::run(*site, Duration::minutes(1));
    const auto refusal = speaks_against(rule, seen(*site), Leg::Charge);
    return refusal ? refusal->rule : std::string("none");
  };
  CHECK(refused(-15, "") == "WS-11");
  CHECK(refused(-5, "") == "WS-11");
  CHECK(refused(20, "") == "none");
  CHECK(refused(20, "cell_deep_discharge") == "WS-19");
}

TEST_CASE("each rule speaks at its limit and is silent beside it",
          "[WS-11][WS-13][WS-17][WS-18][WS-19]") {
  const Rule rule = rule_of("weco_smart").value();
  const auto said = [&](auto change) {
    PackReading well;
    well.name = "module[1]";
    well.soc = 5000;
    well.cell_min_mV = 3300;
    well.cell_max_mV = 3310;
    well.coldest_dC = 200;
    well.warmest_dC = 210;
    well.current_mA = 0;
    well.capacity_mAh = 100000;
    SiteReading reading{.packs = {well, well}, .grid = true, .load_W = {}};
    change(reading);
    const auto refusal = speaks_against(rule, reading, Leg::Charge);
    return refusal ? refusal->rule + (refusal->rule.empty() ? refusal->text : "") : "nothing";
  };
  CHECK(said([](SiteReading&) {}) == "nothing");
  CHECK(said([](SiteReading& r) { r.grid = false; }) == "WS-13");
  CHECK(said([](SiteReading& r) { r.grid.reset(); }) == "nothing");
  CHECK(said([](SiteReading& r) { r.packs[1].lock = "temporary"; }) == "WS-17");
  CHECK(said([](SiteReading& r) { r.packs[1].lock = "permanent"; }) == "WS-18");
  CHECK(said([](SiteReading& r) { r.packs[1].alarm = true; }) == "WS-18");
  CHECK(said([](SiteReading& r) { r.packs[1].deep_discharges = 1; }) == "WS-19");
  CHECK(said([](SiteReading& r) { r.packs[1].cell_min_mV = 2499; }) == "WS-19");
  CHECK(said([](SiteReading& r) { r.packs[1].cell_min_mV = 2500; }) == "nothing");
  CHECK(said([](SiteReading& r) { r.packs[1].cell_max_mV = 3651; }) == "WS-17");
  CHECK(said([](SiteReading& r) { r.packs[1].cell_max_mV = 3650; }) == "nothing");
  CHECK(said([](SiteReading& r) { r.packs[1].coldest_dC = 0; }) == "WS-11");
  CHECK(said([](SiteReading& r) { r.packs[1].coldest_dC = 1; }) == "nothing");
  CHECK(said([](SiteReading& r) { r.packs[1].warmest_dC = 500; }) == "WS-11");
  CHECK(said([](SiteReading& r) { r.packs[1].warmest_dC = 499; }) == "nothing");
  CHECK(said([](SiteReading& r) { r.packs.clear(); }) == "no battery is seen");
  CHECK(said([](SiteReading& r) { r.packs[1].soc.reset(); }) ==
        "module[1] does not publish its state of charge, so nobody can watch it");
}

TEST_CASE("an EP760 is refused with its own rules, and a discharge with those of a discharge",
          "[EP-04][EP-15][WS-17][WS-18][WS-19]") {
  const Rule rule = rule_of("ep760_open").value();
  const auto said = [&](Leg leg, auto change) {
    PackReading pack;
    pack.soc = 5000;
    pack.cell_min_mV = 3300;
    pack.cell_max_mV = 3310;
    pack.coldest_dC = 200;
    pack.warmest_dC = 210;
    pack.current_mA = 0;
    pack.capacity_mAh = 96900;
    SiteReading reading{.packs = {pack, pack}, .grid = true, .load_W = {}};
    change(reading);
    const auto refusal = speaks_against(rule, reading, leg);
    return refusal ? refusal->rule : std::string("none");
  };
  for (const Leg leg : {Leg::Charge, Leg::Hold, Leg::Rest, Leg::Discharge}) {
    CHECK(said(leg, [](SiteReading&) {}) == "none");
    CHECK(said(leg, [](SiteReading& r) { r.grid = false; }) == "EP-15");
    CHECK(said(leg, [](SiteReading& r) { r.packs[1].lock = "temporary"; }) == "WS-17");
    CHECK(said(leg, [](SiteReading& r) { r.packs[1].lock = "permanent"; }) == "WS-18");
    CHECK(said(leg, [](SiteReading& r) { r.packs[1].alarm = true; }) == "WS-18");
    CHECK(said(leg, [](SiteReading& r) { r.packs[1].deep_discharges = 1; }) == "WS-19");
    CHECK(said(leg, [](SiteReading& r) { r.packs[1].cell_min_mV = 2499; }) == "WS-19");
  }
  const auto cold = [&](Leg leg, std::int32_t deci) {
    return said(leg, [&](SiteReading& r) { r.packs[1].coldest_dC = deci; });
  };
  CHECK(cold(Leg::Charge, 0) == "EP-04");
  CHECK(cold(Leg::Charge, 1) == "none");
  CHECK(cold(Leg::Discharge, 0) == "none");
  CHECK(cold(Leg::Discharge, -200) == "none");
  CHECK(cold(Leg::Discharge, -201) == "EP-04");
}

TEST_CASE("cabinets are calibrated in turn, and a limit in another one stops the clock",
          "[CM-15][WS-17]") {
  const Rule rule = rule_of("saj_cm2_ems").value();
  PackReading well;
  well.soc = 6000;
  well.cell_min_mV = 3300;
  well.cell_max_mV = 3310;
  well.coldest_dC = 200;
  well.warmest_dC = 210;
  well.current_mA = 0;
  well.capacity_mAh = 280000;
  SiteReading reading{.packs = {well, well, well}, .grid = true, .load_W = {}};
  for (int i = 0; i < 3; ++i) {
    reading.packs[static_cast<std::size_t>(i)].name = "cabinet[" + std::to_string(i + 1) + "]";
  }
  Procedure procedure(rule);
  Instant now;
  const auto pass = [&](Duration time) -> const Progress& {
    now = now + time;
    return procedure.step(reading, now);
  };
  const SiteReading first = in_turn(rule, reading, 0);
  REQUIRE(first.packs.size() == 1);
  CHECK(duration_of(plan_of(rule, reading)).to_s() == 3 * duration_of(plan_of(rule, first)).to_s());
  for (std::size_t turn = 0; turn < 3; ++turn) {
    CAPTURE(turn);
    PackReading& cabinet = reading.packs[turn];
    cabinet.current_mA = 100000;  // the others serve the site
    reading.packs[(turn + 1) % 3].current_mA = -100000;
    CHECK(pass(Duration::minutes(10)).phase == Phase::Charging);
    CHECK(place_of(rule, procedure.progress().leg).pack == turn);
    cabinet.soc = 10000;
    cabinet.current_mA = 0;
    CHECK(pass(Duration::minutes(10)).phase == Phase::Holding);
    const Procedure before = procedure;
    reading.packs[(turn + 1) % 3].lock = "temporary";
    CHECK(pass(Duration::minutes(1)).phase == Phase::Stopped);
    CHECK(procedure.refusal().rule == "WS-17");
    reading.packs[(turn + 1) % 3].lock = "none";
    procedure = before;
    CHECK(pass(Duration::minutes(29)).phase == (turn == 2 ? Phase::Calibrated : Phase::Charging));
    reading.packs[(turn + 1) % 3].current_mA = 0;
  }
}

namespace {

constexpr std::int32_t kB500_mAh = 96900;

std::unique_ptr<sim::Site> wrong_ep760(std::uint64_t seed) {
  sim::SiteConfig config = sim::default_site(sim::SiteFamily::Ep760);
  config.seed = seed + 1;
  config.packs = 2 + static_cast<std::int32_t>(seed % 3);
  config.full_charge_monthly = false;
  config.spread = drawn(seed, 1, 0, 2);
  config.soc_pct = drawn(seed, 2, 35, 65);
  config.cell_degC = drawn(seed, 3, 12, 32);
  auto site = test::made(config);
  test::command(*site, "room_degC", *config.cell_degC);
  test::command(*site, "pv_share", 0.0);
  test::command(*site, "extra_load_W", 4000.0);
  test::run(*site, Duration::minutes(3));
  test::command(*site, "charge_shift_pct", drawn(seed, 4, -30, 30));
  return site;
}

Play two_cycles(int cut_after = 0, std::string journal = {}) {
  return {"ep760_open", at_ep760, cut_after, std::move(journal), 72, kB500_mAh};
}

}  // namespace

TEST_CASE("an EP760 is calibrated by two whole cycles with their rests: the truth is in its band",
          "[EP-15][EP-04]") {
  const bool all = std::getenv("WECO_EXHAUSTIVE") != nullptr;
  std::uint64_t tried = 0, inside = 0, inside_mean = 0, whole = 0;
  double hours = 0;
  for (std::uint64_t seed = 0; seed < 100; seed += all ? 1 : 50) {
    const auto site = wrong_ep760(seed);
    const Played played = play(*site, two_cycles());
    CAPTURE(seed, played.refusal.text, played.progress.missed, played.worst_error);
    const bool calibrated = played.phase == Phase::Calibrated;
    CHECK(played.phases ==
          (calibrated ? "charging holding resting discharging resting "
                        "charging holding resting discharging resting charging holding calibrated "
                      : "charging "));
    CHECK((calibrated || played.phase == Phase::ServiceCase));
    CHECK(played.watch.longest_s <= 60);
    CHECK(played.watch.highest_V <= 3.65);
    CHECK(site->fidelity().violations == 0);
    ++tried;
    whole += calibrated ? 1 : 0;
    inside += calibrated && played.inside ? 1 : 0;
    inside_mean += calibrated && played.inside_mean ? 1 : 0;
    hours = std::max(hours, played.hours);
  }
  std::printf(
      "EP760: calibrated %d of %d, inside the band %d (of the cells' mean %d), longest run %.1f "
      "h\n",
      static_cast<int>(whole), static_cast<int>(tried), static_cast<int>(inside),
      static_cast<int>(inside_mean), hours);
  CHECK(inside * 100 >= tried * 95);
}

TEST_CASE("cabinets that are charged together are each seen full, and the truth is in their band",
          "[CM-12][CM-15]") {
  const bool all = std::getenv("WECO_EXHAUSTIVE") != nullptr;
  int tried = 0, inside = 0, inside_mean = 0, whole = 0;
  for (std::uint64_t seed = 0; seed < 100; seed += all ? 1 : 100) {
    sim::SiteConfig config = sim::default_site(sim::SiteFamily::SajCm2);
    config.seed = seed + 1;
    config.cabinets = 2 + static_cast<std::int32_t>(seed % 2);
    config.full_charge_monthly = false;
    config.spread = drawn(seed, 1, 0, 2);
    config.soc_pct = drawn(seed, 2, 35, 65);
    config.cell_degC = drawn(seed, 3, 12, 32);
    const auto site = test::made(config);
    test::command(*site, "room_degC", *config.cell_degC);
    test::run(*site, Duration::minutes(3));
    test::command(*site, "charge_shift_pct", drawn(seed, 4, -30, 30));
    const Played played = play(*site, {.family = "saj_cm2_ems",
                                       .person = at_cm2,
                                       .cut_after = 0,
                                       .journal = {},
                                       .hours = 24,
                                       .capacity_mAh = 280000});
    CAPTURE(seed, name(played.phase), played.refusal.text, played.phases);
    CHECK(played.phase != Phase::Stopped);
    CHECK(played.watch.highest_V <= 3.65);
    ++tried;
    const bool calibrated = played.phase == Phase::Calibrated;
    whole += calibrated ? 1 : 0;
    inside += calibrated && played.inside ? 1 : 0;
    inside_mean += calibrated && played.inside_mean ? 1 : 0;
  }
  std::printf("CM2: calibrated %d of %d, inside the band %d (of the cells' mean %d)\n", whole,
              tried, inside, inside_mean);
  // a long string of unequal cells may need days of balancing; then nobody says that it is done
  CHECK(inside * 100 >= whole * 95);
  CHECK(whole * 100 >= tried * 80);
}
