// SPDX-License-Identifier: Apache-2.0
#include "core/ems/demand_response.hpp"

#include "core/ems/model.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Permyriad;
using weco::Watts;

namespace {
const Watts kRated{10000};

Demand drm(std::initializer_list<unsigned> modes, const char* model = "SMART-S3-10K") {
  std::uint16_t bits = 0;
  for (const unsigned m : modes) bits = static_cast<std::uint16_t>(bits | (1U << m));
  DemandInputs in;
  in.drm = Reading<std::uint16_t>::good_of(bits);
  DemandState state;
  return evaluate_demand({DemandPort::Drm, {}}, **find_ratings(model), kRated, in, state);
}
Watts ripple(std::uint8_t relays, RippleSilence silence, DemandState& state,
             const char* model = "SMART-S3-10K") {
  DemandInputs in;
  in.ripple = Reading<std::uint8_t>::good_of(relays);
  return evaluate_demand({DemandPort::Ripple, silence}, **find_ratings(model), kRated, in, state)
      .ac_max.value;
}
}  // namespace

TEST_CASE("each demand response mode bounds import or generation as the standard says",
          "[WS-48][CM-05]") {
  for (const char* model : {"SMART-S3-10K", "CM2"}) {
    CHECK(drm({}, model).ac_max.value == kNoLimit);
    CHECK(drm({}, model).ac_min.value == -kNoLimit);
    CHECK_FALSE(drm({}, model).disconnect);
    CHECK(drm({0}, model).disconnect);
    CHECK(drm({1}, model).ac_min.value == Watts(0));
    CHECK(drm({2}, model).ac_min.value == Watts(-5000));
    CHECK(drm({3}, model).ac_min.value == Watts(-7500));
    CHECK(drm({3}, model).reactive == Reactive::Source);
    CHECK(drm({4}, model).ac_min.value == Watts(-10000));
    CHECK(drm({4}, model).charge);
    CHECK(drm({5}, model).ac_max.value == Watts(0));
    CHECK(drm({6}, model).ac_max.value == Watts(5000));
    CHECK(drm({7}, model).ac_max.value == Watts(7500));
    CHECK(drm({7}, model).reactive == Reactive::Sink);
    CHECK(drm({8}, model).ac_max.value == Watts(10000));
    CHECK(drm({8}, model).discharge);
  }
}

TEST_CASE("of several modes the strictest of each direction holds", "[WS-48][CM-05]") {
  for (unsigned strict = 1; strict <= 4; ++strict) {
    for (unsigned other = strict; other <= 4; ++other) {
      CHECK(drm({strict, other}).import_mode == strict);
      CHECK(drm({strict + 4, other + 4}).export_mode == strict + 4);
    }
  }
  CHECK(drm({1, 2, 3, 4}).import_mode == 1);
  CHECK_FALSE(drm({1, 4}).charge);
  CHECK_FALSE(drm({5, 8}).discharge);
  const Demand both = drm({2, 7});
  CHECK(both.import_mode == 2);
  CHECK(both.export_mode == 7);
  CHECK(drm({3, 6}).reactive == Reactive::Source);
  CHECK(drm({3, 7}).reactive == Reactive::Sink);
  CHECK(drm({0, 4, 8}).disconnect);
}

TEST_CASE("consume more and generate more at once cancel each other", "[WS-48]") {
  const Demand d = drm({4, 8});
  CHECK_FALSE(d.charge);
  CHECK_FALSE(d.discharge);
  CHECK(drm({4, 5}).charge);
  CHECK(drm({1, 8}).discharge);
}

TEST_CASE("a port carries only what its product has; the rest is shown, not obeyed", "[CM-05]") {
  const Demand d = drm({1, 5}, "EP760");
  CHECK(d.import_mode == 0);
  CHECK(d.export_mode == 0);
  CHECK(d.not_offered == 0x22);
  CHECK(drm({0}, "EP760").disconnect);
  CHECK(drm({1, 5}).not_offered == 0);
}

TEST_CASE("ripple control holds generation to 100, 60, 30 or 0 percent", "[CM-05]") {
  DemandState state;
  const auto full = RippleSilence::FullPower;
  CHECK(ripple(0x1, full, state) == Watts(10000));
  CHECK(ripple(0x2, full, state) == Watts(6000));
  CHECK(ripple(0x4, full, state) == Watts(3000));
  CHECK(ripple(0x8, full, state) == Watts(0));
  CHECK(ripple(0xF, full, state) == Watts(0));
  CHECK(ripple(0x6, full, state) == Watts(3000));
  CHECK(ripple(0x0, full, state) == Watts(10000));
  CHECK(ripple(0x8, full, state, "EP760") == Watts(0));
  CHECK(ripple(0x2, full, state, "EP760") == Watts(10000));
  CHECK(ripple(0x4, full, state, "CM2") == Watts(3000));
}

TEST_CASE("a silent ripple receiver keeps the last share where the site wants that", "[CM-05]") {
  DemandState state;
  CHECK(ripple(0x0, RippleSilence::KeepLast, state) == Watts(10000));
  CHECK(ripple(0x4, RippleSilence::KeepLast, state) == Watts(3000));
  CHECK(ripple(0x0, RippleSilence::KeepLast, state) == Watts(3000));
  CHECK(state.ripple_share == Permyriad(3000));
  CHECK(ripple(0x1, RippleSilence::KeepLast, state) == Watts(10000));  // all of it again
  CHECK(ripple(0x0, RippleSilence::KeepLast, state) == Watts(10000));
}

TEST_CASE("a port that cannot be read is taken as the strictest demand", "[WS-48][CM-05]") {
  DemandState state;
  const Ratings& r = **find_ratings("SMART-S3-10K");
  CHECK(evaluate_demand({DemandPort::Drm, {}}, r, kRated, {}, state).disconnect);
  CHECK(evaluate_demand({DemandPort::Ripple, {}}, r, kRated, {}, state).ac_max.value == Watts(0));
  const Demand none = evaluate_demand({}, r, kRated, {}, state);
  CHECK_FALSE(none.disconnect);
  CHECK(none.ac_max.value == kNoLimit);
}
