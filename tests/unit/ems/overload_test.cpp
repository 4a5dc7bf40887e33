// SPDX-License-Identifier: Apache-2.0
#include "core/ems/overload.hpp"

#include "core/ems/model.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Watts;

namespace {
struct Output {
  explicit Output(const char* model) : ratings(**find_ratings(model)), rated(ratings.ac_rated) {}
  // True when output never tripped during `seconds` at `load`.
  bool carries(int load, int seconds) {
    for (int s = 0; s < seconds; ++s) {
      if (watch_overload(ratings, rated, state, Watts(load), Duration::s(1), false).tripped)
        return false;
    }
    return true;
  }
  const Ratings& ratings;
  Watts rated;
  OverloadState state{};
};
}  // namespace

TEST_CASE("a WeCo inverter carries its rating for ever and up to 150 percent for 10 s", "[WS-06]") {
  Output at("SMART-S3-8K");
  CHECK(at.carries(8000, 100000));
  for (const int load : {8001, 12000}) {
    Output above("SMART-S3-8K");
    CHECK(above.carries(load, 9));
    CHECK_FALSE(above.carries(load, 1));
  }
  Output beyond("SMART-S3-8K");
  CHECK_FALSE(beyond.carries(12001, 1));
}

TEST_CASE("an EP760 carries 110 percent for 10 minutes and 150 percent for 10 s", "[EP-04]") {
  Output at("EP760");
  CHECK(at.carries(7600, 100000));
  for (const int load : {7601, 8360}) {
    Output above("EP760");
    CHECK(above.carries(load, 599));
    CHECK_FALSE(above.carries(load, 1));
  }
  for (const int load : {8361, 11400}) {
    Output above("EP760");
    CHECK(above.carries(load, 9));
    CHECK_FALSE(above.carries(load, 1));
  }
  Output beyond("EP760");
  CHECK_FALSE(beyond.carries(11401, 1));
}

TEST_CASE("overload time comes back only as fast as it was spent", "[WS-06]") {
  Output o("SMART-S3-8K");
  CHECK(o.carries(10000, 9));
  CHECK(o.carries(5000, 4));
  CHECK(o.carries(10000, 4));
  CHECK_FALSE(o.carries(10000, 1));
  Output rested("SMART-S3-8K");
  CHECK(rested.carries(10000, 9));
  CHECK(rested.carries(5000, 100));
  CHECK(rested.carries(10000, 9));
}

TEST_CASE("the alarm comes with the overload, the trip stays until a reset inside the rating",
          "[WS-46][EP-04]") {
  Output o("EP760");
  const auto step = [&](int load, bool reset) {
    return watch_overload(o.ratings, o.rated, o.state, Watts(load), Duration::s(1), reset);
  };
  CHECK_FALSE(step(7600, false).alarm);
  CHECK(step(7601, false).alarm);
  CHECK(step(12000, false).tripped);
  CHECK(step(0, false).tripped);
  CHECK(step(7601, true).tripped);
  CHECK_FALSE(step(7600, true).tripped);
}

TEST_CASE("a product without a published overload raises the alarm and decides nothing",
          "[CM-15]") {
  OverloadState state;
  const auto v = watch_overload(**find_ratings("CM2"), Watts(100000), state, Watts(500000),
                                Duration::hours(1), false);
  CHECK(v.alarm);
  CHECK_FALSE(v.tripped);
}
