// SPDX-License-Identifier: Apache-2.0
#include "core/bms/handling.hpp"

#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/bms/rig.hpp"

namespace weco::bms {
namespace {

using test::Rig;

constexpr std::array<Mishap, 5> kMishaps{Mishap::Dropped, Mishap::Hit, Mishap::Tilted,
                                         Mishap::Deformed, Mishap::SmellOrSmoke};

HandlingReport only(Mishap mishap) { return HandlingReport{}.and_also(mishap); }

TEST_CASE("a pack that was dropped, hit, tilted or damaged is never put on the bus", "[EP-19]") {
  for (const Mishap mishap : kMishaps) {
    Rig rig(kEp760);
    rig.to_standby();
    forbid_use(only(mishap), rig.in);
    CHECK(rig.command(Command::Start) == Refusal::JoinGate);
    rig.seconds(10);
    CHECK(rig.out.contactors == Contactors{});
  }
  Rig untouched(kEp760);
  untouched.to_standby();
  forbid_use({}, untouched.in);
  CHECK(untouched.command(Command::Start) == Refusal::None);
}

TEST_CASE("a running pack that is hit leaves the bus and does not come back by itself", "[EP-19]") {
  Rig rig(kEp760);
  rig.to_running();
  REQUIRE(rig.out.contactors.main);
  forbid_use(only(Mishap::Hit), rig.in);
  rig.seconds(10);
  CHECK(rig.out.state == State::Standby);
  CHECK_FALSE(rig.out.contactors.main);
}

TEST_CASE("the report of a damaged pack never widens a permission and is never taken back",
          "[EP-19]") {
  PackInputs inputs;
  inputs.permit_close = false;
  inputs.force_open = true;
  forbid_use({}, inputs);
  CHECK_FALSE(inputs.permit_close);
  CHECK(inputs.force_open);
  for (const Mishap first : kMishaps) {
    for (const Mishap second : kMishaps) {
      const HandlingReport both = only(first).and_also(second);
      CHECK((both.mishaps & only(first).mishaps) == only(first).mishaps);
      CHECK((both.mishaps & only(second).mishaps) == only(second).mishaps);
      CHECK(judge_handling(both) >= judge_handling(only(first)));
    }
  }
}

TEST_CASE("what can be seen or smelt sends people away, the rest sets the pack aside", "[EP-19]") {
  CHECK(judge_handling({}) == HandlingVerdict::Usable);
  CHECK(advice(HandlingVerdict::Usable).empty());
  for (const Mishap hidden : {Mishap::Dropped, Mishap::Hit, Mishap::Tilted}) {
    CHECK(judge_handling(only(hidden)) == HandlingVerdict::SetAside);
  }
  for (const Mishap seen : {Mishap::Deformed, Mishap::SmellOrSmoke}) {
    CHECK(judge_handling(only(seen)) == HandlingVerdict::Evacuate);
    CHECK(judge_handling(only(seen).and_also(Mishap::Dropped)) == HandlingVerdict::Evacuate);
  }
  CHECK(advice(HandlingVerdict::SetAside) != advice(HandlingVerdict::Evacuate));
  CHECK_FALSE(advice(HandlingVerdict::Evacuate).empty());
  CHECK(advice(static_cast<HandlingVerdict>(99)).empty());
}

}  // namespace
}  // namespace weco::bms
