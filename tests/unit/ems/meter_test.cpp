// SPDX-License-Identifier: Apache-2.0
#include "core/ems/meter.hpp"

#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Instant;
using weco::Watts;

namespace {
// A house whose load the meter sees; `sign` -1 is a transformer put on backwards, 0 one that is on
// a conductor the inverter does not feed.
struct House {
  LoadEstimate second(int ac, int load, int sign = 1, bool meter_there = true) {
    now = now + Duration::s(1);
    MeterInputs in;
    in.ac = in.plant_ac = Watts(ac);
    in.backup_load = Watts(300);
    in.recheck = recheck;
    const int grid = sign == 0 ? load : sign * (load - ac);
    if (meter_there) in.grid = Reading<Watts>::good_of(Watts(grid));
    return estimate_load(settings, state, in, now);
  }
  void alternate(int times, int sign, int load = 3000) {
    for (int i = 0; i < times; ++i) {
      for (int k = 0; k < 4; ++k) second(i % 2 == 0 ? 1500 : 500, load, sign);
    }
  }
  MeterSettings settings{};
  MeterState state{};
  Instant now{};
  bool recheck = false;
};
}  // namespace

TEST_CASE("the load is what meter and inverter leave over", "[WS-09][WS-47]") {
  House h;
  CHECK(h.second(2000, 5000).load == Watts(5000));
  CHECK(h.second(-3000, 400).load == Watts(400));
  CHECK(h.second(5000, -20).load == Watts(0));  // a little below zero is a meter's error
  CHECK_FALSE(h.second(0, 400).lost);
}

TEST_CASE("a meter that falls silent is held for 2 s, then ramped to the sure load before 10 s",
          "[CM-13][EP-17]") {
  House h;
  h.second(0, 5000);
  CHECK(h.second(0, 0, 1, false).load == Watts(5000));
  const LoadEstimate at_hold = h.second(0, 0, 1, false);
  CHECK(at_hold.load == Watts(5000));
  CHECK_FALSE(at_hold.lost);
  Watts before = at_hold.load;
  for (int s = 3; s <= 8; ++s) {
    const LoadEstimate e = h.second(0, 0, 1, false);
    CHECK(e.lost);
    CHECK(e.load < before);
    CHECK(e.load > Watts(300));
    before = e.load;
  }
  for (int s = 9; s <= 12; ++s) CHECK(h.second(0, 0, 1, false).load == Watts(300));
  CHECK_FALSE(h.second(0, 5000).lost);
}

TEST_CASE("a meter that was never there leaves only the measured backup load", "[WS-09]") {
  House h;
  const LoadEstimate e = h.second(0, 5000, 1, false);
  CHECK(e.lost);
  CHECK(e.load == Watts(300));
  House low;
  low.second(0, 100);  // less than the backup output alone
  CHECK(low.second(0, 0, 1, false).load == Watts(300));
  House unfitted;
  unfitted.settings.fitted = false;
  CHECK(unfitted.second(0, 5000).load == Watts(300));
  CHECK_FALSE(unfitted.second(0, 5000).lost);
}

TEST_CASE("a transformer the right way round is proven by the inverter's own steps",
          "[WS-09][EP-17]") {
  House h;
  CHECK(h.state.verdict == CtVerdict::Unproven);
  h.alternate(3, 1);
  CHECK(h.state.verdict == CtVerdict::Right);
  h.alternate(50, 1);
  CHECK(h.state.verdict == CtVerdict::Right);
}

TEST_CASE("a reversed transformer is found after three steps and not after two", "[WS-09][EP-17]") {
  House h;
  h.settings.hidden_sources = true;  // only the steps may decide here
  h.alternate(3, -1);                // three blocks of power, two steps between them
  h.second(500, 3000, -1);           // the third step ...
  h.second(500, 3000, -1);
  CHECK(h.state.verdict != CtVerdict::Reversed);
  h.second(500, 3000, -1);  // ... is judged when it has settled
  CHECK(h.state.verdict == CtVerdict::Reversed);
  CHECK(h.second(500, 3000, -1).lost);
}

