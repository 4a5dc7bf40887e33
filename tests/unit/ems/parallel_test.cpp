// SPDX-License-Identifier: Apache-2.0
#include "core/ems/parallel.hpp"

#include <random>
#include <vector>

#include "core/ems/model.hpp"
#include "tests/support/catch.hpp"

using namespace weco::ems;
using weco::Duration;
using weco::Instant;
using weco::Watts;

namespace {
const Instant kNow = Instant::from_us(100000000);
std::vector<Member> members(std::initializer_list<std::uint32_t> serials) {
  std::vector<Member> list;
  for (const std::uint32_t s : serials) list.push_back({s, kNow, true, false});
  return list;
}
std::vector<CabinetUnit> cabinets(std::size_t count, std::size_t switch_at = 0) {
  std::vector<CabinetUnit> list(count, CabinetUnit::None);
  if (count > 0) list[0] = CabinetUnit::Ems;
  if (switch_at > 0) list[switch_at] = CabinetUnit::EmsSwitch;
  return list;
}
Capabilities capabilities(std::initializer_list<int> watts) {
  Capabilities c;
  for (const int w : watts) static_cast<void>(c.push_back(Watts(w)));
  return c;
}
}  // namespace

TEST_CASE("under 12 cabinets take one EMS, 12 to 20 the EMS and one EMS-Switch", "[CM-01]") {
  for (std::size_t n = 1; n <= 22; ++n) {
    const bool small = n < 12;
    const PlanRefusal without = check_cabinets(cabinets(n));
    const PlanRefusal with = n > 1 ? check_cabinets(cabinets(n, n - 1)) : PlanRefusal::None;
    if (n > 20) {
      CHECK(without == PlanRefusal::TooMany);
      CHECK(with == PlanRefusal::TooMany);
    } else {
      CHECK(without == (small ? PlanRefusal::None : PlanRefusal::SwitchMissing));
      if (n > 1) CHECK(with == (small ? PlanRefusal::SwitchNotNeeded : PlanRefusal::None));
    }
  }
  CHECK(check_cabinets(cabinets(20, 10)) == PlanRefusal::None);  // cabinet 11, as in the example
}

TEST_CASE("a cabinet plan that breaks the rule is refused with the reason", "[CM-01]") {
  CHECK(check_cabinets({}) == PlanRefusal::Nothing);
  auto plan = cabinets(14, 5);
  plan[0] = CabinetUnit::None;
  CHECK(check_cabinets(plan) == PlanRefusal::EmsMissing);
  plan[0] = CabinetUnit::EmsSwitch;
  CHECK(check_cabinets(plan) == PlanRefusal::SwitchMisplaced);
  plan = cabinets(14, 5);
  plan[7] = CabinetUnit::EmsSwitch;
  CHECK(check_cabinets(plan) == PlanRefusal::SwitchTwice);
  plan[7] = CabinetUnit::Ems;
  CHECK(check_cabinets(plan) == PlanRefusal::EmsTwice);
  for (int i = 0; i <= static_cast<int>(PlanRefusal::SwitchMisplaced); ++i) {
    CHECK_FALSE(name(static_cast<PlanRefusal>(i)).empty());
  }
  CHECK(name(static_cast<PlanRefusal>(99)).empty());
}

TEST_CASE("up to four equal WeCo inverters run in parallel, nothing else does", "[WS-03]") {
  const Ratings* k8 = *find_ratings("SMART-S3-8K");
  const Ratings* k10 = *find_ratings("SMART-S3-10K");
  const Ratings* ep = *find_ratings("EP760");
  const auto check = [](std::vector<const Ratings*> list) { return check_inverters(list); };
  CHECK(check({}) == PlanRefusal::Nothing);
  CHECK(check({k8}) == PlanRefusal::None);
  CHECK(check({ep}) == PlanRefusal::None);
  CHECK(check({k8, k8, k8, k8}) == PlanRefusal::None);
  CHECK(check({k8, k8, k8, k8, k8}) == PlanRefusal::TooMany);
  CHECK(check({k8, k10}) == PlanRefusal::MixedModels);
  CHECK(check({k8, ep}) == PlanRefusal::MixedModels);
  CHECK(check({ep, ep}) == PlanRefusal::NotParallel);
}

TEST_CASE("the lowest serial number leads, and a leader that is well keeps leading", "[WS-03]") {
  ParallelState state;
  auto m = members({30, 10, 20});
  ParallelOutputs out = elect(m, state, kNow);
  CHECK(out.master == 1);
  CHECK(out.changed);
  CHECK(out.able == 7);
  CHECK(out.lost == 0);
  m.push_back({5, kNow, true, false});  // a newcomer with a lower number does not take over
  out = elect(m, state, kNow);
  CHECK(out.master == 1);
  CHECK_FALSE(out.changed);
}

