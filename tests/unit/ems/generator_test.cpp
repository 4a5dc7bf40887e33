// SPDX-License-Identifier: Apache-2.0
#include "core/ems/generator.hpp"

#include "core/ems/model.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Instant;
using weco::Millihertz;
using weco::Millivolts;
using weco::Permyriad;

namespace {
struct Set {
  Set() { settings.fitted = true; }
  GeneratorOutputs run(int seconds) {
    GeneratorOutputs out;
    for (int s = 0; s < seconds; ++s) {
      now = now + Duration::s(1);
      out = run_generator(settings, ratings, state, in, now);
    }
    return out;
  }
  void turns(bool well) {
    in.voltage = Reading<Millivolts>::good_of(Millivolts(well ? 230000 : 100000));
    in.frequency = Reading<Millihertz>::good_of(Millihertz(50000));
  }
  void soc(int permyriad) { in.soc = Reading<Permyriad>::good_of(Permyriad(permyriad)); }
  void running() {
    in.off_grid = true;
    soc(1000);
    run(1);
    turns(true);
    run(12);
    REQUIRE(state.phase == GeneratorPhase::Running);
  }
  const Ratings& ratings = **find_ratings("SMART-S3-8K");
  GeneratorSettings settings{};
  GeneratorState state{};
  GeneratorInputs in{};
  Instant now{};
};
}  // namespace

TEST_CASE("the generator starts off the grid at its start charge, not above and not on the grid",
          "[WS-49]") {
  Set s;
  s.soc(1000);
  CHECK_FALSE(s.run(10).start_relay);
  s.in.off_grid = true;
  s.soc(2001);
  CHECK_FALSE(s.run(10).start_relay);
  s.soc(2000);
  CHECK(s.run(1).start_relay);
  Set unknown;  // no word from the battery: it may be needed
  unknown.in.off_grid = true;
  CHECK(unknown.run(1).start_relay);
  Set none;
  none.settings.fitted = false;
  none.in.off_grid = true;
  CHECK_FALSE(none.run(10).start_relay);
}

TEST_CASE("the generator is loaded only after it was in range for the warm-up", "[WS-49]") {
  Set s;
  s.in.off_grid = true;
  s.soc(1000);
  s.run(1);
  s.turns(true);
  CHECK_FALSE(s.run(10).connected);
  CHECK(s.run(1).connected);
}

TEST_CASE("the generator stops when the battery has recovered or the grid is back, after cooling",
          "[WS-49]") {
  for (const bool by_grid : {false, true}) {
    Set s;
    s.running();
    s.soc(7999);
    CHECK(s.run(100).connected);
    if (by_grid) {
      s.in.off_grid = false;
    } else {
      s.soc(8000);
    }
    const auto cooling = s.run(1);
    CHECK_FALSE(cooling.connected);
    CHECK(cooling.start_relay);
    CHECK(s.run(59).start_relay);
    CHECK_FALSE(s.run(1).start_relay);
  }
}

TEST_CASE("a generator that does not come is tried three times and then given up", "[WS-49]") {
  Set s;
  s.in.off_grid = true;
  s.soc(1000);
  s.turns(false);
  s.run(1);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    CHECK(s.state.attempts == attempt);
    CHECK(s.run(29).start_relay);
    CHECK_FALSE(s.run(1).start_relay);
    if (attempt < 3) s.run(15);
  }
  CHECK(s.run(1).failed);
  CHECK(s.run(1000).failed);
  s.in.reset = true;
  CHECK_FALSE(s.run(1).failed);
  s.in.reset = false;
  CHECK(s.run(1).start_relay);
}

TEST_CASE("a generator that leaves its range for 5 s under load has failed this attempt",
          "[WS-49]") {
  Set s;
  s.running();
  s.turns(false);
  CHECK(s.run(4).connected);
  s.turns(true);
  CHECK(s.run(1).connected);
  s.turns(false);
  CHECK(s.run(4).connected);
  CHECK_FALSE(s.run(1).connected);
  CHECK(s.state.phase == GeneratorPhase::Resting);
  Set cold;
  cold.in.off_grid = true;
  cold.soc(1000);
  cold.run(1);
  cold.turns(true);
  cold.run(3);
  cold.turns(false);
  cold.run(1);
  CHECK(cold.state.phase == GeneratorPhase::Resting);
}

TEST_CASE("a phase nobody knows moves nowhere and connects nothing", "[WS-49]") {
  Set s;
  s.in.off_grid = true;
  s.state.phase = static_cast<GeneratorPhase>(99);
  CHECK_FALSE(s.run(100).connected);
}

TEST_CASE("the range of voltage and frequency is kept at both ends", "[WS-49]") {
  const struct {
    int mv, mhz;
    bool good;
  } points[] = {{179000, 50000, true},  {178999, 50000, false}, {274800, 50000, true},
                {274801, 50000, false}, {230000, 45000, true},  {230000, 44999, false},
                {230000, 65000, true},  {230000, 65001, false}};
  for (const auto& p : points) {
    Set s;
    s.in.off_grid = true;
    s.soc(1000);
    s.run(1);
    s.in.voltage = Reading<Millivolts>::good_of(Millivolts(p.mv));
    s.in.frequency = Reading<Millihertz>::good_of(Millihertz(p.mhz));
    s.run(1);
    CHECK((s.state.phase == GeneratorPhase::WarmingUp) == p.good);
  }
  Set unmeasured;
  unmeasured.in.off_grid = true;
  unmeasured.run(1);
  unmeasured.in.voltage = Reading<Millivolts>::good_of(Millivolts(230000));
  unmeasured.run(1);
  CHECK(unmeasured.state.phase == GeneratorPhase::Starting);
}