TEST_CASE("a transformer on the wrong conductor does not answer and is found", "[EP-17]") {
  House h;
  h.alternate(6, 0);
  CHECK(h.state.verdict == CtVerdict::Misplaced);
  CHECK(h.second(0, 3000, 0).lost);
}

TEST_CASE("steps that answer rightly again clear the verdict", "[WS-09]") {
  House h;
  h.alternate(6, 0);
  REQUIRE(h.state.verdict == CtVerdict::Misplaced);
  h.alternate(2, 1);
  CHECK(h.state.verdict == CtVerdict::Misplaced);
  h.alternate(4, 1);
  CHECK(h.state.verdict == CtVerdict::Right);
  CHECK_FALSE(h.second(500, 3000).lost);
}

TEST_CASE("a load below zero for 10 s can only be a reversed transformer", "[WS-09]") {
  House h;
  for (int s = 0; s < 10; ++s) h.second(0, 2000, -1);
  CHECK(h.state.verdict != CtVerdict::Reversed);
  h.second(0, 2000, -1);
  CHECK(h.state.verdict == CtVerdict::Reversed);
  House edge;  // 150 W is still put down to the meters
  for (int s = 0; s < 60; ++s) edge.second(0, 150, -1);
  CHECK(edge.state.verdict == CtVerdict::Unproven);
  House brief;
  for (int s = 0; s < 60; ++s) brief.second(0, 2000, s % 9 == 8 ? 1 : -1);
  CHECK(brief.state.verdict == CtVerdict::Unproven);
}

TEST_CASE("where other sources are hidden a negative load proves nothing", "[WS-09]") {
  House h;
  h.settings.hidden_sources = true;
  for (int s = 0; s < 60; ++s) h.second(0, 2000, -1);
  CHECK(h.state.verdict == CtVerdict::Unproven);
}

TEST_CASE("steps too small to judge, or undone at once, are not judged", "[WS-09]") {
  House small;
  small.settings.hidden_sources = true;
  for (int i = 0; i < 40; ++i) small.second(i % 2 == 0 ? 0 : 499, 3000, -1);
  CHECK(small.state.verdict == CtVerdict::Unproven);
  House undone;
  undone.settings.hidden_sources = true;
  for (int i = 0; i < 10; ++i) {
    for (const int ac : {0, 2000, 0, 0, 0}) undone.second(ac, 3000, -1);
  }
  CHECK(undone.state.verdict == CtVerdict::Unproven);
}

TEST_CASE("after the wiring was corrected a recheck forgets the verdict", "[EP-17]") {
  House h;
  for (int s = 0; s < 12; ++s) h.second(0, 2000, -1);
  REQUIRE(h.state.verdict == CtVerdict::Reversed);
  h.recheck = true;
  CHECK_FALSE(h.second(0, 2000).lost);
  CHECK(h.state.verdict == CtVerdict::Unproven);
}

TEST_CASE("the ramp of a lost meter is a straight line from 2 s to 9 s", "[CM-13]") {
  House h;
  h.second(0, 7300);
  for (int s = 1; s <= 2; ++s) h.second(0, 0, 1, false);
  for (int s = 3; s <= 9; ++s) {
    CHECK(h.second(0, 0, 1, false).load == Watts(300 + 1000 * (9 - s)));
  }
}

TEST_CASE("a step of exactly the judged size is judged, and right answers clear a reversal",
          "[WS-09]") {
  House h;
  h.settings.hidden_sources = true;
  for (int i = 0; i < 8; ++i) {
    for (int k = 0; k < 4; ++k) h.second(i % 2 == 0 ? 500 : 0, 3000, -1);
  }
  REQUIRE(h.state.verdict == CtVerdict::Reversed);
  for (int i = 0; i < 8; ++i) {
    for (int k = 0; k < 4; ++k) h.second(i % 2 == 0 ? 500 : 0, 3000);
  }
  CHECK(h.state.verdict == CtVerdict::Right);
}