TEST_CASE("a leader silent for more than a second is replaced, at a second it is not", "[WS-03]") {
  ParallelState state;
  auto m = members({30, 10, 20});
  elect(m, state, kNow);
  m[1].heartbeat = kNow - Duration::s(1);
  CHECK(elect(m, state, kNow).master == 1);
  m[1].heartbeat = kNow - Duration::ms(1001);
  const ParallelOutputs out = elect(m, state, kNow);
  CHECK(out.master == 2);
  CHECK(out.changed);
  CHECK(out.lost == 2);
  CHECK(out.able == 5);
  m[1].heartbeat = kNow;  // it comes back and follows
  CHECK(elect(m, state, kNow).master == 2);
  m[2].healthy = false;
  CHECK(elect(m, state, kNow).master == 1);
}

TEST_CASE("with nobody well nobody leads and nobody is given power", "[WS-03]") {
  ParallelState state;
  auto m = members({1, 2});
  elect(m, state, kNow);
  m[0].healthy = m[1].healthy = false;
  const ParallelOutputs out = elect(m, state, kNow);
  CHECK(out.master == kNobody);
  CHECK(out.able == 0);
  CHECK(out.lost == 3);
  CHECK(elect({}, state, kNow).master == kNobody);
}

TEST_CASE("of two that claim to lead the lower serial number does, on every member", "[WS-03]") {
  for (const std::int32_t believed : {0, 1, kNobody}) {
    ParallelState state;
    state.master = believed;
    auto m = members({20, 10, 5});
    m[0].claims = m[1].claims = true;
    CHECK(elect(m, state, kNow).master == 1);
    m[1].healthy = false;
    CHECK(elect(m, state, kNow).master == 0);
  }
}

TEST_CASE("a leader that is no longer in the list is replaced, more than four are not heard",
          "[WS-03]") {
  ParallelState state;
  state.master = 3;
  CHECK(elect(members({7, 8}), state, kNow).master == 0);
  CHECK(elect(members({9, 8, 7, 6, 1}), state, kNow).able == 15);
  ParallelState fresh;
  CHECK(elect(members({9, 8, 7, 6, 1}), fresh, kNow).master == 3);
}

TEST_CASE("power is shared in proportion and adds up to the watt", "[WS-03][CM-01]") {
  Share s = share_power(Watts(10000), capabilities({8000, 8000, 4000}));
  CHECK(s.parts[0] == Watts(4000));
  CHECK(s.parts[2] == Watts(2000));
  CHECK(s.left_over == Watts(0));
  s = share_power(Watts(-10), capabilities({8000, 8000, 8000}));
  CHECK(s.parts[0] == Watts(-4));
  CHECK(s.parts[1] == Watts(-3));
  CHECK(s.parts[2] == Watts(-3));
  s = share_power(Watts(100), capabilities({30, 0, 40}));
  CHECK(s.parts[0] == Watts(30));
  CHECK(s.parts[1] == Watts(0));
  CHECK(s.parts[2] == Watts(40));
  CHECK(s.left_over == Watts(30));
  s = share_power(Watts(-100), capabilities({0, 0}));
  CHECK(s.left_over == Watts(-100));
  CHECK(share_power(Watts(5), {}).left_over == Watts(5));
  s = share_power(Watts(1), capabilities({0, 7, 7}));  // the odd watt skips who can carry none
  CHECK(s.parts[0] == Watts(0));
  CHECK(s.parts[1] == Watts(1));
}

TEST_CASE("shares of random plants always add up and never exceed a member", "[CM-01]") {
  std::mt19937 random(7);
  bool good = true;
  for (int i = 0; i < 20000; ++i) {
    Capabilities c;
    const std::size_t count = 1 + random() % kCabinetsMax;
    for (std::size_t k = 0; k < count; ++k) {
      static_cast<void>(c.push_back(Watts(static_cast<int>(random() % 125000))));
    }
    const Watts total(static_cast<int>(random() % 4000000) - 2000000);
    const Share s = share_power(total, c);
    Watts sum = s.left_over;
    for (std::size_t k = 0; k < count; ++k) {
      sum += s.parts[k];
      good = good && s.parts[k] <= c[k] && s.parts[k] >= -c[k];
    }
    good = good && sum == total;
  }
  CHECK(good);
}
